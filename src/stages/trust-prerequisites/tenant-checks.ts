import type { Verdict } from '../../engine/index.ts'
import type { OwnAccess, TenantFacts, TenantReader } from '../../entra/tenant.ts'
import type { DesiredTenant } from '../../spec/desired.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { ATTESTATIONS, attestedInWords } from '../trust/attestations.ts'
import { checkKey } from '../trust/check-keys.ts'
import { type Asking, type Fact, factOf } from '../trust/facts.ts'
import { listed } from '../trust/names.ts'
import type { TenantCheckRef } from '../trust/refs.ts'
import { type Check, no, unread, unverifiable, yes } from './check.ts'

/** Sign-in, identity, permissions and principal of every tenant that the runtime configuration says how to reach. */
export async function tenantChecks({ reader, desired, signal }: Asking): Promise<readonly Check[]> {
  const all = [...desired.tenants.values()].map(async (tenant) => {
    const client = reader.tenant(tenant.name)
    return client ? checksOf(tenant, client, signal) : []
  })
  return (await Promise.all(all)).flat()
}

async function checksOf(tenant: DesiredTenant, client: TenantReader, signal: AbortSignal): Promise<readonly Check[]> {
  const { name, servicePrincipal } = tenant
  const access = await factOf(() => client.access(signal), signal)
  const [facts, principal, end] = await Promise.all([
    factOf(() => client.facts(signal), signal),
    factOf(() => client.servicePrincipal(servicePrincipal.appId, signal), signal),
    factOf(() => client.ownCredentialEnd(signal), signal),
  ])
  const ref: TenantCheckRef = {
    ...(access.value && { access: access.value }),
    ...(facts.value && { facts: facts.value }),
    ...(end.value !== undefined && { ownCredentialEnd: end.value }),
  }
  const identity = identityVerdict(tenant, access, facts)
  const isOther = identity.code === 'AnotherTenant'
  const checks: Check[] = [
    {
      key: checkKey('tenant', name),
      label: `tenant ${name}`,
      verdict: identity,
      ref,
      ...(isOther && { forbidsAll: true }),
    },
  ]
  if (!access.value) return checks
  const missing = principal.value === undefined && !principal.reason
  return [
    ...checks,
    { key: checkKey('roles', name), label: `permissions in ${name}`, verdict: rolesVerdict(access.value, name) },
    { key: checkKey('clock', name), label: `clock of ${name}`, verdict: clockVerdict(access.value.clockSkewMs) },
    ...(principal.reason
      ? [{ key: checkKey('principal', name), label: `service principal of ${name}`, verdict: unread(principal.reason) }]
      : [
          {
            key: checkKey('principal', name),
            label: `service principal of ${name}`,
            verdict: principalVerdict(tenant, missing),
          },
        ]),
  ]
}

/** Three witnesses: what was reviewed, whom the token is of, and what the directory says of itself. */
function identityVerdict(
  { name, tenantId }: DesiredTenant,
  access: Fact<OwnAccess>,
  facts: Fact<TenantFacts>,
): Verdict {
  if (access.reason) return unread(access.reason)
  const others = [
    ['the sign-in', access.value.tenantId],
    ['the directory', facts.value?.tenantId],
  ].filter(([, id]) => id !== undefined && id !== tenantId)
  if (others.length > 0) {
    const told = listed(others.map(([who, id]) => `${who} says ${id}`))
    const message = `the spec says that tenant ${name} is ${tenantId}, and ${told}; nothing is written until they agree: correct \`tenantId\` of the Tenant, or the identity in mailkeel.yaml`
    return no('AnotherTenant', message)
  }
  if (facts.reason) return unread(facts.reason)
  return yes(`${facts.value.displayName}, ${tenantId}: spec, sign-in and directory agree`)
}

/** Each need with the permissions that satisfy it (Microsoft Graph, get servicePrincipal and list organization). */
const NEEDS: readonly { readonly what: string; readonly any: readonly string[] }[] = [
  {
    what: 'Application.Read.All',
    any: ['Application.Read.All', 'Application.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  },
  {
    what: 'Organization.Read.All',
    any: ['Organization.Read.All', 'Organization.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  },
]

function rolesVerdict({ roles }: OwnAccess, name: string): Verdict {
  if (!roles)
    return unverifiable(
      'RolesNotTold',
      'the token does not tell which permissions it holds; what is missing shows when it is used',
    )
  const missing = NEEDS.filter(({ any }) => !any.some((role) => roles.has(role))).map(({ what }) => what)
  if (missing.length === 0) return yes(listed([...roles].sort()))
  const message = `the application that reads tenant ${name} lacks ${listed(missing)}; add ${missing.length === 1 ? 'it' : 'them'} as application permission in Entra ID (App registrations > API permissions) and grant consent`
  return no('PermissionMissing', message)
}

const MAXIMUM_SKEW_MS = 60_000

function clockVerdict(skewMs: number): Verdict {
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  if (Math.abs(skewMs) <= MAXIMUM_SKEW_MS) return yes('the clocks agree')
  const message = `our clock is ${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} that of Entra ID; set it by a time server, or sign-ins are refused`
  return no('ClockSkew', message)
}

function principalVerdict({ name, external, servicePrincipal: { appId } }: DesiredTenant, isMissing: boolean): Verdict {
  if (!isMissing) return yes(`application ${appId} is there`)
  if (!external.includes(STAGE_NAMES.credential))
    return yes(`application ${appId} is not there yet; it is created with the first credential`)
  const message = `tenant ${name} has no service principal of application ${appId}; run \`New-MgServicePrincipal -AppId ${appId}\``
  return no('PrincipalMissing', message)
}

/** What people attest of every tenant that is looked at. */
export async function attestationChecks({ reader, desired }: Asking): Promise<readonly Check[]> {
  const tenants = [...desired.tenants.values()].filter(({ name }) => reader.tenant(name))
  return tenants.flatMap(({ name, attestations }) =>
    ATTESTATIONS.map(({ field, label, ask }) => {
      const given = attestations[field]
      const verdict = given
        ? yes(attestedInWords(given))
        : unverifiable(
            'NotAttested',
            `neither attested nor told by any interface (${ask}). Have somebody look, and write \`attestations\` of the Tenant.`,
          )
      const called = desired.tenants.size === 1 ? label : `${label} of ${name}`
      return { key: checkKey('attestation', `${name}/${field}`), label: called, verdict, ref: given }
    }),
  )
}

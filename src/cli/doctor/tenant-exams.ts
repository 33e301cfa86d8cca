// Tenants: sign-in and directory of every identity, the grants of each, and what only people can say.

import { composeTenant } from '../../compose/tenant.ts'
import { EntraError, endpointsOf } from '../../entra/index.ts'
import type { Finding, Remedy } from '../../report/doctor.ts'
import { tenantEndpoint } from '../../spec/configuration/load.ts'
import type { DesiredTenant, DesiredTrust } from '../../spec/desired.ts'
import { STAGE_NAMES } from '../../stages/stage-names.ts'
import type { Check } from '../../stages/trust-prerequisites/check.ts'
import { attestationChecks, tenantChecks } from '../../stages/trust-prerequisites/tenant-checks.ts'
import type { TrustReader } from '../../trust/contract.ts'
import { type Role, roleInWords, rolesOf, tenantAs } from './as-identity.ts'
import type { Examination, Examined } from './examine.ts'
import { bad, failure, findingOf, type Question } from './finding.ts'
import { grantFindings, grantsOf } from './grants.ts'
import type { Patient } from './patient.ts'

/** One examination for every identity of every tenant, and one for what people attest. */
export function tenantExaminations(patient: Patient): readonly Examination[] {
  return patient.trusts.flatMap((trust) =>
    [...trust.tenants.values()].flatMap((tenant) => {
      const endpoint = tenantEndpoint(patient.configuration, tenant.name)
      const attested = attestationExamination(tenant, trust, patient)
      if (!endpoint) return [notReached(tenant, patient), attested]
      const roles = rolesOf(endpoint, patient.configuration.spec.policy)
      const needed = isWritten(tenant) ? roles : roles.filter(({ purpose }) => purpose !== 'writing')
      return [...needed.map((role) => examination(tenant, trust, role, patient)), attested]
    }),
  )
}

/** Whether mailkeel writes anything there. */
function isWritten({ external }: DesiredTenant): boolean {
  return [STAGE_NAMES.credential, STAGE_NAMES.servicePrincipalNames].some((stage) => !external.includes(stage))
}

function notReached(tenant: DesiredTenant, { configuration }: Patient): Examination {
  const question = { subject: subjectOf(tenant), check: 'connection', tried: `looking into ${configuration.file}` }
  const finding = bad(
    question,
    'Person',
    'NotConfigured',
    'the configuration does not say who signs in, so nothing of it is checked or written',
    {
      words: 'Add it below `tenants`, or do everything of the tenant by hand.',
      yaml: {
        where: `in ${configuration.file}`,
        text: `tenants:\n  ${tenant.name}: { reading: <identity>, writing: <another identity> }`,
      },
    },
  )
  return { question, look: async () => ({ findings: [finding] }) }
}

function subjectOf({ name }: DesiredTenant): string {
  return `tenant ${name}`
}

function examination(tenant: DesiredTenant, trust: DesiredTrust, role: Role, patient: Patient): Examination {
  const { login, graph } = addressesOf(tenant, patient)
  const subject = subjectOf(tenant)
  const check = `sign-in (${roleInWords(role)})`
  const question = {
    subject,
    check,
    tried: `signing in at ${login} and reading ${graph}, as cloud ${tenant.cloud} has them`,
  }
  return { question, look: (signal) => examined(question, tenant, trust, role, patient, signal) }
}

function addressesOf({ cloud, tenantId, name }: DesiredTenant, { configuration }: Patient) {
  try {
    const { tokenEndpoint, graph } = endpointsOf(cloud, tenantId, tenantEndpoint(configuration, name)?.endpoints)
    return { login: tokenEndpoint.replace(/\/oauth2\/.*$/, ''), graph }
  } catch (error) {
    if (error instanceof EntraError) return { login: 'the sign-in of the tenant', graph: 'its directory' }
    throw error
  }
}

async function examined(
  question: Question,
  tenant: DesiredTenant,
  trust: DesiredTrust,
  role: Role,
  patient: Patient,
  signal: AbortSignal,
): Promise<Examined> {
  const configuration = tenantAs(patient.configuration, tenant.name, role.identity)
  const input = { ...patient, configuration, writing: false, http: await patient.http(), clients: new Map() }
  const client = await composeTenant(tenant, input)
  const reader = client?.reader()
  if (!reader) return { findings: [] }
  const about = (check: string): Question => ({ ...question, check: `${check} (${roleInWords(role)})` })
  const desired = { ...trust, tenants: new Map([[tenant.name, tenant]]) }
  const asking = { reader: onlyTenant(tenant.name, reader), desired, signal }
  const [checks, access] = await Promise.all([
    tenantChecks(asking),
    reader.access(signal).catch((error: unknown) => {
      signal.throwIfAborted()
      return failure(question, error)
    }),
  ])
  // A sign-in that was refused has one reason, which is told once.
  if ('verdict' in access) return { findings: [access] }
  const found = checks.filter(({ key }) => isTold(key, role)).map((check) => checkFinding(check, about))
  const grants =
    access.roles === undefined
      ? notTold(about('permissions'), tenant, role, patient)
      : grantFindings(about, {
          ...grantInput(tenant, role, patient),
          roles: access.roles,
        })
  return {
    findings: [...found, ...grants],
    ...(role.purpose === 'writing' ? {} : { ends: await endsOf(tenant, trust, reader, signal) }),
  }
}

function checkFinding({ key, label, verdict }: Check, about: (check: string) => Question): Finding {
  return findingOf(about(NAMES[key.split('/')[0] ?? ''] ?? label), verdict)
}

/** Permissions are looked at by what each identity needs; what the tenant says of itself it says to every identity. */
function isTold(key: string, { purpose }: Role): boolean {
  return purpose === 'writing' ? key.startsWith('tenant/') : !key.startsWith('roles/')
}

const NAMES: Readonly<Record<string, string>> = {
  tenant: 'tenant id',
  clock: 'clock',
  principal: 'service principal',
}

type Reader = NonNullable<ReturnType<TrustReader['tenant']>>

function onlyTenant(name: string, reader: Reader): TrustReader {
  return {
    tenant: (one) => (one === name ? reader : undefined),
    deployment: () => undefined,
    certificate: () => Promise.reject(new Error('no certificate is asked for here')),
    proof: async () => undefined,
  }
}

function grantInput(tenant: DesiredTenant, role: Role, patient: Patient) {
  const { configuration } = patient
  const clientId = configuration.spec.identities[role.identity]?.clientId ?? ''
  const { login } = addressesOf(tenant, patient)
  return {
    role,
    preflight: tenantEndpoint(configuration, tenant.name)?.preflight ?? false,
    writes: isWritten(tenant),
    clientId,
    consentUrl: `${login}/adminconsent?client_id=${clientId}`,
  }
}

function notTold(question: Question, tenant: DesiredTenant, role: Role, patient: Patient): readonly Finding[] {
  const names = grantsOf(grantInput(tenant, role, patient)).map(({ permission }) => permission)
  return [
    bad(question, 'Person', 'RolesNotTold', 'the token does not tell which permissions it holds', {
      words: `Look in Entra ID under API permissions of the application whether it holds ${names.join(', ')} with consent, and nothing else.`,
    }),
  ]
}

/** What cannot be read has a finding already. */
async function endsOf(
  { name, servicePrincipal, attestations }: DesiredTenant,
  { deployments }: DesiredTrust,
  reader: Reader,
  signal: AbortSignal,
) {
  const wanted = new Set([...deployments.values()].map(({ certificate }) => certificate?.sha256))
  const [principal, ownCredentialEnd] = await Promise.all([
    reader.servicePrincipal(servicePrincipal.appId, signal).catch(() => undefined),
    reader.ownCredentialEnd(signal).catch(() => undefined),
  ])
  const ours = principal?.keys.filter(({ sha256 }) => sha256 !== undefined && wanted.has(sha256)) ?? []
  const credentialEnds = ours.map(({ endDateTime }) => endDateTime)
  return { tenant: name, attestations, credentialEnds, ...(ownCredentialEnd === undefined ? {} : { ownCredentialEnd }) }
}

function attestationExamination(tenant: DesiredTenant, trust: DesiredTrust, { machine }: Patient): Examination {
  const question = { subject: subjectOf(tenant), check: 'attestations', tried: 'reading the Tenant of the spec' }
  return {
    question,
    async look(signal) {
      const reader = { ...onlyTenant(tenant.name, NOT_ASKED), tenant: () => NOT_ASKED }
      const desired = { ...trust, tenants: new Map([[tenant.name, tenant]]) }
      const checks = await attestationChecks({ reader, desired, signal })
      const day = machine.now().toISOString().slice(0, 'YYYY-MM-DD'.length)
      const findings = checks.map(({ key, label, verdict }) =>
        findingOf({ ...question, check: label }, verdict, remedyOf(key, verdict.message, tenant, day)),
      )
      return { findings }
    },
  }
}

/** Attestations are read from the spec; nothing is asked of a tenant. */
const NOT_ASKED: Reader = {
  access: () => Promise.reject(new Error('not asked')),
  facts: () => Promise.reject(new Error('not asked')),
  servicePrincipal: () => Promise.reject(new Error('not asked')),
  mailboxes: () => Promise.reject(new Error('not asked')),
  ownCredentialEnd: () => Promise.reject(new Error('not asked')),
}

function remedyOf(key: string, message: string, { origin }: DesiredTenant, day: string): Remedy {
  const field = key.split('/').at(-1) ?? ''
  const [, ask = message] = /\((.*)\)\. Have somebody look, and write `/.exec(message) ?? []
  return {
    words: `${ask.charAt(0).toUpperCase()}${ask.slice(1)}; then write down who looked, and when.`,
    yaml: {
      where: `below spec of the Tenant (${origin.file}:${origin.line}), when it is so`,
      text: `attestations:\n  ${field}:\n    by: <your name>\n    on: ${day}\n    evidence: <where it can be seen>`,
    },
  }
}

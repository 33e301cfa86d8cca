// The links of a trust, in the order of causes. Each is about the certificate that CRM really signs in with.
import type { StoredCertificate } from '../../crm-server/deployment.ts'
import { advised, type Link, type Reason } from '../../engine/index.ts'
import { minute } from '../minute.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { canAllRead, missingAccounts } from './accounts.ts'
import { asyncServices } from './async-services.ts'
import { isTheirsToKnow } from './external.ts'
import { wrongKeySpec } from './key-spec.ts'
import { labelOf, linkOf, unreadLink } from './link-of.ts'
import { listed, nameWith, shortName } from './names.ts'
import { isSameSetting, s2sValuesOf } from './s2s-values.ts'
import type { ServerTold, ViewFacts } from './view-facts.ts'

const APPLY = 'Run `mailkeel apply`.'

/** Which certificate CRM signs in with, and that it is valid. */
export function certificateLink({ issuer, certificate, servers, deployment }: ViewFacts, now: Date): Link | undefined {
  const name = 'certificate'
  if (!issuer) return undefined
  if (issuer.reason) return unreadLink(name, issuer.reason)
  if (issuer.row.hold && certificate === undefined) return linkOf(name, 'broken', issuer.row.hold)
  if (certificate === undefined)
    return { name, state: 'broken', words: 'CRM has no certificate to sign in with', next: APPLY }
  const stored = servers
    .flatMap(({ ref }) => ref?.state.certificates ?? [])
    .find(({ sha256 }) => sha256 === certificate)
  const called = nameWith(certificate, stored?.subject)
  const wanted = deployment?.certificate?.sha256
  // Somebody else switched it, or a rotation is not that far yet: it works as long as everything fits to it.
  const other = wanted === undefined || wanted === certificate ? '' : `the spec asks for ${shortName(wanted)}`
  if (!stored)
    return { name, state: 'good', words: `${shortName(certificate)} in CRM`, ...(other !== '' && { evidence: other }) }
  const evidence = [`valid until ${minute(stored.notAfter)}`, other].filter((part) => part !== '').join('; ')
  if (Date.parse(stored.notAfter) <= now.getTime()) {
    const next = 'Have a new certificate issued, and change `certificate` of the Deployment.'
    return { name, state: 'broken', words: `${called} in CRM ended ${minute(stored.notAfter)}`, next }
  }
  return { name, state: 'good', words: `${called} in CRM`, evidence }
}

/** That it is on every server, with a key CRM can use. */
export function serversLink({ certificate, servers }: ViewFacts): Link | undefined {
  if (certificate === undefined || servers.length === 0) return undefined
  const name = 'servers'
  const called = shortName(certificate)
  const without = servers.filter((server) => isWithout(server, certificate))
  if (without.length > 0) {
    const words = `${listed(without.map(labelOf))} ${without.length === 1 ? 'does' : 'do'} not have certificate ${called}`
    return { name, state: 'broken', words, next: without.flatMap(({ row }) => nextOfHold(row?.hold))[0] ?? APPLY }
  }
  const problems = servers.flatMap((server) => serverProblem(server, certificate) ?? [])
  const [first] = problems
  if (first) return { name, state: 'broken', words: listed(problems.map(({ words }) => words)), next: first.next }
  const unread = servers.find(({ reason }) => reason !== undefined)
  if (unread?.reason) return unreadLink(name, unread.reason)
  return {
    name,
    state: 'good',
    words: servers.length === 1 ? 'on the server, with its key' : `on all ${servers.length} servers, with its key`,
  }
}

function nextOfHold(hold: Reason | undefined): readonly string[] {
  const { next } = hold ? advised(hold.message) : {}
  return next === undefined ? [] : [next]
}

/** It is not there, and the plan that is looked at does not bring it there. */
function isWithout({ ref, row }: ServerTold, certificate: string): boolean {
  if (!row || row.fields['certificate'] === certificate) return false
  return !ref.state.certificates.some(({ sha256 }) => sha256 === certificate)
}

function serverProblem(
  { ref, row, key }: ServerTold,
  certificate: string,
): { readonly words: string; readonly next: string } | undefined {
  if (!row) return undefined
  const accounts = asyncServices(ref.state).map(({ account }) => account)
  const stored = ref.state.certificates.find(({ sha256 }) => sha256 === certificate)
  const server = labelOf({ row, key })
  // It is there, or the plan that is looked at brings it there.
  const { certificate: usable, readers } = row.fields
  if (usable === certificate) {
    const known = [...(stored?.readers ?? []), ...(Array.isArray(readers) ? readers.map(String) : [])]
    return unreadable(accounts, known, server)
  }
  if (!stored) return undefined
  const problem = keyProblem(stored, server)
  if (!problem) return unreadable(accounts, stored.readers, server)
  const { what, next = APPLY } = advised(problem.message)
  return { words: what, next }
}

function keyProblem(stored: StoredCertificate, server: string): Reason | undefined {
  if (stored.hasPrivateKey) return wrongKeySpec(stored, server)
  const message = `certificate ${shortName(stored.sha256)} on ${server} has no private key; run \`mailkeel apply\``
  return { code: 'NoPrivateKey', message }
}

function unreadable(
  accounts: readonly string[],
  readers: readonly string[] | undefined,
  server: string,
): { readonly words: string; readonly next: string } | undefined {
  if (!readers || canAllRead(accounts, readers)) return undefined
  const who = listed([...new Set(missingAccounts(accounts, readers))])
  const next = `Run \`mailkeel apply\`; where \`serviceAccounts\` of the Deployment does not name ${who}, add it first.`
  return { words: `${who} cannot read the key on ${server}`, next }
}

/** That Entra ID knows it. */
export function credentialLink({
  tenant,
  tenantIsRead,
  certificate,
  credential,
  credentialsUnread,
}: ViewFacts): Link | undefined {
  const name = 'credential'
  if (!tenant || certificate === undefined) return undefined
  if (!tenantIsRead) return { name, state: 'told', words: `nobody says how to sign in to tenant ${tenant.name}` }
  const reason = credential?.reason ?? credentialsUnread
  if (reason) return unreadLink(name, reason)
  const called = shortName(certificate)
  const state = credential?.row?.fields['state']
  if (state === 'present') {
    const ends = credential?.ref?.keys
      .map(({ endDateTime }) => endDateTime)
      .sort()
      .at(-1)
    return {
      name,
      state: 'good',
      words: `Entra knows ${called}`,
      ...(ends !== undefined && { evidence: `valid until ${minute(ends)}` }),
    }
  }
  if (state === 'ended')
    return { name, state: 'broken', words: `the credential of ${called} in Entra has ended`, next: APPLY }
  const by = state === 'removed' ? ': another writer removed it' : ''
  const next =
    state === undefined
      ? 'Bring the certificate of the spec and the one CRM signs in with together.'
      : '`mailkeel apply --only credential` adds it again.'
  return { name, state: 'broken', words: `Entra does not know ${called}${by}`, next }
}

/** That the principal answers to its own application id, and to each declared domain. */
export function namesLink({ tenant, principal }: ViewFacts): Link | undefined {
  const name = 'names'
  if (!tenant || !principal) return undefined
  if (principal.reason) return unreadLink(name, principal.reason)
  const names = principal.row.fields['names']
  const { appId } = tenant.servicePrincipal
  if (!Array.isArray(names))
    return { name, state: 'broken', words: `the tenant has no service principal of ${appId}`, next: APPLY }
  const isThere = names.some((one) => String(one).toLowerCase() === appId.toLowerCase())
  if (!isThere)
    return { name, state: 'broken', words: `the service principal does not answer to ${appId}`, next: APPLY }
  return { name, state: 'good', words: `the service principal answers to ${appId}` }
}

/** That CRM asks the right authority. */
export function settingsLink({ tenant, deployment, settings }: ViewFacts): Link | undefined {
  const name = 'settings'
  if (!settings || !tenant) return undefined
  if (settings.reason) return settingUnread(name, settings.reason, deployment, STAGE_NAMES.serverSettings)
  const values = s2sValuesOf(tenant.cloud)
  if (!values)
    return { name, state: 'told', words: `what CRM must be told to trust cloud ${tenant.cloud} is not published` }
  const wrong = (['authorizationServer', 'metadataUrl'] as const).filter((field) => {
    const actual = settings.row.fields[field]
    return !(typeof actual === 'string' && isSameSetting(values[field], actual))
  })
  if (wrong.length === 0) return { name, state: 'good', words: `CRM trusts Exchange Online of cloud ${tenant.cloud}` }
  const told = wrong.map((field) => `${field} is ${settings.row.fields[field] ?? 'not set'}`)
  return { name, state: 'broken', words: listed(told), next: APPLY }
}

/** That CRM, the spec and the directory speak of one tenant. */
export function tenantIdLink(facts: ViewFacts): Link | undefined {
  const { organization, tenant, tenantId, tenantCheck, deploymentIsRead } = facts
  const name = 'tenant id'
  if (!tenant) return undefined
  const check = tenantCheck?.row?.ready
  if (check?.code === 'AnotherTenant') return { name, state: 'broken', words: check.message }
  if (tenantId?.reason) return settingUnread(name, tenantId.reason, organization, STAGE_NAMES.tenantId)
  if (!tenantId)
    return deploymentIsRead ? undefined : { name, state: 'told', words: 'nobody says how to reach the servers' }
  const id = tenantId.row.fields['tenantId']
  if (id === tenant.tenantId) return { name, state: 'good', words: `CRM belongs to tenant ${tenant.tenantId}` }
  const isConfirmed = !tenantCheck || check?.status === 'True'
  return {
    name,
    // An id that nobody confirms may be a slip in the spec, and says nothing of what CRM does.
    state: isConfirmed ? 'broken' : 'unknown',
    words: id === null ? 'S2STenantId is not set' : `S2STenantId is ${id}, and the spec says ${tenant.tenantId}`,
    next: APPLY,
  }
}

/** What could not be read of something that people may look after. */
function settingUnread(
  name: string,
  reason: Reason,
  declaring: Parameters<typeof isTheirsToKnow>[0] | undefined,
  stage: string,
): Link {
  if (!declaring || !isTheirsToKnow(declaring, stage, reason)) return unreadLink(name, reason)
  return { name, state: 'told', words: advised(reason.message).what }
}

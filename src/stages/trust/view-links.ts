// The links of a trust, in the order of causes. Each is about the certificate that CRM really signs in with.
import type { StoredCertificate } from '../../crm-server/deployment.ts'
import type { Link, Reason } from '../../engine/index.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { canAllRead, missingAccounts } from './accounts.ts'
import { asyncServices } from './async-services.ts'
import { isTheirsToKnow } from './external.ts'
import { listed, nameWith, shortName } from './names.ts'
import { isSameSetting, s2sValuesOf } from './s2s-values.ts'
import type { ServerTold, ViewFacts } from './view-facts.ts'

const APPLY = 'Run `mailkeel apply`.'

/** Which certificate CRM signs in with, and that it is valid. */
export function certificateLink({ issuer, certificate, servers }: ViewFacts, now: Date): Link | undefined {
  const name = 'certificate'
  if (!issuer) return undefined
  if (issuer.reason) return { name, state: 'unknown', words: issuer.reason.message }
  if (issuer.row.hold && certificate === undefined) return { name, state: 'broken', words: issuer.row.hold.message }
  if (certificate === undefined)
    return { name, state: 'broken', words: 'CRM has no certificate to sign in with', next: APPLY }
  const stored = servers
    .flatMap(({ ref }) => ref?.state.certificates ?? [])
    .find(({ sha256 }) => sha256 === certificate)
  const called = nameWith(certificate, stored?.subject)
  if (!stored) return { name, state: 'good', words: `${shortName(certificate)} in CRM` }
  const evidence = `valid until ${stored.notAfter}`
  if (Date.parse(stored.notAfter) <= now.getTime()) {
    const next = 'Have a new certificate issued, and change `certificate` of the Deployment.'
    return { name, state: 'broken', words: `${called} in CRM ended on ${stored.notAfter}`, next }
  }
  return { name, state: 'good', words: `${called} in CRM`, evidence }
}

/** That it is on every server, with a key CRM can use. */
export function serversLink({ certificate, servers }: ViewFacts): Link | undefined {
  if (certificate === undefined || servers.length === 0) return undefined
  const name = 'servers'
  const problems = servers.flatMap((server) => serverProblem(server, certificate) ?? [])
  const [first] = problems
  if (first) return { name, state: 'broken', words: listed(problems.map(({ words }) => words)), next: first.next }
  const unread = servers.find(({ reason }) => reason !== undefined)
  if (unread?.reason) return { name, state: 'unknown', words: unread.reason.message }
  return {
    name,
    state: 'good',
    words: servers.length === 1 ? 'on the server, with its key' : `on all ${servers.length} servers, with its key`,
  }
}

function serverProblem(
  { ref, row, key }: ServerTold,
  certificate: string,
): { readonly words: string; readonly next: string } | undefined {
  if (!row) return undefined
  const accounts = asyncServices(ref.state).map(({ account }) => account)
  const stored = ref.state.certificates.find(({ sha256 }) => sha256 === certificate)
  const server = row.label ?? key
  const called = shortName(certificate)
  // It is there, or the plan that is looked at brings it there.
  const { certificate: usable, readers } = row.fields
  if (usable === certificate) {
    const known = [...(stored?.readers ?? []), ...(Array.isArray(readers) ? readers.map(String) : [])]
    return unreadable(accounts, known, server)
  }
  if (!stored) return { words: `${server} does not have certificate ${called}`, next: APPLY }
  const problem = keyProblem(stored)
  return problem ? { ...problem, words: `${problem.words} on ${server}` } : unreadable(accounts, stored.readers, server)
}

function keyProblem({ hasPrivateKey, keySpec }: StoredCertificate) {
  if (!hasPrivateKey) return { words: 'the certificate has no private key', next: APPLY }
  if (keySpec === undefined || keySpec === 1) return undefined
  const next =
    'Remove it there from LocalMachine\\My and run `certutil -importpfx <file> AT_KEYEXCHANGE`, which needs no new certificate.'
  return { words: `the key has KeySpec ${keySpec} where CRM needs 1`, next }
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
  if (reason) return { name, state: 'unknown', words: reason.message }
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
      ...(ends !== undefined && { evidence: `until ${ends}` }),
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
  if (principal.reason) return { name, state: 'unknown', words: principal.reason.message }
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
  if (settings.reason) return unreadLink(name, settings.reason, deployment, STAGE_NAMES.serverSettings)
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
  if (tenantId?.reason) return unreadLink(name, tenantId.reason, organization, STAGE_NAMES.tenantId)
  if (!tenantId)
    return deploymentIsRead ? undefined : { name, state: 'told', words: 'nobody says how to reach the servers' }
  const id = tenantId.row.fields['tenantId']
  if (id === tenant.tenantId) return { name, state: 'good', words: `CRM belongs to tenant ${tenant.tenantId}` }
  return {
    name,
    state: 'broken',
    words: id === null ? 'S2STenantId is not set' : `S2STenantId is ${id}, and the tenant is ${tenant.tenantId}`,
    next: APPLY,
  }
}

function unreadLink(
  name: string,
  reason: Reason,
  declaring: Parameters<typeof isTheirsToKnow>[0] | undefined,
  stage: string,
): Link {
  const isTheirs = declaring !== undefined && isTheirsToKnow(declaring, stage, reason)
  return { name, state: isTheirs ? 'told' : 'unknown', words: reason.message }
}

/** That the services run with it. */
export function servicesLink({ certificate, services }: ViewFacts): Link | undefined {
  const name = 'services'
  if (certificate === undefined || services.length === 0) return undefined
  const stale = services.filter(({ row }) => row && row.fields['loaded'] !== certificate)
  const called = shortName(certificate)
  if (stale.length > 0) {
    const where = listed(stale.map(({ row, key }) => row?.label ?? key))
    const words = `the asynchronous services of ${where} were started before ${called} was there`
    return { name, state: 'broken', words, next: '`mailkeel apply --only service-restart` restarts them.' }
  }
  const unread = services.find(({ reason }) => reason !== undefined)
  if (unread?.reason) return { name, state: 'unknown', words: unread.reason.message }
  const all = services.flatMap(({ ref }) => (ref ? asyncServices(ref.state) : []))
  const stopped = listed(all.filter(({ isRunning }) => !isRunning).map((one) => one.name))
  // One server that works is enough for mail; what is stopped elsewhere its own check tells.
  if (all.length > 0 && all.every(({ isRunning }) => !isRunning)) {
    return { name, state: 'broken', words: `${stopped} do not run`, next: 'Start them on the servers.' }
  }
  const evidence = stopped === '' ? {} : { evidence: `stopped: ${stopped}` }
  return { name, state: 'good', words: `the asynchronous services run with ${called}`, ...evidence }
}

// CRM servers one by one, as each identity, and what belongs to a deployment as a whole.
import { HostKeyError } from '../../crm-server/ssh-connection.ts'
import type { Finding } from '../../report/doctor.ts'
import { type DeploymentEndpoint, deploymentEndpoint } from '../../spec/configuration/load.ts'
import type { DesiredDeployment, DesiredTrust } from '../../spec/desired.ts'
import type { ServerEndpoint } from '../../spec/generated/types.ts'
import { organizationsOn } from '../../stages/trust/members.ts'
import type { Check } from '../../stages/trust-prerequisites/check.ts'
import { deploymentChecks, serverChecks } from '../../stages/trust-prerequisites/server-checks.ts'
import { createTrustReader } from '../../trust/reader.ts'
import { composeDeployment, serverName } from '../compose-deployment.ts'
import { type Role, roleInWords, rolesOf, serversAs } from './as-identity.ts'
import type { EndsSeen, Examination, Examined } from './examine.ts'
import { bad, findingOf, good, type Question } from './finding.ts'
import type { Patient } from './patient.ts'
import { type ServerCase, serverRemedy } from './server-remedies.ts'

/** Where an examination happens. */
interface Place {
  readonly deployment: DesiredDeployment
  readonly trust: DesiredTrust
  readonly endpoint: DeploymentEndpoint
  /** Places of servers in the list of the deployment. */
  readonly chosen: readonly number[]
  readonly role: Role
}

/** One examination for every identity of every server, and one for every deployment. */
export function serverExaminations(patient: Patient): readonly Examination[] {
  return patient.trusts.flatMap((trust) =>
    [...trust.deployments.values()].flatMap((deployment) => {
      const endpoint = deploymentEndpoint(patient.configuration, deployment.name)
      return endpoint ? ofDeployment({ deployment, trust, endpoint }, patient) : [notReached(deployment, patient)]
    }),
  )
}

function notReached({ name }: DesiredDeployment, { configuration }: Patient): Examination {
  const question = { subject: `deployment ${name}`, check: 'connection', tried: `looking into ${configuration.file}` }
  const finding = bad(
    question,
    'Person',
    'NotConfigured',
    'the configuration does not name its servers, so nothing of it is checked or written',
    {
      words: 'Add them below `deployments`, or do everything on the servers by hand.',
      yaml: {
        where: `in ${configuration.file}`,
        text: `deployments:\n  ${name}:\n    servers:\n      - { host: <host>, identity: <identity>, hostKeySha256: 'SHA256:<fingerprint>' }`,
      },
    },
  )
  return { question, look: async () => ({ findings: [finding] }) }
}

function ofDeployment(
  place: Pick<Place, 'deployment' | 'trust' | 'endpoint'>,
  patient: Patient,
): readonly Examination[] {
  const { servers } = place.endpoint
  const { policy } = patient.configuration.spec
  const each = servers.flatMap((server, index) =>
    server.offline
      ? [offline(server)]
      : rolesOf({ reading: server.identity ?? '', writing: server.writingIdentity }, policy).map((role) =>
          ofServer(server, { ...place, role, chosen: [index] }, patient),
        ),
  )
  const reached = servers.flatMap(({ offline }, index) => (offline ? [] : [index]))
  if (reached.length === 0) return each
  const purposes = servers.some(({ identity, writingIdentity }) => (writingIdentity ?? identity) !== identity)
    ? (['reading', 'writing'] as const)
    : (['both'] as const)
  const whole = purposes.map((purpose) => {
    const identity = purpose === 'writing' ? 'of writing' : 'of reading'
    return ofTools({ ...place, role: { purpose, identity }, chosen: reached }, patient)
  })
  return [...each, ...whole]
}

function offline(server: ServerEndpoint): Examination {
  const name = serverName(server)
  const question = { subject: `server ${name}`, check: 'connection', tried: 'reading `offline` in the configuration' }
  const finding = bad(question, 'Person', 'Offline', 'nobody connects to it', {
    words: 'A person carries scripts there and their results back; what they say is checked then.',
  })
  return { question, look: async () => ({ findings: [finding] }) }
}

function ofServer(server: ServerEndpoint, place: Place, patient: Patient): Examination {
  const name = serverName(server)
  const { role } = place
  const tried = `signing in to ${name} by SSH as ${role.identity}, and running a script there that only reads`
  const question = { subject: `server ${name}`, check: `connection (${roleInWords(role)})`, tried }
  return { question, look: (signal) => serverExamined(question, name, place, patient, signal) }
}

async function serverExamined(
  question: Question,
  name: string,
  place: Place,
  patient: Patient,
  signal: AbortSignal,
): Promise<Examined> {
  return connected(place, patient, async ({ desired, reader, client }) => {
    const checks = await serverChecks({ desired, reader, signal })
    const failed = await client.server(name, signal).then(
      () => undefined,
      (error: unknown) => error,
    )
    const about = caseOf(name, place, patient, failed instanceof HostKeyError ? failed.offered : undefined)
    return { findings: checks.map((check) => serverFinding(question, check, place, about)) }
  })
}

function serverFinding(question: Question, check: Check, { role }: Place, about: ServerCase): Finding {
  const kind = check.key.split('/')[0] ?? ''
  const asked =
    kind === 'server' ? question : { ...question, check: `${NAMES[kind] ?? check.label} (${roleInWords(role)})` }
  const { status, code } = check.verdict
  if (kind === 'administrator' && role.purpose === 'reading') {
    if (status !== 'True') return good(asked, 'the account that reads is no administrator: it can change nothing')
    const user = about.signIn?.userName ?? '<user>'
    return bad(
      asked,
      'Excess',
      'ReaderMayWrite',
      'the account that reads is a local administrator, and it is not the one that writes',
      {
        words: 'Take it out of the group; permissions of private keys that it then cannot see are told as unknown.',
        commands: [
          {
            where: `on ${about.server}, elevated`,
            command: `net localgroup Administrators '${user.replaceAll("'", "''")}' /delete`,
          },
        ],
      },
    )
  }
  return status === 'True'
    ? findingOf(asked, check.verdict)
    : findingOf(asked, check.verdict, serverRemedy(code, about))
}

const NAMES: Readonly<Record<string, string>> = {
  powershell: 'PowerShell',
  administrator: 'local administrator',
  services: 'asynchronous services',
  clock: 'clock',
  'key-spec': 'certificate in the store',
  deployment: 'deployment tools',
  issuer: 'certificate row',
  support: 'support',
}

function ofTools(place: Place, patient: Patient): Examination {
  const { deployment, role, endpoint } = place
  const account = endpoint.credential?.userName
  const as = account === undefined ? `as the SSH user ${role.identity}` : `as ${account}`
  const words = role.purpose === 'both' ? '' : ` (${role.purpose})`
  const tried = `asking one of its servers after the other for settings and certificate rows, ${as}`
  const question = { subject: `deployment ${deployment.name}`, check: `deployment tools${words}`, tried }
  return {
    question,
    look: (signal) =>
      connected(place, patient, async ({ desired, reader, client }) => {
        const checks = await deploymentChecks({ desired, reader, signal }, patient.machine.now())
        const first = client.servers[0] ?? deployment.name
        const about = caseOf(first, place, patient, undefined)
        const findings = checks.map(({ key, label, verdict }) => {
          const check = `${NAMES[key.split('/')[0] ?? ''] ?? label}${words}`
          return findingOf({ ...question, check }, verdict, toolsRemedy(verdict.code, about))
        })
        const settings = await settingFindings({ ...question, check: `settings${words}` }, place, client, signal)
        return { findings: [...findings, ...settings], ends: await endsOf(place, client, signal) }
      }),
  }
}

/** Whether every setting of the trust can be read; what it is, plans tell. That the tools do not answer has a finding of its own. */
async function settingFindings(
  question: Question,
  { trust, deployment }: Place,
  client: Connected['client'],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const members = organizationsOn(trust, deployment.name)
  const uniqueNames = members.map(({ uniqueName }) => uniqueName)
  const state = await client.deployment(uniqueNames, signal).catch(() => undefined)
  if (!state) return []
  const all = [state.authorizationServer, state.metadataUrl, ...state.tenantIds.values()]
  const whys = [...new Set(all.flatMap((setting) => (setting.state === 'Unknown' ? [setting.why] : [])))]
  if (whys.length === 0) return [good(question, `all ${all.length} can be read`)]
  return whys.map((why) => {
    const isName = why.startsWith('OrganizationUnknown')
    const words = isName
      ? `Compare uniqueName of the organizations (${uniqueNames.join(', ')}) with what CRM says.`
      : 'Look whether the account may read the settings of the deployment.'
    const command = isName
      ? 'Get-CrmOrganization'
      : 'Get-CrmAdvancedSetting -ConfigurationEntityName ServerSettings -Setting S2SDefaultAuthorizationServerPrincipalId'
    const where = `on ${state.through}, Windows PowerShell, behind Add-PSSnapin Microsoft.Crm.PowerShell`
    return bad(question, isName ? 'Broken' : 'Unknown', isName ? 'OrganizationUnknown' : 'SettingUnknown', why, {
      words,
      commands: [{ where, command }],
    })
  })
}

/** That no server answers is told at each of them. */
function toolsRemedy(code: string, about: ServerCase) {
  return ['NotDeploymentAdministrator', 'SnapInMissing'].includes(code) ? serverRemedy(code, about) : undefined
}

interface Connected {
  readonly desired: DesiredTrust
  readonly reader: ReturnType<typeof createTrustReader>
  readonly client: NonNullable<ReturnType<ReturnType<typeof createTrustReader>['deployment']>>
}

async function connected(
  place: Place,
  patient: Patient,
  work: (input: Connected) => Promise<Examined>,
): Promise<Examined> {
  const { deployment, trust, chosen, role } = place
  const configuration = serversAs(patient.configuration, deployment.name, chosen, role)
  const { machine, organizations, trusts } = patient
  const nobody = { send: () => Promise.reject(new Error('servers are not asked over HTTP')), close: async () => {} }
  const input = { configuration, machine, organizations, trusts, writing: false, http: nobody, clients: new Map() }
  const composed = composeDeployment(deployment.name, input)
  if (!composed) return { findings: [] }
  const reader = createTrustReader({
    tenants: new Map(),
    deployments: new Map([[deployment.name, composed]]),
    certificates: { certificate: notAsked, open: notAsked },
    proof: async () => undefined,
  })
  const client = reader.deployment(deployment.name)
  const desired = { ...trust, deployments: new Map([[deployment.name, deployment]]) }
  try {
    return client ? await work({ desired, reader, client }) : { findings: [] }
  } finally {
    await composed.close()
  }
}

function notAsked(): Promise<never> {
  return Promise.reject(new Error('no certificate is asked for here'))
}

function caseOf(server: string, place: Place, { configuration }: Patient, offered: string | undefined): ServerCase {
  const { endpoint, role, chosen } = place
  const [chosenServer] = chosen.map((index) => endpoint.servers[index])
  const own =
    role.purpose === 'writing' ? (chosenServer?.writingIdentity ?? chosenServer?.identity) : chosenServer?.identity
  const { identities } = configuration.spec
  const signIn = own !== undefined && Object.hasOwn(identities, own) ? identities[own] : undefined
  return {
    server,
    identity: own ?? role.identity,
    signIn,
    account: endpoint.credential?.userName,
    offered,
    configurationFile: configuration.file,
  }
}

async function endsOf({ deployment }: Place, client: Connected['client'], signal: AbortSignal): Promise<EndsSeen> {
  const states = await Promise.all(client.servers.map((name) => client.server(name, signal).catch(() => undefined)))
  const version = states.flatMap((state) => state?.version ?? [])[0]
  return {
    deployment: deployment.name,
    ...(version === undefined ? {} : { crmMajor: Number.parseInt(version, 10) }),
    ...(deployment.certificate ? { warnBeforeMs: deployment.certificate.warnBeforeMs } : {}),
  }
}

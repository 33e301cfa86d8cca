// CRM servers one by one, as each identity, and what belongs to a deployment as a whole.

import { serverName } from '../../compose/carried.ts'
import { HostKeyError } from '../../crm-server/ssh-connection.ts'
import type { Finding } from '../../report/doctor.ts'
import { deploymentEndpoint } from '../../spec/configuration/load.ts'
import type { DesiredDeployment } from '../../spec/desired.ts'
import type { ServerEndpoint } from '../../spec/generated/types.ts'
import type { Check } from '../../stages/trust-prerequisites/check.ts'
import { serverChecks } from '../../stages/trust-prerequisites/server-checks.ts'
import { roleInWords, rolesOf } from './as-identity.ts'
import type { Examination, Examined } from './examine.ts'
import { bad, findingOf, good, type Question } from './finding.ts'
import type { Patient } from './patient.ts'
import { CHECK_NAMES } from './server-check-names.ts'
import { askingServers, caseOf, type ServerPlace, shareServers } from './server-place.ts'
import { type ServerCase, serverRemedy } from './server-remedies.ts'
import { toolsExamination } from './tools-exam.ts'

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
  place: Pick<ServerPlace, 'deployment' | 'trust' | 'endpoint'>,
  patient: Patient,
): readonly Examination[] {
  const { servers } = place.endpoint
  const { policy } = patient.configuration.spec
  const reached = servers.flatMap((server, index) => (server.offline ? [] : [{ server, index }]))
  const all = reached.flatMap(({ server, index }) =>
    rolesOf({ reading: server.identity ?? '', writing: server.writingIdentity }, policy).map((role) => ({
      server,
      index,
      role,
    })),
  )
  const isSplit = all.some(({ role }) => role.purpose === 'writing')
  const groups = [
    all.filter(({ role }) => role.purpose !== 'writing'),
    all.filter(({ role }) => role.purpose === 'writing'),
  ]
  const examined = groups
    .filter((group) => group.length > 0)
    .map((group) => {
      const purpose = group[0]?.role.purpose ?? 'reading'
      const role = {
        purpose: isSplit && purpose === 'both' ? 'reading' : purpose,
        identity: group[0]?.role.identity ?? '',
      } as const
      const whole = { ...place, role, chosen: group.map(({ index }) => index) }
      const shared = shareServers(whole, patient, group.length + 1)
      return {
        each: group.map((one) =>
          ofServer(one.server, { ...place, role: one.role, chosen: [one.index], servers: shared }, patient),
        ),
        tools: toolsExamination({ ...whole, servers: shared }, patient),
      }
    })
  return [
    ...servers.filter(({ offline }) => offline).map(offlineExamination),
    ...examined.flatMap(({ each }) => each),
    ...examined.map(({ tools }) => tools),
  ]
}

function offlineExamination(server: ServerEndpoint): Examination {
  const name = serverName(server)
  const question = { subject: `server ${name}`, check: 'connection', tried: 'reading `offline` in the configuration' }
  const finding = bad(question, 'Person', 'Offline', 'nobody connects to it', {
    words: 'A person carries scripts there and their answers back; they are checked when they are read.',
    commands: [{ where: 'on this machine', command: 'mailkeel apply --emit-scripts <directory>' }],
  })
  return { question, look: async () => ({ findings: [finding] }) }
}

function ofServer(server: ServerEndpoint, place: ServerPlace, patient: Patient): Examination {
  const name = serverName(server)
  const { role } = place
  const tried = `signing in to ${name} by SSH as ${role.identity}, and running a script there that only reads`
  const question = { subject: `server ${name}`, check: `connection (${roleInWords(role)})`, tried }
  return { question, look: (signal) => serverExamined(question, name, place, patient, signal) }
}

async function serverExamined(
  question: Question,
  name: string,
  place: ServerPlace,
  patient: Patient,
  signal: AbortSignal,
): Promise<Examined> {
  return place.servers.use(async (client) => {
    const checks = await serverChecks(askingServers(place, client, [name], signal))
    const failed = await client.server(name, signal).then(
      () => undefined,
      (error: unknown) => error,
    )
    const about = caseOf(name, place, patient, failed instanceof HostKeyError ? failed.offered : undefined)
    return { findings: checks.map((check) => serverFinding(question, check, place, about)) }
  })
}

function serverFinding(question: Question, check: Check, { role }: ServerPlace, about: ServerCase): Finding {
  const kind = check.key.split('/')[0] ?? ''
  const asked =
    kind === 'server' ? question : { ...question, check: `${CHECK_NAMES[kind] ?? check.label} (${roleInWords(role)})` }
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

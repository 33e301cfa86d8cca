// Organizations: reached, the right one, of a version that works, and what each identity may do there.

import { adviceOn } from '../../compose/advice.ts'
import { clientOf } from '../../compose/connections.ts'
import type { Finding } from '../../report/doctor.ts'
import { organizationEndpoint } from '../../spec/configuration/load.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import { READ_ONLY_KEY } from '../../stages/prerequisites/cannot-write.ts'
import { checksOf } from '../../stages/prerequisites/checks.ts'
import { organizationAs, type Role, roleInWords, rolesOf } from './as-identity.ts'
import type { Examination, Examined } from './examine.ts'
import { bad, failure, findingOf, type Question } from './finding.ts'
import type { Patient } from './patient.ts'
import { privilegeFindings } from './privileges.ts'

/** One examination for every identity of every organization. */
export function organizationExaminations(patient: Patient): readonly Examination[] {
  return patient.organizations.flatMap((desired) => {
    const subject = `organization ${desired.name}`
    const endpoint = organizationEndpoint(patient.configuration, desired.name)
    if (!endpoint) return [notReached(subject, desired.name, patient)]
    return rolesOf(endpoint, patient.configuration.spec.policy).map((role): Examination => {
      const check = `connection (${roleInWords(role)})`
      const question = { subject, check, tried: `signing in to ${endpoint.url} as ${role.identity}` }
      return { question, look: (signal) => examined(question, desired, role, patient, signal) }
    })
  })
}

function notReached(subject: string, name: string, { configuration }: Patient): Examination {
  const question = { subject, check: 'connection', tried: `looking into ${configuration.file}` }
  const finding = bad(question, 'Broken', 'NotConfigured', 'the configuration does not say how to reach it', {
    words: 'Add it below `organizations`.',
    yaml: {
      where: `in ${configuration.file}`,
      text: `organizations:\n  ${name}: { url: 'https://<host of CRM>/<organization>', reading: <identity> }`,
    },
  })
  return { question, look: async () => ({ findings: [finding] }) }
}

async function examined(
  question: Question,
  desired: DesiredOrganization,
  role: Role,
  patient: Patient,
  signal: AbortSignal,
): Promise<Examined> {
  const configuration = organizationAs(patient.configuration, desired.name, role.identity)
  const client = clientOf(desired.name, await patient.http(), {
    configuration,
    writing: false,
    machine: patient.machine,
  })
  const about = (check: string): Question => ({
    ...question,
    check: `${check} (${roleInWords(role)})`,
    tried: `${question.tried}, and asking CRM`,
  })
  try {
    const reader = client.reader()
    const probe = await reader.probe(signal)
    const [organization, uniqueName] = await Promise.all([reader.organization(signal), reader.uniqueName(signal)])
    const checks = checksOf(desired, { probe, organization, uniqueName }).filter(
      ({ key }) => key !== READ_ONLY_KEY && !key.startsWith('privileges-'),
    )
    // What the server says of itself it says to every identity; who asked first tells it.
    const ofServer = role.purpose === 'writing' ? checks.filter(({ key }) => key === 'unique-name') : checks
    const told = ofServer.map(({ label, verdict }) => findingOf(about(label), verdict))
    const privileges = privilegeFindings(about, { desired, held: probe.privileges, role, userId: probe.userId })
    const crmMajor = Number.parseInt(probe.version, 10)
    return { findings: [...told, ...privileges], ends: { organization: desired.name, crmMajor } }
  } catch (error) {
    signal.throwIfAborted()
    const advice = adviceOn(configuration)
    const remedy = (code: string) => advice(desired.name, code)
    return { findings: [failed(question, error, remedy)] }
  } finally {
    await client.close()
  }
}

function failed(question: Question, error: unknown, adviceFor: (code: string) => string | undefined): Finding {
  return failure(question, error, ({ code }) => {
    const words = adviceFor(code)
    return words === undefined ? undefined : { words }
  })
}

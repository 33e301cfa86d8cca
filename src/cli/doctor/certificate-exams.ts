// Every certificate of the configuration, with the verdicts of `cert inspect`.
import { readFile } from 'node:fs/promises'
import type { CertificateExpectation } from '../../certificate/inspect.ts'
import type { Verdict } from '../../certificate/verdicts.ts'
import { configuredCertificates } from '../../compose/certificate-files.ts'
import { advised, asSentence } from '../../engine/index.ts'
import type { Finding } from '../../report/doctor.ts'
import { resolvePath } from '../../spec/configuration/load.ts'
import type { DesiredDeployment } from '../../spec/desired.ts'
import type { Examination, Examined } from './examine.ts'
import { bad, failure, good, type Question } from './finding.ts'
import type { Patient } from './patient.ts'

/** One examination for every certificate. */
export function certificateExaminations(patient: Patient): readonly Examination[] {
  const { configuration } = patient
  return Object.entries(configuration.spec.certificates).map(([name, { file }]) => {
    const question = { subject: `certificate ${name}`, check: 'file', tried: `opening ${file} with its password` }
    return { question, look: () => inspected(question, name, patient) }
  })
}

async function inspected(question: Question, name: string, patient: Patient): Promise<Examined> {
  const uses = usesOf(name, patient)
  try {
    const source = configuredCertificates(patient.configuration, patient.machine)
    const { certificate, verdicts } = await source.inspect(name, await expectationOf(uses, patient))
    const { subject, sha256, notAfter } = certificate
    const asked = uses.length === 0 ? 'no deployment of the spec names it' : `sha256 ${sha256}`
    const opened = good(question, `${subject}, ${asked}, ends ${notAfter}`)
    const findings = [opened, ...verdicts.map((verdict) => verdictFinding(question, verdict))]
    return { findings, ...(uses[0] ? { ends: { deployment: uses[0].name, certificateEnd: notAfter } } : {}) }
  } catch (error) {
    return { findings: [failure(question, error)] }
  }
}

function verdictFinding(question: Question, { check, outcome, fault, message }: Verdict): Finding {
  const asked = { ...question, check: NAMES[check], tried: 'looking at the certificate in it' }
  if (outcome === 'Good') return good(asked, message)
  const { what, next } = advised(message)
  const words = asSentence(next ?? 'have one issued that fits')
  return bad(asked, outcome === 'Bad' ? 'Broken' : 'Person', fault ?? check, what, { words })
}

const NAMES = {
  Key: 'key',
  KeySpec: 'KeySpec',
  KeyUsage: 'key usage',
  Validity: 'validity',
  Chain: 'chain',
  Reviewed: 'reviewed',
} as const satisfies Record<Verdict['check'], string>

function usesOf(name: string, { trusts }: Patient): readonly DesiredDeployment[] {
  return trusts.flatMap(({ deployments }) =>
    [...deployments.values()].filter(({ certificate }) => certificate?.name === name),
  )
}

/** One that only signs mailkeel in may be self-signed: Entra ID knows it by itself. */
async function expectationOf(
  uses: readonly DesiredDeployment[],
  { configuration, machine }: Patient,
): Promise<CertificateExpectation> {
  const { caFile } = configuration.spec.network
  // What is wrong with that file is a finding of its own.
  const pem =
    caFile === undefined ? undefined : await readFile(resolvePath(configuration, caFile), 'utf8').catch(() => undefined)
  const sha256 = uses[0]?.certificate?.sha256
  return {
    evaluation: uses.every(({ certificate }) => certificate?.evaluation === true),
    now: machine.now(),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(pem === undefined ? {} : { trustedCaPem: [pem] }),
  }
}

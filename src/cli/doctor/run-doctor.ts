// `mailkeel doctor`: everything is looked at, nothing is written.

import type { Machine } from '../../machine.ts'
import { doctorJson, doctorMarkdown, doctorText, type Finding, type FindingVerdict } from '../../report/doctor.ts'
import { jsonText } from '../../report/hostile-text.ts'
import { EXIT, type ExitCode, type ExitName, strongest } from '../exit-codes.ts'
import { formOf } from '../flags.ts'
import { lookOf } from '../presenter.ts'
import { createProgress } from '../progress.ts'
import { prepare } from '../session.ts'
import { durationOf, type Invocation } from '../verb.ts'
import { certificateExaminations } from './certificate-exams.ts'
import { examine } from './examine.ts'
import { listenerExaminations } from './listener-exams.ts'
import { machineExaminations } from './machine-exams.ts'
import { organizationExaminations } from './organization-exams.ts'
import type { Patient } from './patient.ts'
import { patientOf } from './patient-of.ts'
import { runwayFindings } from './runway-findings.ts'
import { secretExaminations } from './secret-exams.ts'
import { serverExaminations } from './server-exams.ts'
import { sourceFindings } from './source-exams.ts'
import { tenantExaminations } from './tenant-exams.ts'

const DEADLINE_MS = 30_000

const ENDING = {
  Broken: 'blocked',
  Unknown: 'unknown',
  Person: 'override',
  Excess: 'partly',
  Good: 'inSync',
} as const satisfies Record<FindingVerdict, ExitName>

/** Runs the doctor and prints what was found. Throws UsageError. */
export async function runDoctor(invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<ExitCode> {
  const deadlineMs = durationOf(invocation, 'deadline', DEADLINE_MS)
  const ofSource = await sourceFindings(invocation, machine, { deadlineMs, signal })
  const tell = (findings: readonly Finding[]) => {
    const code = EXIT[strongest(findings.map(({ verdict }) => ENDING[verdict]))]
    machine.output.write(printed(findings, code, invocation, machine))
    return code
  }
  // Without a spec there is nothing to compare with.
  if (ofSource.some(({ verdict }) => verdict !== 'Good')) return tell(ofSource)
  const prepared = await prepare('doctor', invocation, machine, signal)
  if (typeof prepared === 'number') return prepared
  const { patient, close } = patientOf(prepared, machine)
  try {
    return tell([...ofSource, ...(await findingsOf(patient, deadlineMs, signal))])
  } finally {
    await close()
  }
}

async function findingsOf(patient: Patient, deadlineMs: number, signal: AbortSignal): Promise<readonly Finding[]> {
  const { machine } = patient
  const display = createProgress(machine)
  const all = [
    ...machineExaminations(patient),
    ...listenerExaminations(patient),
    ...secretExaminations(patient),
    ...certificateExaminations(patient),
    ...organizationExaminations(patient),
    ...tenantExaminations(patient),
    ...serverExaminations(patient),
  ]
  const onDone = (done: number, total: number) =>
    display.update({ organization: 'doctor', doing: 'check', done, total })
  const examined = await examine(all, { deadlineMs, machine, signal, onDone })
  display.clear()
  const ends = examined.flatMap((one) => one.ends ?? [])
  return [...examined.flatMap(({ findings }) => findings), ...runwayFindings(patient, ends)]
}

function printed(findings: readonly Finding[], code: ExitCode, invocation: Invocation, machine: Machine): string {
  const form = formOf(invocation)
  if (form === 'json') return `${jsonText(doctorJson(code, findings))}\n`
  return form === 'markdown' ? doctorMarkdown(findings) : doctorText(findings, lookOf(machine))
}

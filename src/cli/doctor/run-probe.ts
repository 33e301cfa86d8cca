// `mailkeel doctor --probe`: asks what the documentation leaves open, shows the answers, and only then saves them.
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { packageVersion } from '../../compose/package-version.ts'
import { UsageError } from '../../compose/usage-error.ts'
import type { Machine } from '../../machine.ts'
import { jsonText } from '../../report/hostile-text.ts'
import { REPORT_VERSION } from '../../report/json.ts'
import { type ProbeReport, probeJson, probeText } from '../../report/probe.ts'
import { PLAIN } from '../../report/terminal.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { formOf } from '../flags.ts'
import { lookOf } from '../presenter.ts'
import { createProgress } from '../progress.ts'
import { prepare } from '../session.ts'
import { durationOf, type Invocation, textOf } from '../verb.ts'
import { NOT_ASKED } from './not-asked.data.ts'
import { patientOf } from './patient-of.ts'
import { probe } from './probe.ts'

const DEADLINE_MS = 30_000
const PAGE = 100

/** Runs the probe. Throws UsageError. */
export async function runProbe(invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<ExitCode> {
  const deadlineMs = durationOf(invocation, 'deadline', DEADLINE_MS)
  const prepared = await prepare('doctor', invocation, machine, signal)
  if (typeof prepared === 'number') return prepared
  const { patient, close } = patientOf(prepared, machine, { withMetadata: true })
  const display = createProgress(machine)
  try {
    const onDone = (done: number, total: number) =>
      display.update({ organization: 'doctor', doing: 'asking', done, total })
    const subjects = await probe(patient, { deadlineMs, machine, signal, onDone })
    display.clear()
    const report = { program: packageVersion(), subjects, notAsked: NOT_ASKED }
    const code = subjects.every(({ answers }) => answers.every(({ answer }) => answer !== undefined))
      ? EXIT.inSync
      : EXIT.unknown
    show(report, code, invocation, machine)
    await save(report, invocation, machine, signal)
    return code
  } finally {
    await close()
  }
}

function show(report: ProbeReport, exitCode: ExitCode, invocation: Invocation, machine: Machine): void {
  const form = formOf(invocation)
  if (form === 'json') {
    machine.output.write(
      `${jsonText({ version: REPORT_VERSION, verb: 'doctor', exitCode, probe: probeJson(report) })}\n`,
    )
    return
  }
  const text = probeText(report, form === 'markdown' ? { paint: PLAIN, width: PAGE } : lookOf(machine))
  machine.output.write(form === 'markdown' ? `\`\`\`text\n${text}\`\`\`\n` : text)
}

/** What was shown is what is saved. Where a person can be asked, they are. */
async function save(report: ProbeReport, invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<void> {
  const out = textOf(invocation, 'out')
  if (out === undefined) return
  const answer = await machine.ask?.(`\nSave this as ${out} and ${out}.txt? [y/N] `, signal)
  if (answer !== undefined && !/^y(es)?$/i.test(answer.trim())) {
    machine.errors.write('nothing was saved\n')
    return
  }
  const path = resolve(machine.workingDirectory, out)
  await writeNew(path, `${jsonText(probeJson(report))}\n`, out)
  await writeNew(`${path}.txt`, probeText(report, { paint: PLAIN, width: PAGE }), `${out}.txt`)
  machine.errors.write(`saved as ${out} and ${out}.txt; look through them before you send them\n`)
}

async function writeNew(path: string, content: string, named: string): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    const why = code === 'EEXIST' ? 'is there already, and nothing is ever replaced' : `cannot be written (${code})`
    throw new UsageError(`${named} ${why}; name another file with --out`, { cause: error })
  }
}

// Examinations run side by side, each with a deadline of its own: a half that is down costs the other half nothing.

import type { Machine } from '../../machine.ts'
import type { Finding } from '../../report/doctor.ts'
import type { KnownEnds } from '../../trust/runway.ts'
import { failure, type Question } from './finding.ts'

/** What an examination learned of when things end. */
export interface EndsSeen extends Partial<KnownEnds> {
  readonly organization?: string
  readonly tenant?: string
  readonly deployment?: string
}

/** What an examination came to. */
export interface Examined {
  readonly findings: readonly Finding[]
  readonly ends?: EndsSeen
}

/** One examination. What it throws becomes a finding about its question. */
export interface Examination {
  readonly question: Question
  look(signal: AbortSignal): Promise<Examined>
}

/** How examinations are run. */
export interface ExamineOptions {
  /** For each. */
  readonly deadlineMs: number
  readonly machine: Pick<Machine, 'sleep'>
  readonly signal: AbortSignal
  readonly onDone?: (done: number, total: number, question: Question) => void
}

/** Runs all at once; results come in the order of the examinations. Rejects only where the run was stopped. */
export async function examine(all: readonly Examination[], options: ExamineOptions): Promise<readonly Examined[]> {
  let done = 0
  return Promise.all(
    all.map(async (examination) => {
      const examined = await examineOne(examination, options)
      done += 1
      options.onDone?.(done, all.length, examination.question)
      return examined
    }),
  )
}

async function examineOne({ question, look }: Examination, options: ExamineOptions): Promise<Examined> {
  try {
    return await within(look, options)
  } catch (error) {
    options.signal.throwIfAborted()
    return { findings: [failure(question, error)] }
  }
}

/** A check that had no answer in time. Its name of the fault is the one that clients use. */
class DeadlineOver extends Error {
  readonly code = 'TimedOut'

  constructor(deadlineMs: number) {
    super(
      `no answer within ${Math.round(deadlineMs / 1000)} s; look whether it runs and can be reached, or give it longer with --deadline`,
    )
    this.name = 'DeadlineOver'
  }
}

/** Work that gives up, and is given up, when its time is over. */
export async function within<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { deadlineMs, machine, signal }: Pick<ExamineOptions, 'deadlineMs' | 'machine' | 'signal'>,
): Promise<T> {
  const over = new AbortController()
  const finished = new AbortController()
  const late = machine.sleep(deadlineMs, AbortSignal.any([finished.signal, signal])).then(() => {
    over.abort(new DeadlineOver(deadlineMs))
    throw over.signal.reason
  })
  const working = work(AbortSignal.any([signal, over.signal]))
  // Whichever is later says nothing any more.
  late.catch(() => undefined)
  working.catch(() => undefined)
  try {
    return await Promise.race([working, late])
  } catch (error) {
    throw over.signal.aborted ? over.signal.reason : error
  } finally {
    finished.abort()
  }
}

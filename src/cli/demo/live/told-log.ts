// The log of the demo, for people: what happens in sentences, one line each. Everything else is on the page.
import type { Log, LogFields } from '../../../daemon/log.ts'
import type { Machine } from '../../../machine.ts'
import { printable } from '../../../report/hostile-text.ts'

type Sentence = (fields: LogFields) => string | undefined

/** What is said of an event; the message of an event never varies. */
const SENTENCES: Readonly<Record<string, Sentence>> = {
  'a revision is enforced': ({ revision, subject }) => `${short(revision)} is enforced now: ${subject ?? ''}`,
  'a revision is refused': ({ revision, reason, file, line, problem }) =>
    `${short(revision)} is refused: ${file === undefined ? reason : `${file}:${line} ${problem}`}`,
  'the source of the spec cannot be read': ({ reason }) => `the repository cannot be read: ${reason}`,
  'the source of the spec answers again': () => 'the repository answers again',
  'a change was not applied': ({ scope, key, reason }) => `${nameOf(scope)}: ${key} was not changed: ${reason ?? ''}`,
  'a pass failed': ({ scope, reason }) => `${nameOf(scope)}: the pass failed: ${reason}`,
  'a scope cannot be worked on': ({ scope, reason }) => `${nameOf(scope)}: ${reason}`,
  'a pass is over': passWords,
}

/** Writes sentences; a sentence of a scope that was said last of it is not said again. */
export function toldLog({ output, now }: Pick<Machine, 'output' | 'now'>): Log {
  const last = new Map<unknown, string>()
  const tell = (fields: LogFields, message: string) => {
    const sentence = SENTENCES[message]?.(fields)
    if (sentence === undefined || last.get(fields['scope']) === sentence) return
    last.set(fields['scope'], sentence)
    output.write(`${now().toTimeString().slice(0, 8)}  ${printable(sentence)}\n`)
  }
  return { debug: () => {}, info: tell, warn: tell, error: tell }
}

function passWords({ scope, outcomes, planned, decision, guards, held }: LogFields): string | undefined {
  const name = nameOf(scope)
  if (typeof held === 'string') return `${name}: ${held}`
  if (decision === 'override') return `${name}: ${counted(planned)} planned, and a person is asked (${guards})`
  if (decision === 'blocked') return `${name}: ${counted(planned)} planned, and blocked (${guards})`
  if (outcomes !== 0) return `${name}: ${counted(outcomes)} made`
  return planned === 0 ? `${name}: nothing to do` : undefined
}

function counted(changes: unknown): string {
  return changes === 1 ? '1 change' : `${changes} changes`
}

function nameOf(scope: unknown): string {
  return String(scope).replace('organization/', '').replace('trust/', 'trust ')
}

function short(revision: unknown): string {
  return String(revision).slice(0, 7)
}

// The last thing `apply` says: what was not written and why, and what to type next. Whoever reads only the end of a log reads this.
import { type Outcome, succeeded } from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'
import type { Converged } from '../reconcile/converge.ts'
import { titleOf } from '../report/scope-title.ts'
import { count, duration, number } from '../report/wording.ts'
import { changesIn } from './endings.ts'

/** What the end of a run is told from. */
export interface Ended {
  /** Of the last pass. */
  readonly results: readonly PassResult[]
  /** The last outcome of every change of the run. */
  readonly outcomesOf: (result: PassResult) => readonly Outcome[]
  readonly end: Converged['end']
  /** How long the run was to wait; undefined for not at all. */
  readonly waitMs: number | undefined
  /** Nothing is left to be looked at. */
  readonly isWell: boolean
  readonly statusCommand: string
  /** What to type next where nothing of an organization was written. */
  readonly nextCommand: (result: PassResult) => string | undefined
}

const CHANGE = { one: 'change', many: 'changes' }

/** The last words, as lines without an end; empty where there is nothing to add. */
export function lastWords(ended: Ended): string {
  const { results, outcomesOf, end, waitMs, isWell, statusCommand } = ended
  if (end === 'cancelled') return interruptionInWords(ended)
  const status = `\`${statusCommand}\` shows how it goes on`
  if (end === 'deadline') return `Not all results are there after ${duration(waitMs ?? 0)}; ${status}.`
  if (end === 'unclear') return `Part of the state cannot be read, so waiting was given up; ${status}.`
  const unwritten = results
    .filter((result) => outcomesOf(result).length === 0)
    .map((result) => unwrittenInWords(result, ended))
  const lines = unwritten.filter((line) => line !== '')
  const hasWritten = results.some((result) => outcomesOf(result).length > 0)
  if (hasWritten && !isWell) lines.push(`${status[0]?.toUpperCase()}${status.slice(1)}.`)
  return lines.join('\n')
}

/** `interrupted: 134 written, 87 not begun; run it again` */
function interruptionInWords({ results, outcomesOf, statusCommand }: Ended): string {
  const outcomes = results.flatMap(outcomesOf)
  const known = new Set(outcomes.map(({ id }) => id))
  const written = outcomes.filter(succeeded).length
  const cancelled = outcomes.filter(({ result }) => result === 'Cancelled').length
  const planned = results.flatMap(({ plan }) => plan.steps.flatMap(({ changes }) => changes))
  const notBegun = cancelled + planned.filter(({ id }) => !known.has(id)).length
  const others = outcomes.length - written - cancelled
  const parts = [
    written > 0 ? `${number(written)} written` : 'nothing was written',
    others > 0 ? `${number(others)} not done or not known` : '',
    notBegun > 0 ? `${number(notBegun)} not begun` : '',
  ].filter((part) => part !== '')
  const next = notBegun + others > 0 || written === 0 ? 'run it again' : `\`${statusCommand}\` shows the results`
  return `interrupted: ${parts.join(', ')}; ${next}`
}

/** Why nothing of an organization was written; empty where nothing was to be. */
function unwrittenInWords(result: PassResult, { results, nextCommand }: Ended): string {
  const { decision, plan, failure } = result
  const changes = changesIn(plan)
  const where = results.length > 1 ? ` to ${titleOf(result)}` : ''
  const command = nextCommand(result)
  if (failure) return `Nothing was written${where}.`
  if (decision === 'override') {
    return `Nothing was written${where}: a guard asks.${command === undefined ? '' : ` If it is meant: \`${command}\`.`}`
  }
  if (decision === 'blocked') {
    return `Nothing was written${where}: a guard blocks.${command === undefined ? '' : ` \`${command}\` lists the changes.`}`
  }
  const waiting = plan.steps.reduce((sum, { waits, changes: some }) => (waits ? sum + some.length : sum), 0)
  if (changes === 0 || waiting < changes) return ''
  const all = changes === 1 ? 'the one change waits' : `all ${count(changes, CHANGE)} wait`
  return `Nothing was written${where}: ${all}.${command === undefined ? '' : ` Next: \`${command}\`.`}`
}

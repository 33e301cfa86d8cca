// What an Overview may see of a report. Messages and labels may name people, so none of them is shown: every label becomes a noun, every
// message the words that belong to its code. The words of a report are then made from that, by the same functions as for a Reader, and
// what was never put in cannot come out.
import type { Condition, Key, ObjectConditions, Observed, Read, Reason } from '../../engine/index.ts'
import type { PassResult } from '../../reconcile/contract.ts'
import type { Vocabulary } from '../../report/vocabulary.ts'
import { CAUSES } from '../../stages/testing/test-causes.data.ts'
import type { RunwayItem } from '../../trust/runway.ts'
import type { ScopeReport } from '../board.ts'

/** A report in which nobody is named. */
export function anonymous(report: ScopeReport, vocabulary: Vocabulary): ScopeReport {
  const { result, conditions, runway } = report
  const book = reasonBook()
  const labelOf = (kind: string) => `one ${vocabulary.byKind.get(kind)?.one ?? 'object'}`
  return {
    result: anonymousResult(result, labelOf),
    conditions: conditions.map(
      ({ kind, key, synced, ready }): ObjectConditions => ({
        kind,
        key,
        label: labelOf(kind),
        synced: book(synced),
        ready: book(ready),
      }),
    ),
    runway: runway.map(anonymousEnd),
    drift: report.drift,
    fights: report.fights,
  }
}

/** A reason in the words of its code alone. */
export function codeOnly<T extends Reason>(reason: T): T {
  return { ...reason, message: wordsOf(reason.code) }
}

/** Words by code: there are few codes, and 50,000 mailboxes. What is no code of ours is not kept. */
const told = new Map<string, string>()

/** The words of a code: those of a cause where it is one, else its own, `not in crm`. Nothing of what is no code of ours. */
export function wordsOf(code: string): string {
  const before = told.get(code)
  if (before !== undefined) return before
  if (!/^[A-Z][A-Za-z0-9]{1,60}$/.test(code)) return 'for a reason that only a Reader is told'
  const words = wordsOfCode(code)
  if (told.size < MOST_CODES) told.set(code, words)
  return words
}

const MOST_CODES = 1000

function wordsOfCode(code: string): string {
  const known = Object.hasOwn(CAUSES, code) ? CAUSES[code as keyof typeof CAUSES] : undefined
  if (known) return `${known.words}. ${known.next}`
  return code.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
}

/** Objects with the same condition share it again afterwards. */
function reasonBook(): (condition: Condition) => Condition {
  const known = new Map<Condition, Condition>()
  return (condition) => {
    const told = known.get(condition) ?? codeOnly(condition)
    known.set(condition, told)
    return told
  }
}

type LabelOf = (kind: string) => string

function anonymousResult(result: PassResult, labelOf: LabelOf): PassResult {
  const { plan, verdicts, outcomes, notices, failure, views, reads } = result
  return {
    ...result,
    plan: anonymousPlan(plan, labelOf),
    verdicts: verdicts.map(({ guard, decision, overridden }) => ({
      guard,
      decision,
      message: decision === 'blocked' ? 'it forbids what is planned' : 'it asks a person',
      ...(overridden !== undefined && { overridden }),
    })),
    ...(outcomes && {
      outcomes: outcomes.map(({ reason, ...one }) => ({
        ...one,
        label: labelOf(one.kind),
        ...(reason && { reason: codeOnly(reason) }),
      })),
    }),
    reads: new Map([...reads].map(([stage, read]) => [stage, anonymousRead(read)])),
    ...(views && {
      views: new Map(
        [...views].map(([name, { reason, ...view }]) => [
          name,
          { ...view, links: [], ...(reason && { reason: codeOnly(reason) }) },
        ]),
      ),
    }),
    notices: notices.map(codeOnly),
    ...(failure && { failure: codeOnly(failure) }),
  }
}

function anonymousPlan(plan: PassResult['plan'], labelOf: LabelOf): PassResult['plan'] {
  return {
    ...plan,
    steps: plan.steps.map(({ waits, changes, ...step }) => ({
      ...step,
      changes: changes.map((change) => ({ ...change, label: labelOf(change.kind) })),
      ...(waits && { waits: codeOnly(waits) }),
    })),
    stages: plan.stages.map(({ incomplete, ...stage }) =>
      incomplete ? { ...stage, incomplete: codeOnly(incomplete) } : stage,
    ),
    exceptions: plan.exceptions.map(({ would: _, ...one }) => ({
      ...one,
      label: labelOf(one.kind),
      reason: codeOnly(one.reason),
    })),
  }
}

/** Of a read only what forbids everything is ever told in words; of all else there are only numbers. */
function anonymousRead(read: Read): Read {
  if (!read.complete) return { ...read, reason: codeOnly(read.reason) }
  const forbidding = new Map<Key, Observed>()
  for (const [key, row] of read.rows) {
    if (row.forbidsAll && row.ready) forbidding.set(key, { ...row, ready: codeOnly(row.ready) })
  }
  return forbidding.size === 0 ? read : { ...read, rows: new Map([...read.rows, ...forbidding]) }
}

/** Who says so is somebody else's text where the configuration says it. */
function anonymousEnd(item: RunwayItem): RunwayItem {
  const isOurs = item.kind === 'Certificate' || item.kind === 'Credential' || item.kind === 'OwnCredential'
  return isOurs || item.source.startsWith('https://') ? item : { ...item, source: 'the configuration' }
}

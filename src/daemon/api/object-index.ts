// All objects of a report, ready to be searched: made once per report and forgotten with it, in turns, so that 50,000 mailboxes stop nobody.
import type { Condition, Exception, Key, ObjectConditions, Read, Reason } from '../../engine/index.ts'
import { MAILBOX_KIND } from '../../report/people.ts'
import { STAGE_NAMES } from '../../stages/stage-names.ts'
import type { ScopeReport } from '../board.ts'
import { eachInTurns, sortedInTurns } from './in-turns.ts'
import { driftedIn, statesIn } from './object-state.ts'
import type { ObjectState } from './shapes.ts'

/** One object with what it is found by. */
export interface IndexedObject extends ObjectConditions {
  readonly state: ObjectState
  readonly drifted: boolean
  readonly isUnmanaged: boolean
  /** Codes of why it does not work or is not as the spec says; as the causes of the scope count it. */
  readonly causes: readonly string[]
  /** The label as it is compared. */
  readonly folded: string
  /** Everything it is searched in. */
  readonly words: string
}

/** The objects of a report, in both orders that pages have. */
export interface ObjectIndex {
  readonly byLabel: readonly IndexedObject[]
  /** What to look at first at the top, and then by label. */
  readonly byState: readonly IndexedObject[]
}

/** States in the order of what to look at first. */
export const STATES = ['failing', 'unknown', 'waiting', 'healthy'] as const satisfies readonly ObjectState[]

const made = new WeakMap<ScopeReport, Promise<ObjectIndex>>()

/** The index of a report. */
export function objectIndex(report: ScopeReport): Promise<ObjectIndex> {
  const known = made.get(report) ?? makeIndex(report)
  made.set(report, known)
  return known
}

async function makeIndex(report: ScopeReport): Promise<ObjectIndex> {
  const { result, conditions } = report
  const stateOf = statesIn(result.plan)
  const drifted = driftedIn(report)
  const causesOf = await causesIn(result.plan.exceptions)
  const objects: IndexedObject[] = []
  await eachInTurns(conditions, (object) => {
    const isDrifted = drifted.get(object.kind)?.has(object.key) === true
    objects.push(indexed(object, stateOf(object), causesOf(object), isDrifted, false))
  })
  await eachInTurns(unmanagedIn(report), (object) =>
    objects.push(indexed(object, stateOf(object), NO_CAUSES, false, true)),
  )
  const byLabel = await sortedInTurns(objects, inOrder)
  const parts = new Map<ObjectState, IndexedObject[]>(STATES.map((state) => [state, []]))
  await eachInTurns(byLabel, (object) => parts.get(object.state)?.push(object))
  return { byLabel, byState: [...parts.values()].flat() }
}

/** By label, then by what makes it unique; the order of every page. */
export function inOrder(
  a: Pick<IndexedObject, 'folded' | 'kind' | 'key'>,
  b: Pick<IndexedObject, 'folded' | 'kind' | 'key'>,
): number {
  if (a.folded !== b.folded) return a.folded < b.folded ? -1 : 1
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}

/** Text as it is searched and compared: case and the form of a character do not matter. */
export function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

function indexed(
  object: ObjectConditions,
  state: ObjectState,
  causes: readonly string[],
  drifted: boolean,
  isUnmanaged: boolean,
): IndexedObject {
  const { kind, key, label, synced, ready } = object
  const name = folded(label)
  const other = folded(key)
  const words = name === other ? name : `${name}\n${other}`
  return { kind, key, label, synced, ready, state, drifted, isUnmanaged, causes, folded: name, words }
}

const NO_CAUSES: readonly string[] = []

/** Codes for each object: of the exceptions where it is excepted, else of what does not work. */
async function causesIn(exceptions: readonly Exception[]): Promise<(object: ObjectConditions) => readonly string[]> {
  const excepted = new Map<string, Map<Key, readonly string[]>>()
  const lists = new Map<string, readonly string[]>()
  const listOf = (codes: readonly string[]) => {
    const id = codes.join(' ')
    const known = lists.get(id) ?? codes
    lists.set(id, known)
    return known
  }
  await eachInTurns(exceptions, ({ kind, key, reason: { code } }) => {
    const keys = excepted.get(kind) ?? new Map<Key, readonly string[]>()
    excepted.set(kind, keys)
    const before = keys.get(key) ?? NO_CAUSES
    if (!before.includes(code)) keys.set(key, listOf([...before, code]))
  })
  return ({ kind, key, ready, synced }) => {
    const known = excepted.get(kind)?.get(key)
    if (known) return known
    const codes = [ready, synced].flatMap(({ status, code }) => (status === 'True' ? [] : [code]))
    return codes.length === 0 ? NO_CAUSES : listOf(codes)
  }
}

const UNMANAGED: Reason = { code: 'Unmanaged', message: 'nothing in the spec names it, so it is left alone' }
const NOT_TESTED: Reason = { code: 'NotChecked', message: 'nothing tells whether it works' }

/** Mailboxes that CRM has and no set names. */
function* unmanagedIn({ result }: ScopeReport): Iterable<ObjectConditions> {
  const wished = result.presence.get(MAILBOX_KIND)?.wished ?? new Set<Key>()
  const { revision } = result
  const synced: Condition = { type: 'Synced', status: 'Unknown', revision, ...UNMANAGED }
  const untold: Condition = { type: 'Ready', status: 'Unknown', revision, ...NOT_TESTED }
  for (const [key, label, reason] of namesIn(result.reads.get(STAGE_NAMES.mailbox))) {
    if (wished.has(key)) continue
    const ready: Condition = reason ? { ...untold, ...reason } : untold
    yield { kind: MAILBOX_KIND, key, label, synced, ready }
  }
}

function* namesIn(read: Read | undefined): Iterable<readonly [key: Key, label: string, reason?: Reason]> {
  if (!read?.complete) return
  for (const [key, { label }] of read.rows) yield [key, label ?? key]
  for (const [key, reason] of read.unknown) yield [key, key, reason]
}

// How many mailboxes are how. Every mailbox counts once, so that the numbers of a headline add up to the mailboxes there are.
import type { Exception, ObjectConditions, Plan } from '../engine/index.ts'
import { MAILBOX_KIND } from './people.ts'
import { count, type Noun, number } from './wording.ts'

const MAILBOX: Noun = { one: 'mailbox', many: 'mailboxes' }
/** The order in which exceptions are told; a mailbox with several counts as the last of them. */
const STATES: readonly Exception['state'][] = ['Waiting', 'Held', 'Blocked', 'Unknown']
/** Code of `Ready` where nothing exists that could tell, for example of a profile. */
export const NOT_CHECKED = 'NotChecked'

interface Tally {
  readonly mailboxes: number
  readonly healthy: number
  readonly failing: number
  readonly pending: number
  readonly unchecked: number
  readonly excepted: ReadonlyMap<Exception['state'], number>
}

/** What to say of the mailboxes: `287 of 321 mailboxes healthy`, `21 fail`, `1 waiting`, `12 held`. */
export function healthInWords(plan: Plan, conditions: readonly ObjectConditions[]): readonly string[] {
  const { mailboxes, healthy, failing, pending, unchecked, excepted } = tallyOf(plan, conditions)
  if (mailboxes === 0) return told(excepted)
  const all = count(mailboxes, MAILBOX)
  if (plan.stages.some(({ incomplete }) => incomplete !== undefined)) {
    if (healthy === 0) return [`state of ${all} unknown`]
    return [`${number(healthy)} of ${all} healthy, the rest unknown`]
  }
  const parts = [
    healthy === mailboxes ? `${all} healthy` : `${number(healthy)} of ${all} healthy`,
    some(failing, 'fails', 'fail'),
    some(pending, 'is pending', 'are pending'),
    some(unchecked, 'not checked', 'not checked'),
    ...told(excepted),
  ]
  return parts.filter((part) => part !== '')
}

/** True where a mailbox is known not to work. */
export function someMailboxFails(conditions: readonly ObjectConditions[]): boolean {
  return conditions.some(({ kind, ready }) => kind === MAILBOX_KIND && ready.status === 'False')
}

/** True where every mailbox there is was excepted: nothing of it is known to be as the spec says. */
export function nothingIsInSync({ exceptions }: Plan, conditions: readonly ObjectConditions[]): boolean {
  const excepted = new Set(exceptions.filter(({ kind }) => kind === MAILBOX_KIND).map(({ key }) => key))
  if (excepted.size === 0) return false
  const mailboxes = conditions.filter(({ kind }) => kind === MAILBOX_KIND)
  return mailboxes.length > 0 && mailboxes.every(({ key }) => excepted.has(key))
}

function tallyOf({ exceptions }: Plan, conditions: readonly ObjectConditions[]): Tally {
  const states = statesOf(exceptions)
  const excepted = new Map<Exception['state'], number>()
  for (const state of STATES) {
    const total = [...states.values()].flatMap((keys) => [...keys.values()]).filter((one) => one === state).length
    if (total > 0) excepted.set(state, total)
  }
  const ownStates = states.get(MAILBOX_KIND)
  const counts = { mailboxes: 0, healthy: 0, failing: 0, pending: 0, unchecked: 0 }
  for (const { kind, key, ready } of conditions) {
    if (kind !== MAILBOX_KIND) continue
    counts.mailboxes += 1
    if (ownStates?.has(key)) continue
    if (ready.status === 'True') counts.healthy += 1
    else if (ready.status === 'False') counts.failing += 1
    else if (ready.code === NOT_CHECKED) counts.unchecked += 1
    else counts.pending += 1
  }
  return { ...counts, excepted }
}

/** The state of every excepted object, by kind and key: of several the last in the order waiting, held, blocked, unknown. */
export function statesOf(
  exceptions: readonly Exception[],
): ReadonlyMap<string, ReadonlyMap<Exception['key'], Exception['state']>> {
  const states = new Map<string, Map<Exception['key'], Exception['state']>>()
  for (const { kind, key, state } of exceptions) {
    const keys = states.get(kind) ?? new Map<Exception['key'], Exception['state']>()
    states.set(kind, keys)
    const known = keys.get(key)
    if (known === undefined || STATES.indexOf(known) < STATES.indexOf(state)) keys.set(key, state)
  }
  return states
}

function told(excepted: Tally['excepted']): readonly string[] {
  return [...excepted].map(([state, total]) => `${number(total)} ${state.toLowerCase()}`)
}

function some(total: number, one: string, many: string): string {
  return total === 0 ? '' : `${number(total)} ${total === 1 ? one : many}`
}

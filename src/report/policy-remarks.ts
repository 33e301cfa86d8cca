// What the spec itself holds back or leaves alone. It is told as long as it is written there, not only where something differs: what nobody
// sees is forgotten, and a suspension that ends by itself is followed by changes.
import type { Exception, Plan } from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'
import type { DesiredMailbox, DesiredOrganization, Suspension } from '../spec/desired.ts'
import { MAILBOX_KIND } from './people.ts'
import type { Remark } from './remarks.ts'
import { count, type Noun, number, sentenceList } from './wording.ts'

type Told = Pick<DesiredOrganization, 'mailboxes' | 'suspend'>

const MAILBOX: Noun = { one: 'mailbox', many: 'mailboxes' }
const HOUR_MS = 3_600_000
/** An end that is nearer than this is told with the time that is left. */
const SOON_MS = 72 * HOUR_MS

/** In the order in which they are told. */
const HEADINGS: readonly string[] = ['suspended', 'observed', 'ignored', 'ended']
/** How many different changes are told of what is held back. */
const SENTENCES = 4

/** Mailboxes with one thing in common. */
interface Group {
  readonly members: DesiredMailbox[]
  readonly tell: (members: readonly DesiredMailbox[]) => Remark
}

/** Suspensions, mailboxes that are only observed, and fields that are left alone; also those that ended and are still in the spec. */
export function policyRemarks({ plan, startedAt }: PassResult, desired: Told): readonly Remark[] {
  const nowMs = Date.parse(startedAt)
  const would = wouldBy(plan.exceptions)
  const groups = new Map<string, Group>()
  for (const member of desired.mailboxes.values()) {
    if (member.suspensions) groupSuspensions(groups, member, nowMs, would, plan)
    if (member.policy === 'Observe' && !(member.suspensions ?? []).some(({ until }) => Date.parse(until) > nowMs)) {
      join(groups, 'observed', member, (members) => observed(members, would))
    }
    for (const { field, reason, until } of member.ignore ?? []) {
      const id = JSON.stringify(['ignored', field, reason, until])
      join(groups, id, member, (members) => ignored(members, { field, reason, until }, nowMs))
    }
  }
  const told = [...groups.values()].map(({ members, tell }) => tell(members))
  const all = desired.suspend ? [wholeOrganization(desired.suspend, nowMs, plan), ...told] : told
  return all.toSorted((a, b) => HEADINGS.indexOf(a.heading) - HEADINGS.indexOf(b.heading))
}

function join(groups: Map<string, Group>, id: string, member: DesiredMailbox, tell: Group['tell']): void {
  const known = groups.get(id)
  if (known) known.members.push(member)
  else groups.set(id, { members: [member], tell })
}

/** Of the suspensions of a mailbox that still stand the last to end is told, as that is when it is written again. */
function groupSuspensions(
  groups: Map<string, Group>,
  member: DesiredMailbox,
  nowMs: number,
  would: ReadonlyMap<string, readonly string[]>,
  plan: Plan,
): void {
  const all = (member.suspensions ?? []).toSorted((a, b) => Date.parse(b.until) - Date.parse(a.until))
  const standing = all.find(({ until }) => Date.parse(until) > nowMs)
  for (const one of all) {
    const hasEnded = Date.parse(one.until) <= nowMs
    if (one !== standing && !hasEnded) continue
    const id = JSON.stringify([hasEnded ? 'ended' : 'suspended', one.owner, one.reason, one.until])
    const tell = (members: readonly DesiredMailbox[]) =>
      hasEnded ? suspensionEnded(members, one, plan) : suspended(members, one, nowMs, would)
    join(groups, id, member, tell)
  }
}

function suspended(
  members: readonly DesiredMailbox[],
  suspension: Suspension,
  nowMs: number,
  would: ReadonlyMap<string, readonly string[]>,
): Remark {
  const text = `${who(members)} ${endOf(suspension, nowMs)} by ${suspension.owner}: ${suspension.reason}`
  return remark('suspended', 'Suspended', text + wouldInWords(members, would), members)
}

function suspensionEnded(members: readonly DesiredMailbox[], { owner, reason, until }: Suspension, plan: Plan): Remark {
  const [first] = members
  const what = members.length === 1 ? first?.address : first?.set
  const text = `the suspension of ${who(members)} ended ${until} (${owner}: ${reason})${changesFollow(plan, members)}`
  return {
    ...remark('ended', 'SuspensionEnded', text, members),
    next: `\`mailkeel resume ${what}\` takes it out of the spec`,
  }
}

function observed(members: readonly DesiredMailbox[], would: ReadonlyMap<string, readonly string[]>): Remark {
  const verb = members.length === 1 ? 'is' : 'are'
  const text = `${who(members)} ${verb} compared and never written${wouldInWords(members, would)}`
  return remark('observed', 'ObserveOnly', text, members)
}

function ignored(
  members: readonly DesiredMailbox[],
  { field, reason, until }: { readonly field: string; readonly reason: string; readonly until: string },
  nowMs: number,
): Remark {
  if (Date.parse(until) > nowMs) {
    return remark('ignored', 'Ignored', `${field} of ${who(members)} ${endOf({ until }, nowMs)}: ${reason}`, members)
  }
  const text = `${field} of ${who(members)} is managed again since ${until} (ignored until then: ${reason})`
  return { ...remark('ended', 'IgnoreEnded', text, members), next: 'The entry of `ignore` can go' }
}

function wholeOrganization(suspension: Suspension, nowMs: number, { exceptions }: Plan): Remark {
  const { owner, reason, until } = suspension
  const heading = Date.parse(until) > nowMs ? 'suspended' : 'ended'
  if (heading === 'ended') {
    const text = `the suspension of the organization ended ${until} (${owner}: ${reason})`
    return { heading, code: 'SuspensionEnded', text, names: [], next: 'Its `suspend` can go' }
  }
  const objects = new Set(exceptions.filter(({ bySpec }) => bySpec).map(({ kind, key }) => JSON.stringify([kind, key])))
  const would = objects.size === 0 ? '' : `; ${count(objects.size, { one: 'object', many: 'objects' })} would change`
  const text = `the whole organization ${endOf(suspension, nowMs)} by ${owner}: ${reason}${would}`
  return { heading, code: 'Suspended', text, names: [] }
}

function remark(heading: string, code: string, text: string, members: readonly DesiredMailbox[]): Remark {
  return { heading, code, text, names: members.map(({ address }) => address) }
}

function who(members: readonly DesiredMailbox[]): string {
  return members.length === 1 ? (members[0]?.address ?? '') : count(members.length, MAILBOX)
}

/** `until 2026-12-01`, and how long that is where it is near. */
function endOf({ until }: { readonly until: string }, nowMs: number): string {
  const leftMs = Date.parse(until) - nowMs
  if (leftMs > SOON_MS) return `until ${until}`
  const hours = Math.ceil(leftMs / HOUR_MS)
  const left = hours > 48 ? `${Math.floor(hours / 24)} days` : count(hours, { one: 'hour', many: 'hours' })
  return `until ${until} (in ${left})`
}

/** What would be done to mailboxes that the spec holds back, by key: each sentence once. */
function wouldBy(exceptions: readonly Exception[]): ReadonlyMap<string, readonly string[]> {
  const would = new Map<string, string[]>()
  for (const { kind, key, bySpec, would: sentences = [] } of exceptions) {
    if (!bySpec || kind !== MAILBOX_KIND) continue
    would.set(key, [...new Set([...(would.get(key) ?? []), ...sentences])])
  }
  return would
}

function wouldInWords(members: readonly DesiredMailbox[], would: ReadonlyMap<string, readonly string[]>): string {
  const counts = new Map<string, number>()
  for (const { address } of members) {
    for (const sentence of would.get(address) ?? []) counts.set(sentence, (counts.get(sentence) ?? 0) + 1)
  }
  if (counts.size === 0) return ''
  const isOne = members.length === 1
  const told = [...counts].sort(([, a], [, b]) => b - a).slice(0, SENTENCES)
  const words = told.map(([sentence, times]) => (isOne ? sentence : `${number(times)} would ${sentence}`))
  if (counts.size > SENTENCES) words.push(`${number(counts.size - SENTENCES)} more`)
  return isOne ? `; it would ${sentenceList(words)}` : `; ${sentenceList(words)}`
}

function changesFollow({ steps }: Plan, members: readonly DesiredMailbox[]): string {
  const keys = new Set(members.map(({ address }) => address))
  const all = steps.flatMap(({ changes }) => changes.filter(({ kind, key }) => kind === MAILBOX_KIND && keys.has(key)))
  if (all.length === 0) return ''
  return `; ${count(all.length, { one: 'change follows', many: 'changes follow' })}`
}

import { type Exception, type ObjectConditions, type Outcome, type Reason, sentences } from '../engine/index.ts'
import { count, type Noun, sentenceList } from './wording.ts'

/** Several objects that share a reason: how many, why, and who. */
export interface Remark {
  /** Heads the line, for example `waiting`. */
  readonly heading: string
  readonly code: string
  /** `2 mailboxes: are not in CRM yet`, or `dora@contoso.com is not in CRM yet`. */
  readonly text: string
  /** What a person does about it, where the reason says so in a sentence of its own. */
  readonly next?: string
  readonly names: readonly string[]
}

interface Concerned {
  readonly heading: string
  readonly noun: Noun
  readonly key: string
  readonly label: string
  readonly reason: Reason
}

/** Exceptions of a plan, those of one state and reason told together. An object that several stages except for one reason is told once. */
export function remarksOnExceptions(
  exceptions: readonly Exception[],
  nounOf: (stage: string) => Noun,
): readonly Remark[] {
  return gather(
    exceptions.map(({ state, stage, key, label, reason }) => ({
      heading: state.toLowerCase(),
      noun: nounOf(stage),
      key,
      label,
      reason,
    })),
  )
}

/** Outcomes that did not succeed, and those that did harm beside, by result and reason. */
export function remarksOnOutcomes(outcomes: readonly Outcome[], nounOf: (stage: string) => Noun): readonly Remark[] {
  return gather(
    outcomes.map(({ result, stage, key, label, reason }) => ({
      heading: headingOf(result, reason),
      noun: nounOf(stage),
      key,
      label,
      reason: reason ?? { code: result, message: WITHOUT_REASON[result] },
    })),
  )
}

/** What took effect and has something to say did harm beside, or waits for what it set off. */
function headingOf(result: Outcome['result'], reason: Reason | undefined): string {
  if (reason?.code === 'AwaitingResults') return 'waits'
  return result === 'Applied' && reason ? 'attention' : HEADINGS[result]
}

const HEADINGS = {
  Applied: 'applied',
  AlreadyDone: 'applied',
  Moved: 'moved',
  Failed: 'failed',
  WriteNotEffective: 'no effect',
  Unknown: 'unknown',
  Blocked: 'blocked',
  Cancelled: 'cancelled',
} satisfies Record<Outcome['result'], string>

const WITHOUT_REASON = {
  Applied: 'written and read back',
  AlreadyDone: 'it was so already',
  Moved: 'it changed since the plan; nothing was written, the next pass plans it anew',
  Failed: 'the server refused the change and gave no reason',
  WriteNotEffective: 'the server accepted the change, but reading it again shows the old value',
  Unknown: 'it could not be told whether the change took effect; the next pass looks again',
  Blocked: 'something it needs did not succeed',
  Cancelled: 'not begun',
} satisfies Record<Outcome['result'], string>

/** What of a message is about one object's own test: which direction failed, and when. */
const WHEN = /^[^:]* \d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC: /

/** Objects whose condition `Ready` has one of the statuses, by cause. The most frequent cause comes first. */
export function remarksOnReadiness(
  conditions: readonly ObjectConditions[],
  status: 'False' | 'Unknown',
  heading: string,
  nounOf: (kind: string) => Noun,
): readonly Remark[] {
  const concerned = conditions.filter(({ ready }) => ready.status === status)
  const remarks = gather(
    concerned.map(({ kind, key, label, ready: { code, message } }) => {
      const reason = { code, message: concerned.length > 1 ? message.replace(WHEN, '') : message }
      return { heading, noun: nounOf(kind), key, label, reason }
    }),
  )
  return [...remarks].sort((a, b) => b.names.length - a.names.length)
}

function gather(all: readonly Concerned[]): readonly Remark[] {
  const groups = new Map<string, Map<string, Concerned>>()
  for (const one of all) {
    // Neither headings nor nouns hold a line break, so the parts cannot be mistaken.
    const id = `${one.heading}\n${one.reason.code}`
    const group = groups.get(id) ?? new Map<string, Concerned>()
    groups.set(id, group)
    const object = `${one.noun.many}\n${one.key}`
    if (!group.has(object)) group.set(object, one)
  }
  return [...groups.values()].flatMap((group) => tellByNoun([...group.values()]))
}

/** Objects of several nouns are told together only where they share their reason to the letter: one cause is one line. */
function tellByNoun(group: readonly Concerned[]): readonly Remark[] {
  const nouns = [...new Set(group.map(({ noun }) => noun.many))]
  const messages = new Set(group.map(({ reason: { message }, label }) => withoutRequest(withoutLabel(message, label))))
  if (nouns.length < 2 || messages.size < 2) return tell(group)
  return nouns.flatMap((many) => tell(group.filter(({ noun }) => noun.many === many)))
}

/** `ann`, or `2 servers and 1 credential`. */
function whoInWords(group: readonly Concerned[]): string {
  const [first] = group
  if (group.length === 1 && first) return first.label
  const nouns = new Map(group.map(({ noun }) => [noun.many, noun]))
  return sentenceList(
    [...nouns.values()].map((noun) => count(group.filter((one) => one.noun.many === noun.many).length, noun)),
  )
}

/** Objects of one code, told by what their messages have in common. */
function tell(group: readonly Concerned[]): readonly Remark[] {
  const [first] = group
  if (first === undefined) return []
  const { heading, reason } = first
  const messages = group.map(({ reason: { message }, label }) => sentences(withoutLabel(message, label)))
  const whole = messages.map(({ what }) => what)
  const why = commonEnding(whole) ?? commonEnding(whole.map(withoutRequest)) ?? commonEnding(whole.map(withoutDetails))
  if (why === undefined) return tellApart(group)
  const [next, ...others] = new Set(messages.map((message) => message.next))
  const who = whoInWords(group)
  const told = { heading, code: reason.code, text: `${who}: ${why}`, names: group.map(({ label }) => label) }
  // Advice that differs would send most of them the wrong way.
  return [next === undefined || others.length > 0 ? told : { ...told, next }]
}

/** A colon that parts a message; one between backticks is a part of what somebody writes, one between quotes of what a server said. */
const BETWEEN_PARTS = /: (?=(?:[^`]*`[^`]*`)*[^`]*$)(?=(?:[^"]*"[^"]*")*[^"]*$)/

/**
 * What messages of the form `when: what: why` have in common from their end, in whole parts: what differs (a time, a direction) falls
 * away. Undefined where they have nothing in common.
 */
function commonEnding(messages: readonly string[]): string | undefined {
  const [first = '', ...others] = messages
  const parts = first.split(BETWEEN_PARTS)
  for (let from = 0; from < parts.length; from += 1) {
    const ending = parts.slice(from).join(': ')
    if (others.every((message) => message === ending || message.endsWith(`: ${ending}`))) return ending
  }
  return undefined
}

/** A message without the id of the request that was answered so: each has another. */
export function withoutRequest(message: string): string {
  return message.replace(/,? ?request-id [\w.:-]+/g, '')
}

/** A message without what it says in parentheses: details of one object are not true of the others. */
function withoutDetails(message: string): string {
  return message.replace(/ \([^()]*\)/g, '')
}

/** The most messages of one code that are told each by itself. */
const APART = 5

/** Objects whose messages have nothing in common: by message where there are few, else by an example that is told as one. */
function tellApart(group: readonly Concerned[]): readonly Remark[] {
  const groups = new Map<string, Concerned[]>()
  for (const one of group) {
    const id = withoutLabel(one.reason.message, one.label)
    groups.set(id, [...(groups.get(id) ?? []), one])
  }
  if (groups.size <= APART) return [...groups.values()].flatMap(tell)
  const [first] = group
  if (first === undefined) return []
  const { what: why } = sentences(withoutLabel(first.reason.message, first.label))
  const text = `${count(group.length, first.noun)}, each for a reason of its own, such as ${first.label}: ${why}`
  return [{ heading: first.heading, code: first.reason.code, text, names: group.map(({ label }) => label) }]
}

function withoutLabel(message: string, label: string): string {
  const rest = message.startsWith(label) ? message.slice(label.length).replace(/^[:,]?\s+/, '') : message
  return rest === '' ? message : rest
}

// What an alert tells of. The knowledge is data, in test-causes.data.ts; this file only matches.
import type { AlertRow } from '../../crm/rows.ts'
import { CAUSES } from './test-causes.data.ts'

/** One cause as the data file has it. */
export interface CauseEntry {
  /** What is wrong, as the end of a sentence. */
  readonly words: string
  /** A sentence: the one thing a person does about it. */
  readonly next: string
  /** When it is tested again by itself where nothing is known to have changed; always with a growing pause, never after 30 days. */
  readonly again: 'AfterAnHour' | 'AfterADay' | 'Never'
  /** It will meet every other mailbox too: a rollout stops at the first one. */
  readonly repeats?: true
  /** A change of the profile may mend it. True of everything that repeats. */
  readonly ofProfile?: true
  /** It may come from the trust with Exchange Online: where that is broken, that is the cause, and where it changed the test may end otherwise. */
  readonly ofTrust?: true
  /** How alerts tell it; absent where rows or the trust do. */
  readonly match?: {
    /** Values of tracelog.tracecode; provisional, and asked last. */
    readonly traceCodes?: readonly number[]
    /** Only alerts about this kind of object tell it; absent for both. Its statuses go before those of causes for both. */
    readonly regards?: Regards
    /** Ids that no language touches; of a list all must be there. */
    readonly ids?: readonly (string | readonly string[])[]
    readonly httpStatuses?: readonly number[]
  }
}

/** A class of causes, and what a person does about it. */
export type Cause = Omit<CauseEntry, 'match'> & {
  /** PascalCase; objects of one code are told together. */
  readonly code: string
}

/** The code of a cause in the data file. */
export type CauseCode = keyof typeof CAUSES

/** How much of an alert's own text is passed on. */
const MAXIMUM_TEXT = 200

/** The cause of this code. */
export function cause(code: CauseCode): Cause {
  return { code, ...CAUSES[code] }
}

/** What an alert speaks of: one of a mailbox tells of that mailbox, one of a profile of all its mailboxes. */
export type Regards = 'mailbox' | 'profile'

/**
 * The cause an alert tells of: by ids and statuses in its details and parameters, else by those in its text, else by its number. One that
 * fits none or several gives `Unknown` with the alert's own text. Numbers are provisional: one alone never says that a cause `repeats`,
 * unless the alert speaks of a profile. `names` are what people chose (names, addresses): they are never evidence.
 */
export function causeOf(alert: AlertRow, names: readonly string[] = [], regards: Regards = 'mailbox'): Cause {
  const found = matchOf(alert, names, regards)
  if (!found) return unknownCause(alert)
  const { repeats, ...one } = cause(found.code)
  return repeats && (found.isSure || regards === 'profile') ? { ...one, repeats } : one
}

/** True where the list knows what this alert tells of. */
export function isKnown(alert: AlertRow, names: readonly string[] = [], regards: Regards = 'mailbox'): boolean {
  return matchOf(alert, names, regards) !== undefined
}

const ENTRIES: readonly (readonly [CauseCode, CauseEntry])[] = Object.entries(CAUSES) as [CauseCode, CauseEntry][]

interface Match {
  readonly code: CauseCode
  /** False where only a number speaks for it. */
  readonly isSure: boolean
}

function matchOf(alert: AlertRow, names: readonly string[], regards: Regards): Match | undefined {
  const { code: number, details, parameters, text, undecodable } = alert
  if (undecodable !== undefined) return undefined
  const isAbout = ([, { match }]: (typeof ENTRIES)[number]) => (match?.regards ?? regards) === regards
  const entries = ENTRIES.filter(isAbout)
  const own = entries.filter(([, { match }]) => match?.regards !== undefined)
  for (const evidence of [`${details ?? ''} ${parameters ?? ''}`, text]) {
    const said = without(names, evidence)
    const withStatus = (entry: CauseEntry) => hasStatus(entry, said)
    const code = only(entries, (entry) => hasId(entry, said)) ?? only(own, withStatus) ?? only(entries, withStatus)
    // Evidence that contradicts itself is not settled by a number that is not sure.
    if (code !== undefined) return code === 'several' ? undefined : { code, isSure: true }
  }
  const byNumber = entries.find(([, { match }]) => match?.traceCodes?.includes(number))
  return byNumber && { code: byNumber[0], isSure: false }
}

function only(entries: typeof ENTRIES, fits: (entry: CauseEntry) => boolean): CauseCode | 'several' | undefined {
  const fitting = entries.filter(([, entry]) => fits(entry))
  return fitting.length > 1 ? 'several' : fitting[0]?.[0]
}

function hasId({ match }: CauseEntry, said: string): boolean {
  return (
    match?.ids?.some((id) => (typeof id === 'string' ? hasWord(said, id) : id.every((one) => hasWord(said, one)))) ??
    false
  )
}

/** As a whole word, in whatever case. */
function hasWord(said: string, word: string): boolean {
  const folded = said.toLowerCase()
  const wanted = word.toLowerCase()
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + 1)) {
    if (!isWordPart(folded[at - 1]) && !isWordPart(folded[at + wanted.length])) return true
  }
  return false
}

function isWordPart(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character)
}

/** A status in parentheses, as .NET words it in every language, or behind the word HTTP. A number alone is no status. */
const HTTP_STATUS = /\((\d{3})\)|\bhttp(?:\/\d(?:\.\d)?)?[ :]+(\d{3})\b/giu

function hasStatus({ match }: CauseEntry, said: string): boolean {
  const statuses = match?.httpStatuses
  if (!statuses) return false
  return [...said.matchAll(HTTP_STATUS)].some(([, one, other]) => statuses.includes(Number(one ?? other)))
}

/** Names and addresses are chosen by people; one that reads like an error id must not become a cause. */
function without(names: readonly string[], said: string): string {
  let rest = said.replaceAll(/[^\s<>"';,()]+@[^\s<>"';,()]+/gu, ' ')
  for (const name of names) {
    if (name !== '') rest = rest.replaceAll(name, ' ').replaceAll(escaped(name), ' ')
  }
  return rest
}

function escaped(name: string): string {
  return name.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** The cause where CRM logged nothing that belongs to the failure. */
export const NO_ALERT: Cause = {
  code: 'Unknown',
  words: 'CRM logged no alert about it',
  next: 'Switch on alerts for errors in the e-mail settings of CRM, then test it again.',
  again: 'Never',
}

/** The cause where alerts could not be read. */
export function alertsNotRead(why: string | undefined): Cause {
  return {
    code: 'Unknown',
    words: why === undefined ? 'its alerts could not be read' : `its alerts could not be read (${singleLine(why)})`,
    next: why === undefined ? 'Give the account the privilege prvReadTraceLog.' : 'Look at its alerts in CRM.',
    again: 'Never',
  }
}

function unknownCause({ code, text, undecodable }: AlertRow): Cause {
  const { next, again } = CAUSES.Unknown
  if (undecodable !== undefined) {
    return {
      code: 'Unknown',
      words: `CRM logged an alert that could not be understood: ${undecodable}`,
      next,
      again: 'Never',
    }
  }
  return { code: 'Unknown', words: `CRM says (alert ${code}): "${singleLine(text)}"`, next, again }
}

/** Text of the server on one line and not too long. */
export function singleLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return line.length <= MAXIMUM_TEXT ? line : `${line.slice(0, MAXIMUM_TEXT - 1)}…`
}

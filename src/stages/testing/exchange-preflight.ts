// Whether mailboxes are in Exchange Online, asked only where the answer matters: of those that fail, that are not tested yet, and that come
// from elsewhere. It is advice: an answer that is not there blocks nothing.

import type { Consequence, Key, Link, Phrase } from '../../engine/index.ts'
import type { MailboxFact } from '../../entra/tenant.ts'
import { canonicalAddress } from '../../spec/address.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import type { OrganizationSurroundings } from '../../trust/view.ts'
import type { MailboxEntry } from '../mailboxes/mailbox-directory.ts'
import { signsInByTrust } from '../trust-dependence.ts'
import type { FailedMailbox } from './retest.ts'
import { explainedBy } from './test-alerts.ts'
import { type Cause, cause, singleLine } from './test-cause.ts'
import { directionsInUse, testStateOf } from './test-state.ts'

/** What is known of mailboxes in Exchange Online, by key; a key that is not there was not asked about. */
export type ExchangeFacts = ReadonlyMap<Key, MailboxFact>

/** So many are asked about in one pass: those that fail go first. */
const MOST_ASKED = 500

/** What the question is asked with. */
export interface PreflightContext {
  readonly reader: OrganizationSurroundings
  readonly desired: DesiredOrganization
  readonly signal: AbortSignal
  readonly entries: ReadonlyMap<Key, MailboxEntry>
  readonly failed: ReadonlyMap<Key, FailedMailbox>
  /** Whether the profile the mailbox has now, by identifier, leads to Exchange Online. */
  isByTrust(profileId: string | null): boolean
}

/** Asks in bulk. Empty where nobody may ask, and where the question could not be answered at all. Throws only where the pass is cancelled. */
export async function askExchange(context: PreflightContext): Promise<ExchangeFacts> {
  const { reader, signal } = context
  if (!reader.mailboxesInExchange) return new Map()
  const asked = keysToAsk(context).slice(0, MOST_ASKED)
  if (asked.length === 0) return new Map()
  try {
    return await reader.mailboxesInExchange(asked, signal)
  } catch {
    signal.throwIfAborted()
    return new Map()
  }
}

/** Keys are canonical addresses: those of the spec, which a mailbox has or is to get. */
function keysToAsk({ desired, entries, failed, isByTrust }: PreflightContext): readonly Key[] {
  const failing: Key[] = []
  const others: Key[] = []
  for (const [key, { profile, released }] of desired.mailboxes) {
    const entry = entries.get(key)
    if (!entry || released || entry.hold) continue
    const isThere = isByTrust(entry.mailbox.profileId)
    const wished = profile === undefined ? isThere : signsInByTrust(desired.profiles.get(profile)?.serverType)
    if (!wished) continue
    if (failed.has(key)) failing.push(key)
    else if (!isThere || isUntested(entry)) others.push(key)
  }
  return [...failing, ...others]
}

function isUntested({ mailbox }: MailboxEntry): boolean {
  return directionsInUse(mailbox).length === 0 || testStateOf(mailbox).name === 'NotRequested'
}

/** What is wrong with a mailbox in Exchange Online; undefined where nothing is, or nobody knows. */
function troubleOf(fact: MailboxFact | undefined, address: Key): Cause | undefined {
  if (fact?.state === 'Absent') return cause('MissingInExchange')
  const primary = fact?.state === 'Present' ? fact.primaryAddress : undefined
  if (primary === undefined || canonicalAddress(primary) === address) return undefined
  const words = `its primary address in Exchange is another one (${singleLine(primary)})`
  return { ...cause('AddressMismatch'), words }
}

/** Causes that only guess at what Exchange Online can say. */
const GUESSES: ReadonlySet<string> = new Set([
  'MissingInExchange',
  'AddressMismatch',
  'AutodiscoverFailed',
  'Unauthorized',
  'Forbidden',
  'Unknown',
])

/** Failed mailboxes, with what Exchange Online says in place of what an alert only hints at. */
export function explainedByExchange(
  failed: ReadonlyMap<Key, FailedMailbox>,
  facts: ExchangeFacts,
): ReadonlyMap<Key, FailedMailbox> {
  const better = new Map<Key, FailedMailbox>()
  for (const [key, fact] of facts) {
    const one = failed.get(key)
    const trouble = one && GUESSES.has(one.explained.cause.code) ? troubleOf(fact, key) : undefined
    if (one && trouble) better.set(key, { ...one, explained: explainedBy(one.explained, one.entry, trouble) })
  }
  return better
}

/** That a mailbox which is to synchronize with Exchange Online cannot: told with the change, and counted by nobody. */
export function exchangeConsequence(fact: MailboxFact | undefined, address: Key): readonly Consequence[] {
  const trouble = troubleOf(fact, address)
  if (!trouble) return []
  return [{ phrase: trouble.code === 'MissingInExchange' ? MISSING : ANOTHER_ADDRESS }]
}

const MISSING: Phrase = {
  group: 'note',
  one: 'has no mailbox in Exchange Online, so its test would fail',
  many: 'have no mailbox in Exchange Online, so their tests would fail',
}
const ANOTHER_ADDRESS: Phrase = {
  group: 'note',
  one: 'has another primary address in Exchange Online, so its test would fail',
  many: 'have another primary address in Exchange Online, so their tests would fail',
}

/** The link `exchange` of the chain; none where nobody asked. */
export function exchangeLinks(fact: MailboxFact | undefined, address: Key): readonly Link[] {
  if (!fact) return []
  const name = 'exchange'
  if (fact.state === 'Unknown') return [{ name, state: 'told', words: `could not be told: ${singleLine(fact.why)}` }]
  const trouble = troubleOf(fact, address)
  if (!trouble) {
    const same = fact.state === 'Present' && fact.primaryAddress !== undefined ? ', same primary address' : ''
    return [{ name, state: 'good', words: `exists in Exchange Online${same}` }]
  }
  const words = fact.state === 'Absent' ? ABSENT[fact.why] : trouble.words
  return [{ name, state: 'broken', words, next: trouble.next }]
}

const ABSENT = {
  NoSuchUser: 'nobody in the tenant has this address',
  NotInExchangeOnline: 'there is somebody with this address, but no mailbox in Exchange Online',
} as const

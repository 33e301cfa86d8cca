// The links of the chain that tests tell of: whether the service works at all, the test with its cause, and the alert that shows it.

import type { AlertRow, MailboxRow, ProfileRow } from '../../crm/rows.ts'
import {
  advised,
  type ExplainContext,
  type Key,
  type Link,
  type Observed,
  type Read,
  sentences,
  type Verdict,
} from '../../engine/index.ts'
import type { DesiredMailbox, DesiredOrganization } from '../../spec/desired.ts'
import type { MailboxEntry } from '../mailboxes/mailbox-directory.ts'
import { minute } from '../minute.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { connectionLinks } from '../testing/connection-test.ts'
import type { Explained } from '../testing/test-alerts.ts'
import { singleLine } from '../testing/test-cause.ts'
import { testQueueOf } from '../testing/test-queue.ts'
import { testStateOf } from '../testing/test-state.ts'
import { directionsInWords } from '../testing/test-verdict.ts'

type Reads = ReadonlyMap<string, Read>
type Context = Pick<ExplainContext<DesiredOrganization>, 'reads' | 'now' | 'desired'>

/** What tests say about a mailbox. Empty where it is not there. */
export function linksOfTest(key: Key, { reads, now, desired }: Context): readonly Link[] {
  const row = rowOf(reads, STAGE_NAMES.testResult, key)
  if (!row?.ready) return []
  const entry = row.ref as MailboxEntry & { readonly explained?: Explained }
  const { explained, mailbox } = entry
  const alert = explained?.alert
  return [
    serviceLink(row.ready, reads, now),
    ...profileLinks(mailbox.profileId, reads),
    claimable(testLink(row.ready, mailbox, explained), row.ready, desired.mailboxes.get(key)),
    ...(alert ? [alertLink(alert)] : []),
  ]
}

/** What tests say about a profile: CRM's own test of it. */
export function linksOfProfile(key: Key, reads: Reads): readonly Link[] {
  const row = rowOf(reads, STAGE_NAMES.emailServerProfile, key)
  return row?.ref ? connectionLinks(row.ref as ProfileRow, mailboxesIn(reads)) : []
}

function profileLinks(profileId: string | null, reads: Reads): readonly Link[] {
  const read = reads.get(STAGE_NAMES.emailServerProfile)
  if (!read?.complete || profileId === null) return []
  const found = [...read.rows.values()].map(({ ref }) => ref as ProfileRow).find(({ id }) => id === profileId)
  return found ? connectionLinks(found, mailboxesIn(reads)) : []
}

function serviceLink({ code, message }: Verdict, reads: Reads, now: Date): Link {
  const name = 'async service'
  const { lastActivityMs } = testQueueOf(mailboxesIn(reads), now.getTime())
  const at = lastActivityMs === undefined ? {} : { at: new Date(lastActivityMs).toISOString() }
  if (code === 'AsyncServiceOff' || code === 'ChannelIsRouter') {
    const { what, next } = advised(message)
    return { name, state: 'broken', words: what, ...(next !== undefined && { next }), ...at }
  }
  const words = lastActivityMs === undefined ? 'no mailbox was processed yet' : 'a mailbox was processed last'
  return { name, state: 'told', words, ...at }
}

const STATES = { True: 'good', False: 'broken', Unknown: 'unknown', Unverifiable: 'told' } as const

/** The mailbox link, the approval link and the service link speak for themselves; the test says nothing of its own then. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set([
  'AsyncServiceOff',
  'ChannelIsRouter',
  'NotApproved',
  'NoProfile',
  'ProfileInactive',
])

function testLink({ status, code, message }: Verdict, mailbox: MailboxRow, explained: Explained | undefined): Link {
  const name = 'test'
  const at = mailbox.testCompletedOn === null ? {} : { at: mailbox.testCompletedOn }
  if (!explained) {
    const state = TOLD_ELSEWHERE.has(code) ? 'told' : STATES[status]
    const { what, next } = TOLD_ELSEWHERE.has(code) ? { what: stateInWords(mailbox) } : advised(message)
    const isOpen = state === 'broken' || state === 'unknown'
    return { name, state, words: what, ...at, ...(isOpen && next !== undefined && { next }) }
  }
  const { cause, alert } = explained
  const { what } = sentences(message)
  return {
    name,
    state: 'broken',
    words: what,
    ...(alert && { evidence: `alert ${alert.code}` }),
    ...at,
    next: cause.next,
  }
}

/** Whoever is to decide which organization synchronizes a mailbox is told where that is written, and where the other one is named. */
function claimable(link: Link, { code }: Verdict, member: DesiredMailbox | undefined): Link {
  if (code !== 'OtherOrganization' || !member) return link
  const { file, line } = member.origin
  const next = `Decide which organization does, the alert below names the other; \`primarySync: Claim\` at ${file}:${line} takes it over.`
  return { ...link, next }
}

function stateInWords(mailbox: MailboxRow): string {
  const state = testStateOf(mailbox)
  if (state.name === 'Failed') return `${directionsInWords(state.failed)} failed ${minute(state.endedOn)}`
  if (state.name === 'Passed' || state.name === 'SwitchedOff') return `passed ${minute(state.endedOn)}`
  return mailbox.testScheduled ? 'scheduled' : 'not tested yet'
}

function alertLink({ code, text, details, undecodable, createdOn, modifiedOn }: AlertRow): Link {
  const since = createdOn === '' || createdOn === modifiedOn ? '' : `, first ${minute(createdOn)}`
  const words =
    undecodable === undefined ? `alert ${code}${since}: "${singleLine(text)}"` : `not understood: ${undecodable}`
  const evidence = typeof details === 'string' && details !== '' ? { evidence: singleLine(details) } : {}
  return { name: 'alerts', state: 'told', words, ...evidence, ...(modifiedOn !== '' && { at: modifiedOn }) }
}

function rowOf(reads: Reads, stage: string, key: Key): Observed | undefined {
  const read = reads.get(stage)
  return read?.complete ? read.rows.get(key) : undefined
}

/** Also those nobody wishes for: the service works for all of them. */
function* mailboxesIn(reads: Reads): Generator<MailboxRow> {
  const read = reads.get(STAGE_NAMES.mailbox)
  if (!read?.complete) return
  for (const { ref } of read.rows.values()) if (ref) yield (ref as MailboxEntry).mailbox
}

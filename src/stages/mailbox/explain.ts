import type { Direction } from '../../crm/rows.ts'
import { advised, type ExplainContext, type Key, type Link, type Observed, type Reason } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import type { MailboxEntry } from '../mailboxes/mailbox-directory.ts'
import { stopsMail } from '../mailboxes/mailbox-hold.ts'
import { createPolicy, suspensionReason } from '../mailboxes/mailbox-policy.ts'
import { METHOD_WORDS } from '../mailboxes/method-words.ts'
import { STAGE_NAMES } from '../stage-names.ts'

/** The links profile and methods of a mailbox; empty where it is not there. */
export function linksOfMailbox(key: Key, context: ExplainContext<DesiredOrganization>): readonly Link[] {
  const read = context.reads.get(STAGE_NAMES.mailbox)
  const row = read?.complete ? read.rows.get(key) : undefined
  if (!row?.ref) return []
  const planned = new Map(
    context.projection.change(STAGE_NAMES.mailbox, key)?.fields.map(({ field, to }) => [field, String(to)]) ?? [],
  )
  const hold = row.hold ? [holdLink(row.hold)] : []
  return [...policyLinks(key, context), ...hold, profileLink(key, row, planned, context), methodsLink(row, planned)]
}

/** What the spec itself holds back is told also where nothing differs: it explains why nothing will be written. */
function policyLinks(key: Key, { desired, now }: ExplainContext<DesiredOrganization>): readonly Link[] {
  const member = desired.mailboxes.get(key)
  const reason = suspensionReason(desired.suspend, now) ?? (member && createPolicy(now).heldBy(member))
  return reason ? [{ name: 'held', state: 'told', words: advised(reason.message).what }] : []
}

/** What keeps mailkeel from writing is no break where mail flows all the same. */
function holdLink(hold: Reason): Link {
  const { what, next } = advised(hold.message)
  if (!stopsMail(hold)) return { name: 'mailbox', state: 'told', words: what }
  return { name: 'mailbox', state: 'broken', words: what, ...(next !== undefined && { next }) }
}

type Planned = ReadonlyMap<string, string>

function profileLink(key: Key, row: Observed, planned: Planned, { reads }: ExplainContext<DesiredOrganization>): Link {
  const { mailbox } = row.ref as MailboxEntry
  const name = row.fields['profile']
  const change = planned.get('profile')
  const next = change === undefined ? '' : `, the spec asks for "${change}"`
  if (mailbox.profileId === null) {
    return { name: 'profile', state: 'broken', words: `none${next}`, next: 'Name a profile in its set, and apply.' }
  }
  const results = reads.get(STAGE_NAMES.testResult)
  if (results?.complete && results.rows.get(key)?.ready?.code === 'ProfileInactive')
    return { name: 'profile', state: 'broken', words: `"${name}" is inactive`, next: 'Activate the profile in CRM.' }
  return { name: 'profile', state: change === undefined ? 'good' : 'told', words: `"${name}"${next}` }
}

const DIRECTIONS: readonly (readonly [Direction, string])[] = [
  ['incoming', 'incoming'],
  ['outgoing', 'outgoing'],
  ['appointmentsContactsTasks', 'appointments'],
]

/** `incoming, outgoing, appointments: by server-side synchronization`. */
function methodsLink(row: Observed, planned: Planned): Link {
  const byMethod = new Map<string, string[]>()
  for (const [direction, word] of DIRECTIONS) {
    const method = String(row.fields[direction])
    byMethod.set(method, [...(byMethod.get(method) ?? []), word])
  }
  const words = [...byMethod].map(([method, who]) => `${who.join(', ')}: ${METHOD_WORDS[method] ?? method}`).join('; ')
  const changes = DIRECTIONS.flatMap(([direction, word]) => {
    const to = planned.get(direction)
    return to === undefined ? [] : [`${word} ${METHOD_WORDS[to] ?? to}`]
  })
  if (changes.length === 0) return { name: 'methods', state: 'good', words }
  return { name: 'methods', state: 'told', words: `${words}; the spec asks for ${changes.join(', ')}` }
}

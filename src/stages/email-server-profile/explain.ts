import {
  advised,
  type ExplainContext,
  type Key,
  type Link,
  type Observed,
  type Read,
  type Reason,
  type Subject,
} from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { SERVER_TYPES } from './fields.ts'

type Context = ExplainContext<DesiredOrganization>

/** The link `profile` of a mailbox or a profile; of a profile also how the mailboxes on it do. */
export function explainProfile({ kind, key }: Subject, context: Context): readonly Link[] {
  if (kind === 'Mailbox') return profileOfMailbox(key, context)
  if (kind !== 'EmailServerProfile') return []
  const name = context.desired.profiles.get(key)?.displayName ?? rowOf(context, key)?.label ?? key
  return [profileLink(context, key, name), ...mailboxesOn(name, context)]
}

function profileOfMailbox(key: Key, context: Context): readonly Link[] {
  const fields = rowsOf(context.reads.get(STAGE_NAMES.mailbox))?.get(key)?.fields
  if (!fields) return []
  const { profile: name } = fields
  // That it has none, or one that is inactive, is told by the stage that gives it one.
  if (typeof name !== 'string') return []
  const own = keyOf(context, name)
  return obstacleOf(context, own)?.code === 'ProfileInactive' ? [] : [profileLink(context, own, name)]
}

/** The key of the profile that goes by this name, as `ProfileDirectory.nameOf` gives it. */
function keyOf(context: Context, name: string): Key | undefined {
  for (const [key, { displayName }] of context.desired.profiles) if (displayName === name) return key
  const rows = rowsOf(context.reads.get(STAGE_NAMES.emailServerProfile)) ?? new Map<Key, Observed>()
  for (const [key, { label }] of rows) if (label === name || name.startsWith(`${label} (`)) return key
  return undefined
}

function profileLink(context: Context, key: Key | undefined, name: string): Link {
  const read = context.reads.get(STAGE_NAMES.emailServerProfile)
  const obstacle = obstacleOf(context, key)
  if (obstacle) return notTold(name, obstacle)
  const row = key === undefined ? undefined : rowOf(context, key)
  if (row) return { name: 'profile', state: 'good', words: `"${name}"${natureOf(row)}` }
  if (!read?.complete) return { name: 'profile', state: 'told', words: `"${name}"` }
  const isWished = key !== undefined && context.desired.profiles.get(key)?.ensure === 'present'
  // That it is to be created is told by the plan.
  return {
    name: 'profile',
    state: isWished ? 'told' : 'broken',
    words: `"${name}" is not in CRM${isWished ? ' yet' : ''}`,
  }
}

/** Why nothing can be told of a profile, where that is so. */
function obstacleOf({ reads }: Context, key: Key | undefined): Reason | undefined {
  const read = reads.get(STAGE_NAMES.emailServerProfile)
  return key !== undefined && read?.complete ? read.unknown.get(key) : undefined
}

function notTold(name: string, { code, message }: Reason): Link {
  const { what, next } = advised(message)
  const state = code === 'ProfileInactive' ? 'broken' : 'unknown'
  return { name: 'profile', state, words: `"${name}": ${what}`, ...(next !== undefined && { next }) }
}

/** `, for Exchange Online (hybrid), by autodiscover` */
function natureOf({ fields: { serverType, autoDiscover } }: Observed): string {
  const type = Object.entries(SERVER_TYPES).find(([value]) => value === serverType)?.[1]
  const where = autoDiscover === true ? ', by autodiscover' : autoDiscover === false ? ', fixed server locations' : ''
  return `${type === undefined ? '' : `, for ${type}`}${where}`
}

function mailboxesOn(name: string, { desired, reads }: Context): readonly Link[] {
  const mailboxes = rowsOf(reads.get(STAGE_NAMES.mailbox))
  const results = rowsOf(reads.get(STAGE_NAMES.testResult))
  if (!mailboxes || !results) return []
  const bound = [...mailboxes].filter(([, { fields }]) => fields['profile'] === name).map(([key]) => key)
  const managed = bound.filter((key) => desired.mailboxes.has(key))
  const verdicts = managed.flatMap((key) => results.get(key)?.ready ?? [])
  const working = verdicts.filter(({ status }) => status === 'True').length
  const failing = verdicts.filter(({ status }) => status === 'False').length
  const others = bound.length - managed.length
  const beside = others === 0 ? '' : `, ${others} more on it ${others === 1 ? 'is' : 'are'} not managed`
  if (managed.length === 0 && others === 0) return [{ name: 'mailboxes', state: 'told', words: 'no mailbox is on it' }]
  if (managed.length === 0) {
    const words = others === 1 ? '1 is on it, and it is not managed' : `${others} are on it, and none is managed`
    return [{ name: 'mailboxes', state: 'told', words }]
  }
  const words = `${working} of ${managed.length} managed mailboxes on it work, ${failing} fail${beside}`
  const isBroken = failing > 0 && working === 0
  const next = 'Ask for one of them: `mailkeel explain <address>`.'
  return [{ name: 'mailboxes', state: isBroken ? 'broken' : 'told', words, ...(isBroken && { next }) }]
}

function rowOf({ reads }: Context, key: Key): Observed | undefined {
  return rowsOf(reads.get(STAGE_NAMES.emailServerProfile))?.get(key)
}

function rowsOf(read: Read | undefined): ReadonlyMap<Key, Observed> | undefined {
  return read?.complete ? read.rows : undefined
}

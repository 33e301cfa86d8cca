// Operations as requests. A column leaves this folder only if it stands here by name and the server's own metadata allows the write, so
// that no result of a test, no counter and no read-only column can ever be sent.
import { APPROVAL, INCOMING_METHOD, type OptionSet, OUTGOING_METHOD, SYNCHRONIZATION_METHOD } from '../options.ts'
import type { MailboxPatch, ProfilePatch, WriteOperation } from '../organization.ts'
import type { ServerFacts } from '../probe.ts'
import { type ProfileField, profileCodecs, profileFields, writeProfileField } from '../profile-fields.ts'
import type { ProfileColumns } from '../rows.ts'
import { asciiJson, type BatchPart } from '../wire/batch-request.ts'
import { isGuid } from '../wire/guid.ts'
import { JSON_HEADERS } from '../wire/headers.ts'

/** An operation ready to be sent. Its requests belong to one row and take effect together. */
export interface Encoded {
  readonly operation: WriteOperation
  readonly entitySet: string
  readonly key: string
  readonly parts: readonly BatchPart[]
  /** Whether doing it twice does no harm: only absolute values are written, nothing is created, deleted or started. */
  readonly repeatable: boolean
}

/** An operation that cannot be sent, and why. */
export interface Refused {
  readonly refused: 'Invalid' | 'Unsupported'
  readonly message: string
}

type Value = string | number | boolean | null
type Body = Record<string, Value>

interface Target {
  readonly table: string
  readonly entitySet: string
  readonly key: string
}

const MAILBOXES: Target = { table: 'mailbox', entitySet: 'mailboxes', key: 'mailboxid' }
const USERS: Target = { table: 'systemuser', entitySet: 'systemusers', key: 'systemuserid' }
const QUEUES: Target = { table: 'queue', entitySet: 'queues', key: 'queueid' }
const PROFILES: Target = { table: 'emailserverprofile', entitySet: 'emailserverprofiles', key: 'emailserverprofileid' }

/** Every update carries it: without, a PATCH for a missing row would create one (Microsoft, Web API: conditional operations). */
const MUST_EXIST = { 'If-Match': '*' } as const

/** Makes the requests of one operation. An update without any column has no requests. */
export function encode(operation: WriteOperation, facts: ServerFacts): Encoded | Refused {
  const id = operation.id.toLowerCase()
  if (!isGuid(id)) return { refused: 'Invalid', message: 'the id of the row is no GUID' }
  try {
    return checkColumns(encodeKnown(operation, id, facts), facts)
  } catch (error) {
    if (error instanceof NotWritable) return { refused: 'Invalid', message: error.message }
    throw error
  }
}

/** Whether an operation could not be encoded. */
export function isRefused(encoded: Encoded | Refused): encoded is Refused {
  return 'refused' in encoded
}

interface Draft extends Encoded {
  readonly target: Target
  readonly created: readonly string[]
  readonly updated: readonly string[]
}

function encodeKnown(operation: WriteOperation, id: string, facts: ServerFacts): Draft {
  switch (operation.kind) {
    case 'create-mailbox':
      return create(operation, MAILBOXES, id, [mailboxBody(operation.patch)])
    case 'update-mailbox':
      return updateMailbox(operation, id)
    case 'update-user':
      return update(operation, USERS, id, holderBodies(operation.patch, 'internalemailaddress'))
    case 'update-queue':
      return update(operation, QUEUES, id, holderBodies(operation.patch, 'emailaddress'))
    case 'create-profile':
      return create(operation, PROFILES, id, profileBodies(operation.patch, facts, true))
    case 'update-profile':
      return update(operation, PROFILES, id, profileBodies(operation.patch, facts, false))
    case 'delete-profile': {
      const parts = [{ method: 'DELETE', path: `${PROFILES.entitySet}(${id})` }] as const
      return draft(operation, PROFILES, parts, false, [], [])
    }
  }
}

/** The first body is sent with POST and carries our own id; a further one updates what cannot be set while creating. */
function create(operation: WriteOperation, target: Target, id: string, [body = {}, ...later]: readonly Body[]): Draft {
  const whole = { [target.key]: id, ...body }
  const post: BatchPart = { method: 'POST', path: target.entitySet, headers: JSON_HEADERS, body: asciiJson(whole) }
  const patches = later.map((more) => patch(target, id, more))
  return draft(operation, target, [post, ...patches], false, Object.keys(whole), later.flatMap(Object.keys))
}

function update(operation: WriteOperation, target: Target, id: string, bodies: readonly Body[]): Draft {
  const filled = bodies.filter((body) => Object.keys(body).length > 0)
  const parts = filled.map((body) => patch(target, id, body))
  return draft(operation, target, parts, true, [], filled.flatMap(Object.keys))
}

function updateMailbox(
  operation: WriteOperation & { readonly kind: 'create-mailbox' | 'update-mailbox' },
  id: string,
): Draft {
  const body = mailboxBody(operation.patch)
  const parts: BatchPart[] = Object.keys(body).length > 0 ? [patch(MAILBOXES, id, body)] : []
  const columns = Object.keys(body)
  if (operation.patch.profileId === null) {
    // A navigation property is not emptied by a value; its reference is deleted (Microsoft, Web API: update and delete).
    parts.unshift({ method: 'DELETE', path: `${MAILBOXES.entitySet}(${id})/emailserverprofile/$ref` })
    columns.push('emailserverprofile')
  }
  const repeatable = operation.patch.requestTest !== true && operation.patch.profileId !== null
  return draft(operation, MAILBOXES, parts, repeatable, [], columns)
}

function patch(target: Target, id: string, body: Body): BatchPart {
  return {
    method: 'PATCH',
    path: `${target.entitySet}(${id})`,
    headers: { ...JSON_HEADERS, ...MUST_EXIST },
    body: asciiJson(body),
  }
}

function draft(
  operation: WriteOperation,
  target: Target,
  parts: readonly BatchPart[],
  repeatable: boolean,
  created: readonly string[],
  updated: readonly string[],
): Draft {
  return { operation, entitySet: target.entitySet, key: target.key, target, parts, repeatable, created, updated }
}

function mailboxBody(patch: MailboxPatch): Body {
  const body: Body = {}
  if (patch.name !== undefined) body['name'] = patch.name
  if (patch.address !== undefined) body['emailaddress'] = patch.address
  if (patch.owner !== undefined) body['ownerid@odata.bind'] = ownerPath(patch.owner)
  if (typeof patch.profileId === 'string')
    body['emailserverprofile@odata.bind'] = `/emailserverprofiles(${guid(patch.profileId)})`
  if (patch.incoming !== undefined) body['incomingemaildeliverymethod'] = option(INCOMING_METHOD, patch.incoming)
  if (patch.outgoing !== undefined) body['outgoingemaildeliverymethod'] = option(OUTGOING_METHOD, patch.outgoing)
  if (patch.appointmentsContactsTasks !== undefined) {
    body['actdeliverymethod'] = option(SYNCHRONIZATION_METHOD, patch.appointmentsContactsTasks)
  }
  if (patch.approval !== undefined) body['emailrouteraccessapproval'] = option(APPROVAL, patch.approval)
  if (patch.primarySync !== undefined) body['orgmarkedasprimaryforexchangesync'] = patch.primarySync
  if (patch.processEmailFrom !== undefined) body['processemailreceivedafter'] = patch.processEmailFrom
  if (patch.processAndDelete !== undefined) body['processanddeleteemails'] = patch.processAndDelete
  if (patch.requestTest === true) body['testemailconfigurationscheduled'] = true
  return body
}

/**
 * Question: does an approval in the same request as a new address survive? Not documented; an address change asks for approval anew, so
 * the address goes first and the approval in a request of its own.
 */
function holderBodies(
  patch: (WriteOperation & { readonly kind: 'update-user' | 'update-queue' })['patch'],
  addressColumn: string,
): readonly Body[] {
  const bodies: Body[] = []
  if (patch.address !== undefined) bodies.push({ [addressColumn]: patch.address })
  if (patch.approval !== undefined) bodies.push({ emailrouteraccessapproval: option(APPROVAL, patch.approval) })
  return bodies
}

function profileBodies(patch: ProfilePatch, facts: ServerFacts, creating: boolean): readonly Body[] {
  const codecs = profileCodecs(facts.online)
  const body: Body = {}
  for (const field of profileFields(codecs)) addProfileField(field, patch, codecs, body)
  if (patch.owner !== undefined) body['ownerid@odata.bind'] = ownerPath(patch.owner)
  if (patch.incomingPassword !== undefined) body['incomingpassword'] = patch.incomingPassword
  if (patch.outgoingPassword !== undefined) body['outgoingpassword'] = patch.outgoingPassword
  if (patch.active === undefined) return [body]
  const state: Body = patch.active ? { statecode: 0, statuscode: 1 } : { statecode: 1, statuscode: 2 }
  if (!creating) return [{ ...body, ...state }]
  return patch.active ? [body] : [body, state]
}

function addProfileField<F extends ProfileField>(
  field: F,
  patch: ProfileColumns,
  codecs: ReturnType<typeof profileCodecs>,
  body: Body,
): void {
  const value = patch[field]
  if (value === undefined) return
  const written = writeProfileField(field, value as Exclude<ProfileColumns[F], undefined>, codecs)
  if ('refused' in written) throw new NotWritable(`${field} ${String(value)} is no value that is ever written`)
  body[written.column] = written.value
}

function ownerPath(owner: { readonly type: 'User' | 'Team'; readonly id: string }): string {
  return `/${owner.type === 'User' ? 'systemusers' : 'teams'}(${guid(owner.id)})`
}

function guid(id: string): string {
  const lower = id.toLowerCase()
  if (!isGuid(lower)) throw new NotWritable('the id of a row to point at is no GUID')
  return lower
}

function option<Word extends string>(set: OptionSet<Word>, word: string): number {
  const number = set.number(word)
  if (number === undefined) throw new NotWritable(`${word} is no value that is ever written`)
  return number
}

class NotWritable extends Error {}

/** The server's metadata has the last word on which columns may be written. */
function checkColumns(encoded: Draft, facts: ServerFacts): Encoded | Refused {
  const { target, created, updated, ...rest } = encoded
  const columns = facts.tables.get(target.table)
  const strange = [
    ...created.filter((column) => !columns?.creatable.has(attributeOf(column))),
    ...updated.filter((column) => !columns?.updatable.has(attributeOf(column))),
  ]
  if (strange.length === 0) return rest
  return {
    refused: 'Unsupported',
    message: `this build of the server does not let ${strange.map(attributeOf).join(', ')} of ${target.table} be written`,
  }
}

function attributeOf(column: string): string {
  return column.replace('@odata.bind', '')
}

// Operations as requests. A column leaves this folder only if it stands in bodies.ts by name and the server's own metadata allows the write, so
// that no result of a test, no counter and no read-only column can ever be sent.
import type { WriteOperation } from '../organization.ts'
import type { ServerFacts } from '../probe.ts'
import { asciiJson, type BatchPart } from '../wire/batch-request.ts'
import { isGuid } from '../wire/guid.ts'
import { JSON_HEADERS } from '../wire/headers.ts'
import { type Body, holderBodies, mailboxBody, NotWritable, organizationBody, profileBodies } from './bodies.ts'

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

interface Target {
  readonly table: string
  readonly entitySet: string
  readonly key: string
}

const MAILBOXES: Target = { table: 'mailbox', entitySet: 'mailboxes', key: 'mailboxid' }
const USERS: Target = { table: 'systemuser', entitySet: 'systemusers', key: 'systemuserid' }
const QUEUES: Target = { table: 'queue', entitySet: 'queues', key: 'queueid' }
const PROFILES: Target = { table: 'emailserverprofile', entitySet: 'emailserverprofiles', key: 'emailserverprofileid' }

const ORGANIZATIONS: Target = { table: 'organization', entitySet: 'organizations', key: 'organizationid' }

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
      return create(operation, PROFILES, id, profileBodies(operation.patch, facts.online, true))
    case 'update-profile':
      return update(operation, PROFILES, id, profileBodies(operation.patch, facts.online, false))
    case 'update-organization':
      return update(operation, ORGANIZATIONS, id, [organizationBody(operation.patch)])
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

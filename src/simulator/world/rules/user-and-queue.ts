import type { EntityName, Reference, Row } from '../../world.ts'
import { tableIn, touch } from '../core.ts'
import { initialRow, ownerColumns, standardColumns } from '../new-row.ts'
import { randomGuid } from '../random.ts'
import { changes, referenceIn, referenceTo, textIn } from '../row-values.ts'
import type { Request, TableRules } from '../table-rules.ts'
import { APPROVAL_COLUMN, addressColumn, approvalOfNewAddress, carriedOver, withApproval } from './address-approval.ts'
import { defaultsForMailbox } from './default-settings.ts'

/** Users: each gets a mailbox, whose address and approval follow the user's. */
export const userRules: TableRules = {
  onCreate: (request, row) => ({ ...withFullName(row), [APPROVAL_COLUMN]: approvalFor(request, 'systemuser', row) }),
  afterCreate(request, id, row) {
    makeMailbox(request, referenceTo('systemuser', id), textIn(row, 'fullname'), referenceTo('systemuser', id), row)
  },
  onUpdate(request, before, change) {
    const named = 'firstname' in change || 'lastname' in change
    const approved = withApproval(request, 'systemuser', before, change)
    return named ? { ...approved, fullname: fullName({ ...before, ...change }) } : approved
  },
  afterUpdate: (request, _id, before, after) => carryToMailbox(request, 'systemuser', before, after),
}

/** Queues: as users; the mailbox belongs to the queue's owner and goes with the queue. */
export const queueRules: TableRules = {
  onCreate: (request, row) => ({ ...row, [APPROVAL_COLUMN]: approvalFor(request, 'queue', row) }),
  afterCreate(request, id, row) {
    const owner = referenceIn(row, 'ownerid') ?? referenceTo('systemuser', request.caller.userId)
    makeMailbox(request, referenceTo('queue', id), textIn(row, 'name'), owner, row)
  },
  onUpdate: (request, before, change) => withApproval(request, 'queue', before, change),
  afterUpdate: (request, _id, before, after) => carryToMailbox(request, 'queue', before, after),
  onDelete({ core, caller }, id, row) {
    const mailbox = referenceIn(row, 'defaultmailbox')
    if (mailbox !== undefined) core.store.delete('mailbox', mailbox.id)
    const by = referenceTo('systemuser', caller.userId)
    for (const [userId, user] of core.store.rows('systemuser')) {
      if (referenceIn(user, 'queueid')?.id === id) touch(core, by, 'systemuser', userId, { queueid: null })
    }
  },
}

function withFullName(row: Readonly<Row>): Row {
  return { ...row, fullname: fullName(row) }
}

function fullName(row: Readonly<Row>): string {
  return `${textIn(row, 'firstname')} ${textIn(row, 'lastname')}`.trim()
}

function approvalFor({ core }: Request, entity: EntityName, row: Readonly<Row>): number {
  const address = row[addressColumn(entity)]
  return (address ?? null) === null ? 0 : approvalOfNewAddress(core, address)
}

/** Every user and every queue has one mailbox, made from the organization's defaults (Microsoft: server-side synchronization entities). */
function makeMailbox(request: Request, regarding: Reference, name: string, owner: Reference, row: Readonly<Row>): void {
  const { core, caller } = request
  const id = randomGuid(core.random)
  const address = row[addressColumn(regarding.entity)] ?? null
  core.store.put('mailbox', id, {
    ...initialRow(tableIn(core, 'mailbox')),
    ...standardColumns(core, 'mailbox', id, referenceTo('systemuser', caller.userId), owner),
    ...withoutOutlookForQueue(regarding, defaultsForMailbox(core)),
    name: name || String(address ?? regarding.id),
    emailaddress: address,
    emailrouteraccessapproval: row[APPROVAL_COLUMN] ?? 0,
    regardingobjectid: regarding,
    isforwardmailbox: false,
  })
  core.store.put(regarding.entity, regarding.id, { defaultmailbox: referenceTo('mailbox', id) })
}

/** The organization's defaults know one set of methods; a queue has no Outlook. Unsure: the value it gets instead. */
function withoutOutlookForQueue(regarding: Reference, defaults: Row): Row {
  if (regarding.entity !== 'queue') return defaults
  const columns = { ...defaults }
  for (const column of ['incomingemaildeliverymethod', 'outgoingemaildeliverymethod']) {
    if (columns[column] === 1) columns[column] = 0
  }
  return columns
}

function carryToMailbox(
  { core, caller }: Request,
  entity: EntityName,
  before: Readonly<Row>,
  after: Readonly<Row>,
): void {
  const mailbox = referenceIn(after, 'defaultmailbox')
  if (mailbox === undefined) return
  const carried = carriedOver(entity, 'mailbox', before, after) ?? {}
  const owner = referenceIn(after, 'ownerid')
  const reassigned = entity === 'queue' && owner !== undefined && changes(before, after, 'ownerid')
  const columns = reassigned ? { ...carried, ...ownerColumns(owner) } : carried
  if (Object.keys(columns).length > 0) {
    touch(core, referenceTo('systemuser', caller.userId), 'mailbox', mailbox.id, columns)
  }
}

// One address and one approval live on two rows: the user or queue, and its mailbox. Whichever row is written, the other follows, and a
// changed address needs approval again (Microsoft: create forward mailboxes or edit mailboxes; connect to Exchange Online).
import type { EntityName, Row, Value } from '../../world.ts'
import type { Core } from '../core.ts'
import { APPROVE_PRIVILEGE, requirePrivilege } from '../privileges.ts'
import { changes } from '../row-values.ts'
import type { Request } from '../table-rules.ts'

/** Values of emailrouteraccessapproval. */
export const APPROVAL = { empty: 0, approved: 1, pending: 2, rejected: 3 } as const

/** The column on all three tables. */
export const APPROVAL_COLUMN = 'emailrouteraccessapproval'

/** The column that holds the address on this table. */
export function addressColumn(entity: EntityName): string {
  return entity === 'systemuser' ? 'internalemailaddress' : 'emailaddress'
}

/** The approval of an address nobody has looked at. Unsure for an emptied one: switch `approvalWhenEmptied`. */
export function approvalOfNewAddress(core: Core, address: Value | undefined): number {
  const isEmpty = (address ?? null) === null
  return isEmpty && core.switches.approvalWhenEmptied === 'empty' ? APPROVAL.empty : APPROVAL.pending
}

/**
 * The change with its effect on the approval. Throws 403 where an approval is written without the privilege. Unsure for address and
 * approval in one request: switch `addressWithApproval`.
 */
export function withApproval(request: Request, entity: EntityName, before: Readonly<Row>, change: Readonly<Row>): Row {
  const givesApproval = APPROVAL_COLUMN in change
  if (givesApproval) requirePrivilege(request.caller, APPROVE_PRIVILEGE)
  const address = addressColumn(entity)
  if (!changes(before, change, address)) return change
  if (givesApproval && request.core.switches.addressWithApproval === 'keep') return change
  return { ...change, [APPROVAL_COLUMN]: approvalOfNewAddress(request.core, change[address]) }
}

/** What the row on the other side must be given after this one changed; undefined where nothing moved. */
export function carriedOver(
  from: EntityName,
  to: EntityName,
  before: Readonly<Row>,
  after: Readonly<Row>,
): Row | undefined {
  const carried: Row = {}
  if (changes(before, after, addressColumn(from))) carried[addressColumn(to)] = after[addressColumn(from)] ?? null
  if (changes(before, after, APPROVAL_COLUMN)) carried[APPROVAL_COLUMN] = after[APPROVAL_COLUMN] ?? APPROVAL.empty
  return Object.keys(carried).length > 0 ? carried : undefined
}

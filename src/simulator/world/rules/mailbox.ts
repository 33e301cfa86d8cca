import type { Row } from '../../world.ts'
import { type Core, neverIn, touch } from '../core.ts'
import { APPROVE_PRIVILEGE, requireAccess, requirePrivilege } from '../privileges.ts'
import { changes, isReference, referenceIn, referenceTo } from '../row-values.ts'
import type { Request, TableRules } from '../table-rules.ts'
import { APPROVAL_COLUMN, carriedOver, withApproval } from './address-approval.ts'
import { refuseDeletingUserMail, refuseForwardMethods, refuseQueueOutlook } from './combinations.ts'

const METHODS = ['incomingemaildeliverymethod', 'outgoingemaildeliverymethod', 'actdeliverymethod']
const TWINS = METHODS.slice(0, 2)
/** Columns whose change lets a waiting test start that could not start before. */
const WAKES_TEST = [
  'testemailconfigurationscheduled',
  'postponetestemailconfigurationuntil',
  'emailserverprofile',
  'statecode',
]
const STATUSES = ['incomingemailstatus', 'outgoingemailstatus', 'actstatus']

/** Mailboxes: approval, methods, tests. */
export const mailboxRules: TableRules = {
  onCreate(request, row, given) {
    refuseCombinations(request, row, given)
    requireAppend(request, given)
    if ((given[APPROVAL_COLUMN] ?? 0) !== 0) requirePrivilege(request.caller, APPROVE_PRIVILEGE)
    return { ...row, isforwardmailbox: true, regardingobjectid: null }
  },
  afterCreate({ core }, id, row) {
    if (row['testemailconfigurationscheduled'] === true) core.requestTest(id)
  },
  onUpdate(request, before, change) {
    refuseCombinations(request, { ...before, ...change }, change)
    requireAppend(request, change)
    const approved = withApproval(request, 'mailbox', before, withReachingApproval(request, before, change))
    return withFreshTest(request, before, withResetStatuses(request, before, approved))
  },
  afterUpdate({ core, caller }, id, before, after) {
    const regarding = referenceIn(after, 'regardingobjectid')
    if (regarding !== undefined) {
      const carried = withTwins(core, before, after, carriedOver('mailbox', regarding.entity, before, after))
      const by = referenceTo('systemuser', caller.userId)
      if (carried !== undefined) touch(core, by, regarding.entity, regarding.id, carried)
    }
    const isWaiting = after['testemailconfigurationscheduled'] === true
    if (isWaiting && WAKES_TEST.some((column) => changes(before, after, column))) core.requestTest(id)
  },
  onDelete({ core, caller }, _id, row) {
    const regarding = referenceIn(row, 'regardingobjectid')
    if (regarding === undefined || core.store.get(regarding.entity, regarding.id) === undefined) return
    touch(core, referenceTo('systemuser', caller.userId), regarding.entity, regarding.id, { defaultmailbox: null })
  },
}

/** Unsure which combinations the API checks: switch `combinationsChecked`. */
function refuseCombinations({ core }: Request, mailbox: Readonly<Row>, change: Readonly<Row>): void {
  if (!core.switches.combinationsChecked) return
  refuseForwardMethods(mailbox, change)
  refuseQueueOutlook(mailbox, change)
  refuseDeletingUserMail(mailbox, change)
}

/** Binding a profile appends the mailbox to it. Unsure whether that is checked: switch `appendChecked`. */
function requireAppend({ core, caller }: Request, change: Readonly<Row>): void {
  if (!core.switches.appendChecked || !isReference(change['emailserverprofile'])) return
  requireAccess(caller, 'mailbox', 'Append')
  requireAccess(caller, 'emailserverprofile', 'AppendTo')
}

/**
 * The documented way to approve is the user or queue. Unsure whether an approval written on the mailbox takes effect there: switch
 * `mailboxApprovalReaches`. Where it does not, the mailbox stays in step with its user or queue, so the write changes nothing.
 */
function withReachingApproval({ core, caller }: Request, before: Readonly<Row>, change: Readonly<Row>): Row {
  const isForward = referenceIn(before, 'regardingobjectid') === undefined
  if (isForward || core.switches.mailboxApprovalReaches || !(APPROVAL_COLUMN in change)) return change
  requirePrivilege(caller, APPROVE_PRIVILEGE)
  const { [APPROVAL_COLUMN]: _dropped, ...rest } = change
  return rest
}

/** Unsure whether the server forgets test results when profile or methods change: switch `statusResetOnChange`. */
function withResetStatuses({ core }: Request, before: Readonly<Row>, change: Readonly<Row>): Row {
  const moved = ['emailserverprofile', ...METHODS].some((column) => changes(before, change, column))
  if (!moved || !core.switches.statusResetOnChange) return change
  return { ...Object.fromEntries(STATUSES.map((column) => [column, 0])), ...change }
}

/**
 * Users and queues have columns of the same name from before there were mailboxes. Unsure whether a change of the mailbox is copied there:
 * switch `legacyTwins`.
 */
function withTwins(core: Core, before: Readonly<Row>, after: Readonly<Row>, carried: Row | undefined): Row | undefined {
  if (!core.switches.legacyTwins) return carried
  const twins = TWINS.filter((column) => changes(before, after, column)).map((column) => [
    column,
    after[column] ?? null,
  ])
  return twins.length === 0 ? carried : { ...carried, ...Object.fromEntries(twins) }
}

/** A newly requested test starts counting from nothing. */
function withFreshTest({ core }: Request, before: Readonly<Row>, change: Readonly<Row>): Row {
  const column = 'testemailconfigurationscheduled'
  if (change[column] !== true || before[column] === true) return change
  return { testemailconfigurationretrycount: 0, postponetestemailconfigurationuntil: neverIn(core), ...change }
}

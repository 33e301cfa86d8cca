import { APPROVAL, INCOMING_METHOD, OUTGOING_METHOD, SYNCHRONIZATION_METHOD, TEST_STATUS } from '../options.ts'
import type { Direction, MailboxRow, TestStatus } from '../rows.ts'
import { LOOKUP_ANNOTATION } from '../wire/headers.ts'
import type { Table } from './table.ts'
import {
  flagOr,
  lookup,
  optionalNumber,
  optionalText,
  optionOr,
  type Raw,
  requiredFlag,
  requiredNumber,
  requiredOption,
  requiredText,
  time,
  Undecodable,
} from './values.ts'

const REGARDING_TYPE = `_regardingobjectid_value@${LOOKUP_ANNOTATION}`

/** Mailboxes (Microsoft, entity reference: mailbox). Large and delicate columns are never asked for. */
export const MAILBOX: Table<MailboxRow> = {
  name: 'mailbox',
  entitySet: 'mailboxes',
  key: 'mailboxid',
  essential: [
    'name',
    'emailaddress',
    '_regardingobjectid_value',
    '_ownerid_value',
    '_emailserverprofile_value',
    'incomingemaildeliverymethod',
    'outgoingemaildeliverymethod',
    'actdeliverymethod',
    'emailrouteraccessapproval',
    'testemailconfigurationscheduled',
    'testmailboxaccesscompletedon',
    'incomingemailstatus',
    'outgoingemailstatus',
    'actstatus',
    'enabledforincomingemail',
    'enabledforoutgoingemail',
    'enabledforact',
    'statecode',
  ],
  optional: [
    'isforwardmailbox',
    'isserviceaccount',
    'orgmarkedasprimaryforexchangesync',
    'processemailreceivedafter',
    'processanddeleteemails',
    'postponetestemailconfigurationuntil',
    'testemailconfigurationretrycount',
    'processingstatecode',
    'hostid',
    'processinglastattemptedon',
    'lastsuccessfulsynccompletedon',
    'postponemailboxprocessinguntil',
    'modifiedon',
    '_modifiedby_value',
  ],
  annotated: true,
  unreadable: (raw) => (raw['testemailconfigurationscheduled'] === true ? { testScheduled: true } : {}),
  decode(raw, id, share) {
    const regardingId = lookup(raw['_regardingobjectid_value'], 'regardingobjectid')
    const ownerId = lookup(raw['_ownerid_value'], 'ownerid')
    return {
      id,
      name: requiredText(raw['name'], 'name'),
      address: optionalText(raw['emailaddress'], 'emailaddress'),
      type: typeOf(raw, regardingId),
      regardingId,
      // Users own their mailboxes: that is the same id again.
      ownerId: ownerId === regardingId ? regardingId : share(ownerId),
      profileId: share(lookup(raw['_emailserverprofile_value'], 'emailserverprofile')),
      incoming: requiredOption(INCOMING_METHOD, raw['incomingemaildeliverymethod'], 'incomingemaildeliverymethod'),
      outgoing: requiredOption(OUTGOING_METHOD, raw['outgoingemaildeliverymethod'], 'outgoingemaildeliverymethod'),
      appointmentsContactsTasks: requiredOption(SYNCHRONIZATION_METHOD, raw['actdeliverymethod'], 'actdeliverymethod'),
      approval: requiredOption(APPROVAL, raw['emailrouteraccessapproval'], 'emailrouteraccessapproval'),
      primarySync: flagOr(false, raw['orgmarkedasprimaryforexchangesync'], 'orgmarkedasprimaryforexchangesync'),
      processEmailFrom: share(time(raw['processemailreceivedafter'], 'processemailreceivedafter')),
      processAndDelete: flagOr(false, raw['processanddeleteemails'], 'processanddeleteemails'),
      active: requiredNumber(raw['statecode'], 'statecode') === 0,
      serviceAccount: flagOr(false, raw['isserviceaccount'], 'isserviceaccount'),
      testScheduled: flagOr(false, raw['testemailconfigurationscheduled'], 'testemailconfigurationscheduled'),
      testCompletedOn: share(time(raw['testmailboxaccesscompletedon'], 'testmailboxaccesscompletedon')),
      testPostponedUntil: share(
        time(raw['postponetestemailconfigurationuntil'], 'postponetestemailconfigurationuntil'),
      ),
      testTries: optionalNumber(raw['testemailconfigurationretrycount'], 'testemailconfigurationretrycount') ?? 0,
      processing: isProcessing(raw),
      processedOn: share(time(raw['processinglastattemptedon'], 'processinglastattemptedon')),
      lastSyncedOn: share(time(raw['lastsuccessfulsynccompletedon'], 'lastsuccessfulsynccompletedon')),
      postponedUntil: share(time(raw['postponemailboxprocessinguntil'], 'postponemailboxprocessinguntil')),
      status: shared(
        STATUSES,
        optionOr('NotRun', TEST_STATUS, raw['incomingemailstatus'], 'incomingemailstatus'),
        optionOr('NotRun', TEST_STATUS, raw['outgoingemailstatus'], 'outgoingemailstatus'),
        optionOr('NotRun', TEST_STATUS, raw['actstatus'], 'actstatus'),
      ),
      enabled: shared(
        ENABLED,
        requiredFlag(raw['enabledforincomingemail'], 'enabledforincomingemail'),
        requiredFlag(raw['enabledforoutgoingemail'], 'enabledforoutgoingemail'),
        requiredFlag(raw['enabledforact'], 'enabledforact'),
      ),
      modifiedOn: share(time(raw['modifiedon'], 'modifiedon')),
      modifiedById: share(lookup(raw['_modifiedby_value'], 'modifiedby')),
    }
  },
}

/**
 * Question: how does a row show that the asynchronous service works on it? The state is 1, or the host at work is named (Microsoft
 * community, how to read the mailbox details file).
 */
function isProcessing(raw: Raw): boolean {
  return raw['processingstatecode'] === 1 || optionalText(raw['hostid'], 'hostid') !== null
}

type PerDirection<T> = Readonly<Record<Direction, T>>

/** The combinations of a few values, once: rows by the hundred thousand share them. */
interface Combinations<T> {
  readonly values: readonly T[]
  readonly all: readonly PerDirection<T>[]
}

function combinationsOf<T>(values: readonly T[]): Combinations<T> {
  const all = values.flatMap((incoming) =>
    values.flatMap((outgoing) =>
      values.map((appointmentsContactsTasks) => Object.freeze({ incoming, outgoing, appointmentsContactsTasks })),
    ),
  )
  return { values, all }
}

const STATUSES = combinationsOf<TestStatus>(['NotRun', 'Success', 'Failure'])
const ENABLED = combinationsOf([false, true])

function shared<T>(
  { values, all }: Combinations<T>,
  incoming: T,
  outgoing: T,
  appointmentsContactsTasks: T,
): PerDirection<T> {
  const first = values.indexOf(incoming)
  const second = values.indexOf(outgoing)
  const third = values.indexOf(appointmentsContactsTasks)
  const known =
    first < 0 || second < 0 || third < 0 ? undefined : all[(first * values.length + second) * values.length + third]
  return known ?? { incoming, outgoing, appointmentsContactsTasks }
}

/** The navigation property of queues is `regardingobjectid_queue`; the value is the same column, told apart by its annotation. */
function typeOf(raw: Raw, regardingId: string | null): MailboxRow['type'] {
  if (regardingId === null) {
    if (raw['isforwardmailbox'] === false)
      throw new Undecodable('regardingobjectid', 'null although it is no forward mailbox')
    return 'Forward'
  }
  const target = raw[REGARDING_TYPE]
  if (target === 'systemuser') return 'User'
  if (target === 'queue') return 'Queue'
  throw new Undecodable('regardingobjectid', 'a row of an unknown table')
}

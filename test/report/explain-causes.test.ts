// Every cause there is, brought about in a simulated organization and explained: for a mailbox of the spec, and for one nobody prepared.
import { expect, it } from 'vitest'
import { explanationText } from '../../src/report/explain-text.ts'
import { PLAIN } from '../../src/report/terminal.ts'
import type { RunningSimulator, Truth } from '../../src/simulator/index.ts'
import { type CauseCode, cause } from '../../src/stages/testing/test-cause.ts'
import { CAUSES } from '../../src/stages/testing/test-causes.data.ts'
import { explainInput, explainMember, explainStranger, firstBroken } from '../stack/explaining.ts'
import { EVERYTHING, ORGANIZATION, organizationOf, PROFILE, setOf } from '../stack/spec.ts'
import { type Stack, type StackOptions, startStack } from '../stack/stack.ts'
import { plainAddresses, rowWith } from '../stack/world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const WITHOUT_PROFILE = { ...EVERYTHING, profile: undefined }
const WITHOUT_APPROVAL = { ...EVERYTHING, approval: undefined }

/** One way in which a cause comes about. */
interface Row {
  readonly cause: CauseCode
  readonly reason: string
  readonly truth?: Truth
  readonly conditions?: Parameters<RunningSimulator['setConditions']>[0]
  readonly switches?: StackOptions['switches']
  /** Somebody changes rows before the test. */
  readonly before?: (at: Place) => void
  /** What happens after the test. */
  readonly after?: (at: Place) => void
  /** What the spec asks for where it names the mailbox. */
  readonly fields?: object
  /** The link that is told as broken; absent: the test. */
  readonly broken?: string
  /** What the head sentence must say; absent: the words of the cause. */
  readonly says?: RegExp
  /** The next step; absent: that of the cause. */
  readonly next?: RegExp
}

/** A mailbox whose rows can be changed past mailkeel. */
interface Place {
  readonly stack: Stack
  readonly address: string
  edit(entity: 'mailbox' | 'systemuser' | 'emailserverprofile' | 'organization', values: object): void
  /** CRM logs an alert; without a number, with one nobody has seen yet. */
  alert(text: string, number?: number): void
}

/** A failure, and after it an alert with this text. */
function alerted(text: string, number?: number): Pick<Row, 'truth' | 'switches' | 'after'> {
  return {
    truth: { failingDirection: 'act' },
    switches: { alertCodes: 'unseen' },
    after: ({ alert }) => alert(text, number),
  }
}

const ROWS: readonly Row[] = [
  {
    cause: 'NoProfile',
    reason: 'the mailbox has none, and none is asked for',
    before: ({ edit }) => edit('mailbox', { emailserverprofile: null }),
    fields: WITHOUT_PROFILE,
    broken: 'profile',
    says: /none/,
    next: /^Name a profile in its set/,
  },
  {
    cause: 'ProfileInactive',
    reason: 'somebody deactivated the profile',
    before: ({ edit }) => edit('emailserverprofile', { statecode: 1, statuscode: 2 }),
    broken: 'profile',
    says: /inactive/,
    next: /^Activate the profile/,
  },
  {
    cause: 'NotApproved',
    reason: 'the address was rejected',
    before: ({ edit }) => edit('systemuser', { emailrouteraccessapproval: 3 }),
    fields: WITHOUT_APPROVAL,
    broken: 'approval',
    says: /reject/,
    next: /approv/i,
  },
  {
    cause: 'UserDisabled',
    reason: 'the user was disabled',
    before: ({ edit }) => edit('systemuser', { isdisabled: true }),
    broken: 'mailbox',
    says: /user is disabled/,
    next: /^Enable the user/,
  },
  {
    cause: 'DisabledByCrm',
    reason: 'CRM switched directions off and logged nothing',
    after: ({ edit }) => edit('mailbox', { enabledforincomingemail: false }),
  },
  {
    cause: 'ChannelIsRouter',
    reason: 'somebody went back to the Email Router',
    before: ({ edit }) => edit('organization', { emailconnectionchannel: 1 }),
    broken: 'organization',
    says: /Email Router/,
    next: /processEmailsUsing: ServerSideSync/,
  },
  ...[{ asynchronousService: false }, { backgroundOperations: false }, { administrationMode: true }].map(
    (conditions): Row => ({
      cause: 'AsyncServiceOff',
      reason: Object.keys(conditions).join(),
      conditions,
      broken: 'async service',
    }),
  ),
  {
    cause: 'TestTimedOut',
    reason: 'it is never picked up, while others are processed',
    truth: { pickup: 'never' },
    after: ({ stack }) => testAnother(stack),
  },
  { cause: 'TestTimedOut', reason: 'it never ends', truth: { run: 'stuck' } },
  { cause: 'Transient', reason: 'Exchange is busy for hours', conditions: { exchange: 'busy' } },
  { cause: 'Transient', reason: 'every second test fails', truth: { flaps: true } },
  { cause: 'MailboxMoving', reason: 'an id in the alert', ...alerted('X (ErrorMailboxMoveInProgress)') },
  { cause: 'MissingInExchange', reason: 'there is no such mailbox', truth: { exchangeAddress: null } },
  { cause: 'AddressMismatch', reason: 'an id in the alert', ...alerted('ErrorNonPrimarySmtpAddress') },
  { cause: 'NoLicence', reason: 'the licence was taken away', truth: { unlicensed: true } },
  { cause: 'AccountDisabled', reason: 'an id in the alert', ...alerted('ErrorAccountDisabled') },
  { cause: 'AutodiscoverFailed', reason: 'autodiscover fails', truth: { autodiscoverFails: true } },
  ...(
    [
      ['CertificateMissing', 'certificate-missing'],
      ['CertificateInvalid', 'certificate-invalid'],
      ['TenantNotEnabled', 'tenant-not-enabled'],
      ['EwsBlocked', 'ews-blocked'],
    ] as const
  ).flatMap(([code, trust]): Row[] => [
    { cause: code, reason: 'for this mailbox alone', truth: { trust } },
    { cause: code, reason: 'for everybody', conditions: { exchange: trust } },
    {
      cause: code,
      reason: 'with a number nobody has seen',
      conditions: { exchange: trust },
      switches: { alertCodes: 'unseen' },
    },
  ]),
  { cause: 'TenantWrong', reason: 'an id in the alert', ...alerted('AADSTS90002: Tenant x not found.') },
  { cause: 'ProfileRefused', reason: 'Exchange refuses everybody', conditions: { exchange: 'refusing' } },
  { cause: 'CredentialsRefused', reason: 'an id in the alert', ...alerted('AADSTS7000215: Invalid client secret.') },
  { cause: 'Unauthorized', reason: 'Exchange refuses it', truth: { credentialsRefused: true } },
  { cause: 'Unauthorized', reason: 'it has another address', truth: { exchangeAddress: 'x@contoso.com' } },
  {
    cause: 'Unauthorized',
    reason: 'CRM gave up an hour after the test',
    truth: { disabledAfterMs: HOUR_MS },
    after: ({ stack }) => stack.simulator.advance(2 * HOUR_MS),
  },
  { cause: 'SendRefused', reason: 'it may not send', truth: { failingDirection: 'outgoing' } },
  { cause: 'ReceiveRefused', reason: 'its number alone tells', ...alerted('Nothing was handed over.', 208) },
  { cause: 'Forbidden', reason: 'nothing is handed over', truth: { failingDirection: 'incoming' } },
  { cause: 'CalendarRefused', reason: 'the calendar is out of reach', truth: { failingDirection: 'act' } },
  {
    cause: 'OtherOrganization',
    reason: 'another one holds it, and its number alone tells',
    truth: { heldBy: 'contoso-test' },
    switches: { alertCodes: 'provisional' },
    next: /^Decide which organization does\b.*`primarySync: Claim`/,
  },
  {
    cause: 'Unauthorized',
    reason: 'a 401 with a number nobody has seen',
    truth: { credentialsRefused: true },
    switches: { alertCodes: 'unseen' },
  },
  {
    cause: 'Forbidden',
    reason: 'access denied, with a number nobody has seen',
    truth: { failingDirection: 'incoming' },
    switches: { alertCodes: 'unseen' },
  },
  {
    cause: 'Unknown',
    reason: 'an alert with nothing that the list knows is told in its own words',
    truth: { heldBy: 'contoso-test' },
    switches: { alertCodes: 'unseen' },
    says: /not synchronized because/,
  },
  {
    cause: 'Unknown',
    reason: 'what the tenant has not approved is told in the words of CRM',
    switches: { tenantApprovalCounts: true },
    says: /Office 365 administrator has not approved/,
    before: ({ edit }) => edit('mailbox', { isemailaddressapprovedbyo365admin: false }),
  },
  {
    cause: 'Unknown',
    reason: 'CRM was told to log nothing',
    truth: { unlicensed: true },
    before: ({ edit }) => edit('organization', { generatealertsforerrors: false }),
    says: /logged no alert/,
    next: /^Switch on alerts/,
  },
]

/** Causes that no simulated organization brings about, and why. */
const NOT_SIMULATED: Partial<Readonly<Record<CauseCode, string>>> = {
  TrustBroken: 'the trust surrounds the organization: test/stack/trust.test.ts has it',
  AddressMissing: 'a mailbox is asked about by its address',
}

it('every cause has a row, or a reason why not', () => {
  const told = new Set([...ROWS.map((row) => row.cause), ...Object.keys(NOT_SIMULATED)])

  expect([...told].sort()).toEqual(Object.keys(CAUSES).sort())
})

/** Two mailboxes with the same trouble: one that the spec names, and one that it does not. */
async function prepared({ truth, conditions, switches, before, after, fields = EVERYTHING }: Row) {
  const stack = await startStack({ mailboxes: 4, queues: 0, mess: ['none'], ...(switches && { switches }) })
  const { world, setTruth, setConditions } = stack.simulator
  const [member = '', stranger = ''] = plainAddresses(world, 'systemuser')
  const places = [placeOf(stack, member), placeOf(stack, stranger)]
  const files = { 'sales.yaml': ORGANIZATION + PROFILE + setOf('sales', [member], fields) }
  const desired = await organizationOf(files)
  for (const place of places) {
    before?.(place)
    if (truth) setTruth(place.address, truth)
  }
  if (conditions) setConditions(conditions)
  await stack.pass(desired)
  for (const { edit } of places) edit('mailbox', { testemailconfigurationscheduled: true })
  world.advanceUntilIdle(DAY_MS)
  stack.simulator.advance(HOUR_MS)
  for (const place of places) after?.(place)
  return { stack, desired, member, stranger }
}

/** A mailbox without trouble is tested now, which shows that the service works. */
function testAnother({ simulator: { world } }: Stack): void {
  const [id] = rowWith(world, 'mailbox', 'emailaddress', plainAddresses(world, 'systemuser')[2] ?? '')
  world.update(world.callers.admin, 'mailbox', id, { testemailconfigurationscheduled: true })
  world.advanceUntilIdle(MINUTE_MS)
}

function placeOf(stack: Stack, address: string): Place {
  const { world } = stack.simulator
  const { admin } = world.callers
  const ids = {
    mailbox: rowWith(world, 'mailbox', 'emailaddress', address)[0],
    systemuser: rowWith(world, 'systemuser', 'internalemailaddress', address)[0],
    emailserverprofile: rowWith(world, 'emailserverprofile', 'name', 'Exchange Online')[0],
    organization: world.organizationId,
  }
  return {
    stack,
    address,
    edit: (entity, values) => world.update(admin, entity, ids[entity], values as never),
    alert(text, tracecode = 70_999) {
      const regardingobjectid = { entity: 'mailbox', id: ids.mailbox } as const
      world.create(admin, 'tracelog', { regardingobjectid, level: 3, text, tracecode })
    },
  }
}

it.each(ROWS)(
  '$cause, $reason: is told, also of a mailbox that is not in the spec, with one next step',
  async (row) => {
    const { words, next } = cause(row.cause)
    const { stack, desired, member, stranger } = await prepared(row)
    try {
      const input = explainInput(stack, await stack.pass(desired, { mode: 'plan' }), desired)

      const both = [explainMember(input, member), await explainStranger(stack, desired, stranger)]

      for (const told of both) {
        const text = explanationText(told, { paint: PLAIN, width: 400, commands: [] })
        const [head = ''] = text.split('\n')
        expect([told.state, firstBroken(told)], text).toEqual(['broken', row.broken ?? 'test'])
        expect(row.says ? row.says.test(head) : head.includes(words), text).toBe(true)
        expect(row.next ? row.next.test(told.next ?? '') : told.next === next, text).toBe(true)
        expect(text.match(/^Next:/gm)).toHaveLength(1)
      }
    } finally {
      await stack.close()
    }
  },
)

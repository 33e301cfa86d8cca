import { describe, expect, test } from 'vitest'
import type { SimulatedWorld, Truth } from '../../../src/simulator/world/index.ts'
import type { Row } from '../../../src/simulator/world.ts'
import { createApprovedUser, createPerson, rowOf, smallWorld } from './small-world.ts'

const MINUTE = 60_000
const NEVER = '1900-01-01T00:00:00Z'

function request(world: SimulatedWorld, mailboxId: string, columns: Row = {}): void {
  world.update(world.callers.admin, 'mailbox', mailboxId, { testemailconfigurationscheduled: true, ...columns })
}

/** Row and alerts of an approved user's mailbox after its test, with this truth outside CRM. */
function tested(truth: Truth, before: { columns?: Row; user?: Row; organization?: Row } = {}) {
  const { world } = smallWorld()
  const { admin } = world.callers
  const { id, mailboxId } = createApprovedUser(world)
  if (before.organization) world.update(admin, 'organization', world.organizationId, before.organization)
  if (before.user) world.update(admin, 'systemuser', id, before.user)
  world.setTruth(mailboxId, truth)
  request(world, mailboxId, before.columns)
  world.advance(MINUTE)
  return { row: rowOf(world, 'mailbox', mailboxId), alerts: alertsOf(world) }
}

function alertsOf(world: SimulatedWorld): string[] {
  const levels = ['', 'Information', 'Warning', 'Error']
  return [...world.rows('tracelog').values()].map(
    (row) => `${levels[Number(row['level'])]} ${row['errortypedisplay'] ?? 'passed'}`,
  )
}

const statuses = (row: Readonly<Row>) => [row['incomingemailstatus'], row['outgoingemailstatus'], row['actstatus']]
const enabled = (row: Readonly<Row>) => [
  row['enabledforincomingemail'],
  row['enabledforoutgoingemail'],
  row['enabledforact'],
]

describe('a test', () => {
  test('is requested, runs and passes, and each step shows in the columns', () => {
    const { world } = smallWorld()
    const { mailboxId } = createApprovedUser(world)
    const step = () => rowOf(world, 'mailbox', mailboxId)

    request(world, mailboxId)
    const requested = step()
    world.advance(3500)
    const running = step()
    world.advance(20_000)
    const passed = step()

    expect(requested).toMatchObject({
      testemailconfigurationscheduled: true,
      processingstatecode: 0,
      testmailboxaccesscompletedon: NEVER,
    })
    expect(running).toMatchObject({
      processingstatecode: 1,
      hostid: 'CRMASYNC01',
      processinglastattemptedon: expect.stringMatching(/^2026-11-23T08:00:0[1-3]Z$/),
    })
    expect(passed).toMatchObject({
      processingstatecode: 0,
      hostid: null,
      testemailconfigurationscheduled: false,
      testemailconfigurationretrycount: 1,
      mailboxstatus: 1,
      isactsyncorgflagset: true,
      ewsurl: 'https://outlook.office365.com/EWS/Exchange.asmx',
    })
    expect(statuses(passed)).toEqual([1, 1, 1])
    expect(enabled(passed)).toEqual([true, true, true])
    expect(String(passed['testmailboxaccesscompletedon']) > '2026-11-23T08:00:00Z').toBe(true)
    expect(alertsOf(world)).toEqual(['Information passed'])
  })

  test.each<{
    reason: string
    truth: Truth
    before?: Parameters<typeof tested>[1]
    statuses: number[]
    alerts: string[]
  }>([
    {
      reason: 'no such mailbox in Exchange',
      truth: { exchangeAddress: null },
      statuses: [2, 2, 2],
      alerts: ['Error MailboxMissing'],
    },
    {
      reason: 'another primary address in Exchange',
      truth: { exchangeAddress: 'x@contoso.com' },
      statuses: [2, 2, 2],
      alerts: ['Error AddressMismatch'],
    },
    {
      reason: 'the primary address in another case is the same',
      truth: { exchangeAddress: 'ANN@contoso.com' },
      statuses: [1, 1, 1],
      alerts: ['Information passed'],
    },
    { reason: 'no licence', truth: { unlicensed: true }, statuses: [2, 2, 2], alerts: ['Error LicenceMissing'] },
    {
      reason: 'autodiscover fails',
      truth: { autodiscoverFails: true },
      statuses: [2, 2, 2],
      alerts: ['Error LocationNotDetermined'],
    },
    {
      reason: 'credentials refused',
      truth: { credentialsRefused: true },
      statuses: [2, 2, 2],
      alerts: ['Error CredentialsRefused'],
    },
    {
      reason: 'sending fails',
      truth: { failingDirection: 'outgoing' },
      statuses: [1, 2, 1],
      alerts: ['Error SendRefused'],
    },
    {
      reason: 'receiving fails',
      truth: { failingDirection: 'incoming' },
      statuses: [2, 1, 1],
      alerts: ['Error ReceiveRefused'],
    },
    {
      reason: 'the calendar fails',
      truth: { failingDirection: 'act' },
      statuses: [1, 1, 2],
      alerts: ['Error CalendarRefused'],
    },
    {
      reason: 'another organization synchronizes',
      truth: { heldBy: 'contoso-test' },
      statuses: [1, 1, 2],
      alerts: ['Error OtherOrganization'],
    },
    {
      reason: 'the claim comes with the test',
      truth: { heldBy: 'contoso-test' },
      before: { columns: { orgmarkedasprimaryforexchangesync: true } },
      statuses: [1, 1, 1],
      alerts: ['Information passed'],
    },
    {
      reason: 'another organization does not matter without calendar',
      truth: { heldBy: 'contoso-test' },
      before: { columns: { actdeliverymethod: 2 } },
      statuses: [1, 1, 0],
      alerts: ['Information passed'],
    },
    {
      reason: 'the address is not approved',
      truth: {},
      before: { user: { emailrouteraccessapproval: 2 } },
      statuses: [2, 2, 1],
      alerts: ['Error AddressNotApproved'],
    },
    {
      reason: 'no approval is asked for',
      truth: {},
      before: { user: { emailrouteraccessapproval: 3 }, organization: { requireapprovalforuseremail: false } },
      statuses: [1, 1, 1],
      alerts: ['Information passed'],
    },
    {
      reason: 'the user is disabled',
      truth: {},
      before: { user: { isdisabled: true } },
      statuses: [2, 2, 2],
      alerts: ['Error UserDisabled'],
    },
    {
      reason: 'there is no address',
      truth: {},
      before: { columns: { emailaddress: null } },
      statuses: [2, 2, 2],
      alerts: ['Error AddressMissing'],
    },
    {
      reason: 'directions that are not server-side are not tested',
      truth: { failingDirection: 'outgoing' },
      before: { columns: { outgoingemaildeliverymethod: 1 } },
      statuses: [1, 0, 1],
      alerts: ['Information passed'],
    },
    {
      reason: 'nothing is server-side',
      truth: { exchangeAddress: null },
      before: { columns: { incomingemaildeliverymethod: 0, outgoingemaildeliverymethod: 0, actdeliverymethod: 2 } },
      statuses: [0, 0, 0],
      alerts: [],
    },
    {
      reason: 'no alert of a level that is switched off',
      truth: { unlicensed: true },
      before: { organization: { generatealertsforerrors: false } },
      statuses: [2, 2, 2],
      alerts: [],
    },
  ])('finds out: $reason', ({ truth, before, statuses: expected, alerts }) => {
    const result = tested(truth, before)

    expect(statuses(result.row)).toEqual(expected)
    expect(enabled(result.row)).toEqual(expected.map((status) => status !== 2))
    expect(result.row).toMatchObject({ testemailconfigurationscheduled: false })
    expect(result.row['testmailboxaccesscompletedon']).not.toBe(NEVER)
    expect(result.alerts).toEqual(alerts)
  })

  test('a queue needs the approval of queues', () => {
    const { world } = smallWorld()
    world.update(world.callers.admin, 'organization', world.organizationId, { requireapprovalforuseremail: false })
    const { mailboxId } = createPerson(world, 'queue')

    request(world, mailboxId)
    world.advance(MINUTE)

    expect(statuses(rowOf(world, 'mailbox', mailboxId))).toEqual([2, 2, 1])
  })

  test('a forward mailbox needs no approval, and the alerts of a test name it', () => {
    const { world, profileId } = smallWorld()
    const id = world.create(world.callers.admin, 'mailbox', {
      name: 'Forward <all>',
      emailaddress: 'forward@contoso.com',
      emailserverprofile: { entity: 'emailserverprofile', id: profileId },
      incomingemaildeliverymethod: 3,
      actdeliverymethod: 1,
      testemailconfigurationscheduled: true,
    })

    world.advance(MINUTE)

    expect(rowOf(world, 'mailbox', id)['actstatus']).toBe(1)
    const [alert] = [...world.rows('tracelog').values()]
    expect(alert?.['text']).toContain('Forward <all>')
    expect(alert?.['traceparameterxml']).toContain('<P0>Forward &lt;all&gt;</P0>')
  })

  test('Exchange keeps the organization that has taken a mailbox over', () => {
    const { world } = smallWorld()
    const { mailboxId } = createApprovedUser(world)
    world.setTruth(mailboxId, { heldBy: 'contoso-test' })
    request(world, mailboxId, { orgmarkedasprimaryforexchangesync: true })
    world.advance(MINUTE)

    request(world, mailboxId, { orgmarkedasprimaryforexchangesync: false })
    world.advance(MINUTE)

    expect(rowOf(world, 'mailbox', mailboxId)['actstatus']).toBe(1)
    expect(world.truthOf(mailboxId)).toEqual({})
  })

  test('cancelled while it runs leaves no result', () => {
    const { world } = smallWorld()
    const { mailboxId } = createApprovedUser(world)
    request(world, mailboxId)
    world.advance(3500)

    world.update(world.callers.admin, 'mailbox', mailboxId, { testemailconfigurationscheduled: false })
    world.advance(MINUTE)

    expect(rowOf(world, 'mailbox', mailboxId)).toMatchObject({
      processingstatecode: 0,
      hostid: null,
      mailboxstatus: 0,
      testmailboxaccesscompletedon: NEVER,
    })
  })

  test('of a mailbox that was deleted meanwhile does no harm', () => {
    const { world } = smallWorld()
    const { mailboxId } = createApprovedUser(world)
    request(world, mailboxId)
    world.advance(3500)

    world.remove(world.callers.admin, 'mailbox', mailboxId)
    world.advance(MINUTE)

    expect(world.tests()).toEqual({ waiting: 0, running: 0, held: 0 })
  })

  test('asked for twice runs once', () => {
    const { world } = smallWorld()
    const { mailboxId } = createApprovedUser(world)

    for (const scheduled of [true, false, true])
      request(world, mailboxId, { testemailconfigurationscheduled: scheduled })
    world.advance(MINUTE)

    expect(rowOf(world, 'mailbox', mailboxId)['testemailconfigurationretrycount']).toBe(1)
    expect(world.rows('tracelog').size).toBe(1)
  })

  test('of the service account tells on the profile', () => {
    const { world, profileId } = smallWorld()
    const { mailboxId } = createApprovedUser(world)
    const data = world.snapshot()
    const { mailbox } = data.tables
    // isserviceaccount is read-only, so it is set where the rows are saved.
    world.restore({
      ...data,
      tables: { ...data.tables, mailbox: { ...mailbox, same: { ...mailbox?.same, isserviceaccount: true } } },
    })
    world.setTruth(mailboxId, { credentialsRefused: true })

    request(world, mailboxId)
    world.advance(MINUTE)

    expect(rowOf(world, 'emailserverprofile', profileId)).toMatchObject({
      lastteststarttime: expect.stringMatching(/^2026-11-23T08:00:0[1-3]Z$/),
      lasttestvalidationstatus: 1,
      lastauthorizationstatus: 0,
      lasttestexecutionstatus: 0,
    })
  })
})

describe('a transient failure', () => {
  test('is tried again after five minutes and passes', () => {
    const { world } = smallWorld()
    const { mailboxId } = createApprovedUser(world)
    world.setTruth(mailboxId, { transientFailures: 2 })

    request(world, mailboxId)
    world.advance(MINUTE)
    const failed = rowOf(world, 'mailbox', mailboxId)
    world.advance(10 * MINUTE)
    const passed = rowOf(world, 'mailbox', mailboxId)

    expect(failed).toMatchObject({
      testemailconfigurationscheduled: true,
      testemailconfigurationretrycount: 1,
      processingstatecode: 0,
    })
    expect(Date.parse(String(failed['postponetestemailconfigurationuntil']))).toBeGreaterThan(
      world.now().getTime() - 7 * MINUTE,
    )
    expect(failed['testmailboxaccesscompletedon']).toBe(NEVER)
    expect(statuses(failed)).toEqual([2, 2, 2])
    expect(enabled(failed)).toEqual([true, true, true])
    expect(passed).toMatchObject({ testemailconfigurationscheduled: false, testemailconfigurationretrycount: 3 })
    expect(statuses(passed)).toEqual([1, 1, 1])
    expect(alertsOf(world)).toEqual(['Warning ConnectionFailed', 'Information passed'])
  })

  test('counts as permanent after ten tries, as an Error with the code of the Warnings', () => {
    const { world } = smallWorld()
    const { mailboxId } = createApprovedUser(world)
    world.setTruth(mailboxId, { transientFailures: 99 })

    request(world, mailboxId)
    world.advance(44 * MINUTE)
    const before = rowOf(world, 'mailbox', mailboxId)
    world.advance(4 * MINUTE)
    const after = rowOf(world, 'mailbox', mailboxId)

    expect(before).toMatchObject({ testemailconfigurationscheduled: true, testemailconfigurationretrycount: 9 })
    expect(after).toMatchObject({ testemailconfigurationscheduled: false, testemailconfigurationretrycount: 10 })
    expect(enabled(after)).toEqual([false, false, false])
    const [warning, error] = [...world.rows('tracelog').values()]
    expect(alertsOf(world)).toEqual(['Warning ConnectionFailed', 'Error ConnectionFailed'])
    expect(error?.['tracecode']).toBe(warning?.['tracecode'])
    expect(String(warning?.['modifiedon']) > String(warning?.['createdon'])).toBe(true)
  })

  test('starts counting anew with a new request', () => {
    const { world } = smallWorld({ service: { maximumTries: 1 } })
    const { mailboxId } = createApprovedUser(world)
    world.setTruth(mailboxId, { transientFailures: 1 })
    request(world, mailboxId)
    world.advance(MINUTE)

    request(world, mailboxId)
    world.advance(MINUTE)

    expect(rowOf(world, 'mailbox', mailboxId)).toMatchObject({ mailboxstatus: 1, testemailconfigurationretrycount: 1 })
  })
})

describe('a test does not start', () => {
  test.each<{
    reason: string
    block: (world: SimulatedWorld, mailboxId: string) => void
    free: (world: SimulatedWorld, mailboxId: string, profileId: string) => void
  }>([
    {
      reason: 'without a profile',
      block: (world, id) => world.update(world.callers.admin, 'mailbox', id, { emailserverprofile: null }),
      free: (world, id, profileId) =>
        world.update(world.callers.admin, 'mailbox', id, {
          emailserverprofile: { entity: 'emailserverprofile', id: profileId },
        }),
    },
    {
      reason: 'while the mailbox is inactive',
      block: (world, id) => world.update(world.callers.admin, 'mailbox', id, { statecode: 1 }),
      free: (world, id) => world.update(world.callers.admin, 'mailbox', id, { statecode: 0 }),
    },
    {
      reason: 'while the profile is inactive',
      block: (world) => setProfileState(world, 1),
      free: (world) => setProfileState(world, 0),
    },
    {
      reason: 'while the asynchronous service is off',
      block: (world) => world.setConditions({ asynchronousService: false }),
      free: (world) => world.setConditions({ asynchronousService: true }),
    },
    {
      reason: 'while background operations are off',
      block: (world) => world.setConditions({ backgroundOperations: false }),
      free: (world) => world.setConditions({ backgroundOperations: true }),
    },
    {
      reason: 'while the e-mail router is the channel',
      block: (world) =>
        world.update(world.callers.admin, 'organization', world.organizationId, { emailconnectionchannel: 1 }),
      free: (world) =>
        world.update(world.callers.admin, 'organization', world.organizationId, { emailconnectionchannel: 0 }),
    },
    {
      reason: 'where it is never picked up',
      block: (world, id) => world.setTruth(id, { pickup: 'never' }),
      free: (world, id) => world.setTruth(id, {}),
    },
    {
      reason: 'before the moment it was postponed to',
      block: (world, id) =>
        world.update(world.callers.admin, 'mailbox', id, {
          postponetestemailconfigurationuntil: '2026-11-24T08:00:00Z',
          testemailconfigurationscheduled: true,
        }),
      free: (world, id) =>
        world.update(world.callers.admin, 'mailbox', id, { postponetestemailconfigurationuntil: null }),
    },
  ])('$reason, and does once that has changed', ({ block, free }) => {
    const { world, profileId } = smallWorld()
    const { mailboxId } = createApprovedUser(world)

    block(world, mailboxId)
    request(world, mailboxId)
    world.advance(60 * MINUTE)
    const before = rowOf(world, 'mailbox', mailboxId)
    free(world, mailboxId, profileId)
    world.advance(MINUTE)

    expect(before).toMatchObject({ testemailconfigurationscheduled: true, testmailboxaccesscompletedon: NEVER })
    expect(rowOf(world, 'mailbox', mailboxId)).toMatchObject({
      testemailconfigurationscheduled: false,
      mailboxstatus: 1,
    })
  })

  test('in the middle while the service is off, and its end comes at the moment it is back', () => {
    const { world } = smallWorld()
    const { mailboxId } = createApprovedUser(world)
    request(world, mailboxId)
    world.advance(3500)
    world.setConditions({ asynchronousService: false })
    world.advance(60 * MINUTE)
    const during = rowOf(world, 'mailbox', mailboxId)

    world.setConditions({ asynchronousService: true })
    world.settle()

    expect(during['processingstatecode']).toBe(1)
    expect(Date.parse(String(rowOf(world, 'mailbox', mailboxId)['testmailboxaccesscompletedon']))).toBe(
      Math.floor(world.now().getTime() / 1000) * 1000,
    )
  })
})

describe('a mailbox with a will of its own', () => {
  test('stuck runs until it is healed, and blocks nobody', () => {
    const { world } = smallWorld({ service: { concurrency: 1 } })
    const stuck = createApprovedUser(world, 'ann')
    const other = createApprovedUser(world, 'bob')
    world.setTruth(stuck.mailboxId, { run: 'stuck' })
    request(world, stuck.mailboxId)
    request(world, other.mailboxId)

    world.advance(60 * MINUTE)
    const counts = world.tests()
    world.setTruth(stuck.mailboxId, {})

    expect(counts).toEqual({ waiting: 0, running: 0, held: 1 })
    expect(rowOf(world, 'mailbox', other.mailboxId)['mailboxstatus']).toBe(1)
    expect(rowOf(world, 'mailbox', stuck.mailboxId)).toMatchObject({ mailboxstatus: 1, processingstatecode: 0 })
  })

  test('slow takes minutes', () => {
    const { world } = smallWorld()
    const { mailboxId } = createApprovedUser(world)
    world.setTruth(mailboxId, { run: 'slow' })

    request(world, mailboxId)
    world.advance(4 * MINUTE)
    const running = world.tests().running
    world.advance(15 * MINUTE)

    expect(running).toBe(1)
    expect(rowOf(world, 'mailbox', mailboxId)['mailboxstatus']).toBe(1)
  })

  test('flapping fails every second test', () => {
    const { world } = smallWorld()
    const { mailboxId } = createApprovedUser(world)
    world.setTruth(mailboxId, { flaps: true })

    const outcomes = [1, 2, 3, 4].map(() => {
      request(world, mailboxId)
      world.advance(MINUTE)
      return rowOf(world, 'mailbox', mailboxId)['mailboxstatus']
    })

    expect(outcomes).toEqual([2, 1, 2, 1])
  })

  test('is disabled by the server an hour after it has passed', () => {
    const { world } = smallWorld()
    const { mailboxId } = createApprovedUser(world)
    world.setTruth(mailboxId, { disabledAfterMs: 60 * MINUTE })
    request(world, mailboxId)

    world.advance(59 * MINUTE)
    const before = rowOf(world, 'mailbox', mailboxId)
    world.advance(2 * MINUTE)
    const after = rowOf(world, 'mailbox', mailboxId)

    expect(statuses(before)).toEqual([1, 1, 1])
    expect(statuses(after)).toEqual([2, 2, 2])
    expect(enabled(after)).toEqual([false, false, false])
    expect(after['testmailboxaccesscompletedon']).toBe(before['testmailboxaccesscompletedon'])
    expect(alertsOf(world)).toEqual(['Information passed', 'Error CredentialsRefused'])
  })
})

describe('the asynchronous service', () => {
  test.each([
    { exchange: 'busy' as const, alerts: ['Warning ConnectionFailed', 'Warning ConnectionFailed'] },
    {
      exchange: 'refusing' as const,
      alerts: ['Error CredentialsRefused', 'Error ProfileRefused', 'Error CredentialsRefused'],
    },
  ])('meets an Exchange that is $exchange in every test', ({ exchange, alerts }) => {
    const { world } = smallWorld()
    const mailboxes = ['ann', 'bob'].map((name) => createApprovedUser(world, name).mailboxId)
    world.setConditions({ exchange })

    for (const id of mailboxes) request(world, id)
    world.advance(MINUTE)
    const during = alertsOf(world)
    world.setConditions({ exchange: 'working' })
    for (const id of mailboxes) request(world, id)
    world.advance(6 * MINUTE)

    expect(during).toEqual(alerts)
    expect(mailboxes.map((id) => rowOf(world, 'mailbox', id)['mailboxstatus'])).toEqual([1, 1])
  })

  test('does not need the same time for every test', () => {
    const { world } = smallWorld()
    const mailboxes = Array.from({ length: 10 }, (_, index) => createApprovedUser(world, `user${index}`).mailboxId)

    for (const id of mailboxes) request(world, id)
    world.advance(MINUTE)

    const ends = mailboxes.map((id) => Date.parse(String(rowOf(world, 'mailbox', id)['testmailboxaccesscompletedon'])))
    expect(new Set(ends).size).toBeGreaterThan(3)
    expect(Math.max(...ends) - Math.min(...ends)).toBeLessThan(12_000)
  })

  test('runs so many tests at a time', () => {
    const { world } = smallWorld({ service: { concurrency: 3 } })
    const mailboxes = Array.from({ length: 10 }, (_, index) => createApprovedUser(world, `user${index}`).mailboxId)

    for (const id of mailboxes) request(world, id)
    world.advance(3500)
    const counts = world.tests()
    world.advance(5 * MINUTE)

    expect(counts).toEqual({ waiting: 7, running: 3, held: 0 })
    expect(world.tests()).toEqual({ waiting: 0, running: 0, held: 0 })
  })

  test('ends at the same moments whether time moves in one step or in many', () => {
    const histories = [1, 60].map((steps) => {
      const { world } = smallWorld({ service: { concurrency: 2 } })
      const mailboxes = ['ann', 'bob', 'cora', 'dora', 'emil'].map((name) => createApprovedUser(world, name).mailboxId)
      world.setTruth(mailboxes[1] ?? '', { transientFailures: 1 })
      for (const id of mailboxes) request(world, id)
      for (let step = 0; step < steps; step += 1) world.advance((10 * MINUTE) / steps)
      return world.snapshot()
    })

    expect(histories[0]).toEqual(histories[1])
  })

  test('lets the time run until nothing is left to do', () => {
    const { world } = smallWorld()
    const { mailboxId } = createApprovedUser(world)
    world.setTruth(mailboxId, { transientFailures: 2 })
    request(world, mailboxId)

    const tooShort = world.advanceUntilIdle(MINUTE)
    const tookMs = world.advanceUntilIdle(60 * MINUTE)

    expect(tooShort).toBe(MINUTE)
    expect(tookMs).toBeGreaterThan(9 * MINUTE)
    expect(tookMs).toBeLessThan(11 * MINUTE)
    expect(rowOf(world, 'mailbox', mailboxId)['mailboxstatus']).toBe(1)
  })

  test('with a running clock, looking at the rows is enough', () => {
    let realMs = 0
    const { world } = smallWorld({ clock: { speed: 60, realTimeMs: () => realMs } })
    const { mailboxId } = createApprovedUser(world)
    request(world, mailboxId)

    realMs += 1000

    expect(rowOf(world, 'mailbox', mailboxId)['mailboxstatus']).toBe(1)
  })

  test('writes alerts in the language of the organization and refreshes one that is there', () => {
    const { world } = smallWorld({ language: 1031 })
    const { mailboxId } = createApprovedUser(world)
    world.setTruth(mailboxId, { unlicensed: true })
    for (let run = 0; run < 2; run += 1) {
      request(world, mailboxId)
      world.advance(MINUTE)
    }

    const alerts = [...world.rows('tracelog').values()]

    expect(alerts).toHaveLength(1)
    expect(alerts[0]).toMatchObject({ isunique: true, tracestatus: false, machinename: 'CRMASYNC01' })
    expect(alerts[0]?.['text']).toContain('Das Postfach ann Albers')
    expect(String(alerts[0]?.['modifiedon']) > String(alerts[0]?.['createdon'])).toBe(true)
  })

  test('raises an alert anew where someone has deleted it', () => {
    const { world } = smallWorld()
    const { mailboxId } = createApprovedUser(world)
    request(world, mailboxId)
    world.advance(MINUTE)
    const [first = ''] = [...world.rows('tracelog').keys()]
    world.remove(world.callers.admin, 'tracelog', first)

    request(world, mailboxId)
    world.advance(MINUTE)

    expect([...world.rows('tracelog').keys()]).not.toContain(first)
    expect(world.rows('tracelog').size).toBe(1)
  })
})

function setProfileState(world: SimulatedWorld, statecode: number): void {
  for (const id of world.rows('emailserverprofile').keys()) {
    world.update(world.callers.admin, 'emailserverprofile', id, { statecode })
  }
}

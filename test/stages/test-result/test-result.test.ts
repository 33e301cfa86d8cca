import { describe, expect, it } from 'vitest'
import type { AlertRow, MailboxRow } from '../../../src/crm/rows.ts'
import type { DesiredMailbox } from '../../../src/spec/desired.ts'
import { causeOf, singleLine } from '../../../src/stages/testing/test-cause.ts'
import { CAUSES } from '../../../src/stages/testing/test-causes.data.ts'
import { mailbox, organization, SERVER_SIDE } from '../desired.ts'
import { idOf, type MemoryRows, mailboxRow, memory, peopled, person, profileRow } from '../memory.ts'
import { linesOf, plan, STAGES } from '../pass.ts'

const ANN = 'ann@contoso.com'
const ENDED = '2026-11-10T08:00:00Z'

const FAILED: Partial<MailboxRow> = {
  status: { incoming: 'Failure', outgoing: 'Failure', appointmentsContactsTasks: 'Success' },
  testCompletedOn: ENDED,
}

function alert(code: number, fields: Partial<AlertRow> = {}): AlertRow {
  return {
    id: idOf(5, code),
    regardingId: idOf(1, 1),
    level: 'Error',
    code,
    text: 'Etwas ging schief',
    createdOn: ENDED,
    modifiedOn: ENDED,
    ...fields,
  }
}

function before(code: number, day: string, fields: Partial<AlertRow> = {}): AlertRow {
  const at = `${day}T08:00:00Z`
  return alert(code, { createdOn: at, modifiedOn: at, ...fields })
}

function passed(day: string, time = 'T08:00:00Z'): AlertRow {
  return before(20, day, { level: 'Information', succeeded: true, modifiedOn: `${day}${time}` })
}

async function verdictOf(rows: MemoryRows, fields: Partial<DesiredMailbox> = SERVER_SIDE, changedAt?: string) {
  const changed = changedAt === undefined ? undefined : new Map([['Mailbox', new Map([[ANN, changedAt]])]])
  const { reads } = await plan(
    memory(rows),
    organization([mailbox(ANN, fields)]),
    STAGES,
    changed ? { changedAt: changed } : {},
  )
  const read = reads.get('test-result')
  return read?.complete ? read.rows.get(ANN)?.ready : undefined
}

function rows(fields: Partial<MailboxRow>, more: Partial<MemoryRows> = {}): MemoryRows {
  return { ...peopled(person(1, ANN, { mailbox: fields })), ...more }
}

const TABLE: readonly { reason: string; rows: MemoryRows; expected: string; says?: string }[] = [
  { reason: 'every direction passed', rows: rows({}), expected: 'True Healthy', says: 'tested 2026-11-10 08:00 UTC' },
  {
    reason: 'a test is scheduled',
    rows: rows({ testScheduled: true, modifiedOn: '2026-11-20T07:55:00Z' }),
    expected: 'Unknown TestScheduled',
  },
  {
    reason: 'a test is scheduled for later',
    rows: rows({ testScheduled: true, testPostponedUntil: '2026-11-20T09:05:00Z' }),
    expected: 'Unknown TestScheduled',
    says: 'not before 2026-11-20 09:05 UTC',
  },
  { reason: 'never tested', rows: rows({ testCompletedOn: null }), expected: 'Unknown TestNotRun' },
  {
    reason: 'a status of another build',
    rows: rows({ status: { incoming: 'Other(5)', outgoing: 'Success', appointmentsContactsTasks: 'Success' } }),
    expected: 'Unknown TestNotKnown',
  },
  { reason: 'no profile', rows: rows({ ...FAILED, profileId: null }), expected: 'False NoProfile' },
  {
    reason: 'not approved though the organization asks for it',
    rows: peopled(person(1, ANN, { mailbox: FAILED, holder: { approval: 'Pending' } })),
    expected: 'False NotApproved',
  },
  {
    reason: 'not approved where nobody asks for it',
    rows: {
      ...peopled(person(1, ANN, { holder: { approval: 'Pending' } })),
      organization: { requireApproval: { users: false, queues: true } },
    },
    expected: 'True Healthy',
  },
  {
    reason: 'not approved does not matter to appointments',
    rows: peopled(person(1, ANN, { mailbox: { incoming: 'None', outgoing: 'None' }, holder: { approval: 'Pending' } })),
    expected: 'True Healthy',
  },
  {
    reason: 'a known alert',
    rows: rows(FAILED, { alerts: [alert(202)] }),
    expected: 'False MissingInExchange',
    says: 'incoming and outgoing failed 2026-11-10 08:00 UTC: Exchange has no mailbox with this address. Create',
  },
  {
    reason: 'an alert of another code keeps its own words',
    rows: rows(FAILED, { alerts: [alert(987_654)] }),
    expected: 'False Unknown',
    says: 'CRM says (alert 987654): "Etwas ging schief"',
  },
  {
    reason: 'of several alerts a known one says more',
    rows: rows(FAILED, { alerts: [alert(987_654), alert(205)] }),
    expected: 'False AutodiscoverFailed',
  },
  {
    reason: 'what passed is no cause',
    rows: rows(FAILED, { alerts: [alert(20, { level: 'Information' })] }),
    expected: 'False Unknown',
    says: 'CRM logged no alert about it',
  },
  {
    reason: 'a warning of the retries belongs to the test',
    rows: rows(FAILED, { alerts: [alert(201, { level: 'Warning', modifiedOn: '2026-11-10T07:50:00Z' })] }),
    expected: 'False Transient',
  },
  {
    reason: 'an alert from before, later than the last test that passed, is told with its day',
    rows: rows(FAILED, { alerts: [before(206, '2026-10-01'), passed('2026-09-30')] }),
    expected: 'False CredentialsRefused',
    says: '(alert of 2026-10-01)',
  },
  {
    reason: 'an alert from before, where nobody knows whether a test passed since',
    rows: rows(FAILED, { alerts: [before(206, '2026-10-01')] }),
    expected: 'False Unknown',
    says: 'CRM logged no alert about it',
  },
  {
    reason: 'an alert from before the last test that passed',
    rows: rows(FAILED, { alerts: [passed('2026-10-02'), before(212, '2026-10-01', { details: 'AADSTS700027' })] }),
    expected: 'False Unknown',
    says: 'CRM logged no alert about it',
  },
  {
    reason: 'an alert a moment ago, before a test that passed and one that failed',
    rows: rows(FAILED, {
      alerts: [
        passed('2026-11-10', 'T07:56:00Z'),
        alert(212, { details: 'AADSTS700027', modifiedOn: '2026-11-10T07:50:00Z' }),
      ],
    }),
    expected: 'False Unknown',
    says: 'CRM logged no alert about it',
  },
  {
    reason: 'an alert from before the passed test after which CRM switched it off',
    rows: rows(
      { enabled: { incoming: false, outgoing: true, appointmentsContactsTasks: true } },
      { alerts: [alert(206, { modifiedOn: '2026-11-10T07:55:00Z' })] },
    ),
    expected: 'False DisabledByCrm',
  },
  {
    reason: 'an approval that was missing before is not missing now',
    rows: rows(FAILED, { alerts: [before(103, '2026-10-01'), passed('2026-09-30')] }),
    expected: 'False Unknown',
  },
  {
    reason: 'the Router is switched on: what passed once works no longer',
    rows: rows({}, { organization: { connectionChannel: 'Router' } }),
    expected: 'False ChannelIsRouter',
  },
  {
    reason: 'B7: CRM switched it off after a passed test',
    rows: rows({ enabled: { incoming: false, outgoing: true, appointmentsContactsTasks: true } }),
    expected: 'False DisabledByCrm',
    says: 'incoming switched off',
  },
  {
    reason: 'B7: CRM switched it off, and an alert says why',
    rows: rows(
      { enabled: { incoming: false, outgoing: true, appointmentsContactsTasks: true } },
      { alerts: [alert(206)] },
    ),
    expected: 'False CredentialsRefused',
  },
  {
    reason: 'a direction not in use may be off',
    rows: rows({ incoming: 'None', enabled: { incoming: false, outgoing: true, appointmentsContactsTasks: true } }),
    expected: 'True Healthy',
  },
  { reason: 'inactive', rows: rows({ active: false }), expected: 'False MailboxInactive' },
  {
    reason: 'the user is disabled',
    rows: peopled(person(1, ANN, { holder: { active: false } })),
    expected: 'False UserDisabled',
  },
  {
    reason: 'wished to use the server and does not yet',
    rows: rows({ incoming: 'None', outgoing: 'Outlook', appointmentsContactsTasks: 'None' }),
    expected: 'Unknown NotBegun',
  },
]

describe('whether a mailbox works', () => {
  it.each(TABLE)('$reason', async ({ rows: given, expected, says = '' }) => {
    const verdict = await verdictOf(given)

    expect(`${verdict?.status} ${verdict?.code}`).toBe(expected)
    expect(verdict?.message).toContain(says)
  })

  it('a mailbox that is not wished to use the server is in order without', async () => {
    const off = rows({ incoming: 'None', outgoing: 'None', appointmentsContactsTasks: 'None' })

    expect(await verdictOf(off, { incoming: 'None' })).toMatchObject({ status: 'True', code: 'NotUsed' })
  })

  it('a forward mailbox needs no approval', async () => {
    const row = mailboxRow(1, { address: ANN, type: 'Forward', regardingId: null, approval: 'Pending' })

    const verdict = await verdictOf({ mailboxes: [row] }, { ...SERVER_SIDE, type: 'Forward' })

    expect(verdict).toMatchObject({ status: 'True' })
  })

  it('B7: what CRM did by itself is status, not drift', async () => {
    const off = rows({ enabled: { incoming: false, outgoing: false, appointmentsContactsTasks: false } })
    const desired = organization([mailbox(ANN, { ...SERVER_SIDE, testAndEnable: true })])

    expect(linesOf((await plan(memory(off), desired)).plan)).toEqual([])
  })
})

const LONG_AGO = '2026-11-20T07:30:00Z'
const QUIET: Partial<MailboxRow> = { processedOn: null, lastSyncedOn: null }
const WAITING: Partial<MailboxRow> = { ...QUIET, testScheduled: true, testCompletedOn: null, modifiedOn: LONG_AGO }

const IN_FLIGHT: readonly { reason: string; rows: MemoryRows; expected: string; repeats?: true; says?: string }[] = [
  {
    reason: 'it runs',
    rows: rows({ ...WAITING, processing: true, processedOn: '2026-11-20T07:58:30Z' }),
    expected: 'Unknown TestRunning',
    says: 'its test runs since 2026-11-20 07:58 UTC',
  },
  {
    reason: 'CRM tries again',
    rows: rows({ ...FAILED, testScheduled: true, testTries: 2, testPostponedUntil: '2026-11-20T08:03:00Z' }),
    expected: 'Unknown TestRetrying',
    says: 'CRM tries again by itself, not before 2026-11-20 08:03 UTC, after 2 tries',
  },
  {
    reason: 'B6: it never ends, though others do',
    rows: peopled(
      person(1, ANN, { mailbox: WAITING }),
      person(2, 'bob@contoso.com', { mailbox: { testCompletedOn: '2026-11-20T07:59:00Z' } }),
    ),
    expected: 'False TestTimedOut',
  },
  {
    reason: 'B6: nothing ends at all',
    rows: peopled(person(1, ANN, { mailbox: WAITING }), person(2, 'bob@contoso.com', { mailbox: QUIET })),
    expected: 'False AsyncServiceOff',
    repeats: true,
  },
  {
    reason: 'the Router is switched on',
    rows: rows({ ...WAITING, modifiedOn: '2026-11-20T07:59:00Z' }, { organization: { connectionChannel: 'Router' } }),
    expected: 'False ChannelIsRouter',
    repeats: true,
  },
  {
    reason: 'its profile is inactive',
    rows: rows(WAITING, { profiles: [profileRow(1, 'Exchange Online', { active: false })] }),
    expected: 'False ProfileInactive',
  },
  {
    reason: 'a failure of a kind that meets all',
    rows: rows(FAILED, { alerts: [alert(987_654, { details: 'CryptographicException: 0x80092004' })] }),
    expected: 'False CertificateMissing',
    repeats: true,
  },
  {
    reason: 'a number that is not sure says nothing of all',
    rows: rows(FAILED, { alerts: [alert(211)] }),
    expected: 'False CertificateMissing',
  },
  {
    reason: 'an alert from before says nothing of all',
    rows: rows(FAILED, { alerts: [before(211, '2026-10-01', { details: '0x80092004' }), passed('2026-09-30')] }),
    expected: 'False CertificateMissing',
  },
  {
    reason: 'an alert of its profile says that it meets all',
    rows: rows(FAILED, {
      alerts: [
        alert(206),
        alert(401, { regardingId: idOf(3, 1), createdOn: '2026-11-01T08:00:00Z', modifiedOn: '2026-11-15T08:00:00Z' }),
      ],
    }),
    expected: 'False ProfileRefused',
    repeats: true,
    says: 'incoming and outgoing failed 2026-11-10 08:00 UTC: Exchange refuses',
  },
  {
    reason: 'an alert of its profile says nothing where its own says more',
    rows: rows(FAILED, { alerts: [alert(202), alert(401, { regardingId: idOf(3, 1) })] }),
    expected: 'False MissingInExchange',
  },
  {
    reason: 'an alert of its profile from another day',
    rows: rows(FAILED, { alerts: [alert(401, { regardingId: idOf(3, 1), modifiedOn: '2026-11-08T08:00:00Z' })] }),
    expected: 'False Unknown',
  },
  {
    reason: 'an alert that could not be understood',
    rows: rows(FAILED, { alerts: [alert(202, { undecodable: 'column level holds nothing' })] }),
    expected: 'False Unknown',
    says: 'could not be understood: column level holds nothing',
  },
  {
    reason: 'parked by CRM',
    rows: rows({ postponedUntil: '9999-12-30T00:00:00Z' }),
    expected: 'Unknown Parked',
    says: `mailkeel test ${ANN}`,
  },
  {
    reason: 'B7: CRM gave up later, and its alert says when',
    rows: rows(
      { ...FAILED, enabled: { incoming: false, outgoing: false, appointmentsContactsTasks: true } },
      { alerts: [alert(206, { modifiedOn: '2026-11-12T09:30:00Z' })] },
    ),
    expected: 'False CredentialsRefused',
    says: 'incoming and outgoing switched off by CRM 2026-11-12 09:30 UTC: Exchange refuses',
  },
]

describe('a test on its way', () => {
  it.each(IN_FLIGHT)('$reason', async ({ rows: given, expected, says = '', repeats }) => {
    const verdict = await verdictOf(given)

    expect(`${verdict?.status} ${verdict?.code}`).toBe(expected)
    expect(verdict?.message).toContain(says)
    expect(verdict?.repeats).toBe(repeats)
  })
})

describe('a result older than our last change', () => {
  it.each([
    { reason: 'changed after the test', changedAt: '2026-11-10T09:00:00Z', skew: 0, expected: 'TestStale' },
    { reason: 'changed before the test', changedAt: '2026-11-10T07:00:00Z', skew: 0, expected: 'Healthy' },
    { reason: 'within what clocks tell', changedAt: '2026-11-10T08:00:01Z', skew: 0, expected: 'Healthy' },
    {
      reason: "B15: the server's clock is behind ours",
      changedAt: '2026-11-10T08:05:00Z',
      skew: -600_000,
      expected: 'Healthy',
    },
    {
      reason: "B15: the server's clock is ahead of ours",
      changedAt: '2026-11-10T07:55:00Z',
      skew: 600_000,
      expected: 'TestStale',
    },
  ])('$reason', async ({ changedAt, skew, expected }) => {
    const verdict = await verdictOf(rows({}, { probe: { clockSkewMs: skew } }), SERVER_SIDE, changedAt)

    expect(verdict?.code).toBe(expected)
  })

  it('is never asked for again because of what is remembered', async () => {
    const desired = organization([mailbox(ANN, { ...SERVER_SIDE, testAndEnable: true })])
    const changed = new Map([['Mailbox', new Map([[ANN, '2026-11-19T09:00:00Z']])]])

    const { plan: planned } = await plan(memory(rows({})), desired, STAGES, changed ? { changedAt: changed } : {})

    expect(linesOf(planned)).toEqual([])
  })
})

describe('reading alerts', () => {
  it('only of mailboxes that fail for no reason that is seen otherwise, and of their profile', async () => {
    const remote = memory(
      peopled(
        person(1, ANN, { mailbox: FAILED }),
        person(2, 'bob@contoso.com'),
        person(3, 'cora@contoso.com', { mailbox: { ...FAILED, profileId: null } }),
        person(4, 'unmanaged@contoso.com', { mailbox: FAILED }),
      ),
    )
    const members = [ANN, 'bob@contoso.com', 'cora@contoso.com'].map((address) => mailbox(address))

    await plan(remote, organization(members))

    expect(remote.reads.filter((read) => read.startsWith('alerts'))).toEqual(['alerts 2'])
  })

  it('not being allowed to makes no result unknown', async () => {
    const remote = memory(rows(FAILED))
    const refusing = {
      reader: () => ({
        ...remote.reader(),
        alerts: () => Promise.reject(Object.assign(new Error('no'), { code: 'PrivilegeMissing' })),
      }),
      writer: remote.writer,
    }

    const { reads } = await plan(refusing, organization([mailbox(ANN)]))

    const read = reads.get('test-result')
    expect(read?.complete && read.rows.get(ANN)?.ready?.message).toContain('prvReadTraceLog')
  })

  it('any other failure makes no result unknown either', async () => {
    const remote = memory(rows(FAILED))
    const broken = {
      reader: () => ({ ...remote.reader(), alerts: () => Promise.reject(new Error('reading tracelogs: HTTP 500')) }),
      writer: remote.writer,
    }

    const { reads } = await plan(broken, organization([mailbox(ANN)]))

    const read = reads.get('test-result')
    const ready = read?.complete ? read.rows.get(ANN)?.ready : undefined
    expect(ready).toMatchObject({ status: 'False', code: 'Unknown' })
    expect(ready?.message).toContain('reading tracelogs: HTTP 500')
  })
})

describe('causes', () => {
  it('every cause has words and a next step', () => {
    for (const [name, { words, next }] of Object.entries(CAUSES)) {
      expect(name).toMatch(/^[A-Z][A-Za-z]+$/)
      expect(words).toMatch(/^[a-zA-Z].*[a-zA-Z]$/)
      expect(next).toMatch(/^[A-Z].*\.$/)
    }
  })

  it("the server's own text is on one line and capped", () => {
    const { words } = causeOf(alert(1, { text: `first\r\n\u2028second\u0007 ${'x'.repeat(3000)}` }))

    expect(words).toContain('"first second xxx')
    expect(words.length).toBeLessThan(260)
    expect(singleLine('a\n\n\tb')).toBe('a b')
  })
})

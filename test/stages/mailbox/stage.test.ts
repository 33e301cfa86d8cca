import { describe, expect, it } from 'vitest'
import type { WriteOperation } from '../../../src/crm/organization.ts'
import type { MailboxRow } from '../../../src/crm/rows.ts'
import type { DesiredMailbox } from '../../../src/spec/desired.ts'
import { mailbox, organization, profile, SERVER_SIDE } from '../desired.ts'
import { idOf, type MemoryRows, memory, peopled, person, profileRow } from '../memory.ts'
import { apply, changesOf, exceptionsOf, linesOf, plan, STAGES, sentencesOf } from '../pass.ts'

const ANN = 'ann@contoso.com'
const ON_PROFILE = { profile: 'online', ...SERVER_SIDE, testAndEnable: true } as const
const ONLINE = profile('online', { displayName: 'Exchange Online' })
const OLD = profileRow(2, 'Old Exchange', { serverType: 'ExchangeServer' })

function rows(fields: Partial<MailboxRow> = {}, more: Partial<MemoryRows> = {}): MemoryRows {
  const people = peopled(person(1, ANN, { mailbox: fields }))
  return { ...people, profiles: [profileRow(1, 'Exchange Online'), OLD], ...more }
}

/** Stages that spread nothing: a change that stops and does more stays one. */
const AT_ONCE = STAGES.map(({ pace: _, ...stage }) => stage)

async function planFor(fields: Partial<DesiredMailbox>, remoteRows: MemoryRows, profiles = [ONLINE]) {
  return (await plan(memory(remoteRows), organization([mailbox(ANN, fields)], profiles))).plan
}

describe('what a change of settings says', () => {
  it.each([
    {
      reason: 'from one profile to another',
      actual: { profileId: idOf(3, 2) },
      says: [`move: ${ANN} goes from "Old Exchange" to "Exchange Online"`, `test: ${ANN} is tested`],
      effects: ['move', 'test'],
    },
    {
      reason: 'from no profile',
      actual: { profileId: null },
      says: [`start: ${ANN} gets the profile "Exchange Online"`, `test: ${ANN} is tested`],
      effects: ['start', 'test'],
    },
    {
      reason: 'from a profile that cannot be read',
      actual: { profileId: 'dddddddd-0000-4000-8000-000000000009' },
      says: [`move: ${ANN} goes from "profile dddddddd" to "Exchange Online"`, `test: ${ANN} is tested`],
      effects: ['move', 'test'],
    },
    {
      reason: 'from nothing to receiving',
      actual: { incoming: 'None' as const },
      says: [`start: ${ANN} receives by server-side synchronization`, `test: ${ANN} is tested`],
      effects: ['start', 'test'],
    },
    {
      reason: 'from Outlook to the server',
      actual: { outgoing: 'Outlook' as const },
      says: [
        `adjust: ${ANN} sends by server-side synchronization instead of through Outlook`,
        `test: ${ANN} is tested`,
      ],
      effects: ['adjust', 'test'],
    },
    {
      reason: 'never tested',
      actual: { testCompletedOn: null },
      says: [`test: ${ANN} is tested`],
      effects: ['test'],
    },
    { reason: 'in order', actual: {}, says: [], effects: [] },
    { reason: 'failed before, and nothing says why it would not again', actual: FAILED(), says: [], effects: [] },
    { reason: 'a test is scheduled', actual: { testScheduled: true, testCompletedOn: null }, says: [], effects: [] },
  ])('$reason', async ({ actual, says, effects }) => {
    const planned = await planFor(ON_PROFILE, rows(actual))

    expect(sentencesOf(planned)).toEqual(says)
    expect(changesOf(planned).flatMap((change) => change.effects)).toEqual(effects)
  })

  it.each([
    {
      reason: 'stops everything',
      wish: { incoming: 'None', outgoing: 'None', appointmentsContactsTasks: 'None', testAndEnable: true } as const,
      effects: ['stop'],
    },
    {
      reason: 'stops one direction',
      wish: { incoming: 'None', testAndEnable: true } as const,
      effects: ['stop', 'test'],
    },
    { reason: 'goes back to Outlook', wish: { outgoing: 'Outlook' } as const, effects: ['adjust'] },
    { reason: 'is claimed', wish: { primarySync: 'Claim', testAndEnable: true } as const, effects: ['claim', 'test'] },
    { reason: 'is claimed without a test', wish: { primarySync: 'Claim' } as const, effects: ['claim'] },
    { reason: 'deletes mail', wish: { processAndDelete: true } as const, effects: ['delete-mail'] },
    {
      reason: 'reads older mail',
      wish: { processEmailFrom: '2026-01-01', testAndEnable: true } as const,
      effects: ['adjust', 'old-mail'],
    },
  ])('$reason', async ({ wish, effects }) => {
    const planned = await planFor(wish, rows())

    expect([...new Set(changesOf(planned).flatMap((change) => change.effects))]).toEqual(effects)
  })
})

function FAILED(): Partial<MailboxRow> {
  return { status: { incoming: 'Failure', outgoing: 'Failure', appointmentsContactsTasks: 'Failure' } }
}

describe('what is compared', () => {
  it('a profile that is renamed in the same plan is the same profile', async () => {
    const renamed = profile('online', { displayName: 'Exchange Online 2', previousDisplayName: 'Exchange Online' })

    const planned = await planFor(ON_PROFILE, rows(), [renamed])

    expect(linesOf(planned)).toEqual(['email-server-profile update online: displayName'])
  })

  it('of two profiles with the wished name none is taken, and the mailbox waits', async () => {
    const planned = await planFor(
      ON_PROFILE,
      rows({}, { profiles: [profileRow(1, 'Exchange Online'), profileRow(2, 'Exchange Online')] }),
    )

    expect(linesOf(planned)).toEqual([])
    expect(exceptionsOf(planned)).toEqual([
      'email-server-profile Unknown AmbiguousProfile online',
      `mailbox Blocked AmbiguousProfile ${ANN}`,
    ])
  })

  it('a mailbox that asks for credentials of its own is not settled halfway', async () => {
    const planned = await planFor({ ...ON_PROFILE, useCredentials: true }, rows({ profileId: null }))

    expect(linesOf(planned)).toEqual([])
    expect(exceptionsOf(planned)).toEqual([`mailbox Unknown CredentialsNotSupported ${ANN}`])
  })

  it('a mailbox that asks for credentials of its own is stopped all the same, and nothing else is done', async () => {
    const stops = { ...ON_PROFILE, incoming: 'None', outgoing: 'None', userName: 'x' } as const

    const planned = await planFor(stops, rows({ profileId: null }))

    expect(linesOf(planned)).toEqual([`mailbox update ${ANN}: incoming, outgoing`])
    expect(exceptionsOf(planned)).toEqual([`mailbox Unknown CredentialsNotSupported ${ANN}`])
  })

  it('a claim is never taken back, and never made by a test', async () => {
    expect(linesOf(await planFor({ ...ON_PROFILE }, rows({ primarySync: true })))).toEqual([])
  })

  it('a date is compared as the day it is', async () => {
    const planned = await planFor(
      { processEmailFrom: '2026-11-01' },
      rows({ processEmailFrom: '2026-11-01T00:00:00Z' }),
    )

    expect(linesOf(planned)).toEqual([])
  })

  it('fields nobody names are left alone', async () => {
    const planned = await planFor(
      {},
      rows({ profileId: null, incoming: 'Outlook', ...FAILED(), testCompletedOn: null }),
    )

    expect(linesOf(planned)).toEqual([])
  })

  it.each(['MailboxInactive', 'Suspended'])('%s holds what would change', async (code) => {
    const actual = { incoming: 'None' as const, active: code !== 'MailboxInactive' }
    const suspension = { owner: 'ann', reason: 'ticket 4711', until: '2026-12-01' }
    const suspended = code === 'Suspended' ? { suspensions: [suspension] } : {}

    const planned = await planFor({ ...ON_PROFILE, ...suspended }, rows(actual))

    expect(linesOf(planned)).toEqual([])
    expect(exceptionsOf(planned)).toEqual([`mailbox Held ${code} ${ANN}`])
    expect(planned.exceptions[0]?.would).toEqual(['receive by server-side synchronization', 'be tested'])
  })
})

describe('when a test comes with it', () => {
  it('an approval in the same plan brings a test', async () => {
    const people = peopled(person(1, ANN, { holder: { approval: 'Pending' } }))

    const planned = await planFor({ ...ON_PROFILE, approval: 'Approved' }, people)

    expect(linesOf(planned)).toEqual([`approval update ${ANN}: approval`, `mailbox update ${ANN}: test`])
  })

  it('B16: a pass that was cut off between approval and test is healed by the next one', async () => {
    const cut = person(1, ANN, { mailbox: FAILED(), holder: { modifiedOn: '2026-11-20T08:00:00Z' } })

    const planned = await planFor({ ...ON_PROFILE, approval: 'Approved' }, peopled(cut))

    expect(linesOf(planned)).toEqual([`mailbox update ${ANN}: test`])
  })

  it('a rejection brings none', async () => {
    const planned = await planFor({ ...ON_PROFILE, approval: 'Rejected' }, rows())

    expect(linesOf(planned)).toEqual([`approval update ${ANN}: approval`])
  })

  it('a change of address brings one', async () => {
    const desired = organization([mailbox('new@contoso.com', { previousAddress: ANN, ...ON_PROFILE })], [ONLINE])

    const { plan: planned } = await plan(memory(rows()), desired)

    expect(linesOf(planned)).toEqual([
      'mailbox-identity update new@contoso.com: address',
      'mailbox update new@contoso.com: test',
    ])
  })

  it('without testAndEnable nothing is ever tested', async () => {
    const planned = await planFor(
      { ...ON_PROFILE, testAndEnable: false },
      rows({ profileId: null, testCompletedOn: null }),
    )

    expect(linesOf(planned)).toEqual([`mailbox update ${ANN}: profile`])
  })
})

describe('writing', () => {
  async function operationsFor(fields: Partial<DesiredMailbox>, remoteRows: MemoryRows) {
    const remote = memory(remoteRows)
    const desired = organization([mailbox(ANN, fields)], [ONLINE])
    const { outcomes } = await apply(remote, desired, (await plan(remote, desired)).plan)
    return { operations: remote.operations, outcomes }
  }

  it('settings, claim and test go out in one write', async () => {
    const actual = { profileId: idOf(3, 2), incoming: 'None', appointmentsContactsTasks: 'Outlook' } as const

    const { operations } = await operationsFor(
      { ...ON_PROFILE, primarySync: 'Claim', processEmailFrom: '2026-11-01' },
      rows(actual),
    )

    expect(operations).toEqual([
      {
        ref: expect.any(String),
        kind: 'update-mailbox',
        id: idOf(1, 1),
        patch: {
          profileId: idOf(3, 1),
          incoming: 'ServerSideSync',
          appointmentsContactsTasks: 'ServerSideSync',
          primarySync: true,
          processEmailFrom: '2026-11-01T00:00:00Z',
          requestTest: true,
        },
      },
    ])
  })

  it('A29: a test alone never carries the claim', async () => {
    const { operations } = await operationsFor(ON_PROFILE, rows({ testCompletedOn: null }))

    expect(operations).toEqual([expect.objectContaining({ kind: 'update-mailbox', patch: { requestTest: true } })])
  })

  it('nothing is written to a mailbox whose profile is gone since', async () => {
    const remote = memory(rows({ profileId: idOf(3, 2) }))
    const desired = organization([mailbox(ANN, ON_PROFILE)], [ONLINE])
    const { plan: planned } = await plan(remote, desired)
    remote.change({ profiles: [OLD] })

    const { outcomes } = await apply(remote, desired, planned)

    expect(outcomes).toMatchObject([{ result: 'Failed', reason: { code: 'ProfileNotFound' } }])
    expect(remote.operations).toEqual([])
  })

  it('a mailbox that stops is stopped although its profile is gone since', async () => {
    const remote = memory(rows({ profileId: idOf(3, 2) }))
    const wish = { profile: 'online', incoming: 'None', outgoing: 'None', appointmentsContactsTasks: 'None' } as const
    const desired = organization([mailbox(ANN, wish)], [ONLINE])
    const { plan: planned } = await plan(remote, desired)
    remote.change({ profiles: [OLD] })

    await apply(remote, desired, planned)

    expect(remote.operations).toMatchObject([{ patch: { incoming: 'None', outgoing: 'None' } }])
  })

  it('a mailbox that stops and starts something is only stopped where its profile is gone since', async () => {
    const actual = { appointmentsContactsTasks: 'None', profileId: idOf(3, 2) } as const
    const wish = { ...ON_PROFILE, incoming: 'None', primarySync: 'Claim' } as const
    const { patch } = await patchWithoutProfile(actual, wish)

    expect(patch).toEqual({ incoming: 'None' })
  })

  async function patchWithoutProfile(actual: Partial<MailboxRow>, wish: Partial<DesiredMailbox>) {
    const remote = memory(rows(actual))
    const desired = organization([mailbox(ANN, wish)], [ONLINE])
    const { plan: planned } = await plan(remote, desired, AT_ONCE)
    remote.change({ profiles: [OLD] })
    await apply(remote, desired, planned, AT_ONCE)
    const [operation] = remote.operations
    return { patch: operation && 'patch' in operation ? operation.patch : undefined }
  }
})

const CERTIFICATE_ALERT = {
  id: idOf(5, 1),
  regardingId: idOf(1, 1),
  level: 'Error',
  code: 211,
  text: 'x',
  details: 'CryptographicException: 0x80092004',
  createdOn: '2026-11-10T08:00:00Z',
  modifiedOn: '2026-11-10T08:00:00Z',
} as const

describe('a failed test', () => {
  const bob = person(2, 'bob@contoso.com', { mailbox: { testCompletedOn: '2026-11-12T08:00:00Z' } })
  const ann = person(1, ANN, { mailbox: FAILED() })

  it('is asked for again, with the reason', async () => {
    const remote = { ...peopled(ann, bob), alerts: [CERTIFICATE_ALERT] }

    const planned = await planFor(ON_PROFILE, remote)

    expect(sentencesOf(planned)).toEqual([`test: ${ANN} is tested again: another mailbox of its profile passed since`])
    expect(changesOf(planned)[0]?.effects).toEqual(['test'])
  })

  it('is not asked for again where the spec asks for no tests', async () => {
    const remote = { ...peopled(ann, bob), alerts: [CERTIFICATE_ALERT] }

    expect(linesOf(await planFor({ ...ON_PROFILE, testAndEnable: false }, remote))).toEqual([])
  })

  it('is effective when it is scheduled', async () => {
    const remote = memory({ ...peopled(ann, bob), alerts: [CERTIFICATE_ALERT] })
    const desired = organization([mailbox(ANN, ON_PROFILE)], [ONLINE])
    const { plan: planned } = await plan(remote, desired)

    await apply(remote, desired, planned)

    expect(remote.operations).toMatchObject([{ kind: 'update-mailbox', patch: { requestTest: true } }])
  })
})

describe('a profile that connects in another way', () => {
  it('has its mailboxes tested in the same plan, whatever their last result', async () => {
    const remote = peopled(person(1, ANN), person(2, 'bob@contoso.com', { mailbox: { testScheduled: true } }))
    const changed = profile('online', { displayName: 'Exchange Online', autoDiscover: false })
    const profiles = [profileRow(1, 'Exchange Online', { autoDiscover: true })]
    const members = [mailbox(ANN, ON_PROFILE), mailbox('bob@contoso.com', ON_PROFILE)]

    const { plan: planned } = await plan(memory({ ...remote, profiles }), organization(members, [changed]))

    expect(linesOf(planned)).toEqual([
      'email-server-profile update online: autoDiscover',
      `mailbox update ${ANN}: test`,
    ])
    expect(sentencesOf(planned).at(-1)).toBe(
      `test: ${ANN} is tested again: its profile was changed since the last test`,
    )
  })

  it('is none where only its name or its pace changes', async () => {
    const changed = profile('online', { displayName: 'Exchange Online', minimumPollingIntervalMinutes: 10 })
    const profiles = [profileRow(1, 'Exchange Online', { minimumPollingIntervalMinutes: 5 })]

    const { plan: planned } = await plan(
      memory({ ...peopled(person(1, ANN)), profiles }),
      organization([mailbox(ANN, ON_PROFILE)], [changed]),
    )

    expect(linesOf(planned)).toEqual(['email-server-profile update online: minimumPollingIntervalMinutes'])
  })
})

describe('a test from before mailkeel changed how the profile connects', () => {
  const CHANGED = 'Mail\n[mailkeel: connection changed 2026-11-15T08:00:00Z]'
  const TESTED_SINCE = { testCompletedOn: '2026-11-15T08:10:00Z' }
  const again = [`test: ${ANN} is tested again: its profile was changed since the last test`]

  interface Case {
    readonly reason: string
    readonly fields?: Partial<MailboxRow>
    readonly description?: string
    readonly member?: Partial<DesiredMailbox>
    readonly more?: Partial<MemoryRows>
    readonly expected: readonly string[]
  }
  const TABLE: readonly Case[] = [
    { reason: 'one that passed is asked for again', expected: again },
    { reason: 'one that failed is too, without a pause', fields: FAILED(), expected: again },
    {
      reason: 'so is one that CRM switched off',
      fields: { enabled: { incoming: false, outgoing: true, appointmentsContactsTasks: true } },
      expected: again,
    },
    { reason: 'one that ended since is not', fields: TESTED_SINCE, expected: [] },
    { reason: 'one that is on its way is not', fields: { testScheduled: true }, expected: [] },
    {
      reason: 'within what clocks tell it is not',
      fields: { testCompletedOn: '2026-11-15T07:59:58Z' },
      expected: [],
    },
    { reason: 'without the line there is no evidence', description: 'Mail', expected: [] },
    {
      reason: 'a line that somebody garbled is no evidence',
      description: 'Mail\n[mailkeel: connection changed on Sunday]',
      expected: [],
    },
    {
      reason: 'a time that has not come is no evidence, and no loop',
      description: 'Mail\n[mailkeel: connection changed 2099-11-15T08:00:00Z]',
      expected: [],
    },
    {
      reason: 'the time is one of the server, whose clock may be another',
      description: 'Mail\n[mailkeel: connection changed 2026-11-20T08:30:00Z]',
      more: { probe: { clockSkewMs: 3_600_000 } },
      expected: again,
    },
    { reason: 'where the spec asks for no tests it is left', member: { testAndEnable: false }, expected: [] },
    {
      reason: 'a suspended mailbox is left',
      member: { suspensions: [{ owner: 'ann', reason: 'audit', until: '2026-12-01' }] },
      expected: [],
    },
    {
      reason: 'a mailbox on another profile is none of its',
      fields: { profileId: OLD.id },
      member: { profile: 'old' },
      expected: [],
    },
  ]

  it.each(TABLE)('$reason', async ({ fields = {}, description = CHANGED, member = {}, more = {}, expected }) => {
    const profiles = [profileRow(1, 'Exchange Online', { description }), OLD]
    const remote = rows(fields, { profiles, ...more })
    const wished = [ONLINE, profile('old', { displayName: 'Old Exchange', serverType: 'ExchangeServer' })]

    const planned = await planFor({ ...ON_PROFILE, ...member }, remote, wished)

    expect(sentencesOf(planned)).toEqual(expected)
  })

  it('is not what its mailbox is told by: it is stale', async () => {
    const profiles = [profileRow(1, 'Exchange Online', { description: CHANGED })]
    const desired = organization([mailbox(ANN, ON_PROFILE)], [ONLINE])

    const { reads } = await plan(memory(rows({}, { profiles })), desired)

    const results = reads.get('test-result')
    expect(results?.complete && results.rows.get(ANN)?.ready).toMatchObject({
      status: 'Unknown',
      code: 'TestStale',
      message: expect.stringContaining(`mailkeel test ${ANN}`),
    })
  })
})

describe('a test after an approval of the same plan', () => {
  const desired = (fields: Partial<DesiredMailbox>) =>
    organization([mailbox(ANN, { ...ON_PROFILE, approval: 'Approved', ...fields })], [ONLINE])

  async function applied(row: Partial<MailboxRow>) {
    const people = peopled(person(1, ANN, { mailbox: row, holder: { approval: 'Pending' } }))
    const remote = memory(people)
    const refusing = {
      ...remote,
      writer: () => ({
        async *write(operations: readonly WriteOperation[]) {
          for (const { ref, kind } of operations) {
            if (kind === 'update-user')
              yield { ref, outcome: 'failed' as const, code: 'PrivilegeMissing', message: 'no' }
            else yield { ref, outcome: 'done' as const }
            remote.operations.push(...operations)
          }
        },
      }),
    }
    const { plan: planned } = await plan(refusing, desired({}))
    const { outcomes } = await apply(refusing, desired({}), planned)
    return { outcomes: outcomes.map(({ stage, result }) => `${stage} ${result}`), operations: remote.operations }
  }

  it('waits for the approval: without it, it could only fail', async () => {
    const { outcomes, operations } = await applied({})

    expect(outcomes).toEqual(['approval Failed', 'mailbox Blocked'])
    expect(operations.map(({ kind }) => kind)).toEqual(['update-user'])
  })

  it('does not keep settings waiting', async () => {
    const { operations } = await applied({ incoming: 'None' })

    expect(operations.map(({ kind }) => kind)).toEqual(['update-user', 'update-mailbox'])
  })
})

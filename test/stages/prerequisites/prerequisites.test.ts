import { describe, expect, it } from 'vitest'
import type { Probe } from '../../../src/crm/organization.ts'
import type { DesiredOrganization } from '../../../src/spec/desired.ts'
import { cannotWrite } from '../../../src/stages/prerequisites/cannot-write.ts'
import { prerequisites } from '../../../src/stages/prerequisites/stage.ts'
import { mailbox, organization, profile, SERVER_SIDE, settings } from '../desired.ts'
import { ALL_PRIVILEGES, type MemoryRows, memory, peopled, person, profileRow } from '../memory.ts'
import { exceptionsOf, linesOf, plan, STAGES } from '../pass.ts'

const ANN = 'ann@contoso.com'
const ROWS = {
  ...peopled(person(1, ANN, { mailbox: { incoming: 'None' }, holder: { approval: 'Pending' } })),
  profiles: [profileRow(1, 'Exchange Online', { minimumPollingIntervalMinutes: 5 })],
}
const DESIRED = organization(
  [mailbox(ANN, { ...SERVER_SIDE, profile: 'online', approval: 'Approved', testAndEnable: true })],
  [profile('online', { displayName: 'Exchange Online', minimumPollingIntervalMinutes: 10 })],
)
const EVERYTHING = [
  'email-server-profile update online: minimumPollingIntervalMinutes',
  `approval update ${ANN}: approval`,
  `mailbox update ${ANN}: incoming, test`,
]

async function checked(rows: Partial<MemoryRows>, desired: DesiredOrganization = DESIRED) {
  const { plan: planned, reads } = await plan(memory({ ...ROWS, ...rows }), desired)
  const read = reads.get('prerequisites')
  const checks = read?.complete
    ? [...read.rows].map(([key, { ready }]) => `${key} ${ready?.status} ${ready?.code}`)
    : []
  return { planned, troubles: checks.filter((check) => !check.includes(' True ')), read }
}

function without(...names: readonly string[]): { readonly probe: Partial<Probe> } {
  return { probe: { privileges: new Set([...ALL_PRIVILEGES].filter((name) => !names.includes(name))) } }
}

describe('prerequisites', () => {
  it('where all is in order every check carries its evidence, and nothing is blocked', async () => {
    const { planned, troubles, read } = await checked({})

    expect(troubles).toEqual([])
    expect(linesOf(planned)).toEqual(EVERYTHING)
    expect(read?.complete && [...read.rows.values()].every(({ ready }) => ready?.message !== '')).toBe(true)
  })

  it.each([
    { version: '8.2.0.2', supported: true },
    { version: '8.1.0.0', supported: false },
    { version: '9.0.4.5', supported: true },
    { version: '9.2.24.1', supported: true },
    { version: '7.0.0.0', supported: false },
    { version: '10.0.0.0', supported: false },
    { version: 'nonsense', supported: false },
  ])('version $version: supported $supported', async ({ version, supported }) => {
    const { planned, troubles } = await checked({ probe: { version } })

    expect(troubles).toEqual(supported ? [] : ['reachable-version False VersionNotSupported'])
    expect(linesOf(planned)).toEqual(supported ? EVERYTHING : [])
  })

  it('another organization behind the URL forbids everything, even stopping', async () => {
    const { planned, troubles } = await checked({ uniqueName: 'contoso-test' })
    const stopping = organization([mailbox(ANN, { outgoing: 'None' })])
    const stopped = await checked({ uniqueName: 'contoso-test' }, stopping)

    expect(troubles).toEqual(['unique-name False AnotherOrganization'])
    expect(linesOf(planned)).toEqual([])
    expect(linesOf(stopped.planned)).toEqual([])
  })

  it.each([
    { uniqueName: null, trouble: ['unique-name Unverifiable UniqueNameNotTold'], reason: 'not every server tells it' },
    { uniqueName: 'Contoso-Sales', trouble: [], reason: 'case does not matter' },
  ])('a unique name told as $uniqueName blocks nothing: $reason', async ({ uniqueName, trouble }) => {
    const { planned, troubles } = await checked({ uniqueName })

    expect(troubles).toEqual(trouble)
    expect(linesOf(planned)).toEqual(EVERYTHING)
  })

  it('the Email Router blocks mailboxes and nothing else, and stopping never', async () => {
    const { planned, troubles } = await checked({ organization: { connectionChannel: 'Router' } })
    const stopping = organization([mailbox(ANN, { outgoing: 'None' })])
    const stopped = await checked({ organization: { connectionChannel: 'Router' } }, stopping)

    expect(troubles).toEqual(['email-connection-channel False EmailRouter'])
    expect(linesOf(planned)).toEqual(EVERYTHING.slice(0, 2))
    expect(exceptionsOf(planned)).toEqual([`mailbox Blocked EmailRouter ${ANN}`])
    expect(linesOf(stopped.planned)).toEqual([`mailbox update ${ANN}: outgoing`])
  })

  it('a channel nobody knows blocks mailboxes too', async () => {
    const { planned, troubles } = await checked({ organization: { connectionChannel: 'Other(7)' } })

    expect(troubles).toEqual(['email-connection-channel Unknown ChannelNotKnown'])
    expect(linesOf(planned)).toEqual(EVERYTHING.slice(0, 2))
  })

  it('two organizations under one URL block everything', async () => {
    const { planned, troubles } = await checked({ organization: { id: 'b187eaf3-00b3-49c9-8706-c4ebfb2627fd' } })

    expect(troubles).toEqual(['organization-id False OrganizationNotClear'])
    expect(linesOf(planned)).toEqual([])
  })

  it.each([
    { skewMs: 60_000, trouble: [] },
    { skewMs: -60_000, trouble: [] },
    { skewMs: 61_000, trouble: ['clock False ClockSkew'] },
    { skewMs: -3_600_000, trouble: ['clock False ClockSkew'] },
  ])('B15: a skew of $skewMs ms only warns', async ({ skewMs, trouble }) => {
    const { planned, troubles } = await checked({ probe: { clockSkewMs: skewMs } })

    expect(troubles).toEqual(trouble)
    expect(linesOf(planned)).toEqual(EVERYTHING)
  })

  it.each([
    { missing: 'prvApproveRejectEmailAddress', check: 'privileges-approval', left: [0, 2] },
    { missing: 'prvWriteUser', check: 'privileges-approval', left: [0, 2] },
    { missing: 'prvWriteMailbox', check: 'privileges-mailbox', left: [0, 1] },
    { missing: 'prvWriteEmailServerProfile', check: 'privileges-email-server-profile', left: [1] },
    { missing: 'prvReadMailbox', check: 'privileges-read', left: [] },
  ])('without $missing only what needs it is blocked', async ({ missing, check, left }) => {
    const { planned, troubles, read } = await checked(without(missing))

    expect(troubles).toEqual([`${check} False PrivilegeMissing`])
    expect(linesOf(planned)).toEqual(left.map((index) => EVERYTHING[index]))
    expect(read?.complete && read.rows.get(check)?.ready?.message).toContain(missing)
  })

  it.each(['prvWriteQueue', 'prvCreateMailbox', 'prvDeleteEmailServerProfile', 'prvReadTeam'])(
    'without %s nothing is missed where the spec does not need it',
    async (missing) => {
      expect((await checked(without(missing))).troubles).toEqual([])
    },
  )

  it.each(['prvReadTraceLog', 'prvAppendMailbox', 'prvAppendToEmailServerProfile'])(
    'without %s, which may not be asked for, nothing is blocked',
    async (missing) => {
      const { planned, troubles } = await checked(without(missing))

      expect(troubles).toEqual([expect.stringMatching(/ Unverifiable PrivilegeMissing$/)])
      expect(linesOf(planned)).toEqual(EVERYTHING)
    },
  )

  it('an account that only reads can plan everything', async () => {
    const reading = new Set([...ALL_PRIVILEGES].filter((name) => name.startsWith('prvRead')))

    const { planned, troubles } = await checked({ probe: { privileges: reading } })

    expect(troubles).toEqual(['read-only Unverifiable ReadOnlyAccount'])
    expect(linesOf(planned)).toEqual(EVERYTHING)
  })

  it('an account that only reads and is to write too forbids everything when it writes, and is told before', async () => {
    const reading = new Set([...ALL_PRIVILEGES].filter((name) => name.startsWith('prvRead')))
    const planWith = (use: 'WillWrite' | 'Writes') =>
      plan(
        memory({ ...ROWS, probe: { privileges: reading } }),
        DESIRED,
        STAGES.map((stage) => (stage.kind === 'Prerequisite' ? prerequisites({ accountUse: () => use }) : stage)),
      )

    const [before, writing] = [await planWith('WillWrite'), await planWith('Writes')]

    expect(linesOf(before.plan)).toEqual(EVERYTHING)
    expect(cannotWrite(before.reads)?.message).toContain('prvWriteMailbox')
    expect(linesOf(writing.plan)).toEqual([])
  })

  it('privileges are the same in any case', async () => {
    const privileges = new Set([...ALL_PRIVILEGES].map((name) => name.toUpperCase()))

    expect((await checked({ probe: { privileges } })).troubles).toEqual([])
  })

  it('where nothing can be found out nothing is written', async () => {
    const remote = memory(ROWS)
    const silent = {
      reader: () => ({ ...remote.reader(), probe: () => Promise.reject(new Error('connection refused')) }),
      writer: remote.writer,
    }

    const { plan: planned } = await plan(silent, DESIRED)

    expect(linesOf(planned)).toEqual([])
    expect(new Set(planned.exceptions.map(({ state }) => state))).toEqual(new Set(['Blocked']))
  })
})

describe('the link "organization" of a chain', () => {
  async function linkOf(organizationRow: MemoryRows['organization'], desired: DesiredOrganization, kind = 'Mailbox') {
    const { reads, projection } = await plan(
      memory({ ...ROWS, ...(organizationRow && { organization: organizationRow }) }),
      desired,
    )
    const links = STAGES.flatMap(
      ({ explain }) => explain?.({ kind, key: ANN }, { desired, reads, projection, now: new Date() }) ?? [],
    )
    return links.find(({ name }) => name === 'organization')
  }
  const queues = organization([mailbox(ANN, { type: 'Queue' })])

  it.each([
    { type: 'a user', desired: DESIRED, kind: 'Mailbox', words: /addresses of users must be approved/ },
    { type: 'a queue', desired: queues, kind: 'Mailbox', words: /addresses of queues need not be approved/ },
    {
      type: 'the settings',
      desired: DESIRED,
      kind: 'EmailSettings',
      words: /of users must be approved, of queues not/,
    },
  ])('is good for $type, and tells the switches', async ({ desired, kind, words }) => {
    const link = await linkOf({ requireApproval: { users: true, queues: false } }, desired, kind)

    expect(link).toMatchObject({
      state: 'good',
      words: expect.stringMatching(words),
      evidence: 'Process Email Using: ServerSideSync; approval of users: required, of queues: not required',
    })
  })

  it.each([
    { reason: 'nobody turns it', desired: DESIRED, next: /^Write `processEmailsUsing: ServerSideSync`/ },
    {
      reason: 'the spec turns it',
      desired: { ...DESIRED, settings: settings({ processEmailsUsing: 'ServerSideSync' }) },
      next: /^Apply the plan: it turns server-side synchronization on \(settings\.yaml:\d+\)\.$/,
    },
  ])('is broken by the Email Router, with the next step where $reason', async ({ desired, next }) => {
    const link = await linkOf({ connectionChannel: 'Router' }, desired)

    expect(link).toMatchObject({ state: 'broken', next: expect.stringMatching(next) })
  })

  it('is unknown where the channel is, and says nothing about other kinds', async () => {
    expect(await linkOf({ connectionChannel: 'Other(7)' }, DESIRED)).toMatchObject({ state: 'unknown' })
    expect(await linkOf({}, DESIRED, 'EmailServerProfile')).toBeUndefined()
  })
})

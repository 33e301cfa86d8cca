import { describe, expect, it } from 'vitest'
import type { MailboxRow } from '../../../src/crm/rows.ts'
import type { Plan } from '../../../src/engine/index.ts'
import type { DesiredMailbox, DesiredOrganization, DesiredRollout } from '../../../src/spec/desired.ts'
import { organizationStages } from '../../../src/stages/index.ts'
import type { PaceOptions } from '../../../src/stages/mailbox/pace.ts'
import { mailbox, organization, profile, SERVER_SIDE } from '../desired.ts'
import { idOf, type Memory, memory, peopled, person, profileRow } from '../memory.ts'
import { plan } from '../pass.ts'

const ONLINE = profile('online', { displayName: 'Exchange Online' })
const OLD = idOf(3, 2)
const MOVED = { profileId: idOf(3, 1) }
const NOW_TESTED = { ...MOVED, testScheduled: true, modifiedOn: '2026-11-20T07:59:00Z' }
const FAILED = {
  ...MOVED,
  status: { incoming: 'Failure', outgoing: 'Success', appointmentsContactsTasks: 'Success' },
} as const
const ON_PROFILE = { profile: 'online', ...SERVER_SIDE, testAndEnable: true } as const

const addressOf = (number: number) => `person${number}@contoso.com`

/** People of whom the spec wishes that they move to another profile; `rows` says who is otherwise than before the move. */
function people(count: number, rows: Readonly<Record<number, Partial<MailboxRow>>> = {}): Memory {
  const all = Array.from({ length: count }, (_, index) =>
    person(index + 1, addressOf(index + 1), { mailbox: { profileId: OLD, ...rows[index + 1] } }),
  )
  return memory({ ...peopled(...all), profiles: [profileRow(1, 'Exchange Online'), profileRow(2, 'Old')] })
}

function wished(
  count: number,
  rollout: Partial<DesiredRollout> | undefined,
  fieldsOf: (number: number) => Partial<DesiredMailbox> = () => ({}),
): DesiredOrganization {
  const members = Array.from({ length: count }, (_, index) =>
    mailbox(addressOf(index + 1), { ...ON_PROFILE, ...fieldsOf(index + 1) }),
  )
  const desired = organization(members, [ONLINE])
  return rollout ? { ...desired, rollouts: new Map([['sales', { canary: [], ...rollout }]]) } : desired
}

async function planned(
  remote: Memory,
  desired: DesiredOrganization,
  pace: Partial<PaceOptions> = {},
  more: Parameters<typeof plan>[3] = {},
): Promise<Plan> {
  const stages = organizationStages({ resolveSecret: async () => '', pace: { maximumInFlight: 100, ...pace } })
  return (await plan(remote, desired, stages, more)).plan
}

/** Slices of mailboxes in one line each: `wave 1 3 WaitsForWave`. */
function slices({ steps }: Plan): readonly string[] {
  return steps
    .filter(({ stage }) => stage === 'mailbox')
    .map(({ slice, changes, waits }) => `${slice} ${changes.length}${waits ? ` ${waits.code}` : ''}`)
}

const CANARY = { canary: [addressOf(1)], waves: [20, 50] }

describe('a set that rolls out', () => {
  it.each([
    {
      reason: 'begins with its canary',
      rows: {},
      expected: ['canary 1', 'wave 1 1 WaitsForWave', 'wave 2 3 WaitsForWave', 'rest 5 WaitsForWave'],
    },
    {
      reason: 'waits while the canary is tested',
      rows: { 1: NOW_TESTED },
      expected: ['wave 1 1 WaitsForWave', 'wave 2 3 WaitsForWave', 'rest 5 WaitsForWave'],
    },
    {
      reason: 'goes on when the canary works',
      rows: { 1: MOVED },
      expected: ['wave 1 1', 'wave 2 3 WaitsForWave', 'rest 5 WaitsForWave'],
    },
    {
      reason: 'stops when the canary fails',
      rows: { 1: FAILED },
      expected: ['wave 1 1 RolloutStopped', 'wave 2 3 RolloutStopped', 'rest 5 RolloutStopped'],
    },
    {
      reason: 'stops where nobody of the canary can be tried',
      rows: { 1: { active: false } },
      expected: ['wave 1 1 RolloutStopped', 'wave 2 3 RolloutStopped', 'rest 5 RolloutStopped'],
    },
  ])('$reason', async ({ rows, expected }) => {
    expect(slices(await planned(people(10, rows), wished(10, CANARY)))).toEqual(expected)
  })

  it('does wave after wave until nothing is left, and says of each where it stands', async () => {
    const remote = people(10)
    const seen: string[] = []
    const moved = new Set<string>()
    for (let pass = 0; pass < 10; pass += 1) {
      const { steps } = await planned(remote, wished(10, CANARY))
      const going = steps.filter(({ stage, waits }) => stage === 'mailbox' && !waits)
      seen.push(
        ...going.map(
          ({ slice, rollout, changes }) => `${slice} (${rollout?.wave} of ${rollout?.waves}): ${changes.length}`,
        ),
      )
      for (const { key } of going.flatMap(({ changes }) => changes)) moved.add(key)
      move(remote, moved)
    }

    expect(seen).toEqual(['canary (0 of 3): 1', 'wave 1 (1 of 3): 1', 'wave 2 (2 of 3): 3', 'rest (3 of 3): 5'])
  })

  it('holds everything back while it is paused, but not what only stops', async () => {
    const rollout = { ...CANARY, paused: { reason: 'nobody at the help desk', owner: 'crm-admin@contoso.com' } }
    const desired = wished(10, rollout, (number) =>
      number === 9 ? { incoming: 'None', outgoing: 'None', appointmentsContactsTasks: 'None', profile: 'old' } : {},
    )

    const plan = await planned(people(10), {
      ...desired,
      profiles: new Map([...desired.profiles, ['old', profile('old', { displayName: 'Old' })]]),
    })

    expect(slices(plan).filter((line) => !line.endsWith('RolloutPaused'))).toEqual(['others 1'])
    expect(plan.steps.find(({ waits }) => waits)?.waits?.message).toBe(
      'the rollout of the set "sales" is paused: nobody at the help desk, crm-admin@contoso.com ends it. `mailkeel resume sales` lets it go on; no flag passes a pause.',
    )
  })

  it('holds a change that stops something and moves the mailbox too as a whole until its turn comes', async () => {
    const desired = wished(10, CANARY, () => ({ appointmentsContactsTasks: 'None' }))

    const plan = await planned(people(10), desired)

    expect(slices(plan)).toEqual(['canary 1', 'wave 1 1 WaitsForWave', 'wave 2 3 WaitsForWave', 'rest 5 WaitsForWave'])
    expect(new Set(plan.steps.flatMap(({ changes }) => changes.map(({ fields }) => fields.length)))).toEqual(
      new Set([3]),
    )
  })

  it('counts mailboxes that are not tested as good once they are changed', async () => {
    const desired = wished(10, CANARY, () => ({ testAndEnable: false }))

    expect(slices(await planned(people(10, { 1: FAILED }), desired))[0]).toBe('wave 1 1')
  })

  it('counts those that are held or missing in no wave', async () => {
    const rows = { 1: MOVED, ...Object.fromEntries([2, 3, 4, 5].map((number) => [number, { active: false }])) }

    expect(slices(await planned(people(8, rows), wished(10, CANARY)))).toEqual(['wave 2 1', 'rest 2 WaitsForWave'])
  })

  it('waits for what a person left out of this plan', async () => {
    const only = ({ key }: { readonly key: string }) => key === addressOf(5)

    const plan = await planned(people(10), wished(10, CANARY), {}, { only })

    expect(slices(plan).every((line) => line.endsWith('WaitsForWave'))).toBe(true)
  })

  it('waits where it cannot be told how the tests ended', async () => {
    const stages = organizationStages({ resolveSecret: async () => '', pace: { maximumInFlight: 100 } }).map((stage) =>
      stage.name === 'test-result' ? { ...stage, observe: () => Promise.reject(new Error('no answer')) } : stage,
    )

    const { plan: made } = await plan(people(10, { 1: FAILED }), wished(10, CANARY), stages)

    expect(new Set(made.steps.filter(({ stage }) => stage === 'mailbox').map(({ waits }) => waits?.code))).toEqual(
      new Set(['ResultsUnknown']),
    )
  })

  it('goes on after a stop for those a person allowed, and asks about no others', async () => {
    const asked: string[] = []
    const allows = (guard: string, key: string) => {
      asked.push(`${guard} ${key}`)
      return true
    }

    const plan = await planned(people(10, { 1: FAILED }), wished(10, CANARY), {}, { allows })

    expect(slices(plan)).toEqual(['wave 1 1', 'wave 2 3 WaitsForWave', 'rest 5 WaitsForWave'])
    expect(asked).toEqual([`rollout ${plan.steps.find(({ stage }) => stage === 'mailbox')?.changes[0]?.key}`])
  })

  it('stays stopped for those nobody allowed', async () => {
    const allows = (guard: string, key: string) => guard === 'rollout' && key !== addressOf(10)
    const all = wished(10, { canary: [addressOf(1)], waves: [100] })

    const plan = await planned(people(10, { 1: FAILED }), all, {}, { allows })

    expect(slices(plan)).toEqual(['wave 1 8', 'wave 1 1 RolloutStopped'])
  })

  it('does not wait for a test that hangs, but counts it as failed', async () => {
    const hanging = { ...NOW_TESTED, modifiedOn: '2026-11-19T08:00:00Z' }

    const plan = await planned(people(10, { 1: hanging }), wished(10, CANARY))

    expect(plan.steps.find(({ waits }) => waits)?.waits?.message).toContain('did not end in time')
  })

  it('holds for every set where the configuration says so, and names the set where there are several', async () => {
    const desired = wished(10, undefined, (number) => (number > 8 ? { set: 'support' } : {}))

    const plan = await planned(people(10), desired, { rollout: { waves: [50] } })

    expect(slices(plan)).toEqual([
      'sales: wave 1 4',
      'sales: rest 4 WaitsForWave',
      'support: wave 1 1',
      'support: rest 1 WaitsForWave',
    ])
  })
})

describe('the meter', () => {
  it('lets as many tests go as there are places, and says what the others wait for', async () => {
    const plan = await planned(people(10), wished(10, undefined), { maximumInFlight: 4 })

    expect(slices(plan)).toEqual(['all 4', 'all 6 TestsMetered'])
    expect(plan.steps.map(({ estimateMs }) => estimateMs)).toEqual([60_000, 90_000])
  })

  it('counts tests of mailboxes nobody manages', async () => {
    const rows = { 9: NOW_TESTED, 10: NOW_TESTED }

    expect(slices(await planned(people(10, rows), wished(8, undefined), { maximumInFlight: 4 }))).toEqual([
      'all 2',
      'all 6 TestsMetered',
    ])
  })

  it('does not count a test that hangs', async () => {
    const rows = { 10: { ...NOW_TESTED, modifiedOn: '2026-11-18T08:00:00Z' } }

    expect(slices(await planned(people(10, rows), wished(9, undefined), { maximumInFlight: 4 }))[0]).toBe('all 4')
  })

  it('takes the foremost wave first and a test alone last', async () => {
    const untested = { ...MOVED, testCompletedOn: null }
    const desired = wished(10, { waves: [50] }, (number) => (number === 10 ? { set: 'support' } : {}))

    const plan = await planned(people(10, { 10: untested }), desired, { maximumInFlight: 5 })

    expect(slices(plan)).toEqual(['wave 1 5', 'rest 4 WaitsForWave', 'others 1 TestsMetered'])
  })

  it('holds back nothing that asks for no test', async () => {
    const desired = wished(10, undefined, () => ({ testAndEnable: false }))

    expect(slices(await planned(people(10, { 10: NOW_TESTED }), desired, { maximumInFlight: 1 }))).toEqual(['all 9'])
  })

  it('never holds back what only stops, also where it brings a test', async () => {
    const desired = wished(3, undefined, () => ({ outgoing: 'None' }))
    const rows = { 1: MOVED, 2: MOVED, 3: MOVED }

    expect(slices(await planned(people(3, rows), desired, { maximumInFlight: 1 }))).toEqual(['all 3'])
  })
})

/** These have moved, and their tests passed. */
function move(remote: Memory, moved: ReadonlySet<string>): void {
  const all = Array.from({ length: 10 }, (_, index) =>
    person(index + 1, addressOf(index + 1), { mailbox: moved.has(addressOf(index + 1)) ? MOVED : { profileId: OLD } }),
  )
  remote.change({ mailboxes: all.map(({ mailbox: row }) => row) })
}

// Waves and the meter over the whole of mailkeel, with the clock moved through days.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { settlementOf } from '../../src/reconcile/settlement.ts'
import { wavesOf } from '../../src/stages/mailbox/rollout.ts'
import { documentOf, EVERYTHING, ORGANIZATION, organizationOf, setOf } from './spec.ts'
import { type Stack, type StackOptions, startStack } from './stack.ts'
import { plainAddresses } from './world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const NEW = documentOf('EmailServerProfile', 'exchange-online', {
  displayName: 'New one',
  serverType: 'ExchangeOnlineHybrid',
  autoDiscover: true,
})

const open: Stack[] = []

afterEach(async () => {
  for (const stack of open.splice(0)) await stack.close()
})

async function stackOf(options: StackOptions) {
  const stack = await startStack({ seed: 11, queues: 0, mess: ['old-profile', 'no-new-profile'], ...options })
  open.push(stack)
  const { world } = stack.simulator
  const ids = new Map([...world.rows('mailbox')].map(([id, row]) => [String(row['emailaddress']).toLowerCase(), id]))
  return { stack, world, members: plainAddresses(world, 'systemuser'), idOf: (key: string) => ids.get(key) ?? '' }
}

function spec(set: string) {
  return organizationOf({ 's.yaml': ORGANIZATION + NEW + set })
}

function movesOf({ outcomes = [], plan }: PassResult): number {
  const moves = new Set(
    plan.steps.flatMap(({ changes }) => changes.flatMap(({ id, effects }) => (effects.includes('move') ? [id] : []))),
  )
  return outcomes.filter(({ id }) => moves.has(id)).length
}

function inFlight({ simulator }: Stack): number {
  const { waiting, running } = simulator.world.tests()
  return waiting + running
}

describe('a rollout that stopped', () => {
  it.each([
    {
      reason: 'fails for lack of a licence',
      truth: { unlicensed: true },
      codes: ['RolloutStopped', 'WaitsForWave'],
    },
    // One is tested again, and the others still show that it fails for all.
    { reason: 'fails for all alike', truth: { trust: 'tenant-not-enabled' }, codes: ['RolloutStopped'] },
  ] as const)(
    'stays stopped through retests that end as before, where a wave $reason',
    async ({ truth, codes }) => {
      const { stack, world, members, idOf } = await stackOf({ mailboxes: 30, pace: { maximumInFlight: 8 } })
      for (const member of members) world.setTruth(idOf(member), truth)
      const desired = await spec(setOf('a', members, { ...EVERYTHING, rollout: { waves: [80] } }))
      await stack.pass(desired)
      stack.simulator.advance(20 * MINUTE_MS)
      const before = await stack.pass(desired)

      let moves = movesOf(before)
      let retests = 0
      const told = new Set<string>()
      for (let quarter = 0; quarter < 13; quarter += 1) {
        const asked = await stack.pass(desired)
        const meanwhile = await stack.pass(desired)
        for (const result of [asked, meanwhile]) {
          moves += movesOf(result)
          for (const { waits, rollout } of result.plan.steps) if (rollout) told.add(waits?.code ?? 'goes')
        }
        retests += asked.outcomes?.length ?? 0
        if ((asked.outcomes?.length ?? 0) > 0) expect(settlementOf([meanwhile])).toBe('waiting')
        stack.simulator.advance(6 * HOUR_MS)
      }

      expect(moves).toBe(0)
      expect(retests).toBeGreaterThan(0)
      expect([...told].sort()).toEqual(codes)
    },
    60_000,
  )

  it('goes on by itself when the retests pass', async () => {
    const { stack, world, members, idOf } = await stackOf({ mailboxes: 20 })
    for (const member of members) world.setTruth(idOf(member), { unlicensed: true })
    const desired = await spec(setOf('a', members, { ...EVERYTHING, rollout: { waves: [20] } }))
    await stack.pass(desired)
    stack.simulator.advance(20 * MINUTE_MS)
    for (const member of members) world.setTruth(idOf(member), {})

    let moves = 0
    for (let quarter = 0; quarter < 12; quarter += 1) {
      moves += movesOf(await stack.pass(desired))
      stack.simulator.advance(6 * HOUR_MS)
    }

    expect(moves).toBeGreaterThanOrEqual(Math.floor(members.length * 0.8))
  }, 60_000)
})

describe('a wave', () => {
  it('is not finished by members that cannot be told any more', async () => {
    const { stack, world, members } = await stackOf({ mailboxes: 60 })
    const desired = await spec(setOf('a', members, { ...EVERYTHING, rollout: { waves: [20, 50] } }))
    const [first] = wavesOf(members, { canary: [], waves: [20, 50] })
    await stack.pass(desired)
    for (const emailaddress of first?.members ?? []) {
      world.create(world.callers.admin, 'mailbox', { name: `copy of ${emailaddress}`, emailaddress })
    }

    const result = await stack.pass(desired)

    expect(movesOf(result)).toBe(0)
    expect(result.plan.steps.find(({ rollout }) => rollout)?.waits?.message).toContain(
      `${first?.members.length} mailboxes without a clear result`,
    )
  })

  it('holds changes of addresses as well, and what they bring', async () => {
    const { stack, members } = await stackOf({ mailboxes: 20, mess: [] })
    const rollout = { canary: [renamed(members[0] ?? '')], waves: [50] }
    await untilDone(stack, await spec(setOf('a', members)))
    const desired = await spec(
      setOf(
        'a',
        members.map((member) => ({ address: renamed(member), previousAddress: member })),
        { ...EVERYTHING, approval: 'Approved', rollout },
      ),
    )

    const first = await stack.pass(desired)
    const second = await stack.pass(desired)

    expect(new Set(first.outcomes?.map(({ key }) => key))).toEqual(new Set(rollout.canary))
    expect(second.outcomes ?? []).toEqual([])
    expect(new Set(second.plan.steps.map(({ waits }) => waits?.code))).toEqual(new Set(['WaitsForWave']))
    await untilDone(stack, desired)
    expect((await stack.pass(desired, { mode: 'plan' })).plan.steps).toEqual([])
  }, 60_000)
})

describe('the meter', () => {
  it('counts the tests that changes of addresses bring', async () => {
    const { stack, members } = await stackOf({ mailboxes: 12, mess: [], pace: { maximumInFlight: 5 } })
    await untilDone(stack, await spec(setOf('a', members)))
    const desired = await spec(
      setOf(
        'a',
        members.map((member) => ({ address: renamed(member), previousAddress: member })),
      ),
    )

    const most = await untilDone(stack, desired)

    expect(most).toBe(5)
    expect((await stack.pass(desired, { mode: 'plan' })).plan.steps).toEqual([])
  }, 60_000)

  it('counts tests of mailboxes whose address is not theirs alone', async () => {
    const { stack, world, members, idOf } = await stackOf({ mailboxes: 40, pace: { maximumInFlight: 10 } })
    const others = members.slice(0, 15)
    for (const emailaddress of others) {
      world.update(world.callers.admin, 'mailbox', idOf(emailaddress), { testemailconfigurationscheduled: true })
      world.create(world.callers.admin, 'mailbox', { name: `copy of ${emailaddress}`, emailaddress })
    }

    const result = await stack.pass(await spec(setOf('a', members.slice(15))))

    expect(movesOf(result)).toBe(0)
    expect(inFlight(stack)).toBe(15)
  })

  it('asks for no more while the service is off, and says what to do', async () => {
    const { stack, world, members } = await stackOf({ mailboxes: 40, pace: { maximumInFlight: 20 } })
    world.setConditions({ asynchronousService: false })
    const desired = await spec(setOf('a', members))
    let last: PassResult | undefined
    for (let hour = 0; hour < 10; hour += 1) {
      last = await stack.pass(desired)
      stack.simulator.advance(HOUR_MS)
    }

    const waits = last?.plan.steps.find(({ stage }) => stage === 'mailbox')?.waits

    expect(inFlight(stack)).toBe(20)
    expect(waits?.code).toBe('ServiceOff')
    expect(waits?.message).toContain('Start the asynchronous service')
  })
})

describe('what is remembered of a rollout', () => {
  it('stays where a pass looks at other objects only', async () => {
    const { stack, members } = await stackOf({ mailboxes: 40 })
    const rollout = { waves: [10, 50] }
    const [a, b] = [members.slice(0, 20), members.slice(20)]
    const desired = await spec(setOf('a', a, { ...EVERYTHING, rollout }) + setOf('b', b, { ...EVERYTHING, rollout }))
    await stack.pass(desired)
    const before = await rolloutsIn(stack)
    stack.simulator.advance(HOUR_MS)

    await stack.pass(desired, { only: ({ key }) => a.includes(key) })

    const after = await rolloutsIn(stack)
    expect(Object.keys(before).sort()).toEqual(['a', 'b'])
    expect(after['b']).toEqual(before['b'])
    expect(Object.keys(after).sort()).toEqual(['a', 'b'])
  })
})

function renamed(address: string): string {
  return address.replace('@', '.new@')
}

/** Passes until nothing is left to do; the most tests that were under way at once. */
async function untilDone(stack: Stack, desired: Awaited<ReturnType<typeof spec>>): Promise<number> {
  let most = 0
  for (let count = 0; count < 40; count += 1) {
    const { plan } = await stack.pass(desired)
    most = Math.max(most, inFlight(stack))
    stack.simulator.advance(10 * MINUTE_MS)
    if (plan.steps.length === 0) break
  }
  return most
}

async function rolloutsIn({ stateDirectory }: Stack): Promise<Record<string, unknown>> {
  const path = join(stateDirectory, 'memory', 'organization', 'contoso-sales.json')
  return JSON.parse(await readFile(path, 'utf8')).rollouts ?? {}
}

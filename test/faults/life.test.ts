// What CRM, other people and clocks do by themselves between two passes. None of it may make a pass write what the spec does not ask for,
// or write for ever.
import { afterEach, describe, expect, it } from 'vitest'
import { conditionsOf } from '../../src/reconcile/conditions.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { runPass } from '../../src/reconcile/pass.ts'
import { openState } from '../../src/reconcile/state.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { EVERYTHING, ORGANIZATION, organizationOf, PROFILE, setOf } from '../stack/spec.ts'
import { ALLOWED, GUARDS, type Stack, type StackOptions, startStack } from '../stack/stack.ts'
import { differences, pictureOf, plainAddresses, rowWith, wrongWrites } from '../stack/world.ts'

const open: Stack[] = []
afterEach(async () => {
  for (const stack of open.splice(0)) await stack.close()
})

const DAY_MS = 24 * 3_600_000
const ANN = 'ann@contoso.com'

/** An organization that was brought in order by a first pass. */
async function inOrder(options: StackOptions = {}): Promise<{ stack: Stack; desired: DesiredOrganization }> {
  const stack = await startStack({ mailboxes: 24, queues: 4, mess: ['old-profile', 'pending', 'untested'], ...options })
  open.push(stack)
  const desired = await desiredOf(stack)
  await stack.pass(desired)
  stack.simulator.world.advanceUntilIdle(DAY_MS)
  await stack.pass(desired)
  stack.simulator.resetRequests()
  return { stack, desired }
}

async function desiredOf({ simulator: { world } }: Stack): Promise<DesiredOrganization> {
  const queues = plainAddresses(world, 'queue').map((address) => ({ address, type: 'Queue' }))
  const sets = setOf('users', plainAddresses(world, 'systemuser')) + setOf('queues', queues)
  return organizationOf({ 'sales.yaml': ORGANIZATION + PROFILE + sets })
}

function codesOf(result: PassResult, type: 'synced' | 'ready'): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const condition of conditionsOf(result)) {
    if (condition.kind !== 'Mailbox') continue
    const { code } = condition[type]
    counts[code] = (counts[code] ?? 0) + 1
  }
  return counts
}

describe('B7: a mailbox that CRM switches off by itself', () => {
  it('is told as not working and is no drift: nothing is written, however often it is looked at', async () => {
    const { stack, desired } = await inOrder()
    const { simulator } = stack
    const [id] = rowWith(simulator.world, 'mailbox', 'emailaddress', ANN)
    simulator.world.setTruth(id, { disabledAfterMs: 3_600_000 })
    simulator.world.update(simulator.world.callers.admin, 'mailbox', id, { testemailconfigurationscheduled: true })
    simulator.world.advanceUntilIdle(DAY_MS)
    simulator.advance(2 * 3_600_000)

    const results = [await stack.pass(desired), await stack.pass(desired), await stack.pass(desired)]

    expect(results.map(({ plan }) => plan.steps)).toEqual([[], [], []])
    expect(simulator.requests().writes).toBe(0)
    const notReady = results.map((result) => conditionsOf(result).filter(({ ready }) => ready.status === 'False'))
    expect(notReady.map((objects) => objects.map(({ key }) => key))).toEqual([[ANN], [ANN], [ANN]])
    expect(notReady[0]?.[0]?.ready.code).toBe('Unauthorized')
  })

  it('a mailbox whose every second test fails is not tested over and over', async () => {
    const stack = await startStack({ mailboxes: 20, queues: 2, mess: ['flapping', 'untested'] })
    open.push(stack)
    const desired = await desiredOf(stack)
    const writes: number[] = []

    for (let passes = 0; passes < 4; passes += 1) {
      stack.simulator.resetRequests()
      await stack.pass(desired)
      writes.push(stack.simulator.requests().writes)
      stack.simulator.world.advanceUntilIdle(DAY_MS)
    }

    expect(writes[0]).toBeGreaterThan(0)
    expect(writes.slice(1)).toEqual([0, 0, 0])
  })
})

describe('B14: mailboxes that vanish from what the account may see', () => {
  it.each([
    { share: 1, decision: 'blocked', reason: 'all of them gone at once is a lost right and nothing else' },
    { share: 0.4, decision: 'override', reason: 'many of them gone needs a person' },
  ])('$decision at a share of $share: $reason', async ({ share, decision }) => {
    const { stack, desired } = await inOrder()
    const { simulator } = stack
    simulator.drift('polling-interval', 2)
    const before = pictureOf(simulator.world)
    simulator.faults.add({ kind: 'hide-rows', share, times: 'always', match: { path: 'mailboxes' } })

    const blocked = await stack.pass(desired)

    expect(blocked.decision).toBe(decision)
    expect(blocked.plan.steps.length).toBeGreaterThan(0)
    expect(differences(before, pictureOf(simulator.world))).toEqual([])
    expect(simulator.requests().writes).toBe(0)
    simulator.faults.clear()
    const healed = await stack.pass(desired)
    expect(healed.decision).toBe('allow')
    expect((await stack.pass(desired)).plan.steps).toEqual([])
  })

  it('a person who allows every change of share does not allow that', async () => {
    const { stack, desired } = await inOrder()
    stack.simulator.drift('method', 3)
    const before = pictureOf(stack.simulator.world)
    stack.simulator.faults.add({ kind: 'hide-rows', share: 1, times: 'always', match: { path: 'mailboxes' } })

    const result = await stack.pass(desired, { allow: new Set([...ALLOWED, 'vanished', 'organization-changed']) })

    expect(result.decision).toBe('blocked')
    expect(differences(before, pictureOf(stack.simulator.world))).toEqual([])
  })

  it('a profile that cannot be seen any more is not made a second time', async () => {
    const stack = await startStack({ mailboxes: 12, queues: 2, mess: ['pending'] })
    open.push(stack)
    const desired = await desiredOf(stack)
    await stack.pass(desired)
    const [id] = rowWith(stack.simulator.world, 'emailserverprofile', 'name', 'Exchange Online')
    stack.simulator.faults.add({
      kind: 'hide-rows',
      ids: [id],
      times: 'always',
      match: { path: 'emailserverprofiles' },
    })

    const result = await stack.pass(desired)

    expect(result.decision).toBe('override')
    expect(rowWith(stack.simulator.world, 'emailserverprofile', 'name', 'Exchange Online')[0]).toBe(id)
  })

  it('users that cannot be read make their mailboxes unknown, not absent and not approved anew', async () => {
    const { stack, desired } = await inOrder()
    const before = pictureOf(stack.simulator.world)
    stack.simulator.faults.add({ kind: 'hide-rows', share: 0.5, times: 'always', match: { path: 'systemusers' } })

    const result = await stack.pass(desired)

    expect(codesOf(result, 'synced')['HolderNotReadable']).toBeGreaterThan(3)
    expect(differences(before, pictureOf(stack.simulator.world))).toEqual([])
    expect(stack.simulator.requests().writes).toBe(0)
  })
})

describe('B15: clocks that disagree', () => {
  it.each([
    { skewMs: 10 * 60_000, words: 'ahead of' },
    { skewMs: -10 * 60_000, words: 'behind' },
  ])(
    'a server whose clock is $words ours is told so, and no mailbox is tested again for it',
    async ({ skewMs, words }) => {
      const { stack, desired } = await inOrder()
      stack.simulator.faults.add({ kind: 'date-skew', skewMs, times: 'always' })

      const result = await stack.pass(desired)

      const clock = conditionsOf(result).find(({ kind, key }) => kind === 'Prerequisite' && key === 'clock')
      expect(clock?.ready).toMatchObject({ status: 'False', code: 'ClockSkew' })
      expect(clock?.ready.message).toContain(words)
      expect(result.plan.steps).toEqual([])
      expect(stack.simulator.requests().writes).toBe(0)
    },
  )

  it('a minute of difference is nothing to tell', async () => {
    const { stack, desired } = await inOrder()
    stack.simulator.faults.add({ kind: 'date-skew', skewMs: 50_000, times: 'always' })

    const result = await stack.pass(desired)

    const clock = conditionsOf(result).find(({ kind, key }) => kind === 'Prerequisite' && key === 'clock')
    expect(clock?.ready.status).toBe('True')
  })
})

describe('B25: an address that changes', () => {
  it.each([
    { type: 'systemuser', table: 'a user' },
    { type: 'queue', table: 'a queue' },
  ] as const)(
    'of $table loses its approval, says so before, and has it again after the same pass',
    async ({ type }) => {
      const { stack } = await inOrder()
      const { world } = stack.simulator
      const [old = ''] = plainAddresses(world, type)
      const member = { address: `new.${old}`, previousAddress: old, ...(type === 'queue' ? { type: 'Queue' } : {}) }
      const renamed = await organizationOf({ 'sales.yaml': ORGANIZATION + PROFILE + setOf('all', [member]) })
      const before = pictureOf(world)

      const plan = await stack.pass(renamed, { mode: 'plan' })
      const applied = await stack.pass(renamed)

      const changes = plan.plan.steps.flatMap((step) => step.changes)
      expect(changes.map(({ stage }) => stage)).toEqual(['mailbox-identity', 'approval', 'mailbox'])
      expect(changes[0]?.phrases[0]?.one).toMatch(/approval is lost .* given again/)
      expect(changes[1]?.phrases[0]?.one).toBe('is newly approved')
      expect(new Set(applied.outcomes?.map(({ result }) => result))).toEqual(new Set(['Applied']))
      const [, row] = rowWith(world, 'mailbox', 'emailaddress', `new.${old}`)
      expect(row['emailrouteraccessapproval']).toBe(1)
      expect(row['testemailconfigurationscheduled']).toBe(true)
      expect(wrongWrites(before, world, renamed)).toEqual([])
      world.advanceUntilIdle(DAY_MS)
      expect((await stack.pass(renamed)).plan.steps).toEqual([])
    },
  )

  it('without a wish for an approval is not given one by accident, and the plan says that it is lost', async () => {
    const { stack } = await inOrder()
    const { world } = stack.simulator
    const { approval: _, testAndEnable: __, ...fields } = EVERYTHING
    const member = { address: 'anna@contoso.com', previousAddress: ANN }
    const renamed = await organizationOf({ 'sales.yaml': ORGANIZATION + PROFILE + setOf('all', [member], fields) })

    const result = await stack.pass(renamed)

    expect(result.plan.steps.map(({ stage }) => stage)).toEqual(['mailbox-identity'])
    expect(result.plan.steps[0]?.changes[0]?.phrases[0]?.one).toContain('approval is lost')
    expect(rowWith(world, 'mailbox', 'emailaddress', 'anna@contoso.com')[1]['emailrouteraccessapproval']).not.toBe(1)
  })
})

describe('B18: organizations side by side', () => {
  it('share nothing: whatever their answers wait for, each gets the plan it gets alone, and what they were given stays as it was', async () => {
    const seeds = [1, 2, 3]
    const stacks = await Promise.all(
      seeds.map((seed) => startStack({ seed, mailboxes: 12, queues: 3, mess: ['default'] })),
    )
    open.push(...stacks)
    const desired = await Promise.all(stacks.map(async (stack) => frozen(await desiredOf(stack))))
    const alone: string[] = []
    for (const [index, stack] of stacks.entries()) {
      alone.push((await stack.pass(desired[index] as DesiredOrganization, { mode: 'plan' })).plan.digest)
    }

    for (const round of [0, 1, 2, 3]) {
      for (const [index, { simulator }] of stacks.entries()) {
        simulator.faults.clear()
        simulator.faults.add({
          kind: 'slow-headers',
          delayMs: (index * 7 + round * 5) % 11,
          times: 'always',
          probability: 0.5,
        })
      }
      const together = await planTogether(stacks, desired)
      expect(together).toEqual(alone)
    }
  })
})

async function planTogether(
  stacks: readonly Stack[],
  desired: readonly DesiredOrganization[],
): Promise<readonly string[]> {
  const [first] = stacks
  if (!first) return []
  const now = () => first.simulator.world.now()
  const state = await openState({ directory: first.stateDirectory, mode: 'plan', now, newId: () => 'pass' })
  const scopes = stacks.map((stack, index) => stack.scopeOf(desired[index] as DesiredOrganization))
  const options = { revision: 'r1', mode: 'plan', allow: ALLOWED, signal: new AbortController().signal } as const
  const environment = {
    guards: () => GUARDS,
    memory: state.memory,
    openJournal: state.openJournal,
    now,
    newId: () => 'pass',
  }
  const results = await runPass(scopes, options, environment)
  return results.map(({ plan }) => plan.digest)
}

/** The same value, which from now on throws when anything in it is changed. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (value instanceof Map) {
    for (const method of ['set', 'delete', 'clear']) Object.defineProperty(value, method, { value: refuse })
    for (const item of value.values()) frozen(item)
  }
  Object.freeze(value)
  for (const item of Object.values(value)) frozen(item)
  return value
}

function refuse(): never {
  throw new TypeError('a map that was handed in was changed')
}

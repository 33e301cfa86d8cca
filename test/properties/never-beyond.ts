// The property that all others serve: whatever is asked for, whatever the limits, whatever breaks and whenever the process dies, nothing is
// sent that is not a part of an approved plan, nothing beyond a guard, and in the end everything is as the spec says.
import fc from 'fast-check'
import { expect } from 'vitest'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { guardsOf } from '../../src/reconcile/guards.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { ACCIDENTS, createAccident } from '../stack/accident.ts'
import { ALLOWED, type Stack, startStack } from '../stack/stack.ts'
import { pictureOf, wrongWrites } from '../stack/world.ts'
import { faults, organizations, specFor, wishes } from './arbitraries.ts'
import { keysByRow, mailboxesIn, unexplained, writesIn } from './explained.ts'

/** Asking for a test changes nothing of a mailbox. */
const ONLY_A_TEST = 'testemailconfigurationscheduled'
const DAY_MS = 24 * 3_600_000
const EVERYTHING_ALLOWED = new Set([...ALLOWED, 'vanished', 'organization-changed'])

/** How much may change and stop without a person, as shares, from so many mailboxes on. */
const limits = fc.record({
  change: fc.constantFrom(0, 0.1, 0.3, 0.6, 1),
  stop: fc.constantFrom(0, 0.05, 0.5, 1),
  minimum: fc.constantFrom(0, 3, 10),
})
type Limits = typeof limits extends fc.Arbitrary<infer T> ? T : never

/** What happens in one pass: an accident at a record (0 = none), what a person allows, and which changes were approved. */
const turns = fc.record({
  kind: fc.constantFrom(...ACCIDENTS),
  at: fc.nat({ max: 10 }),
  allow: fc.subarray([...EVERYTHING_ALLOWED]),
  approves: fc.option(fc.infiniteStream(fc.boolean()), { nil: undefined }),
})
type Turn = typeof turns extends fc.Arbitrary<infer T> ? T : never

/** Random specs, limits, faults and accidents: no wrong write, none beyond a guard, and an end. */
export const neverBeyond = fc.asyncProperty(
  organizations,
  wishes,
  limits,
  fc.array(faults, { maxLength: 2 }),
  fc.array(turns, { minLength: 1, maxLength: 3 }),
  async (options, wish, limit, rules, story) => {
    const accident = createAccident()
    const sizes = { pageSize: 7, batchSize: 4, patienceMs: 60_000 }
    const stack = await startStack({ ...options, ...accident.options, ...sizes, guards: guardsFor(limit) })
    try {
      const { world, faults: active } = stack.simulator
      const desired = await specFor(stack, wish)
      const before = pictureOf(world)
      for (const rule of rules) active.add(rule)
      for (const turn of story) {
        accident.arm(turn.kind, turn.at)
        await playTurn(stack, desired, limit, turn)
      }
      accident.arm('killed after', 0)
      active.clear()
      expect(wrongWrites(before, world, desired)).toEqual([])
      await comesToAnEnd(stack, desired)
      expect(wrongWrites(before, world, desired)).toEqual([])
    } finally {
      await stack.close()
    }
  },
)

function guardsFor({ change, stop, minimum }: Limits) {
  const stops = { maximumPercent: stop * 100, minimumMailboxes: minimum }
  const anyNumber = { maximum: 1_000_000 }
  const guards = {
    change: { maximumPercent: change * 100, minimumMailboxes: minimum },
    move: {},
    stop: stops,
    unapprove: stops,
    claim: anyNumber,
    'old-mail': anyNumber,
    'delete-mail': anyNumber,
    'default-profile': anyNumber,
    'stop-all': anyNumber,
    vanished: { maximum: 0 },
  }
  return guardsOf({ guards, organizations: {} }, 'contoso-sales')
}

async function playTurn(stack: Stack, desired: DesiredOrganization, limit: Limits, turn: Turn): Promise<void> {
  const { simulator } = stack
  const approved = turn.approves && (await someOf(stack, desired, turn.approves))
  const before = keysByRow(simulator.world, desired)
  simulator.resetRequests()

  const result = await stack.pass(desired, { allow: new Set(turn.allow), ...(approved ? { approved } : {}) })

  // Rows that the pass created are not in what was before; of all others, what was before counts.
  const keys = new Map([...keysByRow(simulator.world, desired), ...before])
  const writes = writesIn(simulator.log())
  if (result.decision !== 'allow') expect(writes).toEqual([])
  const changes = changesOf(result).filter(({ id }) => approved?.has(id) ?? true)
  expect(unexplained(writes, changes, keys)).toEqual([])
  if (!turn.allow.includes('change') && desired.mailboxes.size >= limit.minimum) {
    const most = limit.change * desired.mailboxes.size
    const changing = writes.filter(({ columns }) => columns.some((column) => column !== ONLY_A_TEST))
    expect(mailboxesIn(changing, keys).size).toBeLessThanOrEqual(most)
  }
}

async function someOf(stack: Stack, desired: DesiredOrganization, approves: fc.Stream<boolean>) {
  const whole = changesOf(await stack.pass(desired, { mode: 'plan' }))
  return new Set(whole.filter(() => approves.next().value).map(({ id }) => id))
}

async function comesToAnEnd(stack: Stack, desired: DesiredOrganization): Promise<void> {
  for (let passes = 0; passes < 4; passes += 1) {
    await stack.pass(desired, { allow: EVERYTHING_ALLOWED })
    stack.simulator.world.advanceUntilIdle(30 * DAY_MS)
  }
  const { plan, failure } = await stack.pass(desired, { allow: EVERYTHING_ALLOWED })
  expect([failure, plan.steps.flatMap((step) => step.changes.map(({ stage, key }) => `${stage} ${key}`))]).toEqual([
    undefined,
    [],
  ])
}

function changesOf({ plan }: PassResult) {
  return plan.steps.flatMap(({ changes }) => changes)
}

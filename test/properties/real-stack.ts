// The properties of reconciling over real sockets, so that the quick and the long run share them.
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Change, Outcome } from '../../src/engine/index.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { ALLOWED, type Stack, type StackOptions, startStack } from '../stack/stack.ts'
import { differences, pictureOf, wrongWrites } from '../stack/world.ts'
import { faults, organizations, specFor, wishes } from './arbitraries.ts'

const DAY_MS = 24 * 3_600_000
/** A person who means every change, also that objects were taken away. */
const EVERYTHING_ALLOWED = new Set([...ALLOWED, 'vanished', 'organization-changed'])

async function withStack(options: StackOptions, work: (stack: Stack) => Promise<void>): Promise<void> {
  const stack = await startStack({ ...options, pageSize: 7, batchSize: 4, patienceMs: 60_000 })
  try {
    await work(stack)
  } finally {
    await stack.close()
  }
}

/** A plan in lines, for messages of tests. */
function linesOf({ plan }: PassResult): readonly string[] {
  return plan.steps.flatMap(({ changes }) =>
    changes.map(
      ({ stage, action, key, fields }) => `${stage} ${action} ${key}: ${fields.map(({ field }) => field).join(' ')}`,
    ),
  )
}

function changesOf({ plan }: PassResult): readonly Change[] {
  return plan.steps.flatMap(({ changes }) => changes)
}

/** Plan, apply, wait, plan: the second plan is empty, nothing is written for it, and what nobody wishes is as it was. */
const settles = fc.asyncProperty(organizations, wishes, async (options, wish) => {
  await withStack(options, async (stack) => {
    const { world } = stack.simulator
    const desired = await specFor(stack, wish)
    const before = pictureOf(world)

    const first = await stack.pass(desired, { allow: EVERYTHING_ALLOWED })
    world.advanceUntilIdle(30 * DAY_MS)
    const after = pictureOf(world)
    stack.simulator.resetRequests()
    const second = await stack.pass(desired, { allow: EVERYTHING_ALLOWED })

    const bad = first.outcomes?.filter(({ result }) => result !== 'Applied') ?? []
    expect(bad).toEqual([])
    expect(wrongWrites(before, world, desired)).toEqual([])
    expect(linesOf(second)).toEqual([])
    expect(stack.simulator.requests().writes).toBe(0)
    expect(differences(after, pictureOf(world))).toEqual([])
  })
})

/** Under any faults nothing is written that the spec does not ask for; without them everything comes in order. */
const isNeverWrong = fc.asyncProperty(
  organizations,
  wishes,
  fc.array(faults, { minLength: 1, maxLength: 3 }),
  async (options, wish, rules) => {
    await withStack(options, async (stack) => {
      const { world, faults: active } = stack.simulator
      const desired = await specFor(stack, wish)
      const before = pictureOf(world)
      for (const rule of rules) active.add(rule)

      const faulty = [
        await stack.pass(desired, { allow: EVERYTHING_ALLOWED }),
        await stack.pass(desired, { allow: EVERYTHING_ALLOWED }),
      ]

      active.clear()
      expect(faulty.map(({ failure }) => failure)).toEqual([undefined, undefined])
      expect(wrongWrites(before, world, desired)).toEqual([])
      for (let passes = 0; passes < 3; passes += 1) {
        await stack.pass(desired, { allow: EVERYTHING_ALLOWED })
        world.advanceUntilIdle(30 * DAY_MS)
      }
      expect(linesOf(await stack.pass(desired, { allow: EVERYTHING_ALLOWED }))).toEqual([])
      expect(wrongWrites(before, world, desired)).toEqual([])
    })
  },
)

/** A pass may be cut off at any request: nothing wrong was written, and the next passes bring everything in order. */
const survivesCuts = fc.asyncProperty(
  organizations,
  wishes,
  fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 3 }),
  async (options, wish, cuts) => {
    let left = Number.POSITIVE_INFINITY
    let controller = new AbortController()
    const beforeSend = () => {
      left -= 1
      if (left === 0) controller.abort()
    }
    await withStack({ ...options, beforeSend }, async (stack) => {
      const { world } = stack.simulator
      const desired = await specFor(stack, wish)
      const before = pictureOf(world)

      for (const cut of cuts) {
        left = cut
        controller = new AbortController()
        await stack.pass(desired, { allow: EVERYTHING_ALLOWED, signal: controller.signal })
      }

      left = Number.POSITIVE_INFINITY
      expect(wrongWrites(before, world, desired)).toEqual([])
      const healed = await stack.pass(desired, { allow: EVERYTHING_ALLOWED })
      expect(healed.outcomes?.filter(({ result }) => result !== 'Applied') ?? []).toEqual([])
      world.advanceUntilIdle(30 * DAY_MS)
      expect(linesOf(await stack.pass(desired, { allow: EVERYTHING_ALLOWED }))).toEqual([])
    })
  },
)

/** Applying some approved changes of a plan leaves a plan of exactly the others. */
const leavesTheRest = fc.asyncProperty(
  organizations,
  wishes,
  fc.infiniteStream(fc.boolean()),
  async (options, wish, approvals) => {
    await withStack(options, async (stack) => {
      const desired = await specFor(stack, wish)
      const whole = changesOf(await stack.pass(desired, { mode: 'plan' }))
      const approved = someOf(whole, () => approvals.next().value)

      const applied = await stack.pass(desired, { approved, allow: EVERYTHING_ALLOWED })
      const rest = changesOf(await stack.pass(desired, { mode: 'plan' }))

      const outcomes = applied.outcomes ?? []
      const done = new Set(outcomes.filter(({ result }) => result === 'Applied').map(({ id }) => id))
      const keysOf = (result: Outcome['result']) =>
        new Set(outcomes.filter((outcome) => outcome.result === result).map(({ key }) => key))
      const known = { touched: keysOf('Applied'), halved: keysOf('WriteNotEffective') }
      expect([...done].filter((id) => !approved.has(id))).toEqual([])
      expect(rest.filter((change) => !isOnlyEntailed(change, known)).map((change) => told(change, known))).toEqual(
        whole
          .filter((change) => !done.has(change.id) && !isOnlyEntailed(change, known))
          .map((change) => told(change, known)),
      )
    })
  },
)

/** A test that another change of the same mailbox brought along; once that one is done, the last result may count. */
function isOnlyEntailed({ key, fields }: Change, { touched }: Known): boolean {
  return touched.has(key) && fields.length > 0 && fields.every(({ field }) => field === 'test')
}

/** The ids that a person approves. Whoever does not approve who a mailbox is approves nothing else of it. */
function someOf(changes: readonly Change[], choose: () => boolean): ReadonlySet<string> {
  const chosen = changes.filter(choose)
  const ids = new Set(chosen.map(({ id }) => id))
  const nameless = new Set(
    changes.filter(({ stage, id }) => stage === 'mailbox-identity' && !ids.has(id)).map(({ key }) => key),
  )
  return new Set(chosen.filter(({ key }) => !nameless.has(key)).map(({ id }) => id))
}

/**
 * What a change is told apart by: its id. Where another change of the same object was done, what it changes from has become known or
 * another, so only what it asks for is compared. A mailbox that stops does so also where its new profile was not approved.
 */
function told({ id, stage, action, key, fields }: Change, known: Known): string {
  if (known.halved.has(key)) return [stage, action, key].join(' ')
  const own = known.touched.has(key) ? fields.filter(({ field }) => field !== 'test') : fields
  const asks = own.map(({ field, to }) => `${field}=${JSON.stringify(to)}`).sort()
  return [stage, action, key, ...asks, ...(known.touched.has(key) ? [] : [id])].join(' ')
}

/** Keys of objects of which some change was done, or half of one. */
interface Known {
  readonly touched: ReadonlySet<string>
  readonly halved: ReadonlySet<string>
}

/** How long to look for a counterexample. */
type Effort = Pick<fc.Parameters<unknown>, 'seed' | 'numRuns'>

/** A property by what it says. */
interface Property {
  readonly name: string
  /** How many times in the quick run; faults/ holds the first ones to another mix of specs and faults there. */
  readonly quickRuns: number
  check(effort: Effort): Promise<void>
}

/** The properties by what they say. `check` rejects with a counterexample. */
export const PROPERTIES: readonly Property[] = [
  {
    name: 'plan, apply, wait: the next plan is empty',
    quickRuns: 4,
    check: (effort) => fc.assert(settles, { ...effort, endOnFailure: true }),
  },
  {
    name: 'unknown never becomes a write, and without faults everything comes in order',
    quickRuns: 4,
    check: (effort) => fc.assert(isNeverWrong, { ...effort, endOnFailure: true }),
  },
  {
    name: 'a pass may be cut off at any request',
    quickRuns: 8,
    check: (effort) => fc.assert(survivesCuts, { ...effort, endOnFailure: true }),
  },
  {
    name: 'applying some changes of a plan leaves a plan of exactly the others',
    quickRuns: 4,
    check: (effort) => fc.assert(leavesTheRest, { ...effort, endOnFailure: true }),
  },
]

// The properties over the wire, so that the quick and the long run share them.
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Plan } from '../../src/engine/index.ts'
import type { DesiredMailbox } from '../../src/spec/desired.ts'
import { startStack } from '../stack/stack.ts'
import { pictureOf, wrongWrites } from '../stack/world.ts'
import { changesOf, exceptionsOf, linesOf } from '../stages/pass.ts'
import { faultRules, specOf, stories } from './random-spec.ts'

const MINUTE = 60_000
/** While a client waits for a throttled server, tests that somebody asked for end. */
const ENDED_TEST = 'testemailconfigurationscheduled: true -> false'

/** Plan, apply, plan: nothing is left to do; and nothing either when the tests that were asked for have ended. */
export const settlesOverTheWire = fc.asyncProperty(stories, async (story) => {
  const { seed, mess } = story
  const stack = await startStack({ seed, mess, mailboxes: 24, queues: 4, guards: [] })
  try {
    const { world } = stack.simulator
    const desired = specOf(story, world)
    const before = pictureOf(world)

    const first = await stack.pass(desired)
    const second = await stack.pass(desired)

    expect(first.failure).toBeUndefined()
    expect(wrongWrites(before, world, desired)).toEqual([])
    const refused = first.outcomes?.filter(({ result }) => result !== 'Applied') ?? []
    expect(refused.map(({ stage, key, result, reason }) => [stage, key, result, reason])).toEqual([])
    expect(linesOf(second.plan)).toEqual([])
    const writes = stack.simulator.requests().writes
    world.advanceUntilIdle(120 * MINUTE)
    const third = await stack.pass(desired)
    expect(linesOf(third.plan)).toEqual([])
    expect(stack.simulator.requests().writes).toBe(writes)
    expect(changesOf(first.plan).length + exceptionsOf(first.plan).length).toBeGreaterThan(0)
  } finally {
    await stack.close()
  }
})

/** A change as its fields: what is written to what. */
function writesIn(plan: Plan): readonly string[] {
  return changesOf(plan).flatMap(({ stage, key, action, fields }) =>
    fields.map(({ field, to }) => JSON.stringify([stage, key, action, field, to])),
  )
}

/**
 * However the server throttles, breaks, truncates and lies: nothing is written that a plan without faults does not contain, outcomes are
 * true, and when the faults are over the next passes end where they should.
 */
export const survivesFaults = fc.asyncProperty(
  stories,
  fc.array(faultRules, { minLength: 1, maxLength: 4 }),
  async (story, rules) => {
    const { seed, mess } = story
    const stack = await startStack({ seed, mess, mailboxes: 24, queues: 4, maxPageSize: 7, guards: [] })
    try {
      const { world } = stack.simulator
      const desired = specOf(story, world)
      const before = pictureOf(world)
      const clean = await stack.pass(desired, { mode: 'plan' })
      const wanted = new Set(writesIn(clean.plan))

      for (const rule of rules) stack.simulator.faults.add(rule)
      const faulty = await stack.pass(desired)
      stack.simulator.faults.clear()
      const after = await stack.pass(desired, { mode: 'plan' })

      expect(faulty.failure).toBeUndefined()
      expect(wrongWrites(before, world, desired).filter((line) => !line.endsWith(ENDED_TEST))).toEqual([])
      const strange = writesIn(faulty.plan).filter((write) => !wanted.has(write))
      expect(strange).toEqual([])
      const open = new Set(changesOf(after.plan).map(({ id }) => id))
      const untrue = faulty.outcomes?.filter(({ id, result }) => result === 'Applied' && open.has(id)) ?? []
      expect(untrue).toEqual([])
      for (let pass = 0; pass < 3; pass += 1) await stack.pass(desired)
      expect(linesOf((await stack.pass(desired, { mode: 'plan' })).plan)).toEqual([])
    } finally {
      await stack.close()
    }
  },
)

/** A mailbox that stops does so also where the profile it is to have is missing; then a part of one change is applied. */
function withoutStop({ incoming, outgoing, appointmentsContactsTasks, ...member }: DesiredMailbox): DesiredMailbox {
  const methods = Object.entries({ incoming, outgoing, appointmentsContactsTasks }).filter(
    ([, method]) => method !== undefined && method !== 'None',
  )
  return { ...member, ...Object.fromEntries(methods) }
}

/**
 * A part of a plan that is approved and applied leaves a plan of the rest. Tests aside: one is asked for when its reason comes about, so
 * it belongs to the change that is its reason.
 */
export const partsAddUp = fc.asyncProperty(stories, fc.infiniteStream(fc.boolean()), async (story, choice) => {
  const { seed, mess } = story
  const stack = await startStack({ seed, mess, mailboxes: 24, queues: 4, guards: [] })
  try {
    const drawn = specOf(story, stack.simulator.world)
    const members = [...drawn.mailboxes].map(
      ([key, member]) => [key, { ...withoutStop(member), testAndEnable: false }] as const,
    )
    const desired = { ...drawn, mailboxes: new Map(members) }
    const { plan } = await stack.pass(desired, { mode: 'plan' })
    const approved = new Set(changesOf(plan).flatMap(({ id }) => (choice.next().value ? [id] : [])))

    const { outcomes = [] } = await stack.pass(desired, { approved })
    const rest = await stack.pass(desired, { mode: 'plan' })

    const applied = new Set(outcomes.flatMap(({ id, result }) => (result === 'Applied' ? [id] : [])))
    expect([...applied].filter((id) => !approved.has(id))).toEqual([])
    const expected = changesOf(plan).flatMap(({ id }) => (applied.has(id) ? [] : [id]))
    expect(
      changesOf(rest.plan)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(expected.sort())
  } finally {
    await stack.close()
  }
})

// The properties over the wire, so that the quick and the long run share them.
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Plan } from '../../src/engine/index.ts'
import { environmentIn, temporaryDirectory } from '../reconcile/fake-scope.ts'
import { changesOf, exceptionsOf, linesOf } from '../stages/pass.ts'
import { faultRules, specOf, stories } from './random-spec.ts'
import { passOver, startWire } from './wire.ts'

const MINUTE = 60_000

/** Plan, apply, plan: nothing is left to do; and nothing either when the tests that were asked for have ended. */
export const settlesOverTheWire = fc.asyncProperty(stories, async (story) => {
  const { seed, mess } = story
  const wire = await startWire({ seed, mess, mailboxes: 24, queues: 4 })
  try {
    const desired = specOf(story, wire.simulator.world)
    const environment = { ...environmentIn(await temporaryDirectory()), guards: [] }

    const first = await passOver(wire, desired, environment)
    const second = await passOver(wire, desired, environment)

    expect(first.failure).toBeUndefined()
    const refused = first.outcomes?.filter(({ result }) => result !== 'Applied') ?? []
    expect(refused.map(({ stage, key, result, reason }) => [stage, key, result, reason])).toEqual([])
    expect(linesOf(second.plan)).toEqual([])
    const writes = wire.simulator.requests().writes
    wire.simulator.world.advanceUntilIdle(120 * MINUTE)
    const third = await passOver(wire, desired, environment)
    expect(linesOf(third.plan)).toEqual([])
    expect(wire.simulator.requests().writes).toBe(writes)
    expect(changesOf(first.plan).length + exceptionsOf(first.plan).length).toBeGreaterThan(0)
  } finally {
    await wire.close()
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
    const wire = await startWire({ seed, mess, mailboxes: 24, queues: 4, maxPageSize: 7 })
    try {
      const desired = specOf(story, wire.simulator.world)
      const environment = { ...environmentIn(await temporaryDirectory()), guards: [] }
      const clean = await passOver(wire, desired, environment, { mode: 'plan' })
      const wanted = new Set(writesIn(clean.plan))

      for (const rule of rules) wire.simulator.faults.add(rule)
      const faulty = await passOver(wire, desired, environment)
      wire.simulator.faults.clear()
      const after = await passOver(wire, desired, environment, { mode: 'plan' })

      expect(faulty.failure).toBeUndefined()
      const strange = writesIn(faulty.plan).filter((write) => !wanted.has(write))
      expect(strange).toEqual([])
      const open = new Set(changesOf(after.plan).map(({ id }) => id))
      const untrue = faulty.outcomes?.filter(({ id, result }) => result === 'Applied' && open.has(id)) ?? []
      expect(untrue).toEqual([])
      for (let pass = 0; pass < 3; pass += 1) await passOver(wire, desired, environment)
      expect(linesOf((await passOver(wire, desired, environment, { mode: 'plan' })).plan)).toEqual([])
    } finally {
      await wire.close()
    }
  },
)

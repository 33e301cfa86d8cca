// The properties over the wire, so that the quick and the long run share them.
import fc from 'fast-check'
import { expect } from 'vitest'
import { environmentIn, temporaryDirectory } from '../reconcile/fake-scope.ts'
import { changesOf, exceptionsOf, linesOf } from '../stages/pass.ts'
import { specOf, stories } from './random-spec.ts'
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

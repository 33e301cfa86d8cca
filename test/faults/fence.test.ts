// B17: two who believe that they hold the same scope. The one whose lease is over finds out before its next batch: it sends no further
// write, and of what it did not send it tells that it was not begun, never that it may have happened.
import { afterEach, expect, it } from 'vitest'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { ORGANIZATION, organizationOf, PROFILE, setOf } from '../stack/spec.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import { differences, pictureOf, plainAddresses } from '../stack/world.ts'

const open: Stack[] = []
afterEach(async () => {
  for (const stack of open.splice(0)) await stack.close()
})

/** A stack whose lease ends in front of its n-th batch that writes. */
async function losingAt(batch: number) {
  let [writes, isLost, refused] = [0, false, 0]
  const stack = await startStack({
    mailboxes: 24,
    batchSize: 5,
    beforeSend: ({ url, body }) => {
      if (!url.endsWith('$batch') || !/\r\n(PATCH|POST|DELETE) /.test(String(body))) return
      writes += 1
      if (writes === batch) isLost = true
    },
    fence: () => {
      if (!isLost) return
      refused += 1
      throw new Error('the lease is over')
    },
  })
  open.push(stack)
  const sets = setOf('users', plainAddresses(stack.simulator.world, 'systemuser'))
  const desired = await organizationOf({ 'sales.yaml': ORGANIZATION + PROFILE + sets })
  return {
    stack,
    desired,
    refused: () => refused,
    regain: () => ([writes, isLost] = [Number.NEGATIVE_INFINITY, false]),
  }
}

function resultsOf({ outcomes = [] }: PassResult): ReadonlySet<string> {
  return new Set(outcomes.map(({ result }) => result))
}

it('B17: a lease that is over before the first batch leaves everything as it was, and nothing is told as perhaps done', async () => {
  const { stack, desired, refused } = await losingAt(1)
  const before = pictureOf(stack.simulator.world)

  const result = await stack.pass(desired)

  expect(refused()).toBeGreaterThan(0)
  expect(stack.simulator.requests().writes).toBe(0)
  expect(differences(before, pictureOf(stack.simulator.world))).toEqual([])
  expect([...resultsOf(result)].filter((told) => !['Cancelled', 'Blocked'].includes(told))).toEqual([])
})

it('B17: a lease that ends between two batches stops the rest, and who holds it next brings it to the end', async () => {
  const { stack, desired, regain } = await losingAt(4)

  const result = await stack.pass(desired)

  const written = stack.simulator.requests().writes
  expect(written).toBeGreaterThan(0)
  expect(resultsOf(result)).toContain('Cancelled')
  const notBegun = (result.outcomes ?? []).filter((outcome) => outcome.result === 'Cancelled').map(({ id }) => id)
  regain()
  const next = await stack.pass(desired)
  const taken = (next.outcomes ?? []).filter((outcome) => outcome.result === 'Applied').map(({ id }) => id)
  expect(taken).toEqual(expect.arrayContaining(notBegun))
  expect(resultsOf(next)).toEqual(new Set(['Applied']))
})

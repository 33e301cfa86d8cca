import { afterEach, expect, test } from 'vitest'
import type { Lease } from '../../../src/daemon/leases/lease.ts'
import { DURATION_MS, type Fleet, NEVER, type Replica, startFleet } from './replicas.ts'

const SCOPES = Array.from({ length: 10 }, (_, index) => `organization/contoso-${index}`)

const open: Fleet[] = []
afterEach(async () => {
  for (const fleet of open.splice(0)) await fleet.close()
})

async function startedFleet(): Promise<Fleet> {
  const fleet = await startFleet()
  open.push(fleet)
  return fleet
}

/** The loops of all replicas: each asks for every scope at every turn, as workers do between passes. */
async function turns(fleet: Fleet, replicas: readonly Replica[], forMs: number): Promise<void> {
  const [first] = replicas
  const stepMs = first?.leases.retryMs ?? forMs
  for (let waited = 0; waited < forMs; waited += stepMs) {
    const answers = await Promise.all(
      replicas.map(async ({ leases }) => {
        const leased: Lease[] = []
        for (const scope of SCOPES) {
          const answer = await leases.acquire(scope, NEVER)
          if (answer.granted) leased.push(answer.lease)
        }
        return leased
      }),
    )
    for (const lease of answers.flat()) lease.signal.aborted || lease.check()
    await fleet.advance(stepMs)
  }
}

/** How many scopes each holds, by the store. */
function counts(fleet: Fleet): Readonly<Record<string, number>> {
  const counted: Record<string, number> = {}
  for (const holder of Object.values(fleet.server.holders())) counted[holder] = (counted[holder] ?? 0) + 1
  return counted
}

test('one replica holds everything', async () => {
  const fleet = await startedFleet()

  await turns(fleet, [fleet.replica('a')], DURATION_MS)

  expect(counts(fleet)).toEqual({ a_1: 10 })
})

test('replicas that start together share from the beginning, and nothing moves afterwards', async () => {
  const fleet = await startedFleet()
  const replicas = ['a', 'b', 'c'].map(fleet.replica)
  await turns(fleet, replicas, 3 * DURATION_MS)
  const before = fleet.server.holders()

  await turns(fleet, replicas, 5 * DURATION_MS)

  expect(Object.keys(before)).toHaveLength(10)
  expect(Math.max(...Object.values(counts(fleet)))).toBe(4)
  expect(fleet.server.holders()).toEqual(before)
})

test('one that comes later is given its share, and nobody loses more than that', async () => {
  const fleet = await startedFleet()
  const a = fleet.replica('a')
  await turns(fleet, [a], DURATION_MS)
  const b = fleet.replica('b')

  await turns(fleet, [a, b], 4 * DURATION_MS)

  expect(counts(fleet)).toEqual({ a_1: 5, b_1: 5 })
  const moved = [...fleet.server.leases().values()].filter(({ spec }) => (spec.leaseTransitions ?? 0) > 0)
  expect(moved).toHaveLength(5)
})

test('what a dead one held is taken by the others soon after its leases ended', async () => {
  const fleet = await startedFleet()
  const [a, b, c] = ['a', 'b', 'c'].map(fleet.replica) as [Replica, Replica, Replica]
  await turns(fleet, [a, b, c], 3 * DURATION_MS)

  c.die()
  await turns(fleet, [a, b], 2 * DURATION_MS)

  expect(counts(fleet)).toEqual({ a_1: 5, b_1: 5 })
})

test('scopes that another one does not want are held beyond the share, and stay there', async () => {
  const fleet = await startedFleet()
  const [a, idle] = ['a', 'idle'].map(fleet.replica) as [Replica, Replica]
  await idle.leases.acquire('organization/other', NEVER)

  await turns(fleet, [a], 4 * DURATION_MS)
  const before = fleet.server.holders()
  await turns(fleet, [a], 4 * DURATION_MS)

  expect(Object.keys(before).filter((scope) => SCOPES.includes(scope))).toHaveLength(10)
  expect(fleet.server.holders()).toEqual(before)
})

test('many scopes that others hold cost one list per turn, not a request each', async () => {
  const fleet = await startedFleet()
  const [a, b] = ['a', 'b'].map(fleet.replica) as [Replica, Replica]
  await turns(fleet, [a, b], 3 * DURATION_MS)
  const before = fleet.server.requests.length

  await Promise.all(SCOPES.map((scope) => b.leases.acquire(scope, NEVER)))

  // Twelve records in pages of three.
  expect(fleet.server.requests.length - before).toBeLessThanOrEqual(5)
})

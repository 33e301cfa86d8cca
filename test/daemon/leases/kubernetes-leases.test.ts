import { afterEach, describe, expect, test } from 'vitest'
import { type LeaseAnswer, LeaseLostError } from '../../../src/daemon/leases/lease.ts'
import { DURATION_MS, type Fleet, MARGIN_MS, NEVER, type Replica, startFleet } from './replicas.ts'

const SCOPE = 'organization/contoso-sales'

const open: Fleet[] = []
afterEach(async () => {
  for (const fleet of open.splice(0)) await fleet.close()
})

async function fleetOf<const N extends readonly string[]>(...names: N) {
  return withFleet(await startFleet(), names)
}

function withFleet<const N extends readonly string[]>(fleet: Fleet, names: N) {
  open.push(fleet)
  const replicas = names.map((name) => fleet.replica(name)) as { [K in keyof N]: Replica }
  return { fleet, replicas }
}

/** The lease, or an error that shows who holds it. */
function granted(answer: LeaseAnswer) {
  if (!answer.granted) throw new Error(`held by ${answer.holder}`)
  return answer.lease
}

/** Asks again and again, as the loop of a scope does, for so long. */
async function asking({ leases }: Replica, fleet: Fleet, forMs: number, scope = SCOPE): Promise<LeaseAnswer> {
  let answer = await leases.acquire(scope, NEVER)
  for (let waited = 0; !answer.granted && waited < forMs; waited += leases.retryMs) {
    await fleet.advance(leases.retryMs)
    answer = await leases.acquire(scope, NEVER)
  }
  return answer
}

describe('a lease of one scope', () => {
  test('goes to the one who asks first, and the other is told who has it and until when', async () => {
    const { replicas, fleet } = await fleetOf('blue', 'green')
    const [blue, green] = replicas

    const first = await asking(blue, fleet, DURATION_MS)
    const second = await green.leases.acquire(SCOPE, NEVER)

    granted(first).check()
    expect(second).toMatchObject({ granted: false, holder: 'blue', until: expect.stringMatching(/^2026-11-23T/) })
    expect(fleet.server.holders()).toEqual({ [SCOPE]: 'blue_1' })
  })

  test('stays with its holder for as long as it renews, whoever asks', async () => {
    const { replicas, fleet } = await fleetOf('blue', 'green')
    const [blue, green] = replicas
    const lease = granted(await asking(blue, fleet, DURATION_MS))

    const answer = await asking(green, fleet, 10 * DURATION_MS)

    expect(answer.granted).toBe(false)
    lease.check()
    expect(blue.troubles).toEqual([])
  })

  test('is granted again to the loop that holds it already', async () => {
    const { replicas } = await fleetOf('blue')
    const lease = granted(await replicas[0].leases.acquire(SCOPE, NEVER))

    const again = granted(await replicas[0].leases.acquire(SCOPE, NEVER))

    expect(again).toBe(lease)
  })

  test('goes to another at once when it was given back', async () => {
    const { replicas, fleet } = await fleetOf('blue', 'green')
    const [blue, green] = replicas
    const lease = granted(await asking(blue, fleet, DURATION_MS))
    await green.leases.acquire(SCOPE, NEVER)

    await lease.release()
    const answer = await asking(green, fleet, 3 * green.leases.retryMs)

    expect(() => lease.check()).toThrow(LeaseLostError)
    expect(lease.signal.aborted).toBe(true)
    granted(answer).check()
  })

  test('is refused to everybody for a whole duration after its holder died, and then is not', async () => {
    const { replicas, fleet } = await fleetOf('blue', 'green')
    const [blue, green] = replicas
    granted(await asking(blue, fleet, DURATION_MS))
    await green.leases.acquire(SCOPE, NEVER)
    blue.die()

    const early = await asking(green, fleet, DURATION_MS - 2 * green.leases.retryMs)
    const late = await asking(green, fleet, 5 * green.leases.retryMs)

    expect(early.granted).toBe(false)
    granted(late).check()
  })

  test('of two who reach for it at the same moment one gets it', async () => {
    const { replicas, fleet } = await fleetOf('blue', 'green')
    const [blue, green] = replicas

    const answers = await Promise.all([blue.leases.acquire(SCOPE, NEVER), green.leases.acquire(SCOPE, NEVER)])

    expect(answers.filter((answer) => answer.granted).length).toBeLessThanOrEqual(1)
    expect(Object.keys(fleet.server.holders()).length).toBeLessThanOrEqual(1)
  })
})

describe('a holder that cannot renew', () => {
  const SAFE_MS = DURATION_MS - MARGIN_MS

  test.each([
    { name: '500', fault: { kind: 'status', status: 500 }, reason: 'the server is ill' },
    { name: '403', fault: { kind: 'status', status: 403 }, reason: 'somebody took the right away' },
    { name: 'a lost answer', fault: { kind: 'lost' }, reason: 'it may have been renewed, and nobody knows' },
  ] as const)('writes until its end is near and no longer: $name ($reason)', async ({ fault }) => {
    const { replicas, fleet } = await fleetOf('blue')
    const lease = granted(await replicas[0].leases.acquire(SCOPE, NEVER))
    fleet.server.fault = ({ method }) => (method === 'GET' && fault.kind !== 'lost' ? undefined : fault)

    await fleet.advance(SAFE_MS - 1000)
    lease.check()
    await fleet.advance(1000)

    expect(lease.signal.aborted).toBe(true)
    expect(() => lease.check()).toThrow(LeaseLostError)
    expect(replicas[0].troubles.length).toBeGreaterThan(0)
  })

  test('loses nothing by a failure that passes', async () => {
    const { replicas, fleet } = await fleetOf('blue')
    const lease = granted(await replicas[0].leases.acquire(SCOPE, NEVER))
    let left = 4
    fleet.server.fault = () => (left-- > 0 ? { kind: 'status', status: 503 } : undefined)

    await fleet.advance(5 * DURATION_MS)

    lease.check()
  })

  test('tells those who wait for an answer, although the server never gives one', async () => {
    const { replicas, fleet } = withFleet(await startFleet({ timeoutMs: 250 }), ['blue'])
    const lease = granted(await replicas[0].leases.acquire(SCOPE, NEVER))
    fleet.server.fault = () => ({ kind: 'hang' })

    await fleet.advance(SAFE_MS)

    expect(lease.signal.aborted).toBe(true)
  })

  test('is not thrown out by a person who edits the object', async () => {
    const { replicas, fleet } = await fleetOf('blue')
    const lease = granted(await replicas[0].leases.acquire(SCOPE, NEVER))
    fleet.server.touch(SCOPE)

    await fleet.advance(3 * DURATION_MS)

    lease.check()
  })

  test('has lost it when the object was deleted', async () => {
    const { replicas, fleet } = await fleetOf('blue')
    const lease = granted(await replicas[0].leases.acquire(SCOPE, NEVER))
    fleet.server.remove(SCOPE)

    await fleet.advance(DURATION_MS / 3)

    expect(() => lease.check()).toThrow(LeaseLostError)
  })

  test('renews what a request of its own took whose answer was lost', async () => {
    const { replicas, fleet } = await fleetOf('blue')
    await replicas[0].leases.acquire('organization/other', NEVER)
    let isFirst = true
    fleet.server.fault = ({ method }) => {
      const isLost = method === 'POST' && isFirst
      if (isLost) isFirst = false
      return isLost ? { kind: 'lost' } : undefined
    }
    const lost = await replicas[0].leases.acquire(SCOPE, NEVER).catch((error: Error) => error)

    const answer = await replicas[0].leases.acquire(SCOPE, NEVER)

    expect(lost).toBeInstanceOf(Error)
    granted(answer).check()
  })
})

describe('a process that was paused', () => {
  test.each([
    { name: 'stopped', happen: (one: Replica) => one.pause(), ms: DURATION_MS, reason: 'SIGSTOP: timers do not fire' },
    { name: 'the machine slept', happen: (one: Replica) => one.suspend(DURATION_MS), ms: 0, reason: 'monotonic stood' },
    { name: 'the clock was set', happen: (one: Replica) => one.setWall(3_600_000), ms: 0, reason: 'better safe' },
  ])('finds at the next question that its lease is over: $name ($reason)', async ({ happen, ms }) => {
    const { replicas, fleet } = await fleetOf('blue')
    const lease = granted(await replicas[0].leases.acquire(SCOPE, NEVER))

    happen(replicas[0])
    await fleet.advance(ms)

    expect(() => lease.check()).toThrow(LeaseLostError)
    expect(lease.signal.aborted).toBe(true)
  })

  test('does not take a clock that was set back for more time', async () => {
    const { replicas, fleet } = await fleetOf('blue')
    const lease = granted(await replicas[0].leases.acquire(SCOPE, NEVER))
    replicas[0].setWall(-3_600_000)
    replicas[0].pause()

    await fleet.advance(DURATION_MS)

    expect(() => lease.check()).toThrow(LeaseLostError)
  })

  test('B17: never writes at the same time as the one who took over, and asks again when it wakes', async () => {
    const { replicas, fleet } = await fleetOf('blue', 'green')
    const [blue, green] = replicas
    const old = granted(await asking(blue, fleet, DURATION_MS))
    await green.leases.acquire(SCOPE, NEVER)

    blue.pause()
    const taken = granted(await asking(green, fleet, 2 * DURATION_MS))
    await blue.resume()

    expect(() => old.check()).toThrow(LeaseLostError)
    taken.check()
    expect(await blue.leases.acquire(SCOPE, NEVER)).toMatchObject({ granted: false, holder: 'green' })
    await fleet.advance(DURATION_MS)
    taken.check()
    expect(fleet.server.holders()[SCOPE]).toBe('green_1')
  })
})

describe('an end in order', () => {
  test('gives all leases back and takes the announcement away with it', async () => {
    const { replicas, fleet } = await fleetOf('blue')
    const lease = granted(await replicas[0].leases.acquire(SCOPE, NEVER))

    await replicas[0].leases.close()

    expect(() => lease.check()).toThrow(LeaseLostError)
    expect([...fleet.server.leases().values()].map(({ spec }) => spec.holderIdentity)).toEqual(['', ''])
    await expect(replicas[0].leases.acquire(SCOPE, NEVER)).rejects.toThrow('mailkeel ends')
  })

  test('leaves no lease behind that was renewed at the same moment', async () => {
    const { replicas, fleet } = await fleetOf('blue')
    const lease = granted(await replicas[0].leases.acquire(SCOPE, NEVER))
    fleet.server.touch(SCOPE)

    await lease.release()

    expect(fleet.server.holders()).toEqual({})
  })
})

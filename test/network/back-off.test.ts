import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  againAfterExchange,
  createBackOff,
  type RepeatPolicy,
  repeatable,
  type Waiting,
} from '../../src/network/back-off.ts'
import { type HttpResponse, NetworkError, type NetworkFailure } from '../../src/network/http.ts'
import { pause } from '../../src/network/schedule.ts'
import { type ManualTime, manualTime } from './manual-time.ts'

function answer(status: number, headers: HttpResponse['headers'] = {}): HttpResponse {
  return { status, headers, body: Buffer.alloc(0) }
}

function policy(time: ManualTime, changes: Partial<RepeatPolicy<HttpResponse>> = {}): RepeatPolicy<HttpResponse> {
  return {
    attempts: 5,
    totalMs: 60_000,
    backOff: createBackOff({ baseMs: 1000, maximumMs: 8000, random: () => 0 }),
    now: time.now,
    wait: (delayMs, signal) => pause(delayMs, signal, time.schedule),
    again: againAfterExchange,
    ...changes,
  }
}

describe('createBackOff', () => {
  test('doubles up to the maximum, drawn from the upper half', () => {
    const lowest = createBackOff({ baseMs: 100, maximumMs: 1000, random: () => 0 })
    const highest = createBackOff({ baseMs: 100, maximumMs: 1000, random: () => 0.999999 })

    expect([1, 2, 3, 4, 5, 2000].map(lowest)).toEqual([50, 100, 200, 400, 500, 500])
    expect([1, 2, 3, 4, 5, 2000].map(highest)).toEqual([100, 200, 400, 800, 1000, 1000])
  })

  test('never waits longer than the maximum', () => {
    const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), draws, (attempt, draw) => {
        const waitMs = createBackOff({ baseMs: 250, maximumMs: 30_000, random: () => draw })(attempt)

        expect(waitMs).toBeGreaterThanOrEqual(125)
        expect(waitMs).toBeLessThanOrEqual(30_000)
      }),
    )
  })
})

describe('repeatable', () => {
  test('repeats until the answer is final', async () => {
    const time = manualTime()
    const answers = [answer(503), answer(429), answer(200)]

    const running = repeatable(async () => answers.shift() ?? answer(500), policy(time))
    await time.advance(60_000)

    expect((await running).status).toBe(200)
  })

  test('waits as long as the server asks when that is longer than its own wait', async () => {
    const time = manualTime()
    const waits: Waiting[] = []
    const answers = [answer(429, { 'retry-after': '12.5' }), answer(200)]

    const running = repeatable(
      async () => answers.shift() ?? answer(500),
      policy(time, { onWait: (waiting) => waits.push(waiting) }),
    )
    await time.advance(12_499)
    const stillWaiting = answers.length
    await time.advance(1)
    await running

    expect(stillWaiting).toBe(1)
    expect(waits).toEqual([{ attempt: 1, waitMs: 12_500, elapsedMs: 0, reason: 'HTTP 429' }])
  })

  test('B2: an endless throttle ends with the total, is visible all the while, and gives the last answer', async () => {
    const time = manualTime()
    const waits: Waiting[] = []
    let attempts = 0

    const running = repeatable(
      async () => {
        attempts += 1
        return answer(429)
      },
      policy(time, { attempts: 1000, totalMs: 20_000, onWait: (waiting) => waits.push(waiting) }),
    )
    await time.advance(20_000)

    expect((await running).status).toBe(429)
    expect(attempts).toBe(waits.length + 1)
    expect(waits.map(({ elapsedMs }) => elapsedMs)).toEqual([0, 500, 1500, 3500, 7500, 11_500, 15_500])
    expect(time.pending()).toBe(0)
  })

  test('does not begin a wait that the total has no room for', async () => {
    const time = manualTime()

    const running = repeatable(async () => answer(503, { 'retry-after': '61' }), policy(time))

    expect((await running).status).toBe(503)
    expect(time.now()).toBe(0)
  })

  test('tells each attempt what is left of the total', async () => {
    const time = manualTime()
    const left: number[] = []

    const running = repeatable(
      async ({ remainingMs }) => {
        left.push(remainingMs)
        return answer(503)
      },
      policy(time, { attempts: 3 }),
    )
    await time.advance(60_000)
    await running

    expect(left).toEqual([60_000, 59_500, 58_500])
  })

  test('throws the last error once the attempts are used up', async () => {
    const time = manualTime()
    let attempts = 0

    const running = repeatable(
      async () => {
        attempts += 1
        throw new NetworkError('reset', true, `lost ${attempts}`)
      },
      policy(time, { attempts: 3 }),
    ).catch((error: Error) => error.message)
    await time.advance(60_000)

    expect(await running).toBe('lost 3')
  })

  test('an abort ends the wait', async () => {
    const time = manualTime()
    const stop = new AbortController()

    const running = repeatable(async () => answer(503), policy(time, { signal: stop.signal }))
    await time.advance(100)
    stop.abort()

    await expect(running).rejects.toMatchObject({ failure: 'aborted' })
    expect(time.pending()).toBe(0)
  })

  test('an abort during an attempt ends it with the outcome of that attempt', async () => {
    const stop = new AbortController()

    const running = repeatable(
      async () => {
        stop.abort()
        return answer(503)
      },
      policy(manualTime(), { signal: stop.signal }),
    )

    expect((await running).status).toBe(503)
  })
})

describe('againAfterExchange', () => {
  test.each([
    { status: 408, repeats: true, reason: 'the server gave up waiting for us' },
    { status: 429, repeats: true, reason: 'throttled' },
    { status: 502, repeats: true, reason: 'a proxy lost the server' },
    { status: 503, repeats: true, reason: 'unavailable' },
    { status: 504, repeats: true, reason: 'a proxy waited too long' },
    { status: 200, repeats: false, reason: 'done' },
    { status: 401, repeats: false, reason: 'a repeat asks with the same credentials' },
    { status: 412, repeats: false, reason: 'the precondition stays false' },
    { status: 500, repeats: false, reason: 'the CRM answers 500 for its own errors, which stay' },
    { status: 501, repeats: false, reason: 'not implemented stays so' },
  ])('HTTP $status: $reason', ({ status, repeats }) => {
    const again = againAfterExchange({ ok: true, value: answer(status) }, 0)

    expect(again !== undefined).toBe(repeats)
  })

  test.each<{ failure: NetworkFailure; repeats: boolean }>([
    { failure: 'timeout', repeats: true },
    { failure: 'reset', repeats: true },
    { failure: 'refused', repeats: true },
    { failure: 'unresolved', repeats: true },
    { failure: 'proxy', repeats: true },
    { failure: 'truncated', repeats: true },
    { failure: 'tls', repeats: false },
    { failure: 'too-large', repeats: false },
    { failure: 'malformed', repeats: false },
    { failure: 'aborted', repeats: false },
    { failure: 'forbidden-host', repeats: false },
  ])('$failure is repeated: $repeats', ({ failure, repeats }) => {
    const again = againAfterExchange({ ok: false, error: new NetworkError(failure, true, 'x') }, 0)

    expect(again !== undefined).toBe(repeats)
  })

  test('never repeats a fault of our own', () => {
    expect(againAfterExchange({ ok: false, error: new TypeError('x is not a function') }, 0)).toBeUndefined()
  })
})

import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NetworkError } from '../../src/network/http.ts'
import { createAdaptiveLimiter } from '../../src/network/limiter.ts'
import { manualTime, settled } from './manual-time.ts'

interface Job {
  readonly finish: (status: number) => void
  readonly fail: (error: Error) => void
  readonly done: Promise<unknown>
}

/** Starts work that ends when the test says so; `started` holds the numbers of the jobs that were admitted. */
function jobs(limiter: ReturnType<typeof createAdaptiveLimiter>) {
  const started: number[] = []
  let count = 0
  return {
    started,
    start(signal?: AbortSignal): Job {
      const number = ++count
      let finish: Job['finish'] = () => {}
      let fail: Job['fail'] = () => {}
      const end = new Promise<{ status: number }>((resolve, reject) => {
        finish = (status) => resolve({ status })
        fail = reject
      })
      const work = () => {
        started.push(number)
        return end
      }
      return { finish, fail, done: limiter.run(work, signal).catch((error: unknown) => error) }
    },
  }
}

async function round(limiter: ReturnType<typeof createAdaptiveLimiter>, width: number, status: number): Promise<void> {
  await Promise.all(Array.from({ length: width }, () => limiter.run(async () => settled().then(() => ({ status })))))
}

describe('createAdaptiveLimiter', () => {
  test('runs no more at once than its limit, and in the order of arrival', async () => {
    const limiter = createAdaptiveLimiter({ initial: 2, maximum: 2 })
    const { start, started } = jobs(limiter)
    const all = Array.from({ length: 5 }, () => start())

    await settled()
    const first = [...started]
    const state = limiter.state()
    all[1]?.finish(200)
    await settled()
    const second = [...started]
    for (const job of all) job.finish(200)
    await Promise.all(all.map(({ done }) => done))

    expect(first).toEqual([1, 2])
    expect(state).toEqual({ limit: 2, running: 2, waiting: 3, decreases: 0, paused: false })
    expect(second).toEqual([1, 2, 3])
    expect(started).toEqual([1, 2, 3, 4, 5])
  })

  test('admits one more after each full round of successes, up to the maximum', async () => {
    const limiter = createAdaptiveLimiter({ initial: 2, maximum: 4 })
    const limits: number[] = []

    for (let rounds = 0; rounds < 5; rounds += 1) {
      limits.push(limiter.state().limit)
      await round(limiter, limiter.state().limit, 200)
    }

    expect(limits[0]).toBe(2)
    expect(Math.max(...limits)).toBe(4)
    for (const [index, limit] of limits.slice(1).entries()) expect(limit - (limits[index] ?? 0)).toBeLessThanOrEqual(1)
  })

  test('does not grow while nobody needs more', async () => {
    const limiter = createAdaptiveLimiter({ initial: 4, maximum: 16 })

    for (let request = 0; request < 50; request += 1) await round(limiter, 1, 200)

    expect(limiter.state().limit).toBe(4)
  })

  test.each([
    { reason: 'a 429', end: (job: Job) => job.finish(429) },
    { reason: 'a 503', end: (job: Job) => job.finish(503) },
    { reason: 'a timeout', end: (job: Job) => job.fail(new NetworkError('timeout', true, 'slow')) },
    {
      reason: 'an error that carries the status',
      end: (job: Job) => job.fail(Object.assign(new Error(), { status: 429 })),
    },
  ])('halves on $reason', async ({ end }) => {
    const limiter = createAdaptiveLimiter({ initial: 9, maximum: 16 })
    const job = jobs(limiter).start()

    end(job)
    await job.done

    expect(limiter.state()).toMatchObject({ limit: 4, decreases: 1 })
  })

  test.each([
    { reason: 'a lost connection', error: new NetworkError('reset', true, 'lost') },
    { reason: 'a refused write', error: Object.assign(new Error('refused'), { status: 403 }) },
  ])('is not moved by $reason', async ({ error }) => {
    const limiter = createAdaptiveLimiter({ initial: 8, maximum: 8 })
    const job = jobs(limiter).start()

    job.fail(error)

    expect(await job.done).toBe(error)
    expect(limiter.state()).toMatchObject({ limit: 8, decreases: 0 })
  })

  test('takes one burst of refusals for one sign, and the next round for another', async () => {
    const limiter = createAdaptiveLimiter({ initial: 8, maximum: 8 })

    await round(limiter, 8, 429)
    const afterBurst = limiter.state()
    await round(limiter, 4, 429)

    expect(afterBurst).toMatchObject({ limit: 4, decreases: 1 })
    expect(limiter.state()).toMatchObject({ limit: 2, decreases: 2 })
  })

  test('never falls below the minimum', async () => {
    const limiter = createAdaptiveLimiter({ initial: 4, maximum: 8, minimum: 2 })

    for (let rounds = 0; rounds < 5; rounds += 1) await round(limiter, 2, 503)

    expect(limiter.state().limit).toBe(2)
  })

  test('lets the running finish when the limit falls', async () => {
    const limiter = createAdaptiveLimiter({ initial: 4, maximum: 4 })
    const { start, started } = jobs(limiter)
    const all = Array.from({ length: 6 }, () => start())
    await settled()

    all[0]?.finish(429)
    await settled()
    const admitted = started.length
    all[1]?.finish(200)
    await settled()
    const admittedLater = started.length
    for (const job of all) job.finish(200)
    await Promise.all(all.map(({ done }) => done))

    expect(admitted).toBe(4)
    expect(admittedLater).toBe(4)
    expect(started).toHaveLength(6)
  })

  test('an abort takes a waiting piece out of the line, without a trace', async () => {
    const limiter = createAdaptiveLimiter({ initial: 1, maximum: 1 })
    const { start, started } = jobs(limiter)
    const stop = new AbortController()
    const first = start()
    const second = start(stop.signal)
    const third = start()

    stop.abort()
    const ended = await second.done
    first.finish(200)
    third.finish(200)
    await Promise.all([first.done, third.done])

    expect(ended).toMatchObject({ failure: 'aborted', sent: false })
    expect(started).toEqual([1, 3])
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0)
    expect(limiter.state()).toMatchObject({ running: 0, waiting: 0 })
  })

  test('admits nothing while paused, and goes on when the longest pause is over', async () => {
    const time = manualTime()
    const limiter = createAdaptiveLimiter({ initial: 2, maximum: 2, schedule: time.schedule })
    const { start, started } = jobs(limiter)

    limiter.pause(100)
    limiter.pause(300)
    const job = start()
    await time.advance(299)
    const before = { ...limiter.state(), started: started.length }
    await time.advance(1)
    job.finish(200)
    await job.done

    expect(before).toMatchObject({ paused: true, started: 0, waiting: 1, limit: 2 })
    expect(started).toEqual([1])
  })

  test('an abort calls a pause off', async () => {
    const time = manualTime()
    const stop = new AbortController()
    const limiter = createAdaptiveLimiter({ initial: 2, maximum: 2, schedule: time.schedule })

    limiter.pause(60_000, stop.signal)
    stop.abort()
    await settled()

    expect(limiter.state().paused).toBe(false)
    expect(time.pending()).toBe(0)
  })

  test('keeps its bounds and loses nobody, whatever the answers are', async () => {
    const statuses = fc.array(fc.constantFrom(200, 204, 429, 503, 400), { minLength: 1, maxLength: 60 })

    await fc.assert(
      fc.asyncProperty(statuses, fc.integer({ min: 1, max: 8 }), async (answers, initial) => {
        const limiter = createAdaptiveLimiter({ initial, maximum: 8 })
        let running = 0
        let mostRunning = 0

        const results = await Promise.all(
          answers.map((status) =>
            limiter.run(async () => {
              running += 1
              mostRunning = Math.max(mostRunning, running)
              await Promise.resolve()
              running -= 1
              return { status }
            }),
          ),
        )

        expect(results.map(({ status }) => status)).toEqual(answers)
        expect(mostRunning).toBeLessThanOrEqual(8)
        expect(limiter.state()).toMatchObject({ running: 0, waiting: 0 })
        expect(limiter.state().limit).toBeGreaterThanOrEqual(1)
      }),
    )
  })

  test.each([
    { options: { initial: 0, maximum: 4 }, reason: 'nothing would ever run' },
    { options: { initial: 5, maximum: 4 }, reason: 'more than the maximum' },
    { options: { initial: 1, maximum: 4, minimum: 2 }, reason: 'less than the minimum' },
    { options: { initial: 1.5, maximum: 4 }, reason: 'half a request' },
    { options: { initial: 1, maximum: Number.NaN }, reason: 'no number' },
  ])('refuses $options: $reason', ({ options }) => {
    expect(() => createAdaptiveLimiter(options)).toThrow(RangeError)
  })
})

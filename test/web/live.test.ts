import { describe, expect, test } from 'vitest'
import type { EventShape, OverviewShape } from '../../src/daemon/api/shapes.ts'
import { AskError } from '../../src/web/data/ask.ts'
import { followServer, type LiveEnvironment } from '../../src/web/data/live.ts'
import { MARKETING, NOW, SALES, TROUBLED } from './fixture-data.ts'

/** A browser whose clock only goes when it is told to, and whose server answers what it is told to. */
function browser() {
  const asked: string[] = []
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>()
  let now = 0
  let answer: () => OverviewShape = () => TROUBLED
  let line: Parameters<LiveEnvironment['listen']>[0] | undefined
  let lines = 0
  const live = followServer({
    async ask(path) {
      asked.push(`${now} ${path}`)
      const overview = answer()
      const scope = overview.scopes.find(({ kind, name }) => path.endsWith(`/${kind}/${name}`))
      return JSON.parse(JSON.stringify(scope ?? overview))
    },
    listen(on) {
      line = on
      lines += 1
      return { close: () => {} }
    },
    now: () => now,
    later(ms, callback) {
      const timer = { at: now + ms, callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
  })
  return {
    live,
    asked: () => asked.splice(0),
    lines: () => lines,
    open: () => line?.open(),
    news: (event: EventShape) => line?.news(event),
    breakLine: () => line?.broken(),
    answer(next: () => OverviewShape) {
      answer = next
    },
    /** Lets time pass, and everything happen that is due. */
    async pass(ms: number) {
      const end = now + ms
      for (;;) {
        await new Promise(setImmediate)
        const [due] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!due) break
        timers.delete(due)
        now = Math.max(now, due.at)
        due.callback()
      }
      now = end
    },
  }
}

const refuse = (): never => {
  throw new AskError(0, 'Unreachable', 'no connection')
}

describe('following the server', () => {
  test('is live once the line is open, and looks again at times, because an open line may be dead', async () => {
    const b = browser()
    await b.pass(10)
    b.open()
    await b.pass(1_000)

    b.asked()
    await b.pass(61_000)

    expect(b.live.state().connection).toBe('live')
    expect(b.asked().map((one) => one.split(' ')[1])).toEqual(['api/v1/overview', 'api/v1/overview'])
  })

  test('knows how far the clock of the server is ahead', async () => {
    const b = browser()

    await b.pass(10)

    expect(b.live.state().skewMs).toBe(NOW)
  })

  test('asks for what is new only, once a second however many news come', async () => {
    const b = browser()
    await b.pass(10)
    b.open()
    await b.pass(2_000)
    b.asked()

    b.answer(() => ({ ...TROUBLED, scopes: [{ ...SALES, lastPassAt: new Date(NOW).toISOString() }] }))
    for (let i = 0; i < 50; i += 1) b.news({ scope: SALES.scope })
    await b.pass(5_000)

    expect(b.asked().map((one) => one.split(' ')[1])).toEqual(['api/v1/scopes/organization/contoso-sales'])
    expect(b.live.state().versions.get(SALES.scope)).toBe(2)
    expect(b.live.state().versions.get(MARKETING.scope)).toBe(1)
  })

  test('asks for no rows anew while a pass only goes on', async () => {
    const b = browser()
    await b.pass(10)
    b.open()
    await b.pass(2_000)

    b.news({ scope: SALES.scope })
    await b.pass(5_000)

    expect(b.live.state().versions.get(SALES.scope)).toBe(1)
  })

  test('asks for everything where a scope is new or many are', async () => {
    const b = browser()
    await b.pass(10)
    b.open()
    await b.pass(2_000)
    b.asked()

    b.news({ scope: 'organization/just-born' })
    await b.pass(2_000)
    for (const { scope } of TROUBLED.scopes) b.news({ scope })
    await b.pass(2_000)

    expect(b.asked().map((one) => one.split(' ')[1])).toEqual(['api/v1/overview', 'api/v1/overview'])
  })

  test('asks by itself where the line breaks, and opens another', async () => {
    const b = browser()
    await b.pass(10)
    b.open()
    await b.pass(2_000)
    b.asked()

    b.breakLine()
    const atOnce = b.live.state().connection
    await b.pass(10)

    expect(atOnce).toBe('asking')
    expect(b.asked()).toHaveLength(1)
    expect(b.lines()).toBe(2)
  })

  test('does not hammer a server whose line breaks again and again', async () => {
    const b = browser()
    await b.pass(10)
    b.asked()

    for (let second = 0; second < 60; second += 1) {
      b.breakLine()
      await b.pass(1_000)
    }

    expect(b.asked().length).toBeLessThan(15)
  })

  test('tells when it last heard of the server, keeps what it knows, and waits longer each time', async () => {
    const b = browser()
    await b.pass(10)
    b.open()
    await b.pass(2_000)
    const { seenAt } = b.live.state()
    b.asked()

    b.answer(refuse)
    b.breakLine()
    await b.pass(60_000)

    const { connection, overview, failure } = b.live.state()
    expect({ connection, code: failure?.code, seenAt: b.live.state().seenAt }).toEqual({
      connection: 'lost',
      code: 'Unreachable',
      seenAt,
    })
    expect(overview?.scopes).toHaveLength(TROUBLED.scopes.length)
    expect(b.asked().length).toBeLessThan(9)
  })

  test('comes back by itself, and forgets the failure', async () => {
    const b = browser()
    b.answer(refuse)
    await b.pass(10)
    expect(b.live.state().connection).toBe('lost')

    b.answer(() => TROUBLED)
    await b.pass(15_000)

    expect(b.live.state().connection).toBe('starting')
    expect(b.live.state().failure).toBeUndefined()
  })
})

import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { ScopeStanding } from '../../../src/daemon/board.ts'
import { afterTest, type Running, running, TOKEN } from './harness.ts'

interface Stream {
  readonly status: number
  readonly type: string | undefined
  /** What came since the last time. */
  take(): Promise<string>
  readonly ended: Promise<void>
}

function open(place: Running, headers: Readonly<Record<string, string>> = {}): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const url = `http://127.0.0.1:${place.listener.port}/api/v1/events`
    const asking = request(url, { agent: false, headers }, (response) => {
      let text = ''
      const ended = new Promise<void>((done) => response.on('close', done))
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8')
      })
      response.on('error', () => {})
      resolve({
        status: response.statusCode ?? 0,
        type: response.headers['content-type'],
        ended,
        async take() {
          // Another request over the same loopback: when its answer is there, what was written before it is there too.
          await place.ask('/healthz')
          await new Promise((done) => setImmediate(done))
          const taken = text
          text = ''
          return taken
        },
      })
    })
    asking.on('error', reject)
    asking.end()
    afterTest(async () => void asking.destroy())
  })
}

function standing(name: string): ScopeStanding {
  // The stream tells names only, so nothing of what is desired matters here.
  return { scope: `organization/${name}`, kind: 'organization', name } as ScopeStanding
}

describe('the stream of events', () => {
  it('tells what is new by name and nothing else', async () => {
    const place = await running()
    const stream = await open(place)

    place.board.setScope(standing('sales'))
    place.board.setSource(place.board.source())

    expect([stream.status, stream.type]).toEqual([200, 'text/event-stream; charset=utf-8'])
    expect(await stream.take()).toBe(
      'retry: 3000\n\nevent: scope\ndata: {"scope":"organization/sales"}\n\nevent: source\ndata: {}\n\n',
    )
  })

  it('tells of a scope at most once a second, and never loses the last news', async () => {
    const place = await running()
    const stream = await open(place)
    await stream.take()

    for (let n = 0; n < 50; n += 1) place.board.setScope(standing('sales'))
    place.board.setScope(standing('test'))
    const atOnce = await stream.take()
    await place.machine.advance(1000)
    const later = await stream.take()
    await place.machine.advance(1000)

    expect(atOnce.match(/"organization\/sales"/g)).toHaveLength(1)
    expect(atOnce).toContain('"organization/test"')
    expect(later).toBe('event: scope\ndata: {"scope":"organization/sales"}\n\n')
    expect(await stream.take()).toBe('')
  })

  it('beats every fifteen seconds', async () => {
    const place = await running()
    const stream = await open(place)
    await stream.take()

    await place.machine.advance(15_000)

    expect(await stream.take()).toBe(':\n\n')
  })

  it('ends with the session in which it was opened', async () => {
    const place = await running({ token: { env: 'TOKEN' } })
    const form = { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' }, body: `token=${TOKEN}` }
    const cookie = (await place.ask('/sign-in', form)).headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const stream = await open(place, { cookie })

    await place.ask('/sign-out', { method: 'POST', headers: { cookie, 'sec-fetch-site': 'same-origin' } })
    await place.machine.advance(15_000)

    await stream.ended
  })

  it('ends when the server closes, and closing waits for nobody', async () => {
    const place = await running()
    const streams = await Promise.all([open(place), open(place)])

    await place.listener.close()

    await Promise.all(streams.map(({ ended }) => ended))
  })

  it('is refused beyond two hundred', async () => {
    const place = await running({ requestsPerMinute: 1000 })
    const streams = await Promise.all(Array.from({ length: 200 }, () => open(place)))

    const refused = await open(place)

    expect([streams.every(({ status }) => status === 200), refused.status]).toEqual([true, 503])
  })
})

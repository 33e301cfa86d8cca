// One organization that fails, beside healthy ones on the same host. Every request takes its time on the clock of the test, so how long passes
// take is exact, whatever the machine is busy with.
import { describe, expect, it, onTestFinished } from 'vitest'
import { compose } from '../../src/compose/compose.ts'
import { httpClientTo } from '../../src/compose/connections.ts'
import type { BoardEvent } from '../../src/daemon/board.ts'
import { type HttpRequest, NetworkError } from '../../src/network/http.ts'
import { FIRST, startFleet } from './fleet.ts'
import type { Harness } from './harness.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const LATENCY_MS = 50
const LOST = 'contoso-lost'
const HEALTHY = [FIRST, 'contoso-b', 'contoso-c']

/** How an organization fails: what becomes of a request to it, on the clock of the test. */
type Failing = (wait: (ms: number) => Promise<void>) => Promise<never>

const hangs: Failing = async (wait) => {
  await wait(60_000)
  throw new NetworkError('timeout', true, 'no answer came within 60 s')
}

const breaksOff: Failing = async (wait) => {
  await wait(LATENCY_MS)
  throw new NetworkError('reset', true, 'the connection was broken off')
}

const CASES = [
  { reason: 'it hangs', failing: hangs, interval: '10m', hours: 4 },
  { reason: 'it breaks off every answer', failing: breaksOff, interval: '10m', hours: 4 },
  { reason: 'it hangs, and passes are rare', failing: hangs, interval: '1h', hours: 24 },
] as const

describe('healthy organizations beside one that fails', { timeout: 180_000 }, () => {
  it.each(CASES)('make as many passes, and none of them is slower: $reason', async ({ failing, interval, hours }) => {
    const alone = await measured({ names: HEALTHY, failing, interval, hours })
    const beside = await measured({ names: [...HEALTHY, LOST], failing, interval, hours })

    expect(alone.passes).toBeGreaterThan(HEALTHY.length * 20)
    expect(alone.meanMs).toBeGreaterThan(LATENCY_MS)
    expect(beside.passes / alone.passes).toBeGreaterThan(0.9)
    expect(beside.meanMs / alone.meanMs).toBeLessThan(1.1)
    expect(beside.longestPauseMs / alone.longestPauseMs).toBeLessThan(1.1)
    expect(beside.failures).toBeGreaterThan(5)
  })
})

interface Measure {
  readonly names: readonly string[]
  readonly failing: Failing
  readonly interval: string
  readonly hours: number
}

/** Passes over the healthy organizations, how long they took, and the longest time that one of them was not looked at. */
async function measured({ names, failing, interval, hours }: Measure) {
  const waiting = new Map<string, { simulated: number; real: number }>()
  const of = (url: string) => {
    const name = [...HEALTHY, LOST].find((one) => url.includes(`/${one}/`)) ?? url
    const found = waiting.get(name) ?? { simulated: 0, real: 0 }
    waiting.set(name, found)
    return found
  }
  const patient = async (counts: { simulated: number }, ms: number, signal?: AbortSignal) => {
    counts.simulated += 1
    try {
      await harness.machine.sleep(ms, signal)
    } finally {
      counts.simulated -= 1
    }
  }
  async function take(request: HttpRequest, send: () => ReturnType<Sockets['send']>) {
    const counts = of(request.url)
    const wait = (ms: number) => patient(counts, ms, request.signal)
    if (request.url.includes(`/${LOST}/`)) return failing(wait)
    await wait(LATENCY_MS)
    counts.real += 1
    try {
      return await send()
    } finally {
      counts.real -= 1
    }
  }
  const passes: { readonly scope: string; readonly at: number; readonly tookMs: number; readonly failed: boolean }[] =
    []
  const onEvent = (event: BoardEvent) => {
    if (event.type !== 'pass') return
    const { failure, finishedAt, startedAt, plan } = event.report.result
    const failed = failure !== undefined || plan.stages.some(({ incomplete }) => incomplete !== undefined)
    const tookMs = Date.parse(finishedAt) - Date.parse(startedAt)
    passes.push({ scope: event.scope, at: Date.parse(startedAt), tookMs, failed })
  }
  const fleet = await startFleet({
    simulator: { mailboxes: 3 },
    beside: [...HEALTHY.slice(1), LOST],
    configure: (text) => text.replace('"spec":{', `"spec":{"loop":{"interval":"${interval}"},`),
    onEvent,
    stuck: () => [...waiting.values()].filter(({ simulated, real }) => simulated > 0 && real === 0).length,
    compose: (one, scope) => {
      const sleep = (ms: number, signal?: AbortSignal) => patient(of(`/${scope.split('/')[1]}/`), ms, signal)
      return compose({ ...one, machine: { ...one.machine, sleep } }, async (...using) => {
        const sockets = await httpClientTo(...using)
        return { send: (request) => take(request, () => sockets.send(request)), close: () => sockets.close() }
      })
    },
  })
  const { harness }: { harness: Harness } = fleet
  onTestFinished(() => harness.close())
  await harness.push(fleet.spec(names))
  await harness.advance(hours * HOUR_MS)
  const healthy = passes.filter(({ scope }) => HEALTHY.some((name) => scope === `organization/${name}`))
  const pauses = HEALTHY.flatMap((name) => {
    const times = healthy.filter(({ scope }) => scope === `organization/${name}`).map(({ at }) => at)
    return times.slice(1).map((at, index) => at - (times[index] ?? at))
  })
  return {
    passes: healthy.length,
    meanMs: healthy.reduce((sum, { tookMs }) => sum + tookMs, 0) / healthy.length,
    longestPauseMs: Math.max(...pauses),
    failures: passes.filter(({ scope, failed }) => failed && scope === `organization/${LOST}`).length,
  }
}

type Sockets = Awaited<ReturnType<typeof httpClientTo>>

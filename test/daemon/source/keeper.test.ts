import { describe, expect, it, vi } from 'vitest'
import { createBoard } from '../../../src/daemon/board.ts'
import { silentLog } from '../../../src/daemon/log.ts'
import { createActivity } from '../../../src/daemon/loop/trigger.ts'
import { startKeeper } from '../../../src/daemon/source/keeper.ts'
import { thisMachine } from '../../../src/machine.ts'
import { FIRST, methodOf, setMethod, startFleet } from '../fleet.ts'
import { fakeSource, revisionOf } from '../harness.ts'

const MINUTE_MS = 60_000

describe('the revision that is enforced', () => {
  it('stays while a newer one is invalid, which is told with its place', async () => {
    const { harness, spec, organizations } = await startFleet()
    const good = await harness.push(spec())
    await harness.advance(30 * MINUTE_MS)
    setMethod(organizations.get(FIRST), 'ann@contoso.com', 0)

    const bad = await harness.push({ ...spec(), 'bad.yaml': 'apiVersion: mailkeel/v1\nkind: Mailboxset\n' })
    await harness.advance(30 * MINUTE_MS)
    const { enforced, refused } = harness.daemon.board.source()

    expect(enforced?.id).toBe(good)
    expect(refused?.revision.id).toBe(bad)
    expect(refused?.reason.code).toBe('InvalidSpec')
    expect(refused?.problems[0]).toMatchObject({ file: 'bad.yaml', line: 2 })
    expect(harness.standing(FIRST)).toMatchObject({ revision: good, inSyncSince: expect.any(String) })
    expect(methodOf(organizations.get(FIRST), 'ann@contoso.com')).toBe(2)
  })

  it('is replaced by the next valid one, and the refusal is over', async () => {
    const { harness, spec } = await startFleet()
    await harness.push({ 'bad.yaml': 'nothing: here\n' })

    const id = await harness.push(spec())

    expect(harness.daemon.board.source()).toMatchObject({ enforced: { id } })
    expect(harness.daemon.board.source().refused).toBeUndefined()
  })

  it('is found by looking now and then, where nobody tells', async () => {
    const { harness, spec } = await startFleet()
    await harness.push(spec())

    const id = harness.source.pushQuietly({ ...spec(), 'more.yaml': '# nothing\n' })
    await harness.advance(2 * MINUTE_MS)

    expect(harness.standing(FIRST).revision).toBe(id)
  })

  it('makes no pass where it asks for the same', async () => {
    const { harness, spec } = await startFleet()
    await harness.push(spec())
    await harness.advance(15 * MINUTE_MS)
    const before = harness.events.filter(({ type }) => type === 'pass').length

    const id = await harness.push({ ...spec(), 'more.yaml': '# nothing\n' })

    expect(harness.standing(FIRST).revision).toBe(id)
    expect(harness.events.filter(({ type }) => type === 'pass')).toHaveLength(before)
  })

  it('is the one of before, after a start at which the newest one may not be taken', async () => {
    const { harness, spec, restart } = await startFleet()
    const good = await harness.push(spec())
    const source = fakeSource(harness.machine.now)
    source.pushQuietly({ 'bad.yaml': 'nothing: here\n' }, 'bad')
    const remembering = {
      ...source,
      recall: async (id: string) => (id === good ? revisionOf(id, spec()) : undefined),
    }

    const again = await restart({ source: remembering })
    await again.settled()

    expect(again.daemon.board.source()).toMatchObject({ enforced: { id: good }, refused: { revision: { id: 'bad' } } })
    expect(again.standing(FIRST).revision).toBe(good)
  })
})

describe('members that left with `onRelease: Stop`', () => {
  it('are stopped although the next commit comes before that, and then let go', async () => {
    const { harness, spec, organizations } = await startFleet({
      configure: (text) => text.replace('"spec":{', '"spec":{"guards":{"stop":{"maximumPercent":100}},'),
    })
    const members = (text: string, change: (text: string) => string) => ({ 'spec.yaml': change(text) })
    const [text = ''] = Object.values(spec())
    const whole = text.replace('"approval":', '"onRelease":"Stop","approval":')
    const without = (all: string) => all.replace(',"bob@contoso.com"', '')
    const bob = () => methodOf(organizations.get(FIRST), 'bob@contoso.com')
    await harness.push({ 'spec.yaml': whole })
    await harness.advance(30 * MINUTE_MS)

    harness.source.push(members(whole, without))
    await harness.push({ ...members(whole, without), 'more.yaml': '# nothing\n' })
    await harness.advance(30 * MINUTE_MS)
    const stopped = bob()
    setMethod(organizations.get(FIRST), 'bob@contoso.com', 2)
    await harness.advance(30 * MINUTE_MS)

    expect([stopped, bob()]).toEqual([0, 2])
  })
})

it('is taken again by the next look where its scopes could not be begun', async () => {
  const now = new Date('2026-11-23T12:00:00Z')
  const source = fakeSource(() => now)
  source.pushQuietly({})
  const given: string[] = []
  const timers: (() => void)[] = []
  const sleep = (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      timers.push(resolve)
      signal?.addEventListener('abort', () => resolve())
    })
  const board = createBoard({ kind: 'git', place: source.place }, now.toISOString())
  const keeper = startKeeper({
    source,
    board,
    accepted: { recall: async () => undefined, remember: async () => {} },
    machine: { ...thisMachine(), now: () => now, random: () => 0, sleep },
    jitterPercent: 0,
    maximumBackOffMs: 60_000,
    activity: createActivity(),
    log: silentLog,
    async enforce({ id }) {
      given.push(id)
      if (given.length === 1) throw new Error('the disk is gone')
    },
  })
  await vi.waitFor(() => expect(timers.length).toBeGreaterThan(0))
  for (const fire of timers.splice(0)) fire()
  await vi.waitFor(() => expect(given).toEqual(['revision-1', 'revision-1']))

  await keeper.stop()
})

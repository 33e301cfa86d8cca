// What befalls a mailkeel that stays running: an organization that is replaced, clocks that disagree, a host of the spec that is away, and
// neighbours that share its process.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startSimulator } from '../../src/simulator/index.ts'
import { createDraws } from '../daemon/day/random.ts'
import { FIRST, methodOf, setMethod, startFleet } from '../daemon/fleet.ts'
import type { Harness } from '../daemon/harness.ts'
import { documentOf } from '../stack/spec.ts'
import { pictureOf, rowWith } from '../stack/world.ts'

const MINUTE_MS = 60_000
const OTHER = 'contoso-test'

describe('B9: an organization that is replaced by a copy while it is looked after', () => {
  it('gets nothing written, over restarts, until a committed override says that it is meant', async () => {
    const { harness, spec, organizations, restart } = await startFleet()
    await harness.push(spec())
    await harness.advance(30 * MINUTE_MS)
    const original = organizations.get(FIRST)
    if (!original) throw new Error('no organization')
    const copy = await startSimulator({ clock: 'manual', world: original.world.copy(FIRST) })
    onTestFinished(() => copy.close())
    setMethod(copy, 'ann@contoso.com', 0)
    const configure = (text: string) => text.replace(original.url, copy.url)
    const confirmed = documentOf('Override', 'restored', {
      guard: 'organization-changed',
      limit: 1,
      reason: 'it was restored after the outage',
      expires: '2099-01-01T00:00:00Z',
    })

    const again = await restart({ configure })
    await again.push(spec(), 'again')
    await again.advance(60 * MINUTE_MS)
    const held = again.standing(FIRST).held
    const before = copy.requests().writes
    await again.push({ ...spec(), [`${FIRST}/override.yaml`]: confirmed }, 'confirmed')
    await again.advance(30 * MINUTE_MS)

    expect(held).toMatchObject({ code: 'OverrideNeeded', message: expect.stringContaining('the one seen before was') })
    expect(before).toBe(0)
    expect(methodOf(copy, 'ann@contoso.com')).toBe(2)
    expect(again.standing(FIRST).held).toBeUndefined()
  })
})

describe('B15: a server whose clock is wrong', () => {
  it('is told so for as long as that lasts, and nothing is written or tested again for it', async () => {
    const { harness, spec, organizations } = await startFleet()
    const clock = () =>
      harness.standing(FIRST).report?.conditions.find(({ kind, key }) => kind === 'Prerequisite' && key === 'clock')
    await harness.push(spec())
    await harness.advance(30 * MINUTE_MS)
    organizations.get(FIRST)?.resetRequests()
    organizations.get(FIRST)?.faults.add({ kind: 'date-skew', skewMs: 10 * MINUTE_MS, times: 'always' })

    await harness.advance(30 * MINUTE_MS)
    const wrong = clock()?.ready
    organizations.get(FIRST)?.faults.clear()
    await harness.advance(30 * MINUTE_MS)

    expect(wrong).toMatchObject({ status: 'False', code: 'ClockSkew' })
    expect(clock()?.ready.status).toBe('True')
    expect(organizations.get(FIRST)?.requests().writes).toBe(0)
    expect(harness.standing(FIRST).phase).toBe('Idle')
  })
})

describe('B16: a state directory that fails while it is used', () => {
  it('leaves what was enforced as it is, and every change waits until it can be written down', async () => {
    const { harness, spec, organizations } = await startFleet()
    await harness.push(spec())
    await harness.advance(30 * MINUTE_MS)
    const journal = join(harness.stateDirectory, 'journal')
    await rm(journal, { recursive: true })
    await writeFile(journal, 'somebody else was here')
    setMethod(organizations.get(FIRST), 'ann@contoso.com', 0)

    await harness.advance(30 * MINUTE_MS)
    const kept = methodOf(organizations.get(FIRST), 'ann@contoso.com')
    const { phase, held, failure } = harness.standing(FIRST)
    await rm(journal)
    await harness.advance(60 * MINUTE_MS)

    expect(kept).toBe(0)
    expect(`${held?.message} ${failure?.reason.message}`).toMatch(/journal|state directory/)
    expect(phase).not.toBe('Starting')
    expect(methodOf(organizations.get(FIRST), 'ann@contoso.com')).toBe(2)
    expect(harness.standing(FIRST)).toMatchObject({ phase: 'Idle', inSyncSince: expect.any(String) })
  })
})

describe('B20: a source of the spec that is away', () => {
  it('keeps the last good revision enforced, tells since when once, and is asked ever more rarely', async () => {
    const warned: unknown[] = []
    const log = {
      debug: () => {},
      info: () => {},
      error: () => {},
      warn: (fields: unknown) => void warned.push(fields),
    }
    const { harness, spec, organizations } = await startFleet({ log })
    await harness.push(spec())
    await harness.advance(30 * MINUTE_MS)
    const looks = () => harness.source.accepted.length

    harness.source.answerWith(Object.assign(new Error('connection refused'), { name: 'GitError' }))
    await harness.advance(20 * MINUTE_MS)
    const early = looks()
    setMethod(organizations.get(FIRST), 'ann@contoso.com', 0)
    await harness.advance(8 * 60 * MINUTE_MS)
    const { failure, enforced } = harness.daemon.board.source()
    const perHour = (looks() - early) / 8
    harness.source.answerWith(undefined)
    await harness.advance(30 * MINUTE_MS)

    expect(enforced?.id).toBe('revision-1')
    expect(methodOf(organizations.get(FIRST), 'ann@contoso.com')).toBe(2)
    expect(Date.parse(failure?.since ?? '')).toBeLessThan(harness.machine.now().getTime() - 8 * 60 * MINUTE_MS)
    expect(failure?.attempts).toBeGreaterThan(30)
    expect(perHour).toBeLessThan(10)
    expect(warned).toHaveLength(1)
    expect(harness.daemon.board.source().failure).toBeUndefined()
  })
})

describe('B18: organizations in one process', () => {
  it.each([1, 2, 3])('end the same as alone, in whatever order their answers come: %i', async (seed) => {
    const draws = createDraws(seed)
    const alone = await endOf([OTHER], async () => {})
    const together = await endOf([FIRST, OTHER, 'contoso-third'], async () => {
      for (let turns = draws.below(6); turns > 0; turns -= 1) await new Promise(setImmediate)
    })

    expect(alone.sent).toBeGreaterThan(0)
    expect(together).toEqual(alone)
  })
})

/** What stands in one organization at the end, and what was written there, where these are reconciled beside each other. */
async function endOf(names: readonly string[], beforeSend: () => Promise<void>) {
  const sent: string[] = []
  const { harness, spec, organizations } = await startFleet({
    beside: [OTHER, 'contoso-third'],
    beforeSend: async ({ method, url }) => {
      if (method !== 'GET' && url.includes(OTHER)) sent.push(`${method} ${new URL(url).pathname}`)
      await beforeSend()
    },
  })
  await disturbed(harness, spec(names), organizations)
  const world = organizations.get(OTHER)?.world
  if (!world) throw new Error('no organization')
  const addresses = ['ann@contoso.com', 'bob@contoso.com']
  const rows = addresses.map((address) => rowWith(world, 'mailbox', 'emailaddress', address)[0])
  const picture = pictureOf(world)
  const columns = rows.map((id) =>
    Object.entries(picture.get(`mailbox ${id}`) ?? {}).filter(([, value]) => typeof value === 'number'),
  )
  return { columns, sent: sent.length }
}

async function disturbed(
  harness: Harness,
  files: Parameters<Harness['push']>[0],
  organizations: Awaited<ReturnType<typeof startFleet>>['organizations'],
): Promise<void> {
  await harness.push(files)
  await harness.advance(30 * MINUTE_MS)
  for (const organization of organizations.values()) setMethod(organization, 'ann@contoso.com', 0)
  await harness.advance(30 * MINUTE_MS)
}

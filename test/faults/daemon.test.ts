// What goes wrong around a running mailkeel: nothing is written on it, and everything that is not hit goes on.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FIRST, methodOf, setMethod, startFleet } from '../daemon/fleet.ts'

const MINUTE_MS = 60_000
const OTHER = 'contoso-test'

describe('B1: an organization that cannot be read', () => {
  it('leads to no write and no drift; what was known stays, with its age, and it is asked ever more rarely', async () => {
    let isDown = false
    const asked: number[] = []
    const { harness, spec, organizations } = await startFleet({
      beforeSend: () => {
        if (!isDown) return
        asked.push(harness.machine.now().getTime())
        throw Object.assign(new Error('connection refused'), { name: 'NetworkError' })
      },
    })
    await harness.push(spec())
    await harness.advance(30 * MINUTE_MS)
    setMethod(organizations.get(FIRST), 'ann@contoso.com', 0)
    const before = organizations.get(FIRST)?.requests().writes

    isDown = true
    await harness.advance(2 * 60 * MINUTE_MS)
    const down = harness.standing(FIRST)
    isDown = false
    await harness.advance(30 * MINUTE_MS)

    expect(organizations.get(FIRST)?.requests().writes).toBeGreaterThan(before ?? 0)
    expect(down).toMatchObject({ phase: 'BackingOff' })
    expect(down.report?.drift).toEqual([])
    expect(down.report?.result.outcomes).toBeUndefined()
    expect(down.inSyncSince).toBeUndefined()
    expect(methodOf(organizations.get(FIRST), 'ann@contoso.com')).toBe(2)
    expect(harness.standing(FIRST)).toMatchObject({ phase: 'Idle', inSyncSince: expect.any(String) })
  })
})

describe('B2: an organization that throttles without end', () => {
  it('slows no other, and its state is visible', async () => {
    const { harness, spec, organizations } = await startFleet({ beside: [OTHER] })
    organizations.get(OTHER)?.faults.add({ kind: 'status', status: 429, retryAfter: 30, times: 'always' })

    await harness.push(spec())
    await harness.advance(20 * MINUTE_MS)

    expect(harness.standing(FIRST)).toMatchObject({ phase: 'Idle', inSyncSince: expect.any(String) })
    expect(harness.standing(OTHER).phase).toBe('BackingOff')
  })
})

describe('B16: a state directory that cannot be written', () => {
  it('makes it observe and say so, until it can be written again', async () => {
    const { harness, spec, organizations, restart } = await startFleet()
    await harness.stop()
    await rm(harness.stateDirectory, { recursive: true, force: true })
    await writeFile(harness.stateDirectory, 'a file stands where the folder should be')
    const again = await restart()

    await again.push(spec(), 'first')
    const held = again.standing(FIRST)
    const { writes } = organizations.get(FIRST)?.requests() ?? {}
    await rm(harness.stateDirectory)
    await mkdir(join(harness.folder, 'state'))
    await again.advance(30 * MINUTE_MS)

    expect(writes).toBe(0)
    expect(held.held).toMatchObject({ code: 'StateDirectoryUnusable' })
    expect(held.held?.message).toMatch(/nothing is written to CRM/)
    expect(again.standing(FIRST).held).toBeUndefined()
    expect(organizations.get(FIRST)?.requests().writes).toBeGreaterThan(0)
  })
})

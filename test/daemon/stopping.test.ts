import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { StateDirectoryError } from '../../src/reconcile/state-directory.ts'
import { createGate, FIRST, startFleet, until, writes } from './fleet.ts'

const MINUTE_MS = 60_000

describe('asked to end', () => {
  it('lets what was sent be answered and written down, begins nothing more, and gives the state back', async () => {
    const gate = createGate()
    const sent: string[] = []
    const { harness, spec } = await startFleet({
      beforeSend: async (request) => {
        if (!writes(request)) return
        sent.push(request.url)
        await gate.pass()
      },
    })
    gate.close()
    harness.source.push(spec())
    await until(() => gate.held > 0)

    const stopping = harness.stop()
    const before = sent.length
    gate.open()

    expect(await stopping).toBe(true)
    expect(sent).toHaveLength(before)
    expect(harness.daemon.working()).toBe(0)
    expect(await readdir(harness.stateDirectory)).not.toContain('lock')
  })

  it('goes on after a restart, told by its journal what was left unfinished', async () => {
    const gate = createGate()
    const { harness, spec, restart, organizations } = await startFleet({
      simulator: { mailboxes: 6 },
      beforeSend: (request) => (writes(request) ? gate.pass() : undefined),
    })
    gate.close()
    harness.source.push(spec())
    await until(() => gate.held > 0)
    const stopping = harness.stop()
    gate.open()
    await stopping

    const again = await restart({ beforeSend: () => undefined })
    await again.push(spec(), 'again')
    await again.advance(30 * MINUTE_MS)

    expect(again.standing(FIRST)).toMatchObject({ phase: 'Idle', inSyncSince: expect.any(String) })
    expect(organizations.get(FIRST)?.world.tests()).toMatchObject({ waiting: 0, running: 0 })
  })

  it('ends although a pass does not, after the time that is given to it', async () => {
    const gate = createGate()
    const { harness, spec } = await startFleet({ beforeSend: () => gate.pass() })
    gate.close()
    harness.source.push(spec())
    await until(() => gate.held > 0)

    const stopping = harness.stop()
    await harness.fireTimers(25_000)

    expect(await stopping).toBe(false)
    gate.open()
  })

  it('B17: gives nothing back while a pass may still write', async () => {
    const gate = createGate()
    const { harness, spec } = await startFleet({ beforeSend: () => gate.pass() })
    gate.close()
    harness.source.push(spec())
    await until(() => gate.held > 0)
    const stopping = harness.stop()
    await harness.fireTimers(25_000)
    await stopping

    const second = harness.startAgain()

    await expect(second).rejects.toThrow(/another mailkeel works with this state directory/)
    gate.open()
  })

  it('writes who it was into the journal', async () => {
    const { harness, spec } = await startFleet()

    await harness.push(spec())

    const folder = join(harness.stateDirectory, 'journal')
    const files = await readdir(folder, { recursive: true, withFileTypes: true })
    const texts = await Promise.all(
      files.filter((one) => one.isFile()).map((one) => readFile(join(one.parentPath, one.name), 'utf8')),
    )
    expect(texts.join('')).toContain('mailkeel run on crm-7')
  })
})

it('a second process is refused, with the words of whoever holds the state', async () => {
  const { restart, harness } = await startFleet()

  const second = harness.startAgain()

  await expect(second).rejects.toThrow(StateDirectoryError)
  await expect(second).rejects.toThrow(/another mailkeel works with this state directory/)
  await restart()
})

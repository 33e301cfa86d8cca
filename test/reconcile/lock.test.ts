import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { acquireLock, type LockInput, type ProcessIdentity } from '../../src/reconcile/lock.ts'
import { identifyProcess, ownIdentity } from '../../src/reconcile/process-identity.ts'
import { openState } from '../../src/reconcile/state.ts'
import { countingIds, temporaryDirectory, tickingClock } from './fake-scope.ts'

const SELF: ProcessIdentity = { host: 'build-7', pid: 100, startToken: 't100' }

function input(directory: string, more: Partial<LockInput> = {}): LockInput {
  return {
    directory,
    self: SELF,
    identify: (pid) => ({ host: 'build-7', pid, startToken: `t${pid}` }),
    now: tickingClock(),
    newId: countingIds('token'),
    ...more,
  }
}

describe('the lock of a state directory', () => {
  it('refuses a second process and names the first', async () => {
    const directory = await temporaryDirectory()
    await acquireLock(input(directory))

    const second = acquireLock(input(directory, { self: { host: 'build-7', pid: 200, startToken: 't200' } }))

    await expect(second).rejects.toMatchObject({
      code: 'StateDirectoryLocked',
      message: expect.stringContaining('process 100 on build-7'),
    })
  })

  it('is free again after it was released', async () => {
    const directory = await temporaryDirectory()
    const lock = await acquireLock(input(directory))

    await lock.release()

    expect(await readdir(directory)).toEqual([])
    await expect(acquireLock(input(directory))).resolves.not.toHaveProperty('takenFrom')
  })

  it.each<{ reason: string; left: Partial<ProcessIdentity>; identify: LockInput['identify']; taken: boolean }>([
    { reason: 'its process is dead', left: {}, identify: () => undefined, taken: true },
    {
      reason: 'its id belongs to another process now',
      left: { startToken: 'earlier' },
      identify: (pid) => ({ host: 'build-7', pid, startToken: 'later' }),
      taken: true,
    },
    {
      reason: 'its process lives',
      left: {},
      identify: (pid) => ({ host: 'build-7', pid, startToken: 't50' }),
      taken: false,
    },
    {
      reason: 'the machine does not tell when processes started',
      left: {},
      identify: (pid) => ({ host: 'build-7', pid }),
      taken: false,
    },
    { reason: 'it is of another host', left: { host: 'build-8' }, identify: () => undefined, taken: false },
  ])('is taken over only from a process that is surely dead: $reason, $taken', async ({ left, identify, taken }) => {
    const directory = await temporaryDirectory()
    await acquireLock(input(directory, { self: { host: 'build-7', pid: 50, startToken: 't50', ...left } }))

    const taking = acquireLock(input(directory, { identify, newId: countingIds('other') }))

    if (!taken) return expect(taking).rejects.toMatchObject({ code: 'StateDirectoryLocked' })
    await expect(taking).resolves.toMatchObject({ takenFrom: expect.stringContaining('process 50') })
    expect(await readdir(directory)).toEqual(['lock'])
  })

  it('is taken over by one of many that try at once', async () => {
    const directory = await temporaryDirectory()
    await acquireLock(input(directory, { self: { host: 'build-7', pid: 50 } }))

    const tries = Array.from({ length: 12 }, (_, index) => {
      const self = { host: 'build-7', pid: 1000 + index, startToken: `t${1000 + index}` }
      const identify = (pid: number) => (pid === 50 ? undefined : { host: 'build-7', pid, startToken: `t${pid}` })
      return acquireLock(input(directory, { self, identify, newId: countingIds(`try${index}`) }))
    })
    const settled = await Promise.allSettled(tries)

    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('is not taken away from its new holder by the release of the old one', async () => {
    const directory = await temporaryDirectory()
    const old = await acquireLock(input(directory, { self: { host: 'build-7', pid: 50 } }))
    await acquireLock(input(directory, { identify: () => undefined, newId: countingIds('new') }))

    await old.release()
    old.releaseNow()

    expect(JSON.parse(await readFile(join(directory, 'lock'), 'utf8'))).toMatchObject({ pid: 100 })
  })

  it('that cannot be read belongs to somebody, and the message says what to delete', async () => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, 'lock'), '{"host":')

    await expect(acquireLock(input(directory))).rejects.toThrow(`delete ${join(directory, 'lock')}`)
  })
})

describe('processes', () => {
  it('are told by id and start', () => {
    expect(identifyProcess(process.pid)).toEqual(ownIdentity())
    expect(ownIdentity().pid).toBe(process.pid)
  })

  it('that ended, or never were, are not there', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')

    expect(identifyProcess(child.pid ?? 0)).toBeUndefined()
    expect(identifyProcess(0)).toBeUndefined()
    expect(identifyProcess(-1)).toBeUndefined()
  })
})

describe('the state of a process', () => {
  const holder = fileURLToPath(new URL('./lock-holder.mjs', import.meta.url))

  async function holdIn(directory: string, how: 'exit' | 'stay') {
    const child = spawn(process.execPath, [holder, directory, how], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    return child
  }

  it('that was killed leaves its lock, and the next takes it over and says so', async () => {
    const directory = await temporaryDirectory()
    const child = await holdIn(directory, 'stay')
    const open = () => openState({ directory, mode: 'apply', now: tickingClock(), newId: countingIds() })
    await expect(open()).rejects.toMatchObject({ code: 'StateDirectoryLocked' })

    child.kill('SIGKILL')
    await once(child, 'exit')
    const state = await open()

    expect(state.notices).toEqual([{ code: 'LockTakenOver', message: expect.stringContaining(`process ${child.pid}`) }])
    await state.close()
    expect(await readdir(directory)).toEqual([])
  })

  it('that exits in order leaves no lock', async () => {
    const directory = await temporaryDirectory()

    const child = await holdIn(directory, 'exit')
    if (child.exitCode === null) await once(child, 'exit')

    expect(await readdir(directory)).toEqual([])
  })
})

// The state directory over the life of a process that works on many scopes at once.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { holdState } from '../../src/daemon/state-holder.ts'
import { temporaryDirectory } from '../reconcile/fake-scope.ts'

it('B16: is opened once when it can be used again, however many scopes ask at that moment', async () => {
  const folder = await temporaryDirectory()
  const directory = join(folder, 'state')
  await writeFile(directory, 'a file where the directory should be')
  let now = Date.parse('2026-11-23T12:00:00Z')
  let ids = 0
  const newId = () => {
    ids += 1
    return `id-${ids}`
  }
  const state = await holdState({ directory, lock: true, machine: { now: () => new Date(now), newId } })
  const before = await state.fault()

  await rm(directory)
  now += 61_000
  const after = await Promise.all([state.fault(), state.fault(), state.fault()])
  await state.close()

  expect(before?.code).toBe('StateDirectoryUnusable')
  expect(after).toEqual([undefined, undefined, undefined])
  // Whoever is next finds no lock of somebody who never gave it back.
  const next = await holdState({ directory, lock: true, machine: { now: () => new Date(now), newId } })
  expect(next.notices).toEqual([])
  await next.close()
})

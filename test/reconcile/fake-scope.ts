// A scope over the fake remote of the engine's tests, and what a pass is made with, without a file system where none is needed.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { effectGuard, type Guard, vanishedGuard } from '../../src/engine/index.ts'
import type { PassOptions, PassResult, Scope } from '../../src/reconcile/contract.ts'
import { openJournal } from '../../src/reconcile/journal.ts'
import { openMemory } from '../../src/reconcile/memory.ts'
import { passOver } from '../../src/reconcile/pass.ts'
import type { Identify, PassEnvironment } from '../../src/reconcile/run.ts'
import type { FakeReader, FakeRemote, FakeWriter } from '../engine/fake-remote.ts'
import { FAKE_STAGES, type FakeDesired } from '../engine/fake-stages.ts'

export type FakeScope = Scope<FakeDesired & { readonly name: string }, FakeReader, FakeWriter>

const BOOKS = {
  name: 'change',
  kind: 'Book',
  noun: { one: 'book', many: 'books' },
  verb: { one: 'changes', many: 'change' },
  counts: () => true,
}
export const GUARDS: readonly Guard[] = [
  effectGuard(BOOKS, { maximumPercent: 30, minimumMailboxes: 10 }),
  vanishedGuard({ maximum: 1, allGoneFrom: 3 }),
]

const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

/** A directory that is gone after the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'mailkeel-state-'))
  directories.push(directory)
  return directory
}

/** A clock that moves one second each time it is asked. */
export function tickingClock(start = '2026-11-20T08:00:00Z'): () => Date {
  let now = Date.parse(start)
  return () => {
    now += 1000
    return new Date(now)
  }
}

/** Ids that count. */
export function countingIds(prefix = 'id'): () => string {
  let count = 0
  return () => {
    count += 1
    return `${prefix}-${count}`
  }
}

export function scopeOf(remote: FakeRemote, desired: FakeDesired, more: Partial<FakeScope> = {}): FakeScope {
  return {
    scope: 'organization/test',
    desired: { ...desired, name: 'test' },
    newReader: () => remote.newReader(),
    writer: remote.writer(),
    stages: FAKE_STAGES,
    ...more,
  }
}

/** What passes over a state directory are made with. */
export function environmentIn(stateDirectory: string, more: Partial<PassEnvironment> = {}): PassEnvironment {
  const now = more.now ?? tickingClock()
  const newId = more.newId ?? countingIds('pass')
  return {
    guards: () => GUARDS,
    openJournal: (scope, pass) => openJournal({ stateDirectory, scope, pass, now }),
    memory: openMemory({ directory: join(stateDirectory, 'memory'), mode: 'apply', now, newId }),
    now,
    newId,
    ...more,
  }
}

export function optionsOf(more: Partial<PassOptions> = {}): PassOptions {
  return { revision: 'r1', mode: 'apply', allow: new Set(), signal: new AbortController().signal, ...more }
}

/** One pass over a scope whose identity is not known. */
export function pass(
  scope: FakeScope,
  options: PassOptions,
  environment: PassEnvironment,
  identify: Identify<FakeReader> = async () => undefined,
): Promise<PassResult> {
  return passOver(scope, identify, options, environment)
}

import { appendFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Change, effectGuard, type Permit, type Slice } from '../../src/engine/index.ts'
import { readJournal } from '../../src/reconcile/journal-reader.ts'
import { BOOK, remoteWith, wants } from '../engine/fake-library.ts'
import type { Row } from '../engine/fake-remote.ts'
import { FAKE_STAGES } from '../engine/fake-stages.ts'
import { environmentIn, optionsOf, pass, scopeOf, temporaryDirectory } from './fake-scope.ts'

describe('an override of the spec', () => {
  const keys = Array.from({ length: 12 }, (_, index) => `b${index}`)
  const desired = wants({}, Object.fromEntries(keys.map((key) => [key, { open: false }])))
  const remote = () => remoteWith({}, Object.fromEntries(keys.map((key): [string, Row] => [key, BOOK])))
  const permit: Permit = {
    name: 'closing',
    guard: 'change',
    limit: 12,
    reason: 'the library closes',
    ticket: 'CHG-1',
    origin: { file: 'overrides.yaml', line: 1, column: 1 },
  }

  it('passes its guard without a person, and the journal names it', async () => {
    const state = await temporaryDirectory()
    const environment = environmentIn(state, { permits: () => [permit] })

    const result = await pass(scopeOf(remote(), desired), optionsOf({ by: 'container' }), environment)

    const records = []
    for await (const record of readJournal(state, 'organization/test')) records.push(record)
    expect(result.decision).toBe('allow')
    expect(records[0]).toMatchObject({
      allowed: [
        {
          guard: 'change',
          by: 'container',
          overrides: [{ name: 'closing', reason: 'the library closes', ticket: 'CHG-1', covered: 12 }],
        },
      ],
    })
  })

  it('is asked for by the time of the pass, so that one which ends meanwhile does not count any more', async () => {
    const asked: [string, string][] = []
    const permits = (scope: string, at: Date) => {
      asked.push([scope, at.toISOString().slice(0, 10)])
      return [{ ...permit, fault: 'it expired' }]
    }

    const result = await pass(
      scopeOf(remote(), desired),
      optionsOf(),
      environmentIn(await temporaryDirectory(), { permits }),
    )

    expect(result.decision).toBe('override')
    expect(asked).toEqual([['organization/test', '2026-11-20']])
  })

  it('forgets of what vanished only what it covers', async () => {
    const full = remote()
    const state = await temporaryDirectory()
    const open = wants({}, Object.fromEntries(keys.map((key) => [key, { open: true }])))
    await pass(scopeOf(full, open), optionsOf(), environmentIn(state))
    for (const key of ['b0', 'b1', 'b2']) full.tables.book.delete(key)
    const objects = new Map([['Book', new Set(['b0', 'b1'])]])
    const permits = () => [{ ...permit, guard: 'vanished', objects }]

    const passed = await pass(scopeOf(full, open), optionsOf(), environmentIn(state, { permits }))
    full.tables.book.delete('b3')
    const after = await pass(scopeOf(full, open), optionsOf(), environmentIn(state))

    expect([passed.decision, after.decision]).toEqual(['allow', 'override'])
    expect(after.verdicts.find(({ guard }) => guard === 'vanished')?.message).toContain('2 of 10 objects')
  })

  it('lets a stage go on where it asks, but not with more than its limit', async () => {
    const pacing = FAKE_STAGES.map((stage) =>
      stage.name !== 'book'
        ? stage
        : {
            ...stage,
            *pace(
              changes: readonly Change[],
              { allows }: { allows(guard: string, key: string): boolean },
            ): Iterable<Slice> {
              const goes = changes.filter(({ key }) => allows('rollout', key))
              yield { name: 'now', changes: goes }
              yield {
                name: 'later',
                changes: changes.filter((one) => !goes.includes(one)),
                waits: { code: 'W', message: 'w' },
              }
            },
          },
    )
    const going = async (limit: number) => {
      const permits = () => [
        { ...permit, guard: 'rollout', limit, objects: new Map([['Book', new Set(['b0', 'b1'])]]) },
      ]
      const environment = environmentIn(await temporaryDirectory(), { permits, guards: () => [] })
      const result = await pass(scopeOf(remote(), desired, { stages: pacing }), optionsOf(), environment)
      return [result.outcomes?.length, result.verdicts.find(({ guard }) => guard === 'rollout')?.overridden]
    }

    expect([await going(2), await going(1)]).toEqual([
      [2, true],
      [0, undefined],
    ])
  })
})

describe('a limit per hour', () => {
  const keys = ['a', 'b', 'c', 'd']
  const remote = () => remoteWith({}, Object.fromEntries(keys.map((key): [string, Row] => [key, BOOK])))
  const closing = (...closed: readonly string[]) =>
    wants({}, Object.fromEntries(keys.map((key) => [key, { open: !closed.includes(key) }])))
  const rule = {
    name: 'change',
    noun: { one: 'book', many: 'books' },
    verb: { one: 'changes', many: 'change' },
    counts: () => true,
  }
  const guards = () => [effectGuard(rule, { maximumPerHour: 2 })]

  it('counts what earlier passes wrote, also where the memory is lost, and forgets it after an hour', async () => {
    const state = await temporaryDirectory()
    const books = remote()
    let at = Date.parse('2026-11-20T08:00:00Z')
    const now = () => new Date(at)
    const go = async (...closed: readonly string[]) => {
      await rm(join(state, 'memory'), { recursive: true, force: true })
      return (await pass(scopeOf(books, closing(...closed)), optionsOf(), environmentIn(state, { guards, now })))
        .decision
    }

    const first = await go('a', 'b')
    at += 30 * 60_000
    const soon = await go('a', 'b', 'c')
    at += 31 * 60_000
    const later = await go('a', 'b', 'c')

    expect([first, soon, later]).toEqual(['allow', 'override', 'allow'])
  })

  it('asks where the journal cannot be read', async () => {
    const state = await temporaryDirectory()
    await pass(scopeOf(remote(), closing('a')), optionsOf(), environmentIn(state, { guards }))
    const file = join(state, 'journal', 'organization', 'test', '000001.jsonl')
    await appendFile(file, 'damage\n')

    const result = await pass(scopeOf(remote(), closing('a')), optionsOf(), environmentIn(state, { guards }))

    expect(result.decision).toBe('override')
    expect(result.verdicts[0]?.message).toContain('the journal does not tell')
  })
})

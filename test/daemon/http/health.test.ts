import { describe, expect, it } from 'vitest'
import { createBoard, type ScopePhase, type ScopeStanding, type SourceStanding } from '../../../src/daemon/board.ts'
import { livenessOf, readinessOf } from '../../../src/daemon/http/health.ts'
import { NOW } from './harness.ts'

const REVISION = { id: '3f2a91c', seenAt: NOW.toISOString() }
const REASON = { code: 'SchemaProblem', message: 'sales.yaml:3' }
const TROUBLE = { reason: { code: 'Unreachable', message: 'x' }, since: NOW.toISOString(), attempts: 1 }
const minutes = (n: number) => new Date(NOW.getTime() + n * 60_000).toISOString()

function boardOf(source: Partial<SourceStanding>, ...scopes: readonly Partial<ScopeStanding>[]) {
  const board = createBoard({ kind: 'directory', place: '/spec', ...source }, NOW.toISOString())
  for (const [index, scope] of scopes.entries()) {
    const name = `contoso-${index}`
    // Health looks at phase, times and whether there is an answer, and at nothing else of a scope.
    board.setScope({
      scope: `organization/${name}`,
      kind: 'organization',
      name,
      phase: 'Idle',
      ...scope,
    } as ScopeStanding)
  }
  return board
}

const report = {} as NonNullable<ScopeStanding['report']>

describe('ready', () => {
  it.each([
    [{}, [], ['no revision was read yet'], 'nothing was read'],
    [
      { refused: { revision: REVISION, problems: [], reason: REASON } },
      [],
      ['the first revision was refused'],
      'nothing is enforced',
    ],
    [{ enforced: REVISION }, [], [], 'a spec without organizations'],
    [{ enforced: REVISION }, [{ report }], [], 'a first pass'],
    [{ enforced: REVISION }, [{ failure: TROUBLE }], [], 'a failure that is told is an answer'],
    [{ enforced: REVISION }, [{ phase: 'Elsewhere' }], [], 'another replica has it'],
    [{ enforced: REVISION }, [{ report }, {}], ['1 of 2 scopes had no first pass yet'], 'one is not there yet'],
    [
      { enforced: REVISION, refused: { revision: REVISION, problems: [], reason: REASON } },
      [{ report }],
      [],
      'the last good one stays enforced',
    ],
  ] as const)('%#: %j %j is %j: %s', (source, scopes, reasons, _reason) => {
    expect(readinessOf(boardOf(source, ...scopes))).toEqual({ ok: reasons.length === 0, reasons })
  })

  it('names nobody, because anybody may ask', () => {
    expect(JSON.stringify(readinessOf(boardOf({ enforced: REVISION }, {})))).not.toContain('contoso')
  })
})

describe('alive', () => {
  it.each<[ScopePhase, number, boolean, string]>([
    ['Idle', 9, true, 'late'],
    ['Idle', 11, false, 'missed'],
    ['BackingOff', 11, false, 'missed'],
    ['Reconciling', 600, true, 'a long pass is no wait'],
    ['Elsewhere', 600, true, 'not ours'],
    ['Starting', 600, true, 'not begun'],
  ])('%s and %i minutes over its time: %s (%s)', (phase, over, ok, _reason) => {
    const board = boardOf({}, { phase, nextPassAt: minutes(-over) })

    expect(livenessOf(board, NOW).ok).toBe(ok)
  })

  it('is also whether the source is looked at', () => {
    expect(livenessOf(boardOf({ nextLookAt: minutes(-11) }), NOW).ok).toBe(false)
    expect(livenessOf(boardOf({ nextLookAt: minutes(-1) }), NOW).ok).toBe(true)
  })
})

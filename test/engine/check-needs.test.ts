import { describe, expect, it } from 'vitest'
import { computePlan, type Fields, type Read, type ScopeStage, type Verdict } from '../../src/engine/index.ts'

const ORIGIN = { file: 'a.yaml', line: 1, column: 1 }

type AnyStage = ScopeStage<object, unknown, unknown>

function checks(verdicts: Readonly<Record<string, Verdict['status']>>): readonly [AnyStage, Read] {
  const rows = Object.entries(verdicts).map(([key, status]) => {
    const ready = { status, code: 'Because', message: `${key} is ${status}` }
    return [key, { fields: {}, ref: undefined, ready, gates: [] }] as const
  })
  const stage: AnyStage = { ...stageOf('checks', {}), mode: 'checks', gate: 'blocks', desire: () => [] }
  return [stage, { complete: true, rows: new Map(rows), unknown: new Map() }]
}

/** Objects that each need one check. */
function stageOf(name: string, needs: Readonly<Record<string, string>>): AnyStage {
  const fields: Fields = { on: true }
  return {
    name,
    kind: name,
    noun: { one: name, many: name },
    scope: 'tenant',
    mode: 'writes',
    gate: 'advises',
    fields: { on: { effect: () => 'adjust', words: () => ({ group: 'set', one: 'is on', many: 'are on' }) } },
    observe: async () => ({ complete: true, rows: new Map(), unknown: new Map() }),
    desire: () =>
      Object.entries(needs).map(([key, check]) => [
        key,
        { ensure: 'present', fields, label: key, origin: ORIGIN, needs: [{ stage: 'checks', key: check }] },
      ]),
    absent: () => 'create',
  }
}

describe('what needs a check', () => {
  it.each([
    { status: 'False', blocked: true, reason: 'it is not in order' },
    { status: 'Unknown', blocked: true, reason: 'nobody knows whether it is' },
    { status: 'Unverifiable', blocked: false, reason: 'nobody can tell, so it only advises' },
    { status: 'True', blocked: false, reason: 'it passed' },
  ] as const)('is blocked by it alone: $status, because $reason', ({ status, blocked }) => {
    const [check, read] = checks({ first: status, second: 'True' })
    const writes = stageOf('writes', { a: 'first', b: 'second', c: 'not made' })
    const empty: Read = { complete: true, rows: new Map(), unknown: new Map() }

    const { plan } = computePlan({
      scope: 's',
      revision: 'r1',
      stages: [check, writes],
      desired: {},
      reads: new Map([
        ['checks', read],
        ['writes', empty],
      ]),
      now: new Date(0),
    })

    const changed = plan.steps.flatMap(({ changes }) => changes.map(({ key }) => key))
    expect(changed).toEqual(blocked ? ['b', 'c'] : ['a', 'b', 'c'])
    expect(plan.exceptions.map(({ key, state, reason }) => `${key} ${state} ${reason.message}`)).toEqual(
      blocked ? [`a Blocked first is ${status}`] : [],
    )
  })
})

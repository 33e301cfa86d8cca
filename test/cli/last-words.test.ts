import { describe, expect, it } from 'vitest'
import { type Ended, lastWords } from '../../src/cli/last-words.ts'
import type { Outcome } from '../../src/engine/index.ts'
import { change, passResult, plan } from '../report/samples.ts'

const ALL = ['ann', 'bob', 'cora'].map((label) => change(label))
const PLANNED = passResult({ plan: plan(ALL) })

function outcomesOf(...results: readonly Outcome['result'][]): readonly Outcome[] {
  return results.map((result, index) => {
    const { id, stage, kind, key, label } = ALL[index] ?? change('dora')
    return { id, stage, kind, key, label, result }
  })
}

function ended(overrides: Partial<Ended> = {}): Ended {
  return {
    results: [PLANNED],
    outcomesOf: () => [],
    end: 'settled',
    waitMs: undefined,
    isWell: false,
    statusCommand: 'mailkeel status',
    nextCommand: () => 'mailkeel apply --yes --allow change',
    ...overrides,
  }
}

describe('the last words of an apply', () => {
  it.each<{ reason: string; outcomes: readonly Outcome[]; said: string }>([
    {
      reason: 'what was cancelled was not begun',
      outcomes: outcomesOf('Applied', 'Cancelled', 'Cancelled'),
      said: 'interrupted: 1 written, 2 not begun; run it again',
    },
    {
      reason: 'what has no outcome was not begun either',
      outcomes: outcomesOf('Applied'),
      said: 'interrupted: 1 written, 2 not begun; run it again',
    },
    {
      reason: 'what failed is neither',
      outcomes: outcomesOf('Applied', 'Unknown', 'Cancelled'),
      said: 'interrupted: 1 written, 1 not done or not known, 1 not begun; run it again',
    },
    {
      reason: 'it was interrupted before the first write',
      outcomes: [],
      said: 'interrupted: nothing was written, 3 not begun; run it again',
    },
    {
      reason: 'everything was written, and results were awaited',
      outcomes: outcomesOf('Applied', 'Applied', 'Applied'),
      said: 'interrupted: 3 written; `mailkeel status` shows the results',
    },
  ])('of an interrupted run are its own numbers, where $reason', ({ outcomes, said }) => {
    expect(lastWords(ended({ end: 'cancelled', outcomesOf: () => outcomes }))).toBe(said)
  })

  it('name the command that passes the guard that asks', () => {
    const results = [passResult({ plan: plan(ALL), decision: 'override' })]

    expect(lastWords(ended({ results }))).toBe(
      'Nothing was written: a guard asks. If it is meant: `mailkeel apply --yes --allow change`.',
    )
  })

  it('say that nothing was written where all changes wait', () => {
    const waits = { code: 'RolloutStopped', message: 'stopped at the canary' }
    const steps = plan(ALL).steps.map((step) => ({ ...step, waits }))
    const results = [passResult({ plan: plan([], { steps }) })]

    const said = lastWords(ended({ results, nextCommand: () => 'mailkeel test --failed --yes --wait' }))

    expect(said).toBe('Nothing was written: all 3 changes wait. Next: `mailkeel test --failed --yes --wait`.')
  })

  it('are none where there was nothing to do', () => {
    expect(lastWords(ended({ results: [passResult()] }))).toBe('')
  })
})

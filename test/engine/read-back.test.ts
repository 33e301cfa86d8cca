import { describe, expect, it } from 'vitest'
import { type Intent, lookUp, type Observed, type Read } from '../../src/engine/index.ts'
import { bookStage } from './fake-stages.ts'

const INTENT: Intent = {
  id: 'i1',
  stage: 'book',
  kind: 'Book',
  key: 'a',
  label: 'a',
  action: 'update',
  effects: ['move'],
  fields: [{ field: 'shelf', from: 's1', to: 's2' }],
  origin: { file: 'library.yaml', line: 1, column: 1 },
}

function read(rows: Readonly<Record<string, Observed>>): Read {
  return { complete: true, rows: new Map(Object.entries(rows)), unknown: new Map() }
}

describe('B5 looking up an intent that has no outcome', () => {
  it.each<{ reason: string; intent: Intent; now: Read; result: string }>([
    {
      reason: 'the object shows what was to be written',
      intent: INTENT,
      now: read({ a: { fields: { shelf: 's2' }, ref: 1 } }),
      result: 'Applied',
    },
    {
      reason: 'the object shows the old value',
      intent: INTENT,
      now: read({ a: { fields: { shelf: 's1' }, ref: 1 } }),
      result: 'NotApplied',
    },
    { reason: 'the object is gone', intent: INTENT, now: read({}), result: 'NotApplied' },
    {
      reason: 'an object that was to be deleted is gone',
      intent: { ...INTENT, action: 'delete', fields: [] },
      now: read({}),
      result: 'Applied',
    },
    {
      reason: 'the read is incomplete',
      intent: INTENT,
      now: { complete: false, reason: { code: 'Throttled', message: 'throttled' } },
      result: 'Unknown',
    },
    {
      reason: 'the object cannot be told',
      intent: INTENT,
      now: { complete: true, rows: new Map(), unknown: new Map([['a', { code: 'Garbled', message: 'garbled' }]]) },
      result: 'Unknown',
    },
    {
      reason: 'the field is not known to this build',
      intent: { ...INTENT, fields: [{ field: 'colour', to: 'red' }] },
      now: read({ a: { fields: { shelf: 's1' }, ref: 1 } }),
      result: 'Unverifiable',
    },
  ])('$reason: $result', ({ intent, now, result }) => {
    expect(lookUp(bookStage, intent, now).result).toBe(result)
  })
})

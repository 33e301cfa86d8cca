// Whatever the plan, the limits and the overrides: what passes without a person is within the limits, or covered by overrides that count.
import fc from 'fast-check'
import { describe, it } from 'vitest'
import {
  type Change,
  type Effect,
  type EffectLimits,
  effectGuard,
  judge,
  type Permit,
  PLAN_VERSION,
  type RecentChange,
  standing,
} from '../../src/engine/index.ts'

const KEYS = Array.from({ length: 24 }, (_, index) => `m${index}`)
const ORIGIN = { file: 'a.yaml', line: 1, column: 1 }
const RULE = {
  name: 'stop',
  kind: 'Mailbox',
  noun: { one: 'mailbox', many: 'mailboxes' },
  verb: { one: 'stops', many: 'stop' },
  counts: (effects: readonly Effect[]) => effects.includes('stop'),
}

const effects = fc.subarray<Effect>(['stop', 'move', 'test'], { minLength: 1 })
const changes = fc.array(
  fc.record({ key: fc.constantFrom(...KEYS), effects, kind: fc.constantFrom('Mailbox', 'Mailbox', 'Queue') }),
  { maxLength: 40 },
)
const limits: fc.Arbitrary<EffectLimits> = fc.record(
  {
    maximumPercent: fc.integer({ min: 0, max: 100 }),
    minimumMailboxes: fc.integer({ min: 0, max: 30 }),
    maximum: fc.integer({ min: 0, max: 24 }),
    maximumPerHour: fc.integer({ min: 0, max: 24 }),
  },
  { requiredKeys: [] },
)
const permits = fc.array(
  fc.record({
    guard: fc.constantFrom('stop', 'stop', 'stop', 'move'),
    limit: fc.integer({ min: 1, max: 24 }),
    keys: fc.option(fc.subarray(KEYS)),
    counts: fc.boolean(),
  }),
  { maxLength: 4 },
)
const recent = fc.option(changes)

interface Drawn {
  readonly kind: string
  readonly key: string
  readonly effects: readonly Effect[]
}

function planOf(drawn: readonly Drawn[]) {
  const planned = drawn.map(
    ({ key, kind, effects: does }, index): Change => ({
      id: String(index),
      stage: 'mailbox',
      kind,
      key,
      label: key,
      action: 'update',
      fields: [],
      effects: does,
      phrases: [],
      origin: ORIGIN,
      needs: [],
    }),
  )
  const waits = { code: 'WaitsForWave', message: 'later' }
  const steps = [
    { stage: 'mailbox', slice: 'now', changes: planned.slice(0, 5) },
    { stage: 'mailbox', slice: 'later', changes: planned.slice(5), waits },
  ]
  return { version: PLAN_VERSION, scope: 's', revision: 'r', steps, stages: [], exceptions: [], digest: 'd' } as const
}

/** Distinct mailboxes that stop: written down a second time, as plainly as can be. */
function stopping(drawn: readonly Drawn[]): ReadonlySet<string> {
  return new Set(drawn.filter((one) => one.kind === 'Mailbox' && one.effects.includes('stop')).map(({ key }) => key))
}

describe('what passes a guard without a person', () => {
  it('is never beyond its limits and the overrides that count', () => {
    const property = fc.property(changes, limits, permits, recent, (drawn, limit, drawnPermits, before) => {
      const given = drawnPermits.map(
        ({ guard, limit: most, keys, counts }, index): Permit => ({
          name: `p${index}`,
          guard,
          limit: most,
          reason: 'why',
          origin: ORIGIN,
          ...(keys ? { objects: new Map([['Mailbox', new Set(keys)]]) } : {}),
          ...(counts ? {} : { fault: 'it expired' }),
        }),
      )
      const presence = {
        kind: 'Mailbox',
        wished: new Set(KEYS),
        present: new Set(KEYS),
        labels: new Map(),
        complete: true,
      }
      const input = { plan: planOf(drawn), presence: new Map([['Mailbox', presence]]), seen: new Map() }
      const lately: readonly RecentChange[] | undefined = before ?? undefined

      const verdicts = judge(
        [effectGuard(RULE, limit)],
        { ...input, ...(lately ? { recent: lately } : {}) },
        new Set(),
        given,
      )

      if (standing(verdicts) !== 'allow') return
      const stops = stopping(drawn)
      const helping = given.filter(({ guard, fault, limit: most, objects }) => {
        const covered = [...stops].filter((key) => objects?.get('Mailbox')?.has(key) ?? true).length
        return guard === 'stop' && fault === undefined && covered <= most
      })
      const open = (key: string) => !helping.some(({ objects }) => objects?.get('Mailbox')?.has(key) ?? true)
      const left = [...stops].filter(open)
      if (left.length === 0) return
      const hour = new Set([...left, ...[...stopping(before ?? [])].filter(open)])
      const { maximum, maximumPercent, minimumMailboxes = 0, maximumPerHour } = limit
      if (maximum !== undefined && left.length > maximum) fail(`${left.length} > ${maximum}`)
      if (
        maximumPercent !== undefined &&
        KEYS.length >= minimumMailboxes &&
        left.length * 100 > maximumPercent * KEYS.length
      ) {
        fail(`${left.length} of ${KEYS.length} > ${maximumPercent} %`)
      }
      if (maximumPerHour !== undefined && (before === null || hour.size > maximumPerHour))
        fail(`${hour.size} in an hour`)
    })
    fc.assert(property, { seed: 20_261_120, numRuns: 3000 })
  })

  it('is the same in whatever order changes and overrides stand', () => {
    const property = fc.property(changes, limits, permits, (drawn, limit, drawnPermits) => {
      const given = drawnPermits.map(
        ({ guard, limit: most, keys }, index): Permit => ({
          name: `p${index}`,
          guard,
          limit: most,
          reason: 'why',
          origin: ORIGIN,
          ...(keys ? { objects: new Map([['Mailbox', new Set(keys)]]) } : {}),
        }),
      )
      const decide = (of: readonly Drawn[], by: readonly Permit[]) => {
        const input = { plan: planOf(of), presence: new Map(), seen: new Map(), recent: [] }
        return standing(judge([effectGuard(RULE, limit)], input, new Set(), by))
      }

      const there = decide(drawn, given)
      const back = decide([...drawn].reverse(), [...given].reverse())

      if (there !== back) fail(`${there} and ${back}`)
    })
    fc.assert(property, { seed: 20_261_120, numRuns: 1000 })
  })
})

function fail(why: string): never {
  throw new Error(why)
}

// The property that all others serve: whatever is asked for, whatever the limits, whatever breaks and whenever the process dies, nothing is
// sent that is not a part of an approved plan, nothing beyond a guard, and in the end everything is as the spec says.
import fc from 'fast-check'
import { expect } from 'vitest'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { guardsOf } from '../../src/reconcile/guards.ts'
import { permitsOf } from '../../src/reconcile/permits.ts'
import type { DesiredOrganization, DesiredOverride } from '../../src/spec/desired.ts'
import { ACCIDENTS, type Accident, createAccident } from '../stack/accident.ts'
import { type SentWrite, writesOfRequest } from '../stack/sent.ts'
import { stateOf } from '../stack/spec.ts'
import { ALLOWED, type Stack, type StackOptions, startStack } from '../stack/stack.ts'
import { pictureOf, wrongWrites } from '../stack/world.ts'
import {
  EFFECT_GUARDS,
  type EffectGuard,
  faults,
  filesFor,
  organizations,
  permissions,
  UNCOMMITTED,
  wishes,
  withOverrides,
} from './arbitraries.ts'
import { keysByRow, unexplained, writesIn } from './explained.ts'
import { countedByGuard, type Recounted, rowsNow, uncovered } from './recount.ts'

/** A limit that nothing comes near. */
const MANY = 1_000_000
const DAY_MS = 24 * 3_600_000
const EVERYTHING_ALLOWED = new Set([...ALLOWED, 'vanished', 'organization-changed'])

/**
 * How much may happen without a person: how many of what a few guards count, and how many change and stop as shares, from so many mailboxes
 * on. Few are tight at once, or what one of them lets through another would stop.
 */
const limits = fc.record({
  maxima: fc
    .tuple(fc.subarray([...EFFECT_GUARDS], { minLength: 1, maxLength: 3 }), fc.constantFrom(0, 0, 1, 3))
    .map(([tight, most]) => new Map(EFFECT_GUARDS.map((guard) => [guard, tight.includes(guard) ? most : MANY]))),
  change: fc.constantFrom(0, 0.3, 0.6, 1, 1, 1),
  stop: fc.constantFrom(0, 0.05, 0.5, 1, 1, 1),
  minimum: fc.constantFrom(0, 3, 10),
})
type Limits = typeof limits extends fc.Arbitrary<infer T> ? T : never

/** What happens in one pass: an accident at a record (0 = none), what a person allows, and which changes were approved. */
const turns = fc.record({
  kind: fc.constantFrom(...ACCIDENTS),
  at: fc.nat({ max: 10 }),
  allow: fc.subarray([...EVERYTHING_ALLOWED]),
  approves: fc.option(fc.infiniteStream(fc.boolean()), { nil: undefined }),
})
type Turn = typeof turns extends fc.Arbitrary<infer T> ? T : never

/** Random specs, limits, overrides, faults and accidents: no wrong write, none beyond a guard and what may pass it, and an end. */
export const neverBeyond = fc.asyncProperty(
  organizations,
  wishes,
  limits,
  fc.array(permissions, { maxLength: 4 }),
  fc.array(faults, { maxLength: 2 }),
  fc.array(turns, { minLength: 1, maxLength: 3 }),
  async (options, wish, limit, wanted, rules, story) => {
    const accident = createAccident()
    const play: Play = { limit, sent: [], overrides: [] }
    const sizes = { pageSize: 7, batchSize: 4, patienceMs: 60_000 }
    const stack = await startStack({ ...options, ...sizes, ...watching(accident, play), guards: guardsFor(limit) })
    try {
      const { world, faults: active } = stack.simulator
      const files = withOverrides(filesFor(stack, wish), wanted)
      const { organization: desired, overrides } = await stateOf(files)
      Object.assign(play, { desired, overrides })
      const before = pictureOf(world)
      for (const rule of rules) active.add(rule)
      for (const turn of story) {
        accident.arm(turn.kind, turn.at)
        await playTurn(stack, desired, play, turn)
      }
      accident.arm('killed after', 0)
      active.clear()
      expect(wrongWrites(before, world, desired)).toEqual([])
      await comesToAnEnd(stack, desired)
      expect(wrongWrites(before, world, desired)).toEqual([])
    } finally {
      await stack.close()
    }
  },
)

/** What a story is played with, and what was sent in it. */
interface Play {
  readonly limit: Limits
  readonly sent: SentWrite[]
  readonly desired?: DesiredOrganization
  readonly overrides: readonly DesiredOverride[]
}

/** A stack in which accidents happen, overrides count, and what is sent is kept. */
function watching({ options }: Accident, play: Play): Pick<StackOptions, 'environment' | 'beforeSend'> {
  const uncommitted = new Map([[UNCOMMITTED, 'it is not committed']])
  return {
    environment: (usual) =>
      options.environment({
        ...usual,
        permits: (_scope, now) => (play.desired ? permitsOf(play.desired, play.overrides, uncommitted)(now) : []),
      }),
    beforeSend(request) {
      options.beforeSend()
      play.sent.push(...writesOfRequest(request))
    },
  }
}

function guardsFor({ maxima, change, stop, minimum }: Limits) {
  const stops = { maximumPercent: stop * 100, minimumMailboxes: minimum }
  const shares: Readonly<Record<string, object>> = {
    change: { maximumPercent: change * 100, minimumMailboxes: minimum },
    stop: stops,
    unapprove: stops,
  }
  const effects = EFFECT_GUARDS.map((guard) => [guard, { maximum: maxima.get(guard), ...shares[guard] }])
  const guards = { ...Object.fromEntries(effects), vanished: { maximum: 0 } }
  return guardsOf({ guards, organizations: {} }, 'contoso-sales')
}

async function playTurn(stack: Stack, desired: DesiredOrganization, play: Play, turn: Turn): Promise<void> {
  const { simulator } = stack
  const approved = turn.approves && (await someOf(stack, desired, turn.approves))
  const keysBefore = keysByRow(simulator.world, desired)
  const [before, now] = [rowsNow(simulator.world), simulator.world.now()]
  simulator.resetRequests()
  play.sent.length = 0

  const result = await stack.pass(desired, { allow: new Set(turn.allow), ...(approved ? { approved } : {}) })

  // Rows that the pass created are not in what was before; of all others, what was before counts.
  const keys = new Map([...keysByRow(simulator.world, desired), ...keysBefore])
  const writes = writesIn(simulator.log())
  if (result.decision !== 'allow') expect(writes).toEqual([])
  const changes = changesOf(result).filter(({ id }) => approved?.has(id) ?? true)
  expect(unexplained(writes, changes, keys)).toEqual([])
  const after = rowsNow(simulator.world)
  expect(beyondGuards({ writes: play.sent, before, after, keys, now, desired }, play, turn)).toEqual([])
}

/** Guards beyond whose limits something was sent although neither a person nor an override let it pass. */
function beyondGuards(recounted: Recounted, { limit, overrides }: Play, { allow }: Turn): readonly string[] {
  const committed = overrides.filter(({ origin }) => origin.file !== UNCOMMITTED)
  const total = managedIn(recounted)
  const shares: Readonly<Record<string, number>> = { change: limit.change, stop: limit.stop, unapprove: limit.stop }
  return [...countedByGuard(recounted)].flatMap(([guard, counted]) => {
    if (allow.includes(guard)) return []
    const count = uncovered(guard, counted, committed, recounted).length
    const share = total < limit.minimum ? 1 : (shares[guard] ?? 1)
    const most = Math.min(limit.maxima.get(guard as EffectGuard) ?? 0, guard in shares ? share * total : MANY)
    return count <= most ? [] : [`${guard}: ${count} of ${total}, at most ${most}`]
  })
}

/** Mailboxes of the spec that CRM had before the pass: what shares are shares of. */
function managedIn({ before, keys, desired }: Recounted): number {
  const there = [...keys].flatMap(([id, own]) => (before.has(`mailboxes ${id}`) ? own : []))
  return new Set(there.filter((key) => desired.mailboxes.has(key))).size
}

async function someOf(stack: Stack, desired: DesiredOrganization, approves: fc.Stream<boolean>) {
  const whole = changesOf(await stack.pass(desired, { mode: 'plan' }))
  return new Set(whole.filter(() => approves.next().value).map(({ id }) => id))
}

async function comesToAnEnd(stack: Stack, desired: DesiredOrganization): Promise<void> {
  for (let passes = 0; passes < 4; passes += 1) {
    await stack.pass(desired, { allow: EVERYTHING_ALLOWED })
    stack.simulator.world.advanceUntilIdle(30 * DAY_MS)
  }
  const { plan, failure } = await stack.pass(desired, { allow: EVERYTHING_ALLOWED })
  expect([failure, plan.steps.flatMap((step) => step.changes.map(({ stage, key }) => `${stage} ${key}`))]).toEqual([
    undefined,
    [],
  ])
}

function changesOf({ plan }: PassResult) {
  return plan.steps.flatMap(({ changes }) => changes)
}

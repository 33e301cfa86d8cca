// How long an override lasts: its limit is one for all of its life, whatever passes it takes.
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { guardsOf } from '../../src/reconcile/guards.ts'
import { permitsOf } from '../../src/reconcile/permits.ts'
import type { DesiredOrganization, DesiredOverride } from '../../src/spec/desired.ts'
import { ORGANIZATION, organizationOf, PROFILE, setOf } from '../stack/spec.ts'
import { ALLOWED, type Stack, startStack } from '../stack/stack.ts'
import { plainAddresses } from '../stack/world.ts'

const HOUR_MS = 3_600_000
const METHODS = { profile: 'exchange-online', incoming: 'ServerSideSync', outgoing: 'ServerSideSync' }

interface Case {
  readonly limits: { readonly maximum?: number; readonly maximumPerHour?: number }
  readonly override: Partial<DesiredOverride>
}

/** An organization in order, in which more and more mailboxes stop. `sets` says in which set a member is. */
async function stopping({ limits, override }: Case, act: (world: World) => Promise<void>): Promise<void> {
  let desired: DesiredOrganization | undefined
  const guards = guardsOf(
    { guards: { ...UNLIMITED, stop: { maximumPercent: 100, minimumMailboxes: 0, ...limits } }, organizations: {} },
    'any',
  )
  const permitsAt = (now: Date) => (desired ? permitsOf(desired, [{ ...OVERRIDE, ...override }], new Map())(now) : [])
  const stack = await startStack({
    seed: 11,
    mailboxes: 40,
    queues: 0,
    mess: [],
    guards,
    environment: (environment) => ({ ...environment, permits: (_scope, now) => permitsAt(now) }),
  })
  try {
    const members = plainAddresses(stack.simulator.world, 'systemuser')
    const specFor = (stopped: number, early: number) => {
      const wished = members.map((address, index) => (index < stopped ? { address, incoming: 'None' } : address))
      const sets = [setOf('early', wished.slice(0, early), METHODS), setOf('late', wished.slice(early), METHODS)]
      return organizationOf({ 'spec.yaml': ORGANIZATION + PROFILE + sets.join('') })
    }
    desired = await specFor(0, 20)
    await stack.pass(desired, { allow: ALLOWED })
    await act({
      stack,
      async stop(count, { allow = NOBODY, early = 20 } = {}) {
        desired = await specFor(count, early)
        return await stack.pass(desired, { allow })
      },
    })
  } finally {
    await stack.close()
  }
}

interface World {
  readonly stack: Stack
  /** One pass over a spec in which so many are stopped, of which so many are in the set `early`. */
  stop(count: number, options?: { readonly allow?: ReadonlySet<string>; readonly early?: number }): Promise<PassResult>
}

const MANY = { maximum: 1_000_000 } as const

const UNLIMITED = {
  change: { maximumPercent: 100, minimumMailboxes: 0 },
  move: {},
  unapprove: { maximumPercent: 100, minimumMailboxes: 0 },
  claim: MANY,
  'old-mail': MANY,
  'delete-mail': MANY,
  'default-profile': MANY,
  'stop-all': MANY,
  vanished: { maximum: 0 },
  'tenant-id': { maximum: 0 },
  'credential-retire': { maximum: 1 },
} as const

const OVERRIDE: DesiredOverride = {
  name: 'closing',
  guard: 'stop',
  organization: 'contoso-sales',
  limit: 3,
  reason: 'the branch closes',
  expires: '2100-01-01T00:00:00Z',
  origin: { file: 'overrides.yaml', line: 1, column: 1 },
}

const NOBODY: ReadonlySet<string> = new Set()

function stopsDone({ outcomes = [] }: PassResult): number {
  return outcomes.filter(({ stage, result }) => stage === 'mailbox' && result === 'Applied').length
}

function said({ verdicts }: PassResult): string {
  return verdicts.find(({ guard }) => guard === 'stop')?.message ?? ''
}

describe('the limit of an override', () => {
  it('holds over all passes together, not for each', async () => {
    await stopping({ limits: { maximum: 0 }, override: { limit: 5 } }, async ({ stop }) => {
      const results = [await stop(3), await stop(5), await stop(7)]

      expect(results.map(stopsDone)).toEqual([3, 2, 0])
      expect(said(results[2] as PassResult)).toContain(
        'its limit is 5, 5 passed by it before, and it would cover 2 more',
      )
    })
  })

  it('is on top of the limit per hour, once', async () => {
    await stopping({ limits: { maximumPerHour: 3 }, override: {} }, async ({ stop, stack }) => {
      const within = [await stop(3), await stop(6), await stop(9)]
      stack.simulator.advance(HOUR_MS + 1)
      const later = await stop(9)

      expect(within.map(stopsDone)).toEqual([3, 3, 0])
      expect([later.decision, stopsDone(later)]).toEqual(['allow', 3])
    })
  })

  it('is used up by what was in its set then, in whatever set it is now', async () => {
    await stopping({ limits: { maximum: 0 }, override: { sets: ['early'] } }, async ({ stop }) => {
      const results = [await stop(3, { early: 3 }), await stop(6, { early: 20 })]

      expect(results.map(stopsDone)).toEqual([3, 0])
    })
  })

  it('is not used up by what a person allowed, nor by what needed no override', async () => {
    await stopping({ limits: { maximum: 2 }, override: {} }, async ({ stop }) => {
      const results = [await stop(2), await stop(10, { allow: new Set(['stop']) }), await stop(13)]

      expect(results.map(stopsDone)).toEqual([2, 8, 3])
    })
  })

  it('counts a mailbox once, however often it passes', async () => {
    await stopping({ limits: { maximum: 0 }, override: {} }, async ({ stop }) => {
      const results = [await stop(3), await stop(0), await stop(3)]

      expect(results.map(({ decision }) => decision)).toEqual(['allow', 'allow', 'allow'])
    })
  })

  it('holds for none where the journal does not tell what passed before', async () => {
    await stopping({ limits: { maximum: 0 }, override: { limit: 30 } }, async ({ stop, stack }) => {
      await stop(3)
      const folder = join(stack.stateDirectory, 'journal', 'organization', 'contoso-sales')
      appendFileSync(join(folder, '000001.jsonl'), 'no record\n')
      writeFileSync(join(folder, '000002.jsonl'), '')

      const result = await stop(6)

      expect([result.decision, stopsDone(result)]).toEqual(['override', 0])
      expect(said(result)).toContain('the journal does not tell what it let pass before')
    })
  })
})

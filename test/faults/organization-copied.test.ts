// B9: somebody restores or copies an organization, and its address answers as another one. Everything in it looks like drift.
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openMemory } from '../../src/reconcile/memory.ts'
import { permitsOf } from '../../src/reconcile/permits.ts'
import { documentOf, ORGANIZATION, PROFILE, setOf, stateOf } from '../stack/spec.ts'
import { ALLOWED, type Stack, startStack } from '../stack/stack.ts'
import { differences, pictureOf, plainAddresses } from '../stack/world.ts'

const open: Stack[] = []
afterEach(async () => {
  for (const stack of open.splice(0)) await stack.close()
})

const DAY_MS = 24 * 3_600_000

const CONFIRMED = documentOf('Override', 'restored-in-november', {
  guard: 'organization-changed',
  limit: 1,
  reason: 'the organization was restored after the outage',
  expires: '2099-01-01T00:00:00Z',
})

/** An organization in order, and a copy of it in its place, remembered by the same memory. */
async function copied() {
  const original = await startStack({ seed: 7, mailboxes: 6, queues: 1, mess: [] })
  open.push(original)
  const { world } = original.simulator
  const files = { 'a.yaml': ORGANIZATION + PROFILE + setOf('users', plainAddresses(world, 'systemuser')) }
  let state = await stateOf(files)
  for (let pass = 0; pass < 3; pass += 1) {
    await original.pass(state.organization)
    world.advanceUntilIdle(DAY_MS)
  }
  const stack = await startStack({
    world: world.copy('contoso-sales'),
    environment: (usual) => ({
      ...usual,
      memory: openMemory({
        directory: join(original.stateDirectory, 'memory'),
        mode: 'apply',
        now: usual.now,
        newId: usual.newId,
      }),
      permits: (_scope, now) => permitsOf(state.organization, state.overrides, new Map())(now),
    }),
  })
  open.push(stack)
  stack.simulator.drift('method', 2)
  return {
    stack,
    pass: () => stack.pass(state.organization, { allow: ALLOWED }),
    async commit(document: string) {
      state = await stateOf({ ...files, 'override.yaml': document })
    },
  }
}

describe('B9: a copied organization at the same address', () => {
  it('gets nothing written, pass after pass, until a committed override says that it is meant', async () => {
    const { stack, pass, commit } = await copied()
    const before = pictureOf(stack.simulator.world)
    const refused = [await pass(), await pass(), await pass()]
    const untouched = differences(before, pictureOf(stack.simulator.world))
    await commit(CONFIRMED)

    const confirmed = await pass()
    const after = await pass()

    expect(refused.map(({ decision, outcomes }) => [decision, outcomes])).toEqual(
      Array.from({ length: 3 }, () => ['override', undefined]),
    )
    expect(untouched).toEqual([])
    const told = refused[2]?.verdicts.find(({ guard }) => guard === 'organization-changed')?.message
    expect(told).toMatch(
      /^this is organization [0-9a-f-]{36}, the one seen before was [0-9a-f-]{36}: a restored, copied/,
    )
    expect(confirmed.verdicts.filter(({ decision, overridden }) => decision !== 'allow' && !overridden)).toEqual([])
    expect(confirmed.decision).toBe('allow')
    expect(confirmed.outcomes?.length).toBeGreaterThan(0)
    expect(after.decision).toBe('allow')
  })
})

// Memory may veto or delay a write and be told, never cause or widen one. So whatever happens to its file, a pass does at most what it would
// have done with it.
import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { PassResult } from '../../src/reconcile/contract.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { ORGANIZATION, organizationOf, PROFILE, setOf } from '../stack/spec.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import { pictureOf, plainAddresses, wrongWrites } from '../stack/world.ts'

const open: Stack[] = []
afterEach(async () => {
  for (const stack of open.splice(0)) await stack.close()
})

const DAY_MS = 24 * 3_600_000

/** What may become of the file. `older` is the file as the first pass left it. */
const LOSSES: readonly { reason: string; lose: (path: string, older: string) => Promise<void> }[] = [
  { reason: 'it is gone', lose: (path) => rm(path) },
  { reason: 'it is empty', lose: (path) => truncate(path, 0) },
  { reason: 'it is cut off', lose: async (path) => truncate(path, Math.floor((await readFile(path)).length / 2)) },
  { reason: 'it is garbage', lose: (path) => writeFile(path, Buffer.from([0, 255, 254, 1, 2, 3])) },
  {
    reason: 'it is of another version',
    lose: (path) =>
      writeFile(path, '{"version":"mailkeel.memory/v9","scope":"organization/contoso-sales","seen":{},"changedAt":{}}'),
  },
  { reason: 'it is an older one', lose: (path, older) => writeFile(path, older) },
  { reason: 'it is a list', lose: (path) => writeFile(path, '[]') },
]

/** An organization in order, of which something drifted meanwhile. */
async function drifted(lose?: (path: string, older: string) => Promise<void>) {
  const stack = await startStack({ seed: 3, mailboxes: 12, queues: 1, mess: ['old-profile', 'pending', 'untested'] })
  open.push(stack)
  const { world } = stack.simulator
  const desired = await organizationOf({
    'a.yaml': ORGANIZATION + PROFILE + setOf('users', plainAddresses(world, 'systemuser')),
  })
  const path = join(stack.stateDirectory, 'memory', 'organization', 'contoso-sales.json')
  await stack.pass(desired)
  const older = await readFile(path, 'utf8')
  world.advanceUntilIdle(DAY_MS)
  await stack.pass(desired)
  const inOrder = stack.simulator.requests().writes
  await lose?.(path, older)
  const still = await stack.pass(desired)
  expect(still.plan.steps).toEqual([])
  expect(stack.simulator.requests().writes).toBe(inOrder)
  await lose?.(path, older)
  stack.simulator.drift('method', 2)
  return { stack, desired }
}

function idsOf({ plan }: PassResult): readonly string[] {
  return plan.steps.flatMap(({ changes }) => changes.map(({ id }) => id))
}

async function endOf(stack: Stack, desired: DesiredOrganization): Promise<PassResult> {
  await stack.pass(desired)
  stack.simulator.world.advanceUntilIdle(DAY_MS)
  return stack.pass(desired)
}

it.each(LOSSES)(
  '$reason: no more is planned than with it, nothing wrong is written, and it ends in order',
  async ({ lose }) => {
    const whole = await drifted()
    const wanted = new Set(idsOf(await whole.stack.pass(whole.desired, { mode: 'plan' })))
    const { stack, desired } = await drifted(lose)
    const before = pictureOf(stack.simulator.world)

    const result = await stack.pass(desired)
    const end = await endOf(stack, desired)

    expect(wanted.size).toBeGreaterThan(0)
    expect(idsOf(result).filter((id) => !wanted.has(id))).toEqual([])
    expect(wrongWrites(before, stack.simulator.world, desired)).toEqual([])
    expect([end.failure, end.plan.steps]).toEqual([undefined, []])
  },
)

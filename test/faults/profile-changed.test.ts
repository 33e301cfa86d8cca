// After a change of how a profile connects, every mailbox on it is tested: those beyond what may run at once, and those of a pass that
// was cut off. What is due is seen in CRM alone, so nothing is forgotten with the memory or the journal.
import { rm } from 'node:fs/promises'
import { afterEach, expect, it } from 'vitest'
import { conditionsOf } from '../../src/reconcile/conditions.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { ORGANIZATION, organizationOf, PROFILE, setOf } from '../stack/spec.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import { plainAddresses } from '../stack/world.ts'
import { linesOf } from '../stages/pass.ts'

const open: Stack[] = []
afterEach(async () => {
  for (const stack of open.splice(0)) await stack.close()
})

const MEMBERS = 9
const AT_ONCE = 4
const LONG_MS = 24 * 3_600_000

/** An organization in order whose mailboxes all passed, and the spec that changes how their profile connects. */
async function inOrder() {
  const stack = await startStack({ seed: 5, mailboxes: 12, queues: 1, mess: [], pace: { maximumInFlight: AT_ONCE } })
  open.push(stack)
  const addresses = plainAddresses(stack.simulator.world, 'systemuser').slice(0, MEMBERS)
  const specOf = (profile: string) => organizationOf({ 'a.yaml': ORGANIZATION + profile + setOf('users', addresses) })
  const before = await specOf(PROFILE)
  for (let pass = 0; pass < 6; pass += 1) {
    await stack.pass(before)
    stack.simulator.world.advanceUntilIdle(LONG_MS)
  }
  const settled = await stack.pass(before)
  expect(linesOf(settled.plan)).toEqual([])
  expect(readyCodes(settled)).toEqual({ Healthy: MEMBERS })
  stack.simulator.advance(60_000)
  return {
    stack,
    after: await specOf(
      PROFILE.replace(
        '"autoDiscover":true',
        '"autoDiscover":false,"incomingServerLocation":"https://outlook.office365.com/EWS/Exchange.asmx","outgoingServerLocation":"https://outlook.office365.com/EWS/Exchange.asmx"',
      ),
    ),
  }
}

function readyCodes(result: PassResult): Readonly<Record<string, number>> {
  const codes: Record<string, number> = {}
  for (const { kind, ready } of conditionsOf(result)) {
    if (kind === 'Mailbox') codes[ready.code] = (codes[ready.code] ?? 0) + 1
  }
  return codes
}

function testsAskedFor(stack: Stack): number {
  return [...stack.simulator.world.rows('mailbox').values()].filter(
    (row) => row['testemailconfigurationscheduled'] === true,
  ).length
}

it('over as many passes as the meter needs, and no mailbox is Ready before', async () => {
  const { stack, after } = await inOrder()
  const asked: number[] = []
  const healthy: number[] = []
  for (let pass = 0; pass < 4; pass += 1) {
    const result = await stack.pass(after)
    asked.push(testsAskedFor(stack))
    healthy.push(readyCodes(await stack.pass(after, { mode: 'plan' }))['Healthy'] ?? 0)
    expect(result.failure).toBeUndefined()
    stack.simulator.world.advanceUntilIdle(LONG_MS)
  }

  expect(asked).toEqual([4, 4, 1, 0])
  expect(healthy).toEqual([0, 4, 8, 9])
  expect(linesOf((await stack.pass(after)).plan)).toEqual([])
})

it.each(['with its memory', 'with everything lost'])(
  'after a pass that wrote the profile and nothing else, %s',
  async (what) => {
    const { stack, after } = await inOrder()
    const planned = await stack.pass(after, { mode: 'plan' })
    const ofProfile = planned.plan.steps.flatMap(({ stage, changes }) =>
      stage === 'email-server-profile' ? changes.map(({ id }) => id) : [],
    )

    await stack.pass(after, { approved: new Set(ofProfile) })
    if (what === 'with everything lost') await rm(stack.stateDirectory, { recursive: true })
    const next = await stack.pass(after)

    expect(ofProfile).toHaveLength(1)
    expect(linesOf(next.plan)).toHaveLength(MEMBERS)
    expect(testsAskedFor(stack)).toBe(AT_ONCE)
  },
)

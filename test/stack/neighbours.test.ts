// One Exchange, several organizations: who claims a mailbox takes its calendar from the other. And servers that do nothing at all.
import { describe, expect, it } from 'vitest'
import { SWITCH_VALUES } from '../../src/simulator/index.ts'
import type { Row } from '../../src/simulator/world.ts'
import { ORGANIZATION, organizationOf, PROFILE, setOf } from './spec.ts'
import { type Stack, type StackOptions, startStack } from './stack.ts'
import { rowWith } from './world.ts'

const DAY_MS = 24 * 3_600_000
const PEOPLE = ['ann@contoso.com', 'bob@contoso.com']
const BESIDE = { name: 'contoso-test', mailboxes: 2, queues: 0 }

async function withStack(options: StackOptions, work: (stack: Stack) => Promise<void>): Promise<void> {
  const stack = await startStack({ mailboxes: 4, queues: 0, mess: ['none'], ...options })
  try {
    await work(stack)
  } finally {
    await stack.close()
  }
}

function specWith(fields: object) {
  const members = PEOPLE.map((address) => ({ address, ...fields }))
  return organizationOf({ 'a.yaml': ORGANIZATION + PROFILE, 'users.yaml': setOf('users', members) })
}

function calendarOf(
  { world }: { readonly world: Stack['simulator']['world'] },
  address: string,
): Row[string] | undefined {
  return rowWith(world, 'mailbox', 'emailaddress', address)[1]['actstatus']
}

/** Everybody's tests come to their end. */
function settle(...organizations: readonly { readonly world: Stack['simulator']['world'] }[]): void {
  for (const { world } of organizations) world.advanceUntilIdle(30 * DAY_MS)
}

describe('mailboxes that another organization holds', () => {
  it.each(
    SWITCH_VALUES.lossTold.flatMap((lossTold) =>
      SWITCH_VALUES.claimAfterLoss.map((claimAfterLoss) => ({ lossTold, claimAfterLoss })),
    ),
  )('are taken over by a claim, and stay where they are: %o', async (switches) => {
    await withStack({ switches }, async (stack) => {
      const beside = stack.simulator.addOrganization({ ...BESIDE, switches })
      const desired = await specWith({ primarySync: 'Claim' })
      const before = PEOPLE.map((address) => calendarOf(beside, address))

      await stack.pass(desired)
      settle(stack.simulator, beside)
      await stack.pass(desired)
      settle(stack.simulator, beside)
      const last = await stack.pass(desired)

      expect(before).toEqual([1, 1])
      expect(PEOPLE.map((address) => calendarOf(stack.simulator, address))).toEqual([1, 1])
      expect(PEOPLE.map((address) => calendarOf(beside, address))).toEqual(
        switches.lossTold === 'at-once' ? [2, 2] : [1, 1],
      )
      expect(last.plan.steps.flatMap(({ changes }) => changes)).toEqual([])
    })
  })

  it('are told of and left alone without a claim', async () => {
    await withStack({}, async (stack) => {
      const beside = stack.simulator.addOrganization(BESIDE)
      const desired = await specWith({})

      await stack.pass(desired)
      settle(stack.simulator, beside)
      stack.simulator.resetRequests()
      await stack.pass(desired)
      settle(stack.simulator, beside)

      expect(stack.simulator.requests().writes).toBe(0)
      expect(PEOPLE.map((address) => calendarOf(stack.simulator, address))).toEqual([2, 2])
      expect(PEOPLE.map((address) => calendarOf(beside, address))).toEqual([1, 1])
    })
  })

  it.each(SWITCH_VALUES.copiedIds)(
    'are those of the original for a copy of the organization, ids %s',
    async (copiedIds) => {
      await withStack({ switches: { copiedIds } }, async (stack) => {
        const { world } = stack.simulator
        const copy = stack.simulator.addOrganization({ name: 'contoso-copy', copy: true })
        const [id] = rowWith(copy.world, 'mailbox', 'emailaddress', 'ann@contoso.com')
        const { admin } = copy.world.callers

        copy.world.update(admin, 'mailbox', id, { testemailconfigurationscheduled: true })
        settle(copy)
        const unclaimed = [calendarOf(copy, 'ann@contoso.com'), calendarOf({ world }, 'ann@contoso.com')]
        copy.world.update(admin, 'mailbox', id, {
          testemailconfigurationscheduled: true,
          orgmarkedasprimaryforexchangesync: true,
        })
        settle(copy)

        expect(unclaimed).toEqual([2, 1])
        expect([calendarOf(copy, 'ann@contoso.com'), calendarOf({ world }, 'ann@contoso.com')]).toEqual([1, 2])
        expect(copy.world.organizationId).not.toBe(world.organizationId)
      })
    },
  )
})

describe('where nothing runs in the background', () => {
  it.each([{ asynchronousService: false }, { backgroundOperations: false }, { administrationMode: true }])(
    'tests are asked for once, and run when it does again: %o',
    async (conditions) => {
      await withStack({ mess: ['untested'], conditions }, async (stack) => {
        const desired = await specWith({})

        await stack.pass(desired)
        settle(stack.simulator)
        stack.simulator.advance(DAY_MS)
        const idle = { ...stack.simulator.world.tests() }
        stack.simulator.resetRequests()
        await stack.pass(desired)
        const { writes } = stack.simulator.requests()
        stack.simulator.setConditions({
          asynchronousService: true,
          backgroundOperations: true,
          administrationMode: false,
        })
        settle(stack.simulator)
        const last = await stack.pass(desired)

        expect(idle).toEqual({ waiting: expect.any(Number), running: 0, held: 0 })
        expect(idle.waiting).toBeGreaterThan(0)
        expect(writes).toBe(0)
        expect(PEOPLE.map((address) => calendarOf(stack.simulator, address))).toEqual([1, 1])
        expect(last.plan.steps.flatMap(({ changes }) => changes)).toEqual([])
      })
    },
  )
})

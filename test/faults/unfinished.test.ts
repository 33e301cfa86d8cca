// A new approval or a new address is the only reason for a test of a mailbox that passed one before. Whoever is cut off in between leaves
// a mailbox on which nothing in CRM shows that its test is outdated: the journal tells, and no memory is needed.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { conditionsOf } from '../../src/reconcile/conditions.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { createAccident } from '../stack/accident.ts'
import { ORGANIZATION, organizationOf, PROFILE, setOf } from '../stack/spec.ts'
import { type Stack, type StackOptions, startStack } from '../stack/stack.ts'
import { plainAddresses } from '../stack/world.ts'
import { linesOf } from '../stages/pass.ts'

const open: Stack[] = []
afterEach(async () => {
  for (const stack of open.splice(0)) await stack.close()
})

const DAY_MS = 24 * 3_600_000
const REJECTED = 2

interface InOrder {
  readonly stack: Stack
  readonly accident: ReturnType<typeof createAccident>
  readonly addresses: readonly string[]
  readonly desired: DesiredOrganization
}

/** An organization in order, whose mailboxes all passed their test. */
async function inOrder(options: StackOptions = {}): Promise<InOrder> {
  const accident = createAccident()
  const stack = await startStack({ seed: 5, mailboxes: 8, queues: 1, mess: [], ...accident.options, ...options })
  open.push(stack)
  const { world } = stack.simulator
  const addresses = plainAddresses(world, 'systemuser').slice(0, 4)
  const desired = await organizationOf({ 'a.yaml': ORGANIZATION + PROFILE + setOf('users', addresses) })
  for (let pass = 0; pass < 3; pass += 1) {
    await stack.pass(desired)
    world.advanceUntilIdle(DAY_MS)
  }
  expect(linesOf((await stack.pass(desired)).plan)).toEqual([])
  expect(mailboxOf(stack, addresses[0])['incomingemailstatus']).toBe(1)
  stack.simulator.advance(60_000)
  return { stack, accident, addresses, desired }
}

function mailboxOf({ simulator: { world } }: Stack, address = '') {
  const row = [...world.rows('mailbox').values()].find((one) => one['emailaddress'] === address)
  if (!row) throw new Error(`no mailbox has the address ${address}`)
  return row
}

/** Somebody takes an approval away. The result of the last test stays as it is. */
function reject({ simulator: { world } }: Stack, address = ''): void {
  const [id = ''] = [...world.rows('systemuser')].find(([, row]) => row['internalemailaddress'] === address) ?? []
  world.update(world.callers.admin, 'systemuser', id, { emailrouteraccessapproval: REJECTED })
}

function testsAskedFor({ simulator }: Stack): number {
  const writes = simulator.log().filter(({ columns }) => [...columns].includes('testemailconfigurationscheduled'))
  return writes.length
}

function readyOf(result: PassResult, address = ''): string | undefined {
  return conditionsOf(result).find(({ key }) => key === address)?.ready.code
}

/** Something a pass does that must end in a test, and the mailbox that is tested. */
const SITUATIONS: readonly {
  readonly what: string
  prepare(of: InOrder): Promise<{ readonly desired: DesiredOrganization; readonly address: string }>
}[] = [
  {
    what: 'an approval that is given again',
    async prepare({ stack, addresses: [address = ''], desired }) {
      reject(stack, address)
      stack.simulator.advance(60_000)
      return { desired, address }
    },
  },
  {
    what: 'another address',
    async prepare({ addresses: [first = '', ...others] }) {
      const address = `new.${first}`
      const members = [{ address, previousAddress: first }, ...others]
      return { desired: await organizationOf({ 'a.yaml': ORGANIZATION + PROFILE + setOf('users', members) }), address }
    },
  },
]

describe.each(SITUATIONS)('$what', ({ prepare }) => {
  it.each([1, 2, 3, 4, 5])(
    'cut off at record %i of the journal, is tested by the passes behind it, once',
    async (at) => {
      const all = await inOrder()
      const { stack, accident } = all
      const { desired, address } = await prepare(all)
      const asked = testsAskedFor(stack)
      const before = stack.simulator.world.now().toISOString()
      accident.arm('killed after', at)

      expect((await stack.pass(desired)).failure).toBeDefined()
      accident.arm('killed after', 0)
      await rm(join(stack.stateDirectory, 'memory'), { recursive: true, force: true })
      for (let pass = 0; pass < 3; pass += 1) {
        await stack.pass(desired)
        stack.simulator.world.advanceUntilIdle(DAY_MS)
      }

      const end = await stack.pass(desired)
      expect(linesOf(end.plan)).toEqual([])
      expect(readyOf(end, address)).toBe('Healthy')
      expect(testsAskedFor(stack)).toBe(asked + 1)
      expect(String(mailboxOf(stack, address)['testmailboxaccesscompletedon']) > before).toBe(true)
    },
  )
})

describe('a change without the test that belongs to it', () => {
  const [approval] = SITUATIONS

  async function cutOff(options?: StackOptions) {
    const all = await inOrder(options)
    const prepared = await approval?.prepare(all)
    if (!prepared) throw new Error('there is no such situation')
    all.accident.arm('killed after', 3)
    await all.stack.pass(prepared.desired)
    all.accident.arm('killed after', 0)
    return { ...all, ...prepared }
  }

  it('makes the last test stale, also for who only looks', async () => {
    const { stack, desired, address } = await cutOff()

    const looked = await stack.pass(desired, { mode: 'plan' })

    expect(readyOf(looked, address)).toBe('TestStale')
    expect(linesOf(looked.plan)).toEqual([`mailbox update ${address}: test`])
  })

  it('waits in the journal while a pass is about other mailboxes', async () => {
    const { stack, desired, address } = await cutOff()

    await stack.pass(desired, { only: ({ key }) => key !== address })
    await stack.pass(desired, { approved: new Set() })

    expect(linesOf((await stack.pass(desired, { mode: 'plan' })).plan)).toEqual([`mailbox update ${address}: test`])
  })

  it('is only told as stale where the journal was lost: the memory never asks for a test', async () => {
    const { stack, desired, address } = await cutOff()
    await stack.pass(desired, { approved: new Set() })
    await rm(join(stack.stateDirectory, 'journal'), { recursive: true })

    const next = await stack.pass(desired)

    expect(linesOf(next.plan)).toEqual([])
    expect(readyOf(next, address)).toBe('TestStale')
  })

  it('is settled by the first pass that has nothing left to do to the mailbox', async () => {
    const { stack, desired, address } = await cutOff()
    await stack.pass(desired)
    stack.simulator.world.advanceUntilIdle(DAY_MS)
    const done = await stack.pass(desired)
    const asked = testsAskedFor(stack)
    reject(stack, address)
    stack.simulator.world.advanceUntilIdle(DAY_MS)
    await stack.pass(desired, { mode: 'plan' })

    expect(done.notices).toEqual([])
    expect(testsAskedFor(stack)).toBe(asked)
  })
})

describe('more approvals than tests at once', () => {
  it('are tested all the same, over the passes that takes', async () => {
    const { stack, addresses, desired } = await inOrder({ pace: { maximumInFlight: 3 } })
    for (const address of addresses) reject(stack, address)
    stack.simulator.advance(60_000)
    const asked = testsAskedFor(stack)

    await stack.pass(desired)
    const first = testsAskedFor(stack) - asked
    stack.simulator.world.advanceUntilIdle(DAY_MS)
    await stack.pass(desired)
    stack.simulator.world.advanceUntilIdle(DAY_MS)
    const end = await stack.pass(desired)

    expect(first).toBe(3)
    expect(testsAskedFor(stack)).toBe(asked + addresses.length)
    expect(linesOf(end.plan)).toEqual([])
    expect(addresses.map((address) => readyOf(end, address))).toEqual(addresses.map(() => 'Healthy'))
  })
})

// Somebody else in the same organization: an administrator by hand, or a second program.
import { afterEach, describe, expect, it } from 'vitest'
import type { ScopeReport } from '../../src/daemon/board.ts'
import { driftOf, driftSuspects } from '../../src/daemon/loop/drift.ts'
import { conditionsOf } from '../../src/reconcile/conditions.ts'
import type { PassOptions, PassResult } from '../../src/reconcile/contract.ts'
import type { PassEnvironment } from '../../src/reconcile/run.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { ORGANIZATION, organizationOf, PROFILE, setOf } from '../stack/spec.ts'
import { type Stack, type StackOptions, startStack } from '../stack/stack.ts'
import { plainAddresses, rowWith } from '../stack/world.ts'

const open: Stack[] = []
afterEach(async () => {
  for (const stack of open.splice(0)) await stack.close()
})

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** An organization in order, and who looks at it. */
async function inOrder(options: StackOptions = {}) {
  const stack = await startStack({ seed: 4, mailboxes: 6, queues: 0, mess: [], ...options })
  open.push(stack)
  const { world } = stack.simulator
  const [address = '', ...others] = plainAddresses(world, 'systemuser')
  const desired = await organizationOf({ 'a.yaml': ORGANIZATION + PROFILE + setOf('users', [address, ...others]) })
  for (let pass = 0; pass < 3; pass += 1) {
    await stack.pass(desired)
    world.advanceUntilIdle(DAY_MS)
  }
  expect((await stack.pass(desired)).plan.steps).toEqual([])
  return { stack, desired, address, ids: idsOf(stack, address) }
}

function idsOf({ simulator: { world } }: Stack, address: string) {
  const [mailbox] = rowWith(world, 'mailbox', 'emailaddress', address)
  const [user] = rowWith(world, 'systemuser', 'internalemailaddress', address)
  return { mailbox, user }
}

/** Looks as the daemon does: what was found before is known. */
function watcher(stack: Stack, desired: DesiredOrganization) {
  let before: ScopeReport | undefined
  return async (options: Partial<PassOptions> = {}) => {
    const result = await stack.pass(desired, { askWho: driftSuspects(before), ...options })
    const drift = driftOf({ before, result })
    before = { result, conditions: conditionsOf(result), runway: [], drift, fights: result.fights ?? [] }
    return { result, drift }
  }
}

const WITH_FIGHTS: StackOptions = {
  environment: (environment: PassEnvironment) => ({ ...environment, fights: { reversals: 3, withinMs: DAY_MS } }),
}

describe('drift by somebody else', () => {
  it('is told with his name, also where the same pass corrects it, and costs two requests', async () => {
    const { stack, desired, ids, address } = await inOrder()
    const look = watcher(stack, desired)
    await look()
    stack.simulator.resetRequests()
    await look()
    const usual = stack.simulator.requests().requests
    stack.simulator.advance(HOUR_MS)
    const { world } = stack.simulator
    world.editByHand('mailbox', ids.mailbox, { incomingemaildeliverymethod: 0 })
    const at = world.now().toISOString().slice(0, 16).replace('T', ' ')
    stack.simulator.resetRequests()
    const planned = await look({ mode: 'plan' })
    const asking = stack.simulator.requests().requests

    const { drift } = await look()

    const by = `Sam Someone (CONTOSO\\sam-someone), ${at} UTC`
    expect(planned.drift).toMatchObject([{ label: address, by }])
    expect(drift).toMatchObject([{ stage: 'mailbox', label: address, by, corrected: true }])
    expect(asking - usual).toBeLessThanOrEqual(3)
  })

  it('on an approval is told by the user that holds it', async () => {
    const { stack, desired, ids } = await inOrder()
    const look = watcher(stack, desired)
    await look()
    const { world } = stack.simulator
    world.editByHand('systemuser', ids.user, { emailrouteraccessapproval: 2 })

    const { drift } = await look({ mode: 'plan' })

    expect(drift).toMatchObject([{ stage: 'approval', by: expect.stringContaining('Sam Someone') }])
  })

  it('by our own account is told as that', async () => {
    const { stack, desired, ids } = await inOrder()
    const look = watcher(stack, desired)
    await look()
    const { world } = stack.simulator
    world.update(world.callers.admin, 'mailbox', ids.mailbox, { incomingemaildeliverymethod: 0 })

    const { drift } = await look({ mode: 'plan' })

    expect(drift).toMatchObject([{ by: expect.stringMatching(/^mailkeel's account, \d{4}-/) }])
  })

  it('with a hostile name stays on one line', async () => {
    const { stack, desired, ids } = await inOrder()
    const look = watcher(stack, desired)
    await look()
    const { world } = stack.simulator
    const [someone] = rowWith(world, 'systemuser', 'fullname', 'Sam Someone')
    world.editByHand('systemuser', someone, { firstname: 'Sam\r\n\u202e', lastname: 'x'.repeat(64) })
    world.editByHand('mailbox', ids.mailbox, { incomingemaildeliverymethod: 0 })

    const { drift } = await look({ mode: 'plan' })

    expect(drift[0]?.by).toMatch(/^Sam x{64} \(CONTOSO/)
  })
})

describe('B8: somebody who changes a mailbox back again and again', () => {
  it('is named, and the mailbox is left alone over restarts until the day is over', async () => {
    const { stack, desired, ids, address } = await inOrder(WITH_FIGHTS)
    const { world } = stack.simulator
    const results: PassResult[] = []
    for (let round = 0; round < 6; round += 1) {
      world.advanceUntilIdle(HOUR_MS)
      world.editByHand('mailbox', ids.mailbox, { incomingemaildeliverymethod: 0 })
      stack.simulator.advance(600_000)
      results.push(await stack.pass(desired))
    }
    stack.simulator.advance(2 * DAY_MS)

    const later = await stack.pass(desired)

    const written = results.map(({ outcomes = [] }) => outcomes.filter(({ stage }) => stage === 'mailbox').length)
    expect(written).toEqual([1, 1, 1, 0, 0, 0])
    const last = results.at(-1)
    expect(last?.fights).toMatchObject([
      { label: address, reversals: 3, by: expect.stringContaining('Sam Someone (CONTOSO\\sam-someone)') },
    ])
    const held = last?.plan.exceptions.find(({ stage }) => stage === 'mailbox')
    expect(held?.reason.message).toContain('changed it back 3 times since')
    expect(held?.reason.message).toContain('last Sam Someone')
    expect(later.outcomes).toHaveLength(1)
  })
})

// What `explain` says of mailboxes in any disorder, held against what is true about them in the simulated world.
import fc from 'fast-check'
import { expect } from 'vitest'
import { MESS_KINDS, type SimulatedWorld } from '../../src/simulator/index.ts'
import type { Row } from '../../src/simulator/world.ts'
import { canonicalAddress } from '../../src/spec/address.ts'
import { explainInput, explainMember, explainStranger } from '../stack/explaining.ts'
import { ORGANIZATION, organizationOf, PROFILE, setOf } from '../stack/spec.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import { plainAddresses } from '../stack/world.ts'

const DAY_MS = 24 * 3_600_000

/** Any disorder at all. */
const organizations = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  mailboxes: fc.integer({ min: 4, max: 14 }),
  queues: fc.integer({ min: 0, max: 3 }),
  mess: fc.subarray(MESS_KINDS.map(({ name }) => name)),
  conditions: fc.constantFrom(
    {},
    {},
    {},
    { asynchronousService: false },
    { exchange: 'busy' },
    { exchange: 'refusing' },
    { exchange: 'certificate-missing' },
    { exchange: 'ews-blocked' },
  ),
  /** How many of the users the spec names, with nothing but the wish that they are tested. */
  named: fc.integer({ min: 0, max: 4 }),
})

/** Once everybody was tested, a mailbox is said to work only where it does, and what does not work is said to be broken with a next step. */
export const explainedTruly = fc.asyncProperty(organizations, async ({ named, conditions, ...options }) => {
  const stack = await startStack(options)
  try {
    const { world } = stack.simulator
    stack.simulator.setConditions(conditions as never)
    const members = plainAddresses(world, 'systemuser').slice(0, named)
    const desired = await organizationOf({
      'a.yaml': ORGANIZATION + PROFILE + setOf('sales', members, { testAndEnable: true }),
    })
    testEverybody(stack)
    const input = explainInput(stack, await stack.pass(desired, { mode: 'plan' }), desired)

    for (const [address, ids] of byAddress(world)) {
      const told = desired.mailboxes.has(address)
        ? explainMember(input, address)
        : await explainStranger(stack, desired, address)

      // Inactive mailboxes are out of use, whatever their address; of several others nobody can say which is meant.
      const active = ids.filter((id) => world.rows('mailbox').get(id)?.['statecode'] === 0)
      const isTrue = active.length === 1 && active.every((id) => works(world, id))
      const said = `${JSON.stringify(options)} ${told.headline}`
      const saysSo = / works\b/.test(told.headline)
      expect({ said, works: saysSo }).toEqual({ said, works: isTrue })
      if (told.state === 'broken')
        expect({ said, next: told.next }).toEqual({ said, next: expect.stringMatching(/\w/) })
    }
  } finally {
    await stack.close()
  }
})

/** Somebody presses Test & Enable for every mailbox, and a few days pass. */
function testEverybody({ simulator: { world, advance } }: Stack): void {
  for (const id of world.rows('mailbox').keys())
    world.update(world.callers.admin, 'mailbox', id, { testemailconfigurationscheduled: true })
  world.advanceUntilIdle(DAY_MS)
  advance(DAY_MS)
}

/** Identifiers of mailboxes by their address as people ask for it. */
function byAddress(world: SimulatedWorld): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const [id, row] of world.rows('mailbox')) {
    const { emailaddress: address } = row
    if (typeof address !== 'string' || address === '') continue
    const key = canonicalAddress(address)
    found.set(key, [...(found.get(key) ?? []), id])
  }
  return found
}

/** Whether mail of a mailbox flows in every direction it uses, told from its row and from what is true outside. Written without ours. */
function works(world: SimulatedWorld, id: string): boolean {
  const row = world.rows('mailbox').get(id) ?? {}
  const usesAct = row['actdeliverymethod'] === 1
  const usesEmail = row['incomingemaildeliverymethod'] === 2 || row['outgoingemaildeliverymethod'] === 2
  if (row['statecode'] !== 0 || (!usesEmail && !usesAct)) return false
  const profile = referred(world, row, 'emailserverprofile')
  const person = referred(world, row, 'regardingobjectid')
  if (profile?.['statecode'] !== 0 || person?.['isdisabled'] === true || person?.['statecode'] === 1) return false
  if (usesEmail && needsApproval(world, row) && row['emailrouteraccessapproval'] !== 1) return false
  return processes(world) && worksOutside(world, id, row, profile, usesAct)
}

function referred(world: SimulatedWorld, row: Readonly<Row>, column: string): Readonly<Row> | undefined {
  const to = row[column]
  return typeof to === 'object' && to !== null ? world.rows(to.entity).get(to.id) : undefined
}

function needsApproval(world: SimulatedWorld, row: Readonly<Row>): boolean {
  const organization = world.rows('organization').get(world.organizationId) ?? {}
  const kind = row['regardingobjectid']
  if (typeof kind !== 'object' || kind === null) return false
  return organization[`requireapprovalfor${kind.entity === 'queue' ? 'queue' : 'user'}email`] === true
}

function processes({ conditions }: SimulatedWorld): boolean {
  return conditions.exchange === 'working' && conditions.asynchronousService
}

function worksOutside(
  world: SimulatedWorld,
  id: string,
  row: Readonly<Row>,
  profile: Readonly<Row>,
  usesAct: boolean,
): boolean {
  const truth = world.truthOf(id)
  const address = String(row['emailaddress']).toLowerCase()
  const hasMailbox = truth.exchangeAddress === undefined || truth.exchangeAddress?.toLowerCase() === address
  const isFound = truth.autodiscoverFails !== true || profile['useautodiscover'] !== true
  const isRefused = truth.unlicensed || truth.credentialsRefused || truth.trust !== undefined
  const isHeld = usesAct && truth.heldBy !== undefined && row['orgmarkedasprimaryforexchangesync'] !== true
  const isHanging = truth.pickup !== undefined || truth.run === 'stuck' || truth.disabledAfterMs !== undefined
  const failsNow = truth.flaps === true && ((truth.runs ?? 1) - 1) % 2 === 0
  const fails = truth.failingDirection === 'outgoing' && row['outgoingemaildeliverymethod'] === 2
  return hasMailbox && isFound && !isRefused && !isHeld && !isHanging && !failsNow && !fails
}

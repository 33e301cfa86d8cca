import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type SimulatedWorld, seedWorld } from '../../../src/simulator/world/index.ts'
import { CrmFault, type EntityName, type Row } from '../../../src/simulator/world.ts'

interface Step {
  readonly entity: 'mailbox' | 'systemuser' | 'queue' | 'emailserverprofile'
  readonly which: number
  readonly action: 'update' | 'remove' | 'create' | 'advance'
  readonly columns: Row
}

const value = {
  address: fc.constantFrom('x@contoso.com', 'X@contoso.com', 'y@contoso.com', null, ''),
  approval: fc.constantFrom(0, 1, 2, 3, 9),
  flag: fc.boolean(),
  method: fc.constantFrom(0, 1, 2, 3),
}

const columns = fc.record<Row>(
  {
    name: fc.string({ maxLength: 210 }),
    emailaddress: value.address,
    internalemailaddress: value.address,
    emailrouteraccessapproval: value.approval,
    incomingemaildeliverymethod: value.method,
    actdeliverymethod: value.method,
    testemailconfigurationscheduled: value.flag,
    statecode: fc.constantFrom(0, 1),
  },
  { requiredKeys: [] },
)

const COLUMNS_OF: Readonly<Record<Step['entity'], readonly string[]>> = {
  mailbox: [
    'name',
    'emailaddress',
    'emailrouteraccessapproval',
    'incomingemaildeliverymethod',
    'actdeliverymethod',
    'testemailconfigurationscheduled',
    'statecode',
  ],
  systemuser: ['internalemailaddress', 'emailrouteraccessapproval'],
  queue: ['name', 'emailaddress', 'emailrouteraccessapproval'],
  emailserverprofile: ['name', 'statecode'],
}

const step: fc.Arbitrary<Step> = fc.record({
  entity: fc.constantFrom('mailbox', 'systemuser', 'queue', 'emailserverprofile'),
  which: fc.nat(50),
  action: fc.constantFrom('update', 'update', 'update', 'update', 'remove', 'create', 'advance'),
  columns,
})

function take(world: SimulatedWorld, { entity, which, action, columns: given }: Step): void {
  const { admin } = world.callers
  const ids = [...world.rows(entity).keys()]
  const id = ids[which % Math.max(1, ids.length)] ?? 'none'
  const fitting = Object.fromEntries(Object.entries(given).filter(([name]) => COLUMNS_OF[entity].includes(name)))
  try {
    if (action === 'update') world.update(admin, entity, id, fitting)
    else if (action === 'remove') world.remove(admin, entity, id)
    else if (action === 'create') world.create(admin, entity, fitting)
    else world.advance(which * 20_000)
  } catch (error) {
    if (!(error instanceof CrmFault)) throw error
  }
}

/** Every way in which the rows contradict each other. */
function contradictions(world: SimulatedWorld): string[] {
  const found: string[] = []
  for (const [id, mailbox] of world.rows('mailbox')) {
    const regarding = mailbox['regardingobjectid']
    if (typeof regarding !== 'object' || regarding === null) {
      if (mailbox['isforwardmailbox'] !== true) found.push(`mailbox ${id} belongs to nobody and is no forward mailbox`)
      continue
    }
    const person = world.rows(regarding.entity).get(regarding.id)
    const address = person?.['internalemailaddress'] ?? person?.['emailaddress'] ?? null
    if (address !== mailbox['emailaddress'])
      found.push(`mailbox ${id} has another address than its ${regarding.entity}`)
    if (person?.['emailrouteraccessapproval'] !== mailbox['emailrouteraccessapproval'])
      found.push(`approvals of mailbox ${id} differ`)
  }
  for (const entity of ['systemuser', 'queue', 'mailbox', 'organization'] as const)
    found.push(...danglingIn(world, entity))
  const versions = [...world.definitions.keys()].flatMap((entity) =>
    [...world.rows(entity).values()].map((row) => row['versionnumber']),
  )
  if (new Set(versions).size !== versions.length) found.push('two rows have one version')
  return found
}

function danglingIn(world: SimulatedWorld, entity: EntityName): string[] {
  const columnsChecked = [
    'defaultmailbox',
    'emailserverprofile',
    'queueid',
    'regardingobjectid',
    'defaultemailserverprofileid',
  ]
  return [...world.rows(entity)].flatMap(([id, row]) =>
    columnsChecked.flatMap((column) => {
      const target = row[column]
      const isGone = typeof target === 'object' && target !== null && !world.rows(target.entity).has(target.id)
      return isGone ? [`${column} of ${entity} ${id} points to nothing`] : []
    }),
  )
}

describe('whatever is asked of it', () => {
  test('the organization never contradicts itself', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(5), (steps, seed) => {
        const world = seedWorld({
          seed,
          mailboxes: 12,
          queues: 3,
          mess: ['all'],
          switches: { deleteDefaultProfile: 'unlink' },
        })

        for (const each of steps) take(world, each)

        expect(contradictions(world)).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  test('it can be saved and restored', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const world = seedWorld({ seed: 1, mailboxes: 5, queues: 2, mess: ['all'] })
        for (const each of steps) take(world, each)
        const saved = JSON.parse(JSON.stringify(world.snapshot()))
        const other = seedWorld({ seed: 2, mailboxes: 1, queues: 0 })

        other.restore(saved)

        expect([...other.rows('mailbox')]).toEqual([...world.rows('mailbox')])
        expect(other.snapshot()).toEqual(saved)
      }),
      { numRuns: 40 },
    )
  })
})

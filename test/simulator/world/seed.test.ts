import { describe, expect, test } from 'vitest'
import {
  DRIFT_KINDS,
  defaultSwitches,
  MESS_KINDS,
  resolveMess,
  type SeedOptions,
  type SimulatedWorld,
  seedWorld,
} from '../../../src/simulator/world/index.ts'
import type { Row } from '../../../src/simulator/world.ts'
import { cpuMs } from '../../setup/cpu.ts'
import { rowOf } from './small-world.ts'

function seeded(options: Partial<SeedOptions> = {}): SimulatedWorld {
  return seedWorld({ seed: 7, mailboxes: 100, queues: 10, mess: ['none'], ...options })
}

const mailboxes = (world: SimulatedWorld) => [...world.rows('mailbox').values()]
const isHealthy = (row: Readonly<Row>) => row['mailboxstatus'] === 1 && row['emailrouteraccessapproval'] === 1

describe('a seeded organization', () => {
  test('is the same for the same options and another for another seed', () => {
    const options = { mess: ['all'] }

    expect(seeded(options).snapshot()).toEqual(seeded(options).snapshot())
    expect(seeded(options).snapshot()).not.toEqual(seeded({ ...options, seed: 8 }).snapshot())
  })

  test('without mess has only mailboxes that work, linked both ways', () => {
    const world = seeded()

    expect(mailboxes(world)).toHaveLength(100 + 10 + 1)
    expect(mailboxes(world).every(isHealthy)).toBe(true)
    expect(world.rows('queue').size).toBe(10)
    for (const [id, mailbox] of world.rows('mailbox')) {
      const regarding = mailbox['regardingobjectid']
      if (typeof regarding !== 'object' || regarding === null) throw new Error('a forward mailbox')
      const person = rowOf(world, regarding.entity, regarding.id)
      expect(person['defaultmailbox']).toEqual({ entity: 'mailbox', id })
      expect(person['internalemailaddress'] ?? person['emailaddress']).toBe(mailbox['emailaddress'])
      expect(person['emailrouteraccessapproval']).toBe(mailbox['emailrouteraccessapproval'])
    }
  })

  test('without mess passes every test', () => {
    const world = seeded()
    for (const id of [...world.rows('mailbox').keys()]) {
      world.update(world.callers.admin, 'mailbox', id, { testemailconfigurationscheduled: true })
    }

    world.advanceUntilIdle(3_600_000)

    expect(mailboxes(world).every(isHealthy)).toBe(true)
  })

  test('names people ann, bob, cora first, and nobody twice, however many there are', () => {
    const addresses = mailboxes(seeded({ mailboxes: 15_000, queues: 500 })).map((row) => String(row['emailaddress']))

    expect(addresses.slice(0, 4)).toEqual([
      'crm-mail@contoso.com',
      'ann@contoso.com',
      'bob@contoso.com',
      'cora@contoso.com',
    ])
    expect(new Set(addresses).size).toBe(addresses.length)
    expect(addresses.every((address) => address === address.toLowerCase())).toBe(true)
    expect(addresses).toContain('support@contoso.com')
  })

  test('knows its callers and an owner with a mailbox for its profiles', () => {
    const world = seeded()

    const profiles = [...world.rows('emailserverprofile').values()]
    const service = mailboxes(world).find((row) => row['isserviceaccount'] === true)

    expect(profiles.map((row) => row['name'])).toEqual(['Old Exchange', 'Exchange Online'])
    expect(new Set(profiles.map((row) => row['owneremailaddress']))).toEqual(new Set(['crm-mail@contoso.com']))
    expect(service?.['emailserverprofile']).toEqual({
      entity: 'emailserverprofile',
      id: profiles[1]?.['emailserverprofileid'],
    })
    expect(world.callerOf('Bearer simulator-admin')?.userId).toBe(world.callers.admin.userId)
    expect(world.callers.limited.privileges.has('prvApproveRejectEmailAddress')).toBe(false)
    expect([...world.callers.reader.privileges].every((name) => name.startsWith('prvRead'))).toBe(true)
  })

  test('of 300 mailboxes in the usual disorder is mostly broken, and tests take minutes', () => {
    const world = seedWorld({ seed: 1, mailboxes: 300, queues: 10 })
    for (const [id, row] of [...world.rows('mailbox')]) {
      if (row['statecode'] === 0)
        world.update(world.callers.admin, 'mailbox', id, { testemailconfigurationscheduled: true })
    }
    const healthyBefore = mailboxes(world).filter(isHealthy).length

    const tookMs = world.advanceUntilIdle(3_600_000)

    expect(healthyBefore / 310).toBeGreaterThan(0.2)
    expect(healthyBefore / 310).toBeLessThan(0.6)
    expect(tookMs).toBeGreaterThan(2 * 60_000)
    expect(tookMs).toBeLessThan(30 * 60_000)
  })

  test('of 100,000 mailboxes is there in seconds and does not fill the memory', () => {
    const startedAtMs = cpuMs()

    const world = seedWorld({ seed: 1, mailboxes: 100_000, queues: 10, mess: ['all'] })

    expect(world.rows('mailbox').size).toBeGreaterThan(100_000)
    expect(cpuMs() - startedAtMs).toBeLessThan(20_000)
    expect(process.memoryUsage().heapUsed).toBeLessThan(700e6)
  }, 120_000)
})

describe('mess', () => {
  const fields: Record<string, (row: Readonly<Row>, world: SimulatedWorld) => boolean> = {
    'old-profile': (row, world) => profileName(world, row) === 'Old Exchange',
    'no-profile': (row) => row['emailserverprofile'] === null,
    methods: (row) => row['incomingemaildeliverymethod'] !== 2 || row['outgoingemaildeliverymethod'] !== 2,
    pending: (row) => row['emailrouteraccessapproval'] === 2,
    unapproved: (row) => row['emailrouteraccessapproval'] === 0,
    rejected: (row) => row['emailrouteraccessapproval'] === 3,
    inactive: (row) => row['statecode'] === 1 && row['statuscode'] === 2,
    untested: (row) => row['testmailboxaccesscompletedon'] === '1900-01-01T00:00:00Z',
    failed: (row) => row['incomingemailstatus'] === 2 && row['enabledforincomingemail'] === false,
    'stale-test': (row) => String(row['testmailboxaccesscompletedon']).startsWith('2025'),
    scheduled: (row) => row['testemailconfigurationscheduled'] === true,
    case: (row) => row['emailaddress'] !== String(row['emailaddress']).toLowerCase(),
    'empty-address': (row) => row['emailaddress'] === null,
    'duplicate-address': (row) => String(row['emailaddress']).endsWith('@CONTOSO.COM'),
    'hostile-names': (row) => /[^\w .]|_/.test(String(row['name'])),
    forward: (row) => row['isforwardmailbox'] === true,
    'missing-in-exchange': (row, world) => truth(world, row).exchangeAddress === null,
    'address-mismatch': (row, world) => typeof truth(world, row).exchangeAddress === 'string',
    'no-licence': (row, world) => truth(world, row).unlicensed === true,
    autodiscover: (row, world) => truth(world, row).autodiscoverFails === true,
    credentials: (row, world) => truth(world, row).credentialsRefused === true,
    transient: (row, world) => (truth(world, row).transientFailures ?? 0) > 0,
    'other-organization': (row, world) => truth(world, row).heldBy === 'contoso-test',
    'one-direction': (row, world) => truth(world, row).failingDirection === 'outgoing',
    flapping: (row, world) => truth(world, row).flaps === true,
    'disabled-later': (row, world) => truth(world, row).disabledAfterMs === 3_600_000,
    slow: (row, world) => truth(world, row).run === 'slow',
    'never-picked-up': (row, world) => truth(world, row).pickup === 'never',
    stuck: (row, world) => truth(world, row).run === 'stuck',
    'no-new-profile': (row, world) => profileName(world, row) === 'Old Exchange',
  }

  test.each(Object.keys(fields))('%s shows in as many mailboxes as its share says', (name) => {
    const world = seeded({ mailboxes: 400, mess: [name] })
    const healthy = seeded()
    const share = MESS_KINDS.find((kind) => kind.name === name)?.share ?? 0

    const affected = mailboxes(world).filter((row) => fields[name]?.(row, world))

    expect(affected).toHaveLength(name === 'no-new-profile' ? 411 : Math.max(1, Math.round(share * 410)))
    expect(mailboxes(healthy).filter((row) => fields[name]?.(row, healthy))).toEqual([])
  })

  test('disabled-user disables users and nothing else', () => {
    const world = seeded({ mess: ['disabled-user'] })

    expect([...world.rows('systemuser').values()].filter((row) => row['isdisabled'] === true)).toHaveLength(2)
    expect(mailboxes(world).every(isHealthy)).toBe(true)
  })

  test('defaults changes the organization', () => {
    const settings = (world: SimulatedWorld) => rowOf(world, 'organization', world.organizationId)

    expect(settings(seeded())['requireapprovalforuseremail']).toBe(true)
    expect(settings(seeded({ mess: ['defaults'] }))['requireapprovalforuseremail']).toBe(false)
  })

  test('every kind is described and tried here', () => {
    const tried = [...Object.keys(fields), 'disabled-user', 'defaults', 'no-settings', 'no-service-mailbox']

    expect(MESS_KINDS.map((kind) => kind.name).toSorted()).toEqual(tried.toSorted())
    expect(MESS_KINDS.every((kind) => kind.describe.length > 10)).toBe(true)
  })

  test('failed and rejected leave the alert that tells why', () => {
    const world = seeded({ mess: ['failed', 'rejected'] })

    const topics = [...world.rows('tracelog').values()].map((row) => row['errortypedisplay'])

    expect(new Set(topics)).toEqual(new Set(['CredentialsRefused', 'AddressNotApproved']))
  })

  test('all in a tiny organization does not fail', () => {
    expect(mailboxes(seeded({ mailboxes: 3, queues: 1, mess: ['all'] })).length).toBeGreaterThanOrEqual(5)
    expect(mailboxes(seeded({ mailboxes: 0, queues: 0, mess: ['all'] })).length).toBeGreaterThanOrEqual(1)
  })

  test('an unknown name is refused with the names there are', () => {
    expect(() => resolveMess(['stale-test', 'stale'])).toThrow(/no mess is called "stale".*none.*old-profile/)
    expect(resolveMess(['none'])).toEqual([])
    expect(resolveMess(['all'])).toEqual(MESS_KINDS)
    expect(resolveMess(['default']).map((kind) => kind.name)).not.toContain('never-picked-up')
  })
})

describe('drift', () => {
  const seen: Record<string, (world: SimulatedWorld, id: string) => unknown> = {
    method: (world, id) => rowOf(world, 'mailbox', id)['incomingemaildeliverymethod'] === 0,
    profile: (world, id) => profileName(world, rowOf(world, 'mailbox', id)) === 'Old Exchange',
    approval: (world, id) =>
      (world.rows('systemuser').get(id) ?? world.rows('queue').get(id))?.['emailrouteraccessapproval'] === 3,
    deactivate: (world, id) => rowOf(world, 'mailbox', id)['statecode'] === 1,
    'rename-profile': (world, id) => String(rowOf(world, 'emailserverprofile', id)['name']).endsWith('(changed)'),
    'polling-interval': (world, id) => rowOf(world, 'emailserverprofile', id)['minpollingintervalinminutes'] === 60,
  }

  test.each(Object.keys(seen))('%s changes rows in the name of someone else', (kind) => {
    const world = seeded()

    const ids = world.drift(kind, 2)

    expect(ids).toHaveLength(2)
    expect(ids.every((id) => seen[kind]?.(world, id))).toBe(true)
    const changed = ids
      .map((id) => world.rows('mailbox').get(id) ?? world.rows('emailserverprofile').get(id))
      .filter((row) => row !== undefined)
    for (const row of changed)
      expect(
        Object.values(world.callers).map(({ userId }) => ({ entity: 'systemuser', id: userId })),
      ).not.toContainEqual(row['modifiedby'])
  })

  test('is refused for a kind that does not exist, and never more than there is', () => {
    const world = seeded()

    expect(() => world.drift('earthquake', 1)).toThrow(/no drift is called "earthquake".*method/)
    expect(world.drift('rename-profile', 99)).toHaveLength(2)
    expect(world.drift('method', 0)).toEqual([])
    expect(DRIFT_KINDS.map(({ name }) => name)).toEqual(Object.keys(seen))
  })

  test('idle writes leave inactive mailboxes alone', () => {
    const world = seeded()
    const inactive = world.drift('deactivate', 60)

    const written = world.idleWrites(1000)

    expect(written).toHaveLength(111 - 60)
    expect(written.filter((id) => inactive.includes(id))).toEqual([])
  })

  test('idle writes change row version and time and nothing a person set', () => {
    const world = seeded()
    const before = new Map(world.rows('mailbox'))
    world.advance(60_000)

    const ids = world.idleWrites(5)

    expect(ids).toHaveLength(5)
    for (const id of ids) {
      const {
        versionnumber,
        modifiedon,
        modifiedby,
        processedtimes,
        lastsyncstartedon,
        processinglastattemptedon,
        lastsuccessfulsynccompletedon,
        ...rest
      } = rowOf(world, 'mailbox', id)
      expect(before.get(id)).toMatchObject(rest)
      expect(Number(versionnumber)).toBeGreaterThan(Number(before.get(id)?.['versionnumber']))
      expect([modifiedon, lastsyncstartedon]).toEqual(['2026-11-23T08:01:00Z', '2026-11-23T08:01:00Z'])
    }
  })
})

describe('saving', () => {
  test('a restored world goes on exactly as the saved one would have', () => {
    const world = seedWorld({ seed: 3, mailboxes: 60, queues: 5, mess: ['all'] })
    for (const id of [...world.rows('mailbox').keys()])
      world.update(world.callers.admin, 'mailbox', id, { testemailconfigurationscheduled: true })
    world.advance(20_000)
    const saved = JSON.parse(JSON.stringify(world.snapshot()))
    const other = seedWorld({ seed: 99, mailboxes: 5, queues: 1 })

    other.restore(saved)
    const same = other.snapshot()
    for (const each of [world, other]) {
      each.drift('method', 3)
      each.advance(3_600_000)
    }

    expect(same).toEqual(saved)
    expect(other.organizationId).toBe(world.organizationId)
    expect(other.callers).toEqual(world.callers)
    expect(other.snapshot()).toEqual(world.snapshot())
    expect([...other.rows('mailbox')]).toEqual([...world.rows('mailbox')])
  })

  test('a restored world refreshes the alerts that were saved', () => {
    const saved = seeded({ mess: ['failed'] }).snapshot()
    const other = seeded()
    other.restore(saved)
    const [alert] = [...other.rows('tracelog').values()]
    const mailbox = alert?.['regardingobjectid']
    if (typeof mailbox !== 'object' || mailbox === null) throw new Error('an alert about nothing')
    const alerts = other.rows('tracelog').size

    other.setTruth(mailbox.id, { credentialsRefused: true })
    other.update(other.callers.admin, 'mailbox', mailbox.id, { testemailconfigurationscheduled: true })
    other.advance(60_000)

    expect(other.rows('tracelog').size).toBe(alerts)
  })

  test.each([null, {}, 'x', { format: 1, tables: {} }])('what is not a saved world is refused: %j', (data) => {
    expect(() => seeded().restore(data)).toThrow('the saved state is not one this version of the simulator has written')
  })
})

describe('switches', () => {
  test.each([
    {
      version: '8.2' as const,
      expected: { errorShape: 'legacy', continueOnError: false, inFunction: false, v92: false },
    },
    {
      version: '9.0' as const,
      expected: { errorShape: 'legacy', continueOnError: true, inFunction: true, v92: false },
    },
    {
      version: '9.1' as const,
      expected: { errorShape: 'modern', continueOnError: true, inFunction: true, v92: false },
    },
    {
      version: 'online' as const,
      expected: { errorShape: 'modern', continueOnError: true, inFunction: true, v92: true },
    },
  ])('of $version', ({ version, expected }) => {
    expect(defaultSwitches(version)).toMatchObject({
      ...expected,
      readOnlyColumn: 'refuse',
      deleteDefaultProfile: 'refuse',
    })
    expect(seeded({ version, switches: { v92: true } }).switches.v92).toBe(true)
  })
})

function profileName(world: SimulatedWorld, row: Readonly<Row>): unknown {
  const profile = row['emailserverprofile']
  return typeof profile === 'object' && profile !== null
    ? rowOf(world, 'emailserverprofile', profile.id)['name']
    : undefined
}

function truth(world: SimulatedWorld, row: Readonly<Row>) {
  return world.truthOf(String(row['mailboxid']))
}

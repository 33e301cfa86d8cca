// A rotation: another certificate is reviewed, and everything else follows, however often the process dies on the way.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { createAccident } from '../../stack/accident.ts'
import { deploymentOf, exceptions, pass, planned, stateDirectory, subjects, tenantOf, trustOf } from './passes.ts'
import { certificateNamed, createWorld, keyOf, storedAs, type World } from './world.ts'

const OLD = certificateNamed('s2s-2026')
const NEW = certificateNamed('s2s-2027')
const FOREIGN = certificateNamed('foreign', { notAfter: '2026-02-01T00:00:00Z' })
const HOUR_MS = 3_600_000
const BEFORE = trustOf([tenantOf('contoso')], [deploymentOf('crm-farm', OLD)])
const AFTER = trustOf([tenantOf('contoso')], [deploymentOf('crm-farm', NEW)])

let world: World
let directory: string

beforeEach(async () => {
  world = createWorld()
  world.files.set(OLD.name, OLD).set(NEW.name, NEW)
  directory = await stateDirectory()
})

function keys(): readonly (string | undefined)[] {
  return world.tenants.get('contoso')?.keys.map(({ sha256 }) => sha256) ?? []
}

function row(): string | undefined {
  return world.deployments.get('crm-farm')?.rows[0]?.sha256
}

function testPasses(): void {
  world.advance(60_000)
  world.proofs.set('contoso-sales', world.now().toISOString())
}

/** Repeats passes until nothing is planned any more; a mailbox passes its test between them. */
async function settle(): Promise<void> {
  for (let round = 0; round < 6; round += 1) {
    const { plan } = await pass(world, AFTER, directory)
    if (plan.steps.length === 0 && plan.exceptions.length === 0) return
    testPasses()
    world.advance(100 * HOUR_MS)
  }
}

describe('a rotation', () => {
  it('adds the new credential beside the old one, switches and restarts', async () => {
    await pass(world, BEFORE, directory)
    world.writes.length = 0

    const result = await pass(world, AFTER, directory)

    expect(planned(result)).toMatchInlineSnapshot(`
      [
        "app01 gets certificate 7332…37 and lets CONTOSO\\svc-crmasync read its key",
        "app02 gets certificate 7332…37 and lets CONTOSO\\svc-crmasync read its key",
        "credential 7332…37 (CN=s2s-2027, O=Contoso) is added to Entra beside the others",
        "crm-farm signs in with certificate 7332…37 instead of 7332…36",
        "app01 restarts its asynchronous services, which then load certificate 7332…37",
        "app02 restarts its asynchronous services, which then load certificate 7332…37",
      ]
    `)
    expect(keys()).toEqual([OLD.sha256, NEW.sha256])
    expect(row()).toBe(NEW.sha256)
    expect(world.writes).toEqual([
      'import app01',
      'import app02',
      'add key',
      'mark',
      'mark',
      'switch',
      'restart app01',
      'restart app02',
    ])
  })

  it('keeps the old credential until all of its conditions hold, and says for what it waits', async () => {
    await pass(world, BEFORE, directory)
    const codes: string[] = []
    const look = async () => {
      const { plan } = await pass(world, AFTER, directory)
      codes.push(plan.exceptions.map(({ reason }) => reason.code).join(' '))
    }

    await look()
    await look()
    testPasses()
    await look()
    world.advance(71 * HOUR_MS)
    await look()
    const kept = keys()
    world.advance(2 * HOUR_MS)
    const last = await pass(world, AFTER, directory)
    const none = await pass(world, AFTER, directory)

    expect(codes).toEqual(['InUse', 'NotProven', 'KeepsPrevious', 'KeepsPrevious'])
    expect(kept).toEqual([OLD.sha256, NEW.sha256])
    expect(planned(last)).toEqual(['credential 7332…36 (CN=s2s-2026, O=Contoso) is removed from Entra'])
    expect(keys()).toEqual([NEW.sha256])
    expect(subjects(none)).toEqual([])
    expect(exceptions(none)).toEqual([])
  })

  it('never touches a credential that mailkeel did not add, not even an ended one', async () => {
    await pass(world, BEFORE, directory)
    const [ours] = world.tenants.get('contoso')?.keys ?? []
    const early = keyOf(certificateNamed('early'), 'early')
    const tenant = world.tenants.get('contoso')
    if (tenant && ours) tenant.keys = [early, ours, keyOf(FOREIGN, 'foreign')]
    world.beforeWrite = (what) => {
      if (what === 'switch') tenant?.keys.push(keyOf(certificateNamed('late'), 'late'))
    }

    await settle()

    expect(tenant?.keys.map(({ keyId }) => keyId)).toEqual(['early', 'foreign', 'key-2', 'late'])
  })

  it('leaves the old credential to people where they remove it by hand', async () => {
    await pass(world, BEFORE, directory)
    const external = tenantOf('contoso', { external: ['credential-retire'] })
    const desired = trustOf([external], [deploymentOf('crm-farm', NEW)])
    await pass(world, desired, directory)
    testPasses()
    world.advance(100 * HOUR_MS)

    const result = await pass(world, desired, directory)

    expect(result.plan.exceptions).toMatchObject([
      {
        stage: 'credential-retire',
        state: 'Held',
        bySpec: true,
        reason: { code: 'External' },
        would: ['be removed from Entra'],
      },
    ])
    expect(keys()).toHaveLength(2)
  })

  it('keeps a credential that came back after mailkeel had removed it', async () => {
    await pass(world, BEFORE, directory)
    await settle()
    world.tenants.get('contoso')?.keys.push(keyOf(OLD, 'put back by hand'))

    await settle()

    expect(keys()).toEqual([NEW.sha256, OLD.sha256])
  })

  it.each([
    { reason: 'before the rotation', when: 0 },
    { reason: 'in the middle of it', when: 1 },
  ])('knows from the journal what it added where the memory is lost $reason', async ({ when }) => {
    await pass(world, BEFORE, directory)
    world.tenants.get('contoso')?.keys.push(keyOf(FOREIGN, 'foreign'))
    if (when === 1) await pass(world, AFTER, directory)
    await rm(join(directory, 'memory'), { recursive: true })

    await settle()

    expect(keys()).toEqual([FOREIGN.sha256, NEW.sha256])
  })

  it('keeps what came back after it was removed, also where the memory is lost', async () => {
    await pass(world, BEFORE, directory)
    await settle()
    world.tenants.get('contoso')?.keys.push(keyOf(OLD, 'put back by hand'))
    await rm(join(directory, 'memory'), { recursive: true })

    await settle()

    expect(keys()).toEqual([NEW.sha256, OLD.sha256])
  })

  it('still owns what it added where a look after the write did not show it yet', async () => {
    Object.assign(world.tenants.get('contoso') ?? {}, { lag: 1 })
    const first = await pass(world, BEFORE, directory)
    Object.assign(world.tenants.get('contoso') ?? {}, { lag: 0 })
    await pass(world, BEFORE, directory)

    await settle()

    expect(first.outcomes?.find(({ stage }) => stage === 'credential')?.result).toBe('WriteNotEffective')
    expect(keys()).toEqual([NEW.sha256])
  })

  it('keeps what somebody else added while it was about to add the same', async () => {
    const tenant = world.tenants.get('contoso')
    world.beforeWrite = () => {
      if (tenant?.keys.length === 0) tenant.keys.push(keyOf(OLD, 'by hand'))
    }
    await pass(world, BEFORE, directory)
    world.beforeWrite = () => {}

    await settle()

    expect(tenant?.keys.map(({ keyId }) => keyId)).toContain('by hand')
  })

  it('keeps one that mailkeel added while the tenant could not be read, and removes it later', async () => {
    await pass(world, BEFORE, directory)
    await pass(world, AFTER, directory)
    Object.assign(world.tenants.get('contoso') ?? {}, { isReadable: false })
    await pass(world, AFTER, directory)
    Object.assign(world.tenants.get('contoso') ?? {}, { isReadable: true })

    await settle()

    expect(keys()).toEqual([NEW.sha256])
  })

  it.each([
    { reason: 'a server does not answer', strike: () => (serverOf('app02').isReachable = false) },
    {
      reason: 'a service still runs with the old one',
      strike: () => (serverOf('app02').marker = { sha256: NEW.sha256, at: world.now().toISOString() }),
    },
    {
      reason: 'a second certificate row says otherwise',
      strike: () =>
        world.deployments
          .get('crm-farm')
          ?.rows.push({ id: 'row-2', type: 'AlternativeS2STokenIssuer', sha256: OLD.sha256 }),
    },
    {
      reason: 'the row was switched back',
      strike: () =>
        ((world.deployments.get('crm-farm') ?? { rows: [] }).rows = [
          { id: 'row-1', type: 'S2STokenIssuer', sha256: OLD.sha256 },
        ]),
    },
    { reason: 'the key is there twice', strike: () => world.tenants.get('contoso')?.keys.push(keyOf(OLD, 'twice')) },
    {
      reason: 'the tests of the mailboxes cannot be read',
      strike: () => world.proofs.set('contoso-sales', 'unreadable'),
    },
  ])('keeps the old one where $reason', async ({ strike }) => {
    await pass(world, BEFORE, directory)
    await pass(world, AFTER, directory)
    testPasses()
    world.advance(100 * HOUR_MS)
    strike()

    const result = await pass(world, AFTER, directory)

    expect(subjects(result).filter((subject) => subject.startsWith('credential-retire'))).toEqual([])
    expect(keys()).toContain(OLD.sha256)
  })

  it.each(Array.from({ length: 9 }, (_, index) => index))(
    'whose writes end after %i goes on and ends with exactly the right credentials',
    async (writes) => {
      await pass(world, BEFORE, directory)
      world.tenants.get('contoso')?.keys.push(keyOf(FOREIGN, 'foreign'))
      world.dieAfter(writes)
      await pass(world, AFTER, directory)
      world.dieAfter(Number.POSITIVE_INFINITY)

      await settle()

      expect(keys()).toEqual(expect.arrayContaining([FOREIGN.sha256, NEW.sha256]))
      expect(keys()).toHaveLength(2)
      expect(row()).toBe(NEW.sha256)
      for (const { services, marker } of world.deployments.get('crm-farm')?.servers.values() ?? []) {
        expect(services.every(({ startedAt = '' }) => startedAt > (marker?.at ?? ''))).toBe(true)
      }
    },
  )

  it.each(Array.from({ length: 14 }, (_, index) => index + 1))(
    'that is killed at record %i of the journal goes on',
    async (record) => {
      await pass(world, BEFORE, directory)
      const accident = createAccident()
      accident.arm('killed after', record)
      world.beforeWrite = () => accident.options.beforeSend()
      await pass(world, AFTER, directory, { environment: accident.options.environment })
      world.beforeWrite = () => {}

      await settle()

      expect(keys()).toEqual([NEW.sha256])
      expect(row()).toBe(NEW.sha256)
    },
  )
})

describe('a connection that is killed at a record of the journal', () => {
  it.each(Array.from({ length: 18 }, (_, index) => index + 1))(
    'record %i: what it added is still its own when it is rotated',
    async (record) => {
      const accident = createAccident()
      accident.arm('killed after', record)
      world.beforeWrite = () => accident.options.beforeSend()
      await pass(world, BEFORE, directory, { environment: accident.options.environment })
      world.beforeWrite = () => {}
      await pass(world, BEFORE, directory)

      await settle()

      expect(keys()).toEqual([NEW.sha256])
    },
  )
})

describe('the same subject once more', () => {
  it('is not imported beside the other, and nothing else of the rotation happens', async () => {
    const namesake = certificateNamed('s2s-2028', { subject: OLD.subject })
    world.files.set(namesake.name, namesake)
    await pass(world, BEFORE, directory)
    world.writes.length = 0

    const result = await pass(world, trustOf([tenantOf('contoso')], [deploymentOf('crm-farm', namesake)]), directory)

    expect(exceptions(result)).toEqual(
      expect.arrayContaining([
        'certificate-store crm-farm/app01 Held SameSubject',
        `credential contoso/${namesake.sha256} Blocked SameSubject`,
        'certificate-switch crm-farm Held SameSubject',
      ]),
    )
    expect(world.writes).toEqual([])
  })

  it('holds the switch where somebody imported it by hand', async () => {
    const namesake = certificateNamed('s2s-2028', { subject: 'cn=s2s-2026,O=Contoso' })
    world.files.set(namesake.name, namesake)
    await pass(world, BEFORE, directory)
    for (const host of ['app01', 'app02']) serverOf(host).certificates.push(storedAs(namesake))

    await pass(world, trustOf([tenantOf('contoso')], [deploymentOf('crm-farm', namesake)]), directory)

    expect(row()).toBe(OLD.sha256)
  })
})

function serverOf(host: string) {
  const server = world.deployments.get('crm-farm')?.servers.get(host)
  if (!server) throw new Error(`no server ${host}`)
  return server
}

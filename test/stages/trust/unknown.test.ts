// What cannot be told, what people do by hand, and what must not be: nothing is written for it, and everything else goes on.
import { describe, expect, it } from 'vitest'
import { deploymentOf, exceptions, memberOf, pass, stateDirectory, subjects, tenantOf, trustOf } from './passes.ts'
import { certificateNamed, createWorld, keyOf, storedAs, type World } from './world.ts'

const NEW = certificateNamed('s2s-2027')
const TENANT = tenantOf('contoso')
const DEPLOYMENT = deploymentOf('crm-farm', NEW)
const DESIRED = trustOf([TENANT], [DEPLOYMENT])

function worldWith(change: (world: World) => void): World {
  const world = createWorld()
  world.files.set(NEW.name, NEW)
  change(world)
  return world
}

function serverOf(world: World, host: string) {
  const server = world.deployments.get('crm-farm')?.servers.get(host)
  if (!server) throw new Error(`no server ${host}`)
  return server
}

function farmOf(world: World) {
  const farm = world.deployments.get('crm-farm')
  if (!farm) throw new Error('no farm')
  return farm
}

function tenantIn(world: World) {
  const tenant = world.tenants.get('contoso')
  if (!tenant) throw new Error('no tenant')
  return tenant
}

describe('a trust in which something is not as it must be', () => {
  it.each([
    {
      reason: 'one server does not answer: the others get the certificate, and nothing follows',
      change: (world: World) => Object.assign(serverOf(world, 'app02'), { isReachable: false }),
      writes: ['import app01', 'settings', 'tenant id'],
      told: ['certificate-store crm-farm/app02 Unknown Unreachable', 'certificate-switch crm-farm Blocked Unreachable'],
    },
    {
      reason: 'Graph does not answer: what concerns the tenant waits, and so does the switch',
      change: (world: World) => Object.assign(tenantIn(world), { isReadable: false }),
      writes: ['import app01', 'import app02', 'settings'],
      told: ['service-principal-names contoso Unknown Unavailable', 'tenant-id contoso-sales Blocked Unavailable'],
    },
    {
      reason: 'the sign-in is of another tenant: nothing at all is written',
      change: (world: World) => Object.assign(tenantIn(world), { tenantId: '99999999-8c1b-4e0e-9a55-0f2f6f1f7a11' }),
      writes: [],
      told: ['certificate-store crm-farm/app01 Blocked AnotherTenant', 'tenant-id contoso-sales Blocked AnotherTenant'],
    },
    {
      reason: 'the file is not the reviewed one',
      change: (world: World) => world.files.set(NEW.name, certificateNamed('other')),
      writes: ['settings', 'tenant id'],
      told: ['certificate-store crm-farm/app01 Blocked NotReviewed'],
    },
    {
      reason: 'the file has ended',
      change: (world: World) => world.files.set(NEW.name, { ...NEW, notAfter: '2026-11-01T00:00:00Z' }),
      writes: ['settings', 'tenant id'],
      told: ['certificate-store crm-farm/app01 Blocked Expired'],
    },
    {
      reason: 'the file is self-signed and the spec does not say that this is a trial',
      change: (world: World) => world.files.set(NEW.name, { ...NEW, isSelfSigned: true }),
      writes: ['settings', 'tenant id'],
      told: ['certificate-store crm-farm/app01 Blocked SelfSigned'],
    },
    {
      reason: 'the account is no administrator of one server',
      change: (world: World) => Object.assign(serverOf(world, 'app01'), { isAdministrator: false }),
      writes: ['import app02', 'settings', 'tenant id'],
      told: ['certificate-store crm-farm/app01 Blocked NotAdministrator'],
    },
    {
      reason: 'its key has the wrong KeySpec on a server',
      change: (world: World) => serverOf(world, 'app01').certificates.push(storedAs(NEW, { keySpec: 0 })),
      writes: ['import app02', 'settings', 'tenant id'],
      told: ['certificate-store crm-farm/app01 Held WrongKeySpec'],
    },
    {
      reason: 'who may read the key could not be read',
      change(world: World) {
        const { readers: _, ...stored } = storedAs(NEW)
        serverOf(world, 'app01').certificates.push(stored)
      },
      writes: ['import app02', 'settings', 'tenant id'],
      told: ['certificate-store crm-farm/app01 Unknown ReadersUnknown'],
    },
    {
      reason: 'there are two certificate rows',
      change(world: World) {
        farmOf(world).rows = [1, 2].map((id) => ({ id: `row-${id}`, type: 'S2STokenIssuer', sha256: NEW.sha256 }))
      },
      writes: ['import app01', 'import app02', 'add key', 'settings', 'tenant id'],
      told: ['certificate-switch crm-farm Held SeveralRows'],
    },
    {
      reason: 'a setting could not be read: that is no drift',
      change: (world: World) => Object.assign(farmOf(world), { metadataUrl: { state: 'Unknown', why: 'a timeout' } }),
      writes: ['import app01', 'import app02', 'add key', 'tenant id'],
      told: ['server-settings crm-farm Unknown SettingUnknown', 'certificate-switch crm-farm Blocked SettingUnknown'],
    },
    {
      reason: 'the tenant id of CRM could not be read',
      change: (world: World) => farmOf(world).tenantIds.set('contososales', { state: 'Unknown', why: 'a timeout' }),
      writes: ['import app01', 'import app02', 'add key', 'settings'],
      told: ['tenant-id contoso-sales Unknown SettingUnknown', 'certificate-switch crm-farm Blocked SettingUnknown'],
    },
    {
      reason: 'nobody says how to sign in to the tenant',
      change: (world: World) => world.tenants.clear(),
      writes: ['import app01', 'import app02', 'settings'],
      told: ['tenant-id contoso-sales Held NotConfirmed', 'certificate-switch crm-farm Held CredentialNotKnown'],
    },
    {
      reason: 'nobody says how to reach the servers: their certificate is added all the same',
      change: (world: World) => world.deployments.clear(),
      writes: ['add key'],
      told: [],
    },
  ])('$reason', async ({ change, writes, told }) => {
    const world = worldWith(change)

    const result = await pass(world, DESIRED, await stateDirectory())

    expect(world.writes).toEqual(writes)
    expect(exceptions(result)).toEqual(expect.arrayContaining(told))
  })

  it('is told of a cloud whose values nobody published', async () => {
    const world = worldWith(() => {})
    const desired = trustOf([tenantOf('contoso', { cloud: 'China' })], [DEPLOYMENT])

    const result = await pass(world, desired, await stateDirectory())

    expect(exceptions(result)).toContain('server-settings crm-farm Unknown CloudNotKnown')
    expect(world.writes).not.toContain('settings')
  })

  it('leaves another deployment alone', async () => {
    const world = createWorld({ deployments: { 'crm-farm': ['app01'], 'crm-test': ['test01'] } })
    const other = certificateNamed('other')
    world.files.set(NEW.name, NEW).set(other.name, other)
    Object.assign(serverOf(world, 'app01'), { isReachable: false })
    const organizations = [memberOf('contoso-sales'), memberOf('contoso-service', { deployment: 'crm-test' })]
    const desired = trustOf([TENANT], [DEPLOYMENT, deploymentOf('crm-test', other)], organizations)

    await pass(world, desired, await stateDirectory())

    expect(world.deployments.get('crm-test')?.rows).toMatchObject([{ sha256: other.sha256 }])
    expect(farmOf(world).rows).toEqual([])
  })

  it('restarts where only the access to the key was repaired', async () => {
    const world = worldWith(() => {})
    const directory = await stateDirectory()
    await pass(world, DESIRED, directory)
    serverOf(world, 'app01').certificates = [storedAs(NEW, { readers: [] })]
    world.writes.length = 0

    await pass(world, DESIRED, directory)
    const after = await pass(world, DESIRED, directory)

    expect(world.writes).toEqual(['import app01', 'restart app01'])
    expect(subjects(after)).toEqual([])
  })
})

describe('what people do by hand', () => {
  it('is compared and told, and never written', async () => {
    const world = worldWith(() => {})
    const desired = trustOf(
      [tenantOf('contoso', { external: ['credential', 'service-principal-names', 'credential-retire'] })],
      [deploymentOf('crm-farm', NEW, { external: ['certificate-store', 'server-settings', 'certificate-switch'] })],
      [memberOf('contoso-sales', { external: ['tenant-id'] })],
    )

    const result = await pass(world, desired, await stateDirectory())

    expect(world.writes).toEqual([])
    expect(result.plan.exceptions.map(({ stage, bySpec }) => `${stage} ${bySpec}`)).toEqual([
      'certificate-store true',
      'certificate-store true',
      'credential true',
      'server-settings true',
      'tenant-id true',
      'certificate-switch true',
    ])
  })

  it('lets the rest go on once it is done', async () => {
    const world = worldWith((it) => {
      tenantIn(it).keys = [keyOf(NEW, 'by hand')]
      for (const host of ['app01', 'app02']) serverOf(it, host).certificates.push(storedAs(NEW))
    })
    const desired = trustOf(
      [tenantOf('contoso', { external: ['credential'] })],
      [deploymentOf('crm-farm', NEW, { external: ['certificate-store'] })],
    )

    await pass(world, desired, await stateDirectory())

    expect(farmOf(world).rows).toMatchObject([{ sha256: NEW.sha256 }])
  })
})

// From nothing to a trust that works, in one plan, and what a second one says.
import { describe, expect, it } from 'vitest'
import {
  deploymentOf,
  exceptions,
  memberOf,
  pass,
  planned,
  stateDirectory,
  subjects,
  tenantOf,
  trustOf,
} from './passes.ts'
import { APP, certificateNamed, createWorld, keyOf, storedAs, TENANT_ID, type World } from './world.ts'

const NEW = certificateNamed('s2s-2027')
const DESIRED = trustOf([tenantOf('contoso')], [deploymentOf('crm-farm', NEW)])

function unconnected() {
  const world = createWorld()
  world.files.set(NEW.name, NEW)
  return world
}

describe('an unconnected trust', () => {
  it('is planned as a whole, in sentences', async () => {
    const world = unconnected()

    const result = await pass(world, DESIRED, await stateDirectory(), { mode: 'plan' })

    expect(planned(result)).toMatchInlineSnapshot(`
      [
        "app01 gets certificate 7332…37 and lets CONTOSO\\svc-crmasync read its key",
        "app02 gets certificate 7332…37 and lets CONTOSO\\svc-crmasync read its key",
        "credential 7332…37 (CN=s2s-2027, O=Contoso) is added to Entra beside the others",
        "crm-farm trusts the authorization server 00000001-0000-0000-c000-000000000000 and finds its keys at https://accounts.accesscontrol.windows.net/metadata/json/1",
        "contoso-sales belongs to tenant 5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11",
        "crm-farm signs in with certificate 7332…37",
        "app01 restarts its asynchronous services, which then load certificate 7332…37",
        "app02 restarts its asynchronous services, which then load certificate 7332…37",
      ]
    `)
    expect(exceptions(result)).toEqual([])
    expect(world.writes).toEqual([])
  })

  it('is connected in one pass, and the next one finds nothing to do', async () => {
    const world = unconnected()
    const directory = await stateDirectory()

    const first = await pass(world, DESIRED, directory)
    const second = await pass(world, DESIRED, directory)

    expect(first.outcomes?.filter(({ result }) => result !== 'Applied')).toEqual([])
    expect(world.writes).toEqual([
      'import app01',
      'import app02',
      'add key',
      'settings',
      'tenant id',
      'mark',
      'mark',
      'switch',
      'restart app01',
      'restart app02',
    ])
    expect(subjects(second)).toEqual([])
    expect(exceptions(second)).toEqual([])
  })

  it('gets its service principal first where the tenant has none', async () => {
    const world = unconnected()
    const tenant = world.tenants.get('contoso')
    Object.assign(tenant ?? {}, { hasPrincipal: false, names: [] })
    const directory = await stateDirectory()

    const first = await pass(world, DESIRED, directory)
    const second = await pass(world, DESIRED, directory)

    expect(planned(first)[2]).toContain('the service principal of CRM, which is not there, is created first')
    expect(first.outcomes?.map(({ result }) => result)).not.toContain('Moved')
    expect(tenant).toMatchObject({ hasPrincipal: true, names: [APP], keys: [{ sha256: NEW.sha256 }] })
    expect(subjects(second)).toEqual([])
  })

  it('adds declared names beside what others wrote, whatever their case', async () => {
    const world = unconnected()
    const names = [APP.toUpperCase(), 'https://mail.contoso.com']
    Object.assign(world.tenants.get('contoso') ?? {}, { names: [...names] })
    const desired = trustOf(
      [tenantOf('contoso', { servicePrincipal: { appId: APP, domains: ['*.contoso.com'] } })],
      [deploymentOf('crm-farm', NEW)],
    )

    await pass(world, desired, await stateDirectory())

    expect(world.tenants.get('contoso')?.names).toEqual([...names, `${APP}/*.contoso.com`])
  })

  it('is adopted as it is where it works already', async () => {
    const world = unconnected()
    await pass(world, DESIRED, await stateDirectory())
    for (const server of world.deployments.get('crm-farm')?.servers.values() ?? []) delete server.marker

    const result = await pass(world, DESIRED, await stateDirectory())

    expect(subjects(result)).toEqual([])
  })
})

describe('two organizations on one deployment', () => {
  it('get their own tenant ids and share the rest', async () => {
    const world = unconnected()
    const both = [memberOf('contoso-sales'), memberOf('contoso-service')]
    const desired = trustOf([tenantOf('contoso')], [deploymentOf('crm-farm', NEW)], both)
    const directory = await stateDirectory()

    await pass(world, desired, directory)
    const second = await pass(world, desired, directory)

    expect(world.writes.filter((what) => what === 'tenant id')).toHaveLength(2)
    expect(world.writes.filter((what) => what === 'switch')).toHaveLength(1)
    expect([...(world.deployments.get('crm-farm')?.tenantIds.values() ?? [])]).toEqual(
      Array(2).fill({ state: 'Set', value: TENANT_ID }),
    )
    expect(subjects(second)).toEqual([])
  })
})

describe('a tenant that two deployments share', () => {
  it('keeps the keys of both', async () => {
    const world = createWorld({ deployments: { 'crm-farm': ['app01'], 'crm-test': ['test01'] } })
    const other = certificateNamed('other')
    world.files.set(NEW.name, NEW).set(other.name, other)
    const organizations = [memberOf('contoso-sales'), memberOf('contoso-service', { deployment: 'crm-test' })]
    const desired = trustOf(
      [tenantOf('contoso')],
      [deploymentOf('crm-farm', NEW), deploymentOf('crm-test', other)],
      organizations,
    )
    const directory = await stateDirectory()

    await pass(world, desired, directory)
    world.advance(400 * 3_600_000)
    world.proofs.set('contoso-sales', world.now().toISOString()).set('contoso-service', world.now().toISOString())
    const second = await pass(world, desired, directory)

    expect(world.tenants.get('contoso')?.keys.map(({ sha256 }) => sha256)).toEqual([NEW.sha256, other.sha256])
    expect(subjects(second)).toEqual([])
  })

  it('keeps the key of one that the spec names no more: it is released, and may sign in with it for ever', async () => {
    const world = createWorld({ deployments: { 'crm-farm': ['app01'], 'crm-test': ['test01'] } })
    const other = certificateNamed('other')
    world.files.set(NEW.name, NEW).set(other.name, other)
    const [tenant, farm, test] = [tenantOf('contoso'), deploymentOf('crm-farm', NEW), deploymentOf('crm-test', other)]
    const organizations = [memberOf('contoso-sales'), memberOf('contoso-service', { deployment: 'crm-test' })]
    const directory = await stateDirectory()
    await pass(world, trustOf([tenant], [farm, test], organizations), directory)
    world.advance(400 * 3_600_000)
    world.proofs.set('contoso-sales', world.now().toISOString())

    const result = await pass(world, trustOf([tenant], [farm]), directory)

    expect(subjects(result)).toEqual([])
    expect(result.plan.exceptions).toMatchObject([{ stage: 'credential-retire', reason: { code: 'NotAPredecessor' } }])
    expect(world.tenants.get('contoso')?.keys.map(({ sha256 }) => sha256)).toEqual([NEW.sha256, other.sha256])
  })
})

describe('what is not there any more', () => {
  it('is added again, and told as removed by another writer', async () => {
    const world = unconnected()
    const directory = await stateDirectory()
    await pass(world, DESIRED, directory)
    Object.assign(world.tenants.get('contoso') ?? {}, { keys: [keyOf(certificateNamed('foreign'), 'foreign')] })

    const result = await pass(world, DESIRED, directory)

    expect(planned(result)).toEqual([
      'credential 7332…37 (CN=s2s-2027, O=Contoso) is added to Entra again, because another writer removed it',
    ])
    expect(world.tenants.get('contoso')?.keys.map(({ keyId }) => keyId)).toEqual(['foreign', 'key-2'])
  })
})

describe('drift', () => {
  it.each([
    {
      of: 'the store',
      drift: (world: World) => Object.assign(farm(world).servers.get('app01') ?? {}, { certificates: [] }),
      changes: ['certificate-store crm-farm/app01', 'service-restart crm-farm/app01'],
    },
    {
      of: 'the key',
      drift: (world: World) =>
        Object.assign(farm(world).servers.get('app01') ?? {}, {
          certificates: [storedAs(NEW, { readers: ['CONTOSO\\other'] })],
        }),
      changes: ['certificate-store crm-farm/app01', 'service-restart crm-farm/app01'],
    },
    {
      of: 'the names',
      drift: (world: World) => Object.assign(world.tenants.get('contoso') ?? {}, { names: ['other'] }),
      changes: ['service-principal-names contoso'],
    },
    {
      of: 'one setting',
      drift: (world: World) => Object.assign(farm(world), { authorizationServer: { state: 'Set', value: 'other' } }),
      changes: ['server-settings crm-farm'],
    },
    {
      of: 'the other setting',
      drift: (world: World) => Object.assign(farm(world), { metadataUrl: { state: 'Unset' } }),
      changes: ['server-settings crm-farm'],
    },
    {
      of: 'the tenant id',
      drift: (world: World) => farm(world).tenantIds.set('contososales', { state: 'Set', value: 'other' }),
      changes: ['tenant-id contoso-sales'],
    },
    {
      of: 'the certificate row',
      drift: (world: World) =>
        Object.assign(farm(world), { rows: [{ id: 'row-1', type: 'S2STokenIssuer', sha256: 'ab'.repeat(32) }] }),
      changes: ['certificate-switch crm-farm', 'service-restart crm-farm/app01', 'service-restart crm-farm/app02'],
    },
    {
      of: 'nothing but capitals',
      drift: (world: World) => Object.assign(world.tenants.get('contoso') ?? {}, { names: [APP.toUpperCase()] }),
      changes: [],
    },
  ])('of $of is exactly its own change, and is gone after it', async ({ drift, changes }) => {
    const world = unconnected()
    const directory = await stateDirectory()
    await pass(world, DESIRED, directory)
    drift(world)

    const first = await pass(world, DESIRED, directory)
    const second = await pass(world, DESIRED, directory)

    expect(subjects(first)).toEqual(changes)
    expect(subjects(second)).toEqual([])
  })
})

function farm(world: World) {
  const found = world.deployments.get('crm-farm')
  if (!found) throw new Error('no farm')
  return found
}

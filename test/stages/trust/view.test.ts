import { describe, expect, it } from 'vitest'
import { trustStages } from '../../../src/stages/index.ts'
import { projectedReads } from '../../../src/stages/trust/projected-reads.ts'
import { runwayDatesOf } from '../../../src/stages/trust/runway-dates.ts'
import { trustViewOf } from '../../../src/stages/trust/view.ts'
import { deploymentOf, pass, stateDirectory, tenantOf, trustOf } from './passes.ts'
import { certificateNamed, createWorld, type World } from './world.ts'

const OLD = certificateNamed('s2s-2026')
const NEW = certificateNamed('s2s-2027')
const DESIRED = trustOf([tenantOf('contoso')], [deploymentOf('crm-farm', OLD)])
const ROTATED = trustOf([tenantOf('contoso')], [deploymentOf('crm-farm', NEW)])

/** A trust that works, and then this happens. */
async function connected(change: (world: World) => void): Promise<World> {
  const world = createWorld()
  world.files.set(OLD.name, OLD).set(NEW.name, NEW)
  await pass(world, DESIRED, await stateDirectory())
  change(world)
  return world
}

async function viewOf(world: World, desired = DESIRED) {
  const { reads } = await pass(world, desired, await stateDirectory(), { mode: 'plan' })
  return trustViewOf({ reads, desired, organization: 'contoso-sales', now: world.now() })
}

function serverOf(world: World, host = 'app01') {
  const server = world.deployments.get('crm-farm')?.servers.get(host)
  if (!server) throw new Error(`no server ${host}`)
  return server
}

describe('the trust as an organization sees it', () => {
  it('works where everything fits to what CRM signs in with, in the order of causes', async () => {
    const view = await viewOf(await connected(() => {}))

    expect(view).toMatchObject({ state: 'Working', certificate: OLD.sha256 })
    expect(view.links.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'certificate good',
      'servers good',
      'credential good',
      'names good',
      'settings good',
      'tenant id good',
      'services good',
      'attested told',
    ])
  })

  it('works while a rotation waits', async () => {
    const world = await connected((it) => Object.assign(serverOf(it), { isAdministrator: false }))

    const view = await viewOf(world, ROTATED)

    expect(view).toMatchObject({ state: 'Working', certificate: OLD.sha256 })
  })

  it('is not called broken once the next certificate is imported: nobody can tell what the services loaded before', async () => {
    const world = await connected((it) => {
      const at = new Date(it.now().getTime() + 60_000).toISOString()
      Object.assign(serverOf(it), { marker: { sha256: NEW.sha256, at } })
    })

    const view = await viewOf(world, ROTATED)

    expect(view.state).toBe('Unknown')
    expect(view.reason?.message).toMatch(
      /^whether the asynchronous services of app01 run with \S+ cannot be told, as another/,
    )
  })

  it('is broken where the services were started before the certificate that CRM signs in with was there', async () => {
    const world = await connected((it) => {
      const at = new Date(it.now().getTime() + 60_000).toISOString()
      Object.assign(serverOf(it), { marker: { sha256: OLD.sha256, at } })
    })

    const view = await viewOf(world)

    expect(view).toMatchObject({ state: 'Broken', reason: { code: 'TrustServices' } })
  })

  it('says what the spec asks for where CRM signs in with another certificate', async () => {
    const view = await viewOf(await connected(() => {}), ROTATED)

    expect(view.links[0]?.evidence).toMatch(/^valid until \d{4}-\d\d-\d\d \d\d:\d\d UTC; the spec asks for \S+$/)
  })

  it('changed when services were started last', async () => {
    const world = await connected(() => {})

    const { changedAt } = await viewOf(world)

    expect(changedAt).toBe(serverOf(world, 'app02').services[0]?.startedAt)
  })

  it.each([
    {
      link: 'certificate',
      change: (world: World) => Object.assign(world.deployments.get('crm-farm') ?? {}, { rows: [] }),
    },
    { link: 'servers', change: (world: World) => Object.assign(serverOf(world), { certificates: [] }) },
    {
      link: 'servers',
      change: (world: World) =>
        Object.assign(serverOf(world), {
          certificates: serverOf(world).certificates.map((one) => ({ ...one, readers: [] })),
        }),
    },
    { link: 'credential', change: (world: World) => Object.assign(world.tenants.get('contoso') ?? {}, { keys: [] }) },
    { link: 'names', change: (world: World) => Object.assign(world.tenants.get('contoso') ?? {}, { names: [] }) },
    {
      link: 'settings',
      change: (world: World) =>
        Object.assign(world.deployments.get('crm-farm') ?? {}, { metadataUrl: { state: 'Unset' } }),
    },
    {
      link: 'tenant id',
      change: (world: World) => world.deployments.get('crm-farm')?.tenantIds.set('contososales', { state: 'Unset' }),
    },
    {
      link: 'services',
      change: (world: World) =>
        Object.assign(serverOf(world), { marker: { sha256: OLD.sha256, at: world.now().toISOString() } }),
    },
  ])('is broken at $link', async ({ link, change }) => {
    const view = await viewOf(await connected(change))

    expect(view.state).toBe('Broken')
    expect(view.links.find(({ state }) => state === 'broken')?.name).toBe(link)
    expect(view.reason?.message).toBeTruthy()
  })

  it.each([
    {
      reason: 'the tenant is not read',
      change: (world: World) => Object.assign(world.tenants.get('contoso') ?? {}, { isReadable: false }),
    },
    {
      reason: 'a server is not read',
      change: (world: World) => Object.assign(serverOf(world), { isReachable: false }),
    },
    {
      reason: 'no server is read',
      change: (world: World) =>
        ['app01', 'app02'].map((host) => Object.assign(serverOf(world, host), { isReachable: false })),
    },
  ])('is unknown where $reason', async ({ change }) => {
    expect((await viewOf(await connected(change))).state).toBe('Unknown')
  })

  it("is nobody's where nobody says how to reach it", async () => {
    const view = await viewOf(
      await connected((world) => {
        world.tenants.clear()
        world.deployments.clear()
      }),
    )

    expect(view).toEqual({ state: 'Unmanaged', links: [] })
  })

  it('works in the projection of a plan that connects it', async () => {
    const world = createWorld()
    world.files.set(OLD.name, OLD)
    const result = await pass(world, DESIRED, await stateDirectory(), { mode: 'plan' })
    const shared = { desired: DESIRED, organization: 'contoso-sales', now: world.now() }

    const before = trustViewOf({ reads: result.reads, ...shared })
    const after = trustViewOf({ reads: projectedReads(trustStages(), result.projection), ...shared })

    expect([before.state, after.state]).toEqual(['Broken', 'Working'])
  })

  it('tells what ends by itself', async () => {
    const world = await connected(() => {})
    const { reads } = await pass(world, DESIRED, await stateDirectory(), { mode: 'plan' })

    expect(runwayDatesOf(reads, DESIRED, 'contoso-sales')).toEqual({
      certificateEnd: OLD.notAfter,
      credentialEnds: [OLD.notAfter],
      ownCredentialEnd: '2027-06-01T00:00:00Z',
      crmMajor: 9,
      attestations: {},
    })
  })
})

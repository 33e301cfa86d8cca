// Tenants and deployments that several share: one writer each, and nothing of one is lost to another.
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SimulatedTenant } from '../../src/simulator/trust/model.ts'
import type { DesiredState } from '../../src/spec/desired.ts'
import { DEPLOYMENT, FIRST_ORGANIZATION, startTrustStack, TENANT, TRUST_SCOPE, type TrustStack } from './trust.ts'
import { addDeployment, addOrganization, addTenant } from './trust-beside.ts'
import { deploymentDocument, organizationDocuments, tenantDocument } from './trust-workspace.ts'

const CRM = '00000007-0000-0000-c000-000000000000'

// Each starts a world of its own, and makes keys for it.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })

let stack: TrustStack
let scripts: string[]

beforeEach(async () => {
  scripts = []
  stack = await startTrustStack({ beforeScript })
})

afterEach(() => stack.close())

function beforeScript(_: string, script: string | undefined) {
  if (script !== undefined && !script.startsWith('read-')) scripts.push(script)
  return []
}

/** A spec from tenants, deployments with their certificates, and organizations with what they name. */
async function specOf(
  deployments: Readonly<Record<string, string>>,
  organizations: Readonly<Record<string, object>>,
): Promise<DesiredState> {
  const tenants = [...stack.tenants].map(([name, { tenant }]) => tenantDocument(name, tenant.tenantId))
  const farms = Object.entries(deployments).map(([name, certificate]) => {
    return deploymentDocument(
      name,
      certificate,
      stack.certificates.get(certificate) ?? stack.addCertificate(certificate),
    )
  })
  const own = Object.entries(organizations).map(([name, fields]) => {
    const organization = stack.organizations.get(name)
    if (!organization) throw new Error(`no organization ${name}`)
    return [
      `${name}/all.yaml`,
      organizationDocuments(name, organization, { ...fields, calendars: name === FIRST_ORGANIZATION }),
    ] as const
  })
  await stack.configure()
  return stack.specOf({ 'trust.yaml': [...tenants, ...farms].join(''), ...Object.fromEntries(own) })
}

/** Certificates among the keys of CRM's principal, by the names of the stack; others as they are called. */
function keysIn(tenant: SimulatedTenant = stack.simulator.trust.tenant): readonly string[] {
  const names = new Map([...stack.certificates].map(([name, { der }]) => [der, name]))
  return (tenant.principals.get(CRM)?.keys ?? [])
    .map(({ key, displayName }) => names.get(key) ?? displayName ?? '')
    .sort()
}

/** Mailboxes of an organization whose last test did not pass. */
function failing(organization: string): readonly unknown[] {
  const rows = [...(stack.organizations.get(organization)?.world.rows('mailbox').values() ?? [])]
  return rows.filter((row) => row['incomingemailstatus'] !== 1).map((row) => row['emailaddress'])
}

function counted(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const script of scripts) counts[script] = (counts[script] ?? 0) + 1
  return counts
}

describe('two organizations on one deployment and one tenant', () => {
  const both = { [FIRST_ORGANIZATION]: {}, 'contoso-test': {} }

  it('converge with one writer: every remote write happens once', async () => {
    const second = addOrganization(stack, 'contoso-test')

    const [first] = await stack.settle(await specOf({ [DEPLOYMENT]: 's2s-2026' }, both))

    expect([...(first?.keys() ?? [])].sort()).toEqual([
      'organization/contoso-sales',
      'organization/contoso-test',
      TRUST_SCOPE,
    ])
    expect([stack.problem(), second()]).toEqual([undefined, undefined])
    expect([...failing(FIRST_ORGANIZATION), ...failing('contoso-test')]).toEqual([])
    expect(keysIn()).toEqual(['s2s-2026'])
    expect(counted()).toEqual({
      'ensure-certificate': 2,
      'write-server-settings': 1,
      'write-tenant-id': 2,
      'set-marker': 4,
      'switch-certificate': 1,
      'restart-services': 2,
    })
  })

  it('of two processes at once the second is refused, and nothing is lost', async () => {
    addOrganization(stack, 'contoso-test')
    const spec = await specOf({ [DEPLOYMENT]: 's2s-2026' }, both)

    const ended = await Promise.allSettled([stack.pass(spec), stack.pass(spec)])
    await stack.settle(spec)

    const refused = ended.filter((one) => one.status === 'rejected')
    expect(refused.map(({ reason }) => reason)).toMatchObject([{ code: 'StateDirectoryLocked' }])
    expect(keysIn()).toEqual(['s2s-2026'])
    expect(counted()).toMatchObject({ 'ensure-certificate': 2, 'switch-certificate': 1, 'restart-services': 2 })
  })

  it('two machines at once, each with a state of its own, end with one key and one row', async () => {
    addOrganization(stack, 'contoso-test')
    const spec = await specOf({ [DEPLOYMENT]: 's2s-2026' }, both)
    stack.simulator.trust.entra.foreign.addKey({ displayName: 'theirs' })

    await Promise.all([stack.pass(spec), stack.pass(spec, {}, join(stack.folder, 'another-machine'))])
    await stack.settle(spec)

    expect(keysIn()).toEqual(['s2s-2026', 'theirs'])
    expect(stack.simulator.trust.deployment.rows).toHaveLength(1)
    expect(stack.problem()).toBeUndefined()
  })
})

describe('a tenant that two deployments share', () => {
  const both = { [FIRST_ORGANIZATION]: { deployment: DEPLOYMENT }, 'contoso-south': { deployment: 'crm-south' } }

  it('keeps every key in use while one of them is rotated', async () => {
    const south = await addDeployment(stack, 'crm-south', 'contoso-south', { beforeScript })
    await stack.settle(await specOf({ [DEPLOYMENT]: 's2s-2026', 'crm-south': 'south-2026' }, both))
    const connected = keysIn()
    const before = stack.simulator.trust.tenant.principals.get(CRM)?.keys.at(-1)

    const seen: unknown[] = []
    for (const results of await stack.settle(
      await specOf({ [DEPLOYMENT]: 's2s-2027', 'crm-south': 'south-2026' }, both),
    )) {
      seen.push(south(), results.get(TRUST_SCOPE)?.views?.get('contoso-south')?.state)
    }

    expect(connected).toEqual(['s2s-2026', 'south-2026'])
    expect(keysIn()).toEqual(['s2s-2027', 'south-2026'])
    expect(before).toBeDefined()
    expect(new Set(seen)).toEqual(new Set([undefined, 'Working']))
    expect([stack.problem(), south()]).toEqual([undefined, undefined])
    expect([...failing(FIRST_ORGANIZATION), ...failing('contoso-south')]).toEqual([])
  })

  it('keeps the key of a certificate that the other one still signs in with', async () => {
    const south = await addDeployment(stack, 'crm-south', 'contoso-south', { beforeScript })
    await stack.settle(await specOf({ [DEPLOYMENT]: 's2s-2026', 'crm-south': 's2s-2026' }, both))
    const connected = keysIn()

    await stack.settle(await specOf({ [DEPLOYMENT]: 's2s-2027', 'crm-south': 's2s-2026' }, both))
    const half = keysIn()
    await stack.settle(await specOf({ [DEPLOYMENT]: 's2s-2027', 'crm-south': 's2s-2027' }, both))

    expect(connected).toEqual(['s2s-2026'])
    expect(half).toEqual(['s2s-2026', 's2s-2027'])
    expect(keysIn()).toEqual(['s2s-2027'])
    expect([stack.problem(), south()]).toEqual([undefined, undefined])
  })
})

describe('two tenants on one deployment', () => {
  it('both get the key before it is signed with, and both lose the old one after', async () => {
    const other = await addTenant(stack, 'fabrikam', 'fabrikam-sales')
    const both = { [FIRST_ORGANIZATION]: { tenant: TENANT }, 'fabrikam-sales': { tenant: 'fabrikam' } }
    const second = stack.tenants.get('fabrikam')?.tenant

    await stack.settle(await specOf({ [DEPLOYMENT]: 's2s-2026' }, both))
    const connected = [keysIn(), keysIn(second)]
    await stack.settle(await specOf({ [DEPLOYMENT]: 's2s-2027' }, both))

    expect(connected).toEqual([['s2s-2026'], ['s2s-2026']])
    expect([keysIn(), keysIn(second)]).toEqual([['s2s-2027'], ['s2s-2027']])
    expect([stack.problem(), other()]).toEqual([undefined, undefined])
    const told = [...stack.simulator.trust.deployment.organizations.values()].map(({ tenantId }) => tenantId)
    expect(told).toEqual([stack.simulator.trust.tenant.tenantId, second?.tenantId])
  })

  it('one that cannot be reached keeps the deployment from switching', async () => {
    await addTenant(stack, 'fabrikam', 'fabrikam-sales')
    const both = { [FIRST_ORGANIZATION]: { tenant: TENANT }, 'fabrikam-sales': { tenant: 'fabrikam' } }
    await stack.settle(await specOf({ [DEPLOYMENT]: 's2s-2026' }, both))
    scripts = []
    stack.tenants.get('fabrikam')?.faults.add({ kind: 'html', times: 'always' })

    await stack.pass(await specOf({ [DEPLOYMENT]: 's2s-2027' }, both))

    expect(Object.keys(counted())).toEqual(['ensure-certificate'])
  })
})

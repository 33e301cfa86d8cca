import { describe, expect, it } from 'vitest'
import { supportVerdict } from '../../../src/stages/trust-prerequisites/support.ts'
import { deploymentOf, pass, stateDirectory, tenantOf, trustOf } from './passes.ts'
import { certificateNamed, createWorld, type World } from './world.ts'

const NEW = certificateNamed('s2s-2027')
const ATTESTED = { by: 'exchange-admin@contoso.com', on: '2026-09-11', evidence: 'case 4711' }

async function verdicts(change: (world: World) => void): Promise<ReadonlyMap<string, string>> {
  const world = createWorld({ deployments: { 'crm-farm': ['app01'] } })
  world.files.set(NEW.name, NEW)
  change(world)
  const desired = trustOf(
    [tenantOf('contoso', { attestations: { ewsAllowList: ATTESTED } })],
    [deploymentOf('crm-farm', NEW)],
  )
  const { reads } = await pass(world, desired, await stateDirectory(), { mode: 'plan' })
  const read = reads.get('trust-prerequisites')
  if (!read?.complete) throw new Error('not read')
  return new Map([...read.rows].map(([key, { ready }]) => [key, `${ready?.status} ${ready?.message}`]))
}

function serverOf(world: World) {
  const server = world.deployments.get('crm-farm')?.servers.get('app01')
  if (!server) throw new Error('no server')
  return server
}

describe('the prerequisites of a trust', () => {
  it('tell what is in order with what shows it', async () => {
    expect(Object.fromEntries(await verdicts(() => {}))).toMatchInlineSnapshot(`
      {
        "administrator/crm-farm/app01": "True the account is a local administrator",
        "attestation/contoso/ewsAllowList": "True attested by exchange-admin@contoso.com on 2026-09-11 (case 4711)",
        "attestation/contoso/exchangeSupportEnabled": "Unverifiable neither attested nor told by any interface (look for the case in which Exchange Support let CRM in for this tenant id; since 2025-10-01 no further tenant is enabled). Have somebody look, and write \`attestations\` of the Tenant.",
        "attestation/contoso/hybridConnector": "Unverifiable neither attested nor told by any interface (look for "Microsoft Dynamics CRM Hybrid Connector" among the subscriptions of the tenant). Have somebody look, and write \`attestations\` of the Tenant.",
        "certificate/crm-farm": "True 7332…37 (CN=s2s-2027, O=Contoso) as reviewed, valid for 406 more days",
        "clock/contoso": "True the clocks agree",
        "clock/crm-farm/app01": "True the clocks agree",
        "deployment/crm-farm": "True read through app01",
        "issuer/crm-farm": "True no certificate row yet",
        "key-spec/crm-farm/app01": "True certificate 7332…37 is not there yet",
        "powershell/crm-farm/app01": "True Windows PowerShell 5.1.17763.6414",
        "principal/contoso": "True application 00000007-0000-0000-c000-000000000000 is there",
        "roles/contoso": "True Application.Read.All and Organization.Read.All",
        "server/crm-farm/app01": "True answers, CRM 9.1.28.9, with the deployment tools",
        "services/crm-farm/app01": "True MSCRMAsyncService and MSCRMAsyncService$maintenance run as CONTOSO\\svc-crmasync",
        "support/crm-farm": "True the link of CRM 9.1.28.9 to Exchange Online is supported until 2027-04-01, for 132 more days",
        "tenant/contoso": "True contoso, 5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11: spec, sign-in and directory agree",
      }
    `)
  })

  it.each([
    {
      check: 'services/crm-farm/app01',
      change: (world: World) => Object.assign(serverOf(world).services[1] ?? {}, { isRunning: false }),
      says: /^False .*MSCRMAsyncService\$maintenance does not run.*Start-Service 'MSCRMAsyncService\$maintenance'/,
    },
    {
      check: 'administrator/crm-farm/app01',
      change: (world: World) => Object.assign(serverOf(world), { isAdministrator: false }),
      says: /^False .*net localgroup Administrators/,
    },
    {
      check: 'server/crm-farm/app01',
      change: (world: World) => Object.assign(serverOf(world), { isReachable: false }),
      says: /^Unknown app01 does not answer/,
    },
    {
      check: 'principal/contoso',
      change: (world: World) => Object.assign(world.tenants.get('contoso') ?? {}, { hasPrincipal: false }),
      says: /^True .*is created with the first credential/,
    },
    {
      check: 'certificate/crm-farm',
      change: (world: World) => world.files.set(NEW.name, { ...NEW, rsaBits: 1024 }),
      says: /^False .*1024 bits/,
    },
    {
      check: 'support/crm-farm',
      change: (world: World) => Object.assign(serverOf(world), { version: '8.2.4.0' }),
      says: /^False .*out of support since 2026-05-25/,
    },
  ])('$check tells what is missing and what to do', async ({ check, change, says }) => {
    expect((await verdicts(change)).get(check)).toMatch(says)
  })

  it.each([
    { version: '9.1.0.0', status: 'True' },
    { version: '8.2.0.0', status: 'False' },
    { version: '10.0', status: undefined },
    { version: undefined, status: undefined },
  ])('know until when version $version is supported', ({ version, status }) => {
    expect(supportVerdict(version, new Date('2026-11-20T08:00:00Z'))?.status).toBe(status)
  })
})

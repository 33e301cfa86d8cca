import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { CRM_APP_ID } from '../../../src/simulator/entra/index.ts'
import { type SimulatorOptions, type SimulatorWithTrust, startSimulator } from '../../../src/simulator/index.ts'
import { certificateFacts, SERVICE_ACCOUNT } from '../../../src/simulator/servers/index.ts'
import type { TrustOptions } from '../../../src/simulator/trust/start-trust.ts'
import type { SimulatedWorld } from '../../../src/simulator/world/index.ts'
import { CREDENTIAL, call } from '../servers/call.ts'

const HOUR_MS = 3_600_000
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function started(
  trust: true | TrustOptions,
  options: Partial<SimulatorOptions> = {},
): Promise<SimulatorWithTrust> {
  const simulator = await startSimulator({ mailboxes: 3, queues: 1, mess: ['none'], ...options, trust })
  open.push(simulator)
  return simulator
}

/** Tests every mailbox, and tells how many passed and what the others were told. */
function tested(world: SimulatedWorld): { readonly passed: number; readonly failed: readonly unknown[] } {
  const ids = [...world.rows('mailbox').keys()]
  for (const id of ids) world.update(world.callers.admin, 'mailbox', id, { testemailconfigurationscheduled: true })
  world.advanceUntilIdle(HOUR_MS)
  const rows = ids.map((id) => world.rows('mailbox').get(id))
  const alerts = [...world.rows('tracelog').values()].filter(({ level }) => level === 3)
  return {
    passed: rows.filter((row) => row?.['incomingemailstatus'] === 1).length,
    failed: [...new Set(alerts.map(({ errordetails }) => errordetails))],
  }
}

async function graphToken({ trust }: SimulatorWithTrust): Promise<string> {
  const { clientId, secret } = trust.applications.writing
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: secret,
    scope: 'https://graph.microsoft.com/.default',
  })
  const answer = await fetch(`${trust.entra.loginUrl}/${trust.tenant.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body,
  })
  const { access_token } = (await answer.json()) as { access_token: string }
  return access_token
}

async function patchKey(simulator: SimulatorWithTrust, der: string): Promise<number> {
  const facts = certificateFacts(der)
  const token = await graphToken(simulator)
  const key = {
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    key: der,
    displayName: 'crm',
    startDateTime: `${new Date(facts?.notBeforeMs ?? 0).toISOString().slice(0, 19)}Z`,
    endDateTime: `${new Date(facts?.notAfterMs ?? 0).toISOString().slice(0, 19)}Z`,
  }
  const { status } = await fetch(`${simulator.trust.entra.graphUrl}/v1.0/servicePrincipals(appId='${CRM_APP_ID}')`, {
    method: 'PATCH',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ keyCredentials: [key] }),
  })
  return status
}

describe('one world', () => {
  it('begins unconnected: no test passes, as CRM finds no certificate', async () => {
    const { world } = await started(true)

    const { passed, failed } = tested(world)

    expect(passed).toBe(0)
    expect(failed).toEqual([expect.stringContaining('0x80092004')])
  })

  it('connected, every test passes', async () => {
    const { world } = await started({ connected: true })

    expect(tested(world)).toEqual({ passed: world.rows('mailbox').size, failed: [] })
  })

  it('is connected over the wire, and only the last step makes tests pass', async () => {
    const simulator = await started(true)
    const { trust, world } = simulator
    const { certificate, servers, tenant } = trust
    const sha256 = certificateFacts(certificate.der)?.sha256 ?? ''
    const pfx = { data: Buffer.from(certificate.pfx).toString('base64'), password: certificate.password }
    const settings = {
      authorizationServer: '00000001-0000-0000-c000-000000000000',
      metadataUrl: 'https://accounts.accesscontrol.windows.net/metadata/json/1',
    }
    const steps: (() => Promise<unknown>)[] = [
      ...[0, 1].map(
        (server) => () => call(servers, 'ensure-certificate', { sha256, pfx, readers: [SERVICE_ACCOUNT] }, { server }),
      ),
      () => patchKey(simulator, certificate.der),
      () => call(servers, 'write-server-settings', { ...CREDENTIAL, ...settings }),
      () =>
        call(servers, 'write-tenant-id', { ...CREDENTIAL, organization: 'contoso-sales', tenantId: tenant.tenantId }),
      () => call(servers, 'switch-certificate', { ...CREDENTIAL, sha256, certificate: certificate.der }),
      ...[0, 1].map((server) => () => call(servers, 'restart-services', {}, { server })),
    ]

    const passed: number[] = []
    for (const step of steps) {
      await step()
      passed.push(tested(world).passed)
    }

    expect(passed).toEqual([0, 0, 0, 0, 0, 0, 0, world.rows('mailbox').size])
  })

  it('a test that was due before a change finds what was before it', async () => {
    const { trust, world } = await started({ connected: true })
    const [id = ''] = world.rows('mailbox').keys()
    world.update(world.callers.admin, 'mailbox', id, { testemailconfigurationscheduled: true })
    world.clock.advance(HOUR_MS)

    await call(trust.servers, 'set-marker', { sha256: 'a' })
    trust.tenant.exchange.supportEnabled = false

    expect(world.rows('mailbox').get(id)?.['incomingemailstatus']).toBe(1)
  })

  it.each([
    { connected: true, told: (tenantId: string): string | null => tenantId },
    { connected: false, told: () => null },
  ])(
    'organizations beside depend on the same deployment, each with a tenant id of its own',
    async ({ connected, told }) => {
      const neighbours = [{ name: 'contoso-test', mailboxes: 2, queues: 0 }]
      const { trust, addOrganization } = await started({ connected }, { neighbours })
      addOrganization({ name: 'contoso-copy', copy: true })
      const { deployment, tenant } = trust

      const names = ['contoso-sales', 'contoso-test', 'contoso-copy']
      expect([...deployment.organizations.values()].map(({ uniqueName, tenantId }) => [uniqueName, tenantId])).toEqual(
        names.map((name) => [name, told(tenant.tenantId)]),
      )
    },
  )

  it('people are in the directory as tests will find them', async () => {
    const { trust, world } = await started(true, { mailboxes: 20, mess: ['default'] })

    for (const [id, { emailaddress }] of world.rows('mailbox')) {
      const user = trust.tenant.users.get(String(emailaddress).toLowerCase())
      const { exchangeAddress } = world.truthOf(id)
      if (exchangeAddress === null) expect(user?.mailbox).toBeUndefined()
      if (typeof exchangeAddress === 'string') expect(user?.proxyAddresses[0]).toBe(`SMTP:${exchangeAddress}`)
    }
    expect(trust.tenant.users.size).toBeGreaterThan(10)
  })

  it('is saved with its keys and found again', async () => {
    const stateDirectory = await mkdtemp(join(tmpdir(), 'trust-'))
    try {
      const first = await started({ connected: true }, { stateDirectory })
      const before = first.trust
      await first.close()
      const without = await startSimulator({ stateDirectory })
      await without.close()

      const { trust, world } = await started(true, { stateDirectory })

      expect(trust.servers.servers.map(({ hostKeySha256 }) => hostKeySha256)).toEqual(
        before.servers.servers.map(({ hostKeySha256 }) => hostKeySha256),
      )
      expect(trust.servers.privateKey).toBe(before.servers.privateKey)
      expect(Buffer.from(trust.certificate.pfx)).toEqual(Buffer.from(before.certificate.pfx))
      expect(trust.tenant.tenantId).toBe(before.tenant.tenantId)
      expect(tested(world).failed).toEqual([])
    } finally {
      await rm(stateDirectory, { recursive: true })
    }
  })
})

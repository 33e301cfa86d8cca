import { afterEach, describe, expect, it } from 'vitest'
import {
  certificateFacts,
  makeDeploymentCertificate,
  type RunningServers,
} from '../../../src/simulator/servers/index.ts'
import type { ServerSwitches } from '../../../src/simulator/servers/switches.ts'
import { CREDENTIAL, call, NOW_MS, startedServers } from './call.ts'

const MADE = makeDeploymentCertificate(NOW_MS)
const FACTS = certificateFacts(MADE.der)
const SHA256 = FACTS?.sha256 ?? ''
const PFX = { data: Buffer.from(MADE.pfx).toString('base64'), password: MADE.password }
const IMPORT = { sha256: SHA256, thumbprint: FACTS?.thumbprint, pfx: PFX, readers: ['contoso\\SVC-crmasync'] }
const SWITCH = { ...CREDENTIAL, sha256: SHA256, certificate: MADE.der }
const SETTINGS = {
  authorizationServer: '00000001-0000-0000-c000-000000000000',
  metadataUrl: 'https://accounts.accesscontrol.windows.net/metadata/json/1',
}

const open: RunningServers[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function servers(switches: Partial<ServerSwitches> = {}) {
  const started = await startedServers({ switches })
  open.push(started.running)
  return started
}

describe('read-server', () => {
  it('tells what the server is, with whatever needs no rights', async () => {
    const { running } = await servers()

    const { document, exitCode } = await call(running, 'read-server', CREDENTIAL)

    expect(exitCode).toBe(0)
    expect(document?.result).toMatchObject({
      now: '2026-11-23T08:00:00.000Z',
      hasSnapIn: true,
      isLocalAdministrator: true,
      version: '9.1.38.12',
      certificates: [],
      marker: null,
    })
    expect(document?.result.services.map(({ name }: { name: string }) => name)).toEqual([
      'MSCRMAsyncService',
      'MSCRMAsyncService$maintenance',
    ])
  })

  it('does not know its version where the logon cannot be used onward, and says why', async () => {
    const { running } = await servers()

    const { document } = await call(running, 'read-server')

    expect(document?.result.version).toBeNull()
    expect(document?.warnings?.[0]).toMatch(/NotDeploymentAdministrator/)
  })

  it('has its own clock', async () => {
    const { running, deployment } = await servers()
    for (const server of deployment.servers) server.clockSkewMs = 90_000

    const { document } = await call(running, 'read-server', CREDENTIAL)

    expect(document?.result.now).toBe('2026-11-23T08:01:30.000Z')
  })
})

describe('ensure-certificate', () => {
  it('imports, grants and sets the marker; a second time nothing changes', async () => {
    const { running, deployment } = await servers()

    const first = await call(running, 'ensure-certificate', IMPORT)
    const second = await call(running, 'ensure-certificate', IMPORT)

    expect(first.document).toMatchObject({ ok: true, changed: true, result: { imported: true, keySpec: 1 } })
    expect(second.document).toMatchObject({ ok: true, changed: false, result: { imported: false, granted: [] } })
    expect(deployment.servers[0]?.registry).toEqual({
      S2SCertificate: SHA256,
      S2SChangedAt: '2026-11-23T08:00:00.000Z',
    })
    expect(deployment.servers[1]?.store).toEqual([])
  })

  it.each([
    { reason: 'a wrong password', input: { pfx: { ...PFX, password: 'other' } }, code: 'WrongPassword' },
    { reason: 'bytes that are no PFX', input: { pfx: { ...PFX, data: 'AAAA' } }, code: 'ScriptFailed' },
    { reason: 'a PFX of another certificate', input: { sha256: '0'.repeat(64) }, code: 'PrivateKeyNotFound' },
  ])('refuses $reason', async ({ input, code }) => {
    const { running, deployment } = await servers()

    const { document, exitCode } = await call(running, 'ensure-certificate', { ...IMPORT, ...input })

    expect(document).toMatchObject({ ok: false, error: { code } })
    expect(exitCode).toBe(1)
    expect(deployment.servers[0]?.store).toEqual([])
  })

  it('needs a local administrator', async () => {
    const { running } = await servers()

    const { document } = await call(running, 'ensure-certificate', IMPORT, { userName: 'CONTOSO\\reader' })

    expect(document?.error?.code).toBe('NotAdministrator')
  })

  it('tells another certificate of the same subject', async () => {
    const { running, deployment } = await servers()
    const twin = makeDeploymentCertificate(NOW_MS)
    for (const server of deployment.servers)
      server.store = [{ der: twin.der, hasPrivateKey: true, keySpec: 1, provider: 'x', readers: [] }]

    const { document } = await call(running, 'ensure-certificate', IMPORT)

    expect(document?.result.sameSubject).toEqual([certificateFacts(twin.der)?.thumbprint])
  })
})

describe('what belongs to the whole deployment', () => {
  it.each([
    { reason: 'a missing pair', unsetSetting: 'missing-pair', told: { found: false, value: null, error: null } },
    { reason: 'a null', unsetSetting: 'null', told: { found: true, value: null, error: null } },
    { reason: 'an error of its own', unsetSetting: 'error', told: { found: false, error: { code: 'ScriptFailed' } } },
  ] as const)('an unset setting can be $reason', async ({ unsetSetting, told }) => {
    const { running } = await servers({ unsetSetting })

    const { document } = await call(running, 'read-deployment', { ...CREDENTIAL, organizations: ['contoso'] })

    expect(document?.result.authorizationServer).toMatchObject(told)
    expect(document?.result.tenantIds[0]).toMatchObject({ organization: 'contoso', setting: told })
  })

  it.each([
    { ids: 'plain', shown: SETTINGS.authorizationServer },
    { ids: 'braces', shown: `{${SETTINGS.authorizationServer}}` },
    { ids: 'capitals', shown: SETTINGS.authorizationServer.toUpperCase() },
  ] as const)('ids come back with $ids', async ({ ids, shown }) => {
    const { running } = await servers({ ids })

    const written = await call(running, 'write-server-settings', { ...CREDENTIAL, ...SETTINGS })
    const { document } = await call(running, 'read-deployment', { ...CREDENTIAL, organizations: [] })

    expect(written.document?.result.written).toHaveLength(2)
    expect(document?.result.authorizationServer.value).toBe(shown)
    expect(document?.result.metadataUrl.value).toBe(SETTINGS.metadataUrl)
  })

  it('a tenant id belongs to one organization, and nobody knows another one', async () => {
    const { running, deployment } = await servers()
    const tenantId = 'b0000000-0000-4000-8000-00000000000b'

    const known = await call(running, 'write-tenant-id', { ...CREDENTIAL, organization: 'CONTOSO', tenantId })
    const unknown = await call(running, 'write-tenant-id', { ...CREDENTIAL, organization: 'fabrikam', tenantId })

    expect(known.document).toMatchObject({ ok: true, changed: true })
    expect(deployment.organizations.get('contoso')?.tenantId).toBe(tenantId)
    expect(unknown.document?.error?.code).toBe('OrganizationUnknown')
  })

  it.each(['update', 'insert'] as const)(
    'a row is switched, where Set-CrmCertificate does %s',
    async (setCertificate) => {
      const { running, deployment } = await servers({ setCertificate })
      const old = makeDeploymentCertificate(NOW_MS, 'crm-s2s-2025')
      const other = { id: 'x', type: 'AlternativeS2STokenIssuer', name: '', data: old.der, storeFindType: '' }
      deployment.rows = [{ ...other, id: 'a', type: 'S2STokenIssuer' }, other]

      const { document } = await call(running, 'switch-certificate', SWITCH)

      expect(document?.result.rows.map(({ data }: { data: string }) => data)).toEqual([MADE.der])
      expect(deployment.rows).toContain(other)
    },
  )

  it.each([
    { reason: 'a key, without an account', input: {}, options: {}, switches: {}, code: 'NotDeploymentAdministrator' },
    { reason: 'a key, with an account', input: CREDENTIAL, options: {}, switches: {} },
    { reason: 'a key that may be used onward', input: {}, options: {}, switches: { keyLogonDelegates: true } },
    { reason: 'a password', input: {}, options: { password: 'simulator' }, switches: {} },
    {
      reason: 'a wrong password of the account',
      input: { credential: { ...CREDENTIAL.credential, password: 'x' } },
      options: {},
      switches: {},
      code: 'NotDeploymentAdministrator',
    },
    {
      reason: 'an administrator of the servers alone',
      input: {},
      options: { password: 'simulator', userName: 'CONTOSO\\local-admin' },
      switches: {},
      code: 'NotDeploymentAdministrator',
    },
    {
      reason: 'a server without the tools',
      input: CREDENTIAL,
      options: { server: 1 },
      switches: {},
      code: 'SnapInMissing',
    },
    { reason: 'a snap-in that is loaded already', input: CREDENTIAL, options: {}, switches: { snapInLoaded: true } },
  ])('who may ask: $reason', async ({ input, options, switches, code }) => {
    const { running } = await servers(switches)

    const { document } = await call(running, 'read-deployment', { ...input, organizations: [] }, options)

    expect(document?.error?.code).toBe(code)
  })
})

describe('a running certificate', () => {
  it('changes only when the services start again', async () => {
    const { running, deployment } = await servers()
    const loaded = () => deployment.servers[0]?.services.map((service) => service.loaded)

    await call(running, 'ensure-certificate', IMPORT)
    await call(running, 'switch-certificate', SWITCH)
    const before = loaded()
    await call(running, 'restart-services')

    expect(before).toEqual([null, null, null])
    expect(loaded()).toEqual([SHA256, SHA256, null])
  })
})

describe('scripts that are not what they should be', () => {
  it('one that forgot its cmdlet changes nothing', async () => {
    const { running, deployment } = await servers()
    const body = 'Get-PSSnapin; Add-PSSnapin Microsoft.Crm.PowerShell; New-Object Credential\n# Set-CrmCertificate'

    const { document } = await call(running, 'switch-certificate', SWITCH, { body })

    expect(document?.ok).toBe(true)
    expect(deployment.rows).toEqual([])
  })

  it('one whose hash is another is refused', async () => {
    const { running } = await servers()

    const { document } = await call(running, 'read-server', {}, { sha256: '0'.repeat(64) })

    expect(document?.ok).toBe(false)
  })

  it('one that loads the snap-in twice fails', async () => {
    const { running } = await servers({ snapInLoaded: true })
    const body = 'Add-PSSnapin Microsoft.Crm.PowerShell; Get-CrmCertificate -Credential $c'

    const { document } = await call(running, 'read-deployment', CREDENTIAL, { body })

    expect(document?.error?.message).toMatch(/already added/)
  })
})

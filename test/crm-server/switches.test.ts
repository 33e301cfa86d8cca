// Whatever servers and cmdlets answer to what their documentation leaves open: the whole way is walked with the real client over SSH.
import { randomBytes, X509Certificate } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createDeploymentClient } from '../../src/crm-server/client.ts'
import type { DeploymentState } from '../../src/crm-server/deployment.ts'
import { createSshChannel } from '../../src/crm-server/ssh-channel.ts'
import {
  certificateFacts,
  type MadeCertificate,
  makeDeploymentCertificate,
  SERVER_SWITCH_VALUES,
  SERVICE_ACCOUNT,
  type ServerSwitches,
  seedDeployment,
  startServers,
} from '../../src/simulator/servers/index.ts'
import { DEFAULT_SERVER_SWITCHES } from '../../src/simulator/servers/switches.ts'
import { openWorkshop } from '../certificate/pfx-files.ts'
import { needs } from '../setup/needs.ts'

const NEVER = new AbortController().signal
const NOW_MS = Date.parse('2026-11-23T08:00:00Z')
const TENANT_ID = '84841066-274d-4ec0-a5c1-276be684bdd3'
const SETTINGS = {
  authorizationServer: '00000001-0000-0000-c000-000000000000',
  metadataUrl: 'https://accounts.accesscontrol.windows.net/metadata/json/1',
}

const closing: { close(): Promise<void> }[] = []
let first: MadeCertificate
let second: MadeCertificate

beforeAll(() => {
  first = makeDeploymentCertificate(NOW_MS, 'crm-s2s-2026')
  second = makeDeploymentCertificate(NOW_MS, 'crm-s2s-2027')
})

afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close()
})

/** A deployment that was never connected, and our client of it. */
async function startDeployment(switches: Partial<ServerSwitches>, hasCredential = true) {
  const organizations = [{ id: 'a0000000-0000-4000-8000-00000000000a', uniqueName: 'ContosoSales' }]
  const deployment = seedDeployment({ nowMs: NOW_MS, organizations })
  const running = await startServers({ deployment, now: () => NOW_MS, switches })
  const { userName } = running
  const servers = running.servers.map(({ name, host, port, hostKeySha256 }) => ({
    name,
    reading: createSshChannel({
      name,
      host,
      port,
      hostKeySha256,
      userName,
      signIn: { type: 'Key', privateKey: async () => running.privateKey },
      newToken: () => randomBytes(16).toString('hex'),
      now: () => new Date(NOW_MS),
    }),
  }))
  const credential = { userName, password: async () => running.password }
  const client = createDeploymentClient({ servers, ...(hasCredential ? { credential } : {}) })
  closing.push(running, client)
  return { deployment, client, names: servers.map(({ name }) => name) }
}

type Deployment = Awaited<ReturnType<typeof startDeployment>>

/** Everything that a rotation does on the servers. */
async function rotate({ client, names }: Deployment, { der, pfx, password }: MadeCertificate): Promise<void> {
  const facts = certificateFacts(der)
  if (!facts) throw new Error('no certificate')
  const { sha256, thumbprint } = facts
  const writer = client.writer()
  const certificate = { sha256, thumbprint, pfx: async () => ({ bytes: pfx, password }), readers: [SERVICE_ACCOUNT] }
  for (const name of names) await writer.ensureCertificate(name, certificate, NEVER)
  await writer.switchCertificate({ sha256, der: Buffer.from(der, 'base64') }, NEVER)
  for (const name of names) await writer.restartAsyncServices(name, NEVER)
}

/** What is read of the whole deployment, ids aside. */
function told({ authorizationServer, metadataUrl, rows, tenantIds }: DeploymentState) {
  const all = rows.map(({ type, sha256 }) => ({ type, sha256 }))
  return { authorizationServer, metadataUrl, rows: all, tenantIds: Object.fromEntries(tenantIds) }
}

const set = (value: string) => ({ state: 'Set', value })
const UNSET = { state: 'Unset' }
const NOT_READ = { state: 'Unknown', why: expect.stringContaining('is not readable') }

const ANSWERS: readonly Partial<ServerSwitches>[] = [
  {},
  ...Object.entries(SERVER_SWITCH_VALUES).flatMap(([name, values]) =>
    values
      .filter((value) => value !== { ...DEFAULT_SERVER_SWITCHES }[name])
      .map((value): Partial<ServerSwitches> => ({ [name]: value })),
  ),
]

describe.each(ANSWERS.map((switches) => ({ switches })))('where a deployment answers $switches', ({ switches }) => {
  const isReadable = switches.settingsReadable !== false
  const asRead = (setting: object) => (isReadable ? setting : NOT_READ)

  it('what was never set is unset, or unknown where nobody may read it', async () => {
    const { client } = await startDeployment(switches)

    const state = await client.reader().deployment(['contososales', 'nobody'], NEVER)

    expect(told(state)).toEqual({
      authorizationServer: asRead(UNSET),
      metadataUrl: asRead(UNSET),
      rows: [],
      tenantIds: {
        contososales: asRead(UNSET),
        nobody: { state: 'Unknown', why: expect.stringMatching(/^OrganizationUnknown: /) },
      },
    })
  })

  it('what was written is read back, twice is harmless, and a second certificate takes the place of the first', async () => {
    const started = await startDeployment(switches)
    const { client, names, deployment } = started
    const writer = client.writer()

    for (let round = 0; round < 2; round += 1) {
      await writer.writeServerSettings(SETTINGS, NEVER)
      await writer.writeTenantId('contososales', TENANT_ID, NEVER)
      await rotate(started, first)
    }
    await rotate(started, second)
    const state = await client.reader().deployment(['contososales'], NEVER)
    const servers = await Promise.all(names.map((name) => client.reader().server(name, NEVER)))

    expect(told(state)).toEqual({
      authorizationServer: asRead(set(SETTINGS.authorizationServer)),
      metadataUrl: asRead(set(SETTINGS.metadataUrl)),
      rows: [{ type: 'S2STokenIssuer', sha256: second.sha256 }],
      tenantIds: { contososales: asRead(set(TENANT_ID)) },
    })
    expect(state.rows.map(({ id }) => id)).toEqual(deployment.rows.map(({ id }) => id))
    for (const { certificates, marker, services } of servers) {
      expect(certificates.map(({ sha256, keySpec }) => [sha256, keySpec])).toEqual([
        [first.sha256, 1],
        [second.sha256, 1],
      ])
      expect(certificates.every(({ readers }) => readers?.includes(SERVICE_ACCOUNT))).toBe(true)
      expect(marker?.sha256).toBe(second.sha256)
      expect(services.every(({ startedAt = '' }) => startedAt > (marker?.at ?? ''))).toBe(true)
    }
    expect(deployment.servers.flatMap(({ services }) => services.map(({ loaded }) => loaded))).toEqual(
      deployment.servers.flatMap(({ services }) =>
        services.map(({ name }) => (name.startsWith('MSCRMAsync') ? second.sha256 : null)),
      ),
    )
  })
})

it.each(SERVER_SWITCH_VALUES.keyLogonDelegates)(
  'without a credential a sign-in with a key is enough only where it can be used onward: keyLogonDelegates %s',
  async (keyLogonDelegates) => {
    const { client } = await startDeployment({ keyLogonDelegates }, false)

    const reading = client.reader().deployment([], NEVER)

    if (keyLogonDelegates) expect((await reading).through).toBe('crm-async-1.contoso.com')
    else {
      await expect(reading).rejects.toMatchObject({
        code: 'NotDeploymentAdministrator',
        message: expect.stringContaining('give it as `credential` of the deployment'),
      })
    }
  },
)

needs('openssl')('a certificate whose file names a provider of the new kind', () => {
  const workshop = openWorkshop()
  afterAll(() => workshop.dispose())

  it.each([
    { providerForced: true, reason: 'gets a key for exchange where the provider asked for wins' },
    { providerForced: false, reason: 'is told where the one in the file wins, and is not switched to' },
  ])('$reason', async ({ providerForced }) => {
    const started = await startDeployment({ providerForced })
    const made = workshop.certificate()
    const old = ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']
    const pfx = workshop.pfx(made, 'simulator', '-CSP', 'Microsoft Software Key Storage Provider', ...old)
    const der = new X509Certificate(workshop.pem(made)).raw.toString('base64')

    const rotating = rotate(started, { der, sha256: '', pfx, password: 'simulator', pem: '' })

    if (providerForced) await rotating
    else await expect(rotating).rejects.toMatchObject({ code: 'WrongKeySpec', effect: 'possible' })
    expect(started.deployment.servers[0]?.store.map(({ keySpec }) => keySpec)).toEqual([providerForced ? 1 : 0])
    expect(started.deployment.rows).toHaveLength(providerForced ? 1 : 0)
  })
})

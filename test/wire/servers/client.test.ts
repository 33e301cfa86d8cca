// The same exchanges, played to the client over SSH: what it hands to a script is what was written down, and what it makes of the document is
// told here.
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { createDeploymentClient } from '../../../src/crm-server/client.ts'
import type { DeploymentReader, DeploymentWriter } from '../../../src/crm-server/deployment.ts'
import { SCRIPT_IDS } from '../../../src/crm-server/scripts.ts'
import { createSshChannel } from '../../../src/crm-server/ssh-channel.ts'
import { certificateFacts } from '../../../src/simulator/servers/index.ts'
import { framed, payloadOf, PASSWORD as SSH_PASSWORD, startSshPeer, USER } from '../../crm-server/ssh-peer.ts'
import { makeWrittenCertificate, NOW_MS, PASSWORD, readScriptExchanges, type ScriptExchange } from './exchanges.ts'

const NEVER = new AbortController().signal
const SERVER = 'crm-async-1.contoso.com'
const TENANT_ID = '84841066-274d-4ec0-a5c1-276be684bdd3'
const AUTHORIZATION_SERVER = '00000001-0000-0000-c000-000000000000'
const METADATA_URL = 'https://accounts.accesscontrol.windows.net/metadata/json/1'
const UNSET = { state: 'Unset' }

const certificate = makeWrittenCertificate()
const { sha256 = '', thumbprint = '' } = certificateFacts(certificate.der) ?? {}
const FILES = await readScriptExchanges(certificate)
const EXCHANGES = new Map(FILES.flatMap(({ exchanges }) => exchanges.map((exchange) => [exchange.name, exchange])))

interface Row {
  readonly does: (reader: DeploymentReader, writer: DeploymentWriter) => Promise<unknown>
  /** Whom the cmdlets of CRM are called as. */
  readonly as?: string
  readonly gives?: unknown
  readonly fails?: { readonly code: string; readonly effect: 'none' | 'possible'; readonly message: RegExp }
}

const readsServer: Row['does'] = (reader) => reader.server(SERVER, NEVER)
const readsDeployment: Row['does'] = (reader) => reader.deployment(['Contoso'], NEVER)
const ensures =
  (password: string): Row['does'] =>
  (_, writer) => {
    const pfx = async () => ({ bytes: certificate.pfx, password })
    return writer.ensureCertificate(SERVER, { sha256, thumbprint, pfx, readers: ['CONTOSO\\svc-crmasync'] }, NEVER)
  }
const switches: Row['does'] = (_, writer) =>
  writer.switchCertificate({ sha256, der: Buffer.from(certificate.der, 'base64') }, NEVER)

const ACCOUNT = 'CONTOSO\\svc-crmasync'
const STARTED = { account: ACCOUNT, isRunning: true, startedAt: '2026-11-16T08:00:00.000Z' }

const ROWS: Readonly<Record<string, Row>> = {
  'a server that was never connected': {
    does: readsServer,
    gives: {
      clockSkewMs: 0,
      powershellVersion: '5.1.17763.6414',
      hasSnapIn: true,
      isLocalAdministrator: true,
      version: '9.1.38.12',
      roles: ['FrontEndServer', 'BackEndServer', 'DeploymentAdministrationServer'],
      services: [
        { name: 'MSCRMAsyncService', ...STARTED },
        { name: 'MSCRMAsyncService$maintenance', ...STARTED },
      ],
      certificates: [],
    },
  },
  'a server with the certificate': {
    does: async (reader) => (await reader.server(SERVER, NEVER)).certificates,
    gives: [
      {
        sha256,
        thumbprint,
        subject: 'CN=crm-s2s-2026, O=Contoso',
        notBefore: '2026-11-22T08:00:00.000Z',
        notAfter: '2027-11-22T08:00:00.000Z',
        hasPrivateKey: true,
        keySpec: 1,
        readers: ['NT AUTHORITY\\SYSTEM', 'BUILTIN\\Administrators', ACCOUNT],
      },
    ],
  },
  'a server without the deployment tools': {
    does: readsServer,
    gives: {
      clockSkewMs: 0,
      powershellVersion: '5.1.17763.6414',
      hasSnapIn: false,
      isLocalAdministrator: true,
      services: [],
      certificates: [],
    },
  },
  'a deployment that was never connected': {
    does: readsDeployment,
    gives: {
      through: SERVER,
      authorizationServer: UNSET,
      metadataUrl: UNSET,
      rows: [],
      tenantIds: new Map([['contoso', UNSET]]),
    },
  },
  'a deployment that is connected': {
    does: readsDeployment,
    gives: {
      through: SERVER,
      authorizationServer: { state: 'Set', value: AUTHORIZATION_SERVER },
      metadataUrl: { state: 'Set', value: METADATA_URL },
      rows: [{ id: 'a1b2c3d4-0000-4000-8000-000000000001', type: 'S2STokenIssuer', name: '', sha256 }],
      tenantIds: new Map([['contoso', { state: 'Set', value: TENANT_ID }]]),
    },
  },
  'an organization that is not there': {
    does: async (reader) => (await reader.deployment(['fabrikam'], NEVER)).tenantIds.get('fabrikam'),
    gives: { state: 'Unknown', why: 'OrganizationUnknown: the deployment has no such organization' },
  },
  'a caller who is no Deployment Administrator': {
    does: readsDeployment,
    as: 'CONTOSO\\reader',
    fails: {
      code: 'NotDeploymentAdministrator',
      effect: 'none',
      message: /CONTOSO\\reader is not .*; make the account/,
    },
  },
  'a server that has no snap-in of CRM': {
    does: readsDeployment,
    fails: { code: 'SnapInMissing', effect: 'none', message: /install the Deployment Tools/ },
  },
  'a certificate is imported': { does: ensures(PASSWORD) },
  'a certificate that is there already': { does: ensures(PASSWORD) },
  'a password that does not open the file': {
    does: ensures('not the password'),
    fails: { code: 'WrongPassword', effect: 'none', message: /look at the password of the certificate/ },
  },
  'a marker is set': { does: switches },
  'both settings are written': {
    does: (_, writer) =>
      writer.writeServerSettings({ authorizationServer: AUTHORIZATION_SERVER, metadataUrl: METADATA_URL }, NEVER),
  },
  'settings that are so already': {
    does: (_, writer) => writer.writeServerSettings({ metadataUrl: METADATA_URL }, NEVER),
  },
  'a tenant id is written': { does: (_, writer) => writer.writeTenantId('contoso', TENANT_ID, NEVER) },
  'a tenant id of an organization that is not there': {
    does: (_, writer) => writer.writeTenantId('fabrikam', TENANT_ID, NEVER),
    fails: { code: 'OrganizationUnknown', effect: 'none', message: /compare spec.uniqueName with Get-CrmOrganization/ },
  },
  'the row of the certificate is written': { does: switches },
  'services are restarted': { does: (_, writer) => writer.restartAsyncServices(SERVER, NEVER) },
}

/** What scripts answer that go before or after the one that is played. */
const AROUND = ['a deployment that was never connected', 'a marker is set', 'the row of the certificate is written']

const closing: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close()
})

/** A server that answers each script with the document that was written down, and our client of it. */
async function play(exchange: ScriptExchange, as = 'CONTOSO\\svc-mailkeel') {
  const called: { readonly id: string; readonly input: unknown }[] = []
  const around = AROUND.flatMap((name) => EXCHANGES.get(name) ?? [])
  const peer = await startSshPeer(({ stream, stdin }) => {
    void stdin.then((text) => {
      const { token, script, input } = payloadOf(text)
      called.push({ id: script.id, input })
      const answer = [exchange, ...around].find((one) => one.script === script.id)?.document
      stream.write(framed(token, answer))
      stream.exit(answer?.['ok'] === true ? 0 : 1)
      stream.end()
    })
  })
  const reading = createSshChannel({
    host: '127.0.0.1',
    port: peer.port,
    name: SERVER,
    hostKeySha256: peer.hostKeySha256,
    userName: USER,
    signIn: { type: 'Password', password: async () => SSH_PASSWORD },
    newToken: () => randomBytes(16).toString('hex'),
    now: () => new Date(NOW_MS),
  })
  const credential = { userName: as, password: async () => PASSWORD }
  const client = createDeploymentClient({ servers: [{ name: SERVER, reading }], credential })
  closing.push(peer, client)
  return { client, called }
}

for (const { file, source, exchanges } of FILES) {
  describe(`${file}: ${source}`, () => {
    it.each([...exchanges])('$name', async (exchange) => {
      const { does, as, gives, fails } = ROWS[exchange.name] ?? { does: async () => {} }
      const { client, called } = await play(exchange, as)

      const done = does(client.reader(), client.writer())

      if (fails) await expect(done).rejects.toMatchObject({ ...fails, message: expect.stringMatching(fails.message) })
      else expect(await done).toEqual(gives)
      expect(called.find(({ id }) => id === exchange.script)?.input).toEqual(exchange.input)
    })
  })
}

it('every exchange is played, and every script is in one', () => {
  const scripts = new Set([...EXCHANGES.values()].map(({ script }) => script))

  expect(Object.keys(ROWS).sort()).toEqual([...EXCHANGES.keys()].sort())
  expect([...scripts].sort()).toEqual([...SCRIPT_IDS].sort())
})

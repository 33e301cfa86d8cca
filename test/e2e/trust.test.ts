// The trust over the wire: sign-in, Graph and SSH servers of the simulator, driven by the program as a person drives it.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type SimulatorWithTrust, startSimulator } from '../../src/simulator/index.ts'
import { mailkeelHere } from '../cli/in-process.ts'
import { membersOf, workspaceFor } from './workspace.ts'

const TIMEOUT_MS = 60_000

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

interface Lab {
  readonly simulator: SimulatorWithTrust
  readonly cwd: string
  mailkeel(...words: readonly string[]): ReturnType<typeof mailkeelHere>
}

/** An organization with a tenant and servers that nobody ever connected, and a spec that asks for it. */
async function unconnected(): Promise<Lab> {
  const simulator = await startSimulator({
    seed: 5,
    mailboxes: 4,
    queues: 1,
    mess: ['old-profile', 'pending', 'untested'],
    start: new Date(),
    clock: { speed: 1, realTimeMs: () => performance.now() },
    service: { pickupDelayMs: 5, testDurationMs: 20, retryAfterMs: 50 },
    trust: true,
  })
  open.push(simulator)
  const cwd = workspaceFor(simulator, { configuration: configurationOf(simulator) })
  const { trust } = simulator
  const path = join(cwd, 'mailkeel.yaml')
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace('  organizations:\n', `${identitiesOf(simulator)}  organizations:\n`),
  )
  writeFileSync(join(cwd, 'spec/trust.yaml'), specOf(simulator))
  writeFileSync(join(cwd, 's2s.pfx'), trust.certificate.pfx)
  writeFileSync(join(cwd, 'crm.key'), trust.servers.privateKey)
  const env = {
    READING: trust.applications.reading.secret,
    WRITING: trust.applications.writing.secret,
    SSH: trust.servers.password,
    PFX: trust.certificate.password,
  }
  return { simulator, cwd, mailkeel: (...words) => mailkeelHere(words, { cwd, env }) }
}

function identitiesOf({ trust: { applications, servers } }: SimulatorWithTrust): string {
  const identity = (clientId: string, name: string) =>
    `{ type: Entra, clientId: ${clientId}, clientSecret: { env: ${name} } }`
  return `    entra-reader: ${identity(applications.reading.clientId, 'READING')}
    entra-writer: ${identity(applications.writing.clientId, 'WRITING')}
    servers: { type: Ssh, userName: '${servers.userName}', privateKey: { file: crm.key } }
`
}

function configurationOf({ trust: { entra, servers } }: SimulatorWithTrust): string {
  return `  tenants:
    contoso:
      reading: entra-reader
      writing: entra-writer
      endpoints: { login: '${entra.loginUrl}', graph: '${entra.graphUrl}' }
  deployments:
    crm-farm:
      credential: { userName: '${servers.userName}', password: { env: SSH } }
      servers:
${servers.servers
  .map(
    ({ host, port, hostKeySha256 }) =>
      `        - { host: ${host}, port: ${port}, hostKeySha256: '${hostKeySha256}', identity: servers }\n`,
  )
  .join('')}  certificates:
    s2s: { file: s2s.pfx, password: { env: PFX } }
`
}

function specOf({ trust }: SimulatorWithTrust): string {
  const sha256 = createHash('sha256').update(Buffer.from(trust.certificate.der, 'base64')).digest('hex')
  return `apiVersion: mailkeel/v1
kind: Tenant
metadata: { name: contoso }
spec: { tenantId: ${trust.tenant.tenantId}, servicePrincipal: { domains: ['*.contoso.com'] } }
---
apiVersion: mailkeel/v1
kind: Deployment
metadata: { name: crm-farm }
spec:
  certificate:
    name: s2s
    sha256: ${sha256}
    serviceAccounts: ['CONTOSO\\svc-crmasync']
    evaluation: true
`
}

/** Everything that was written below a folder, as one text. */
function everythingIn(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(pfx|key)$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')
}

describe('from nothing to mail', () => {
  it(
    'a first plan shows everything, one apply connects and proves it, and nothing is left to do',
    async () => {
      const { simulator, cwd, mailkeel } = await unconnected()

      const planned = await mailkeel('plan')
      const asked = await mailkeel('apply', '--yes')
      const applied = await mailkeel('apply', '--yes', '--allow', 'tenant-id', '--wait', '30s')
      const again = await mailkeel('plan')
      const status = await mailkeel('status')
      const explained = await mailkeel('explain', 'trust')
      const history = await mailkeel('history')

      const all = [planned, asked, applied, again, status, explained, history]
      const said = all.map(({ stdout, stderr }) => stdout + stderr).join('\n')
      expect(planned.stdout, said).toMatch(/^trust contoso at \S+: \d+ changes, waits for an override\n/)
      expect(planned.stdout, said).toMatch(/\ncontoso-sales at \S+: \d+ changes for \d+ people/)
      expect(asked.code, said).toBe(3)
      expect(applied.code, said).toBe(0)
      expect(again.code, said).toBe(0)
      expect(again.stdout).toMatch(/^trust contoso at \S+: in sync, CRM signs in with [0-9A-F]{4}…[0-9A-F]{2}, checked/)
      expect(status.stdout).toMatch(new RegExp(`${membersOf(simulator).length} mailboxes healthy`))
      expect(explained.stdout).toMatch(/^trust contoso works: CRM signs in with/)
      expect(history.stdout).toContain('trust contoso')
      for (const secret of [simulator.trust.applications.writing.secret, simulator.trust.certificate.password]) {
        expect(said + everythingIn(cwd)).not.toContain(secret)
      }
    },
    TIMEOUT_MS,
  )
})

// A trust whose servers nobody connects to, or only to some of them: driven as people do it, with a person who carries scripts to the
// simulated servers and brings back what they answer.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
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

type Ended = Awaited<ReturnType<typeof mailkeelHere>>

interface Lab {
  readonly simulator: SimulatorWithTrust
  readonly cwd: string
  mailkeel(...words: readonly string[]): Promise<Ended>
}

interface LabOptions {
  /** Servers that nobody connects to; default all. */
  readonly carried?: readonly string[]
  readonly connected?: boolean
}

async function lab({ carried, connected = false }: LabOptions = {}): Promise<Lab> {
  const simulator = await startSimulator({
    seed: 5,
    mailboxes: 4,
    queues: 1,
    mess: ['old-profile', 'pending', 'untested'],
    start: new Date(),
    clock: { speed: 1, realTimeMs: () => performance.now() },
    service: { pickupDelayMs: 5, testDurationMs: 20, retryAfterMs: 50 },
    trust: connected ? { connected: true } : true,
  })
  open.push(simulator)
  const { trust } = simulator
  const isCarried = (name: string) => carried?.includes(name) ?? true
  const cwd = workspaceFor(simulator, { configuration: configurationOf(simulator, isCarried) })
  const path = join(cwd, 'mailkeel.yaml')
  const usesSsh = trust.servers.servers.some(({ name }) => !isCarried(name))
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace('  organizations:\n', `${identitiesOf(simulator, usesSsh)}  organizations:\n`))
  use({ simulator, cwd }, trust.certificate)
  writeFileSync(join(cwd, 'crm.key'), trust.servers.privateKey)
  const env = {
    READING: trust.applications.reading.secret,
    WRITING: trust.applications.writing.secret,
    SSH: trust.servers.password,
    PFX: trust.certificate.password,
  }
  return { simulator, cwd, mailkeel: (...words) => mailkeelHere(words, { cwd, env }) }
}

/** Makes a certificate the one that the spec asks for. */
function use({ cwd, simulator }: Pick<Lab, 'cwd' | 'simulator'>, { pfx, der }: { pfx: Uint8Array; der: string }): void {
  const sha256 = createHash('sha256').update(Buffer.from(der, 'base64')).digest('hex')
  writeFileSync(join(cwd, 's2s.pfx'), pfx)
  writeFileSync(join(cwd, 'spec/trust.yaml'), specOf(simulator, sha256))
}

function identitiesOf({ trust: { applications, servers } }: SimulatorWithTrust, usesSsh: boolean): string {
  const identity = (clientId: string, name: string) =>
    `{ type: Entra, clientId: ${clientId}, clientSecret: { env: ${name} } }`
  return `    entra-reader: ${identity(applications.reading.clientId, 'READING')}
    entra-writer: ${identity(applications.writing.clientId, 'WRITING')}
${usesSsh ? `    servers: { type: Ssh, userName: '${servers.userName}', privateKey: { file: crm.key } }\n` : ''}`
}

function configurationOf(
  { trust: { entra, servers } }: SimulatorWithTrust,
  isCarried: (name: string) => boolean,
): string {
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
  .map(({ name, host, port, hostKeySha256 }) =>
    isCarried(name)
      ? `        - { host: ${name}, offline: true }\n`
      : `        - { host: ${host}, port: ${port}, hostKeySha256: '${hostKeySha256}', identity: servers }\n`,
  )
  .join('')}  certificates:
    s2s: { file: s2s.pfx, password: { env: PFX } }
`
}

function specOf({ trust }: SimulatorWithTrust, sha256: string): string {
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

/** A person: runs the scripts of the folder in order, each on its server, and puts the answers into another folder. */
function carry({ simulator, cwd }: Lab, only: (script: string) => boolean = () => true): readonly string[] {
  const names = readdirSync(join(cwd, 'out')).filter((name) => name.endsWith('.ps1')).sort()
  mkdirSync(join(cwd, 'in'), { recursive: true })
  for (const name of names.filter(only)) {
    const text = readFileSync(join(cwd, 'out', name), 'utf8')
    const server = /^\$server = '([^']+)'/m.exec(text)?.[1] ?? ''
    const answer = simulator.trust.servers.carry(server, text, ({ prompt, kind }) => {
      if (kind === 'file') return readFileSync(join(cwd, 's2s.pfx')).toString('base64')
      return prompt.includes('PFX') ? simulator.trust.certificate.password : simulator.trust.servers.password
    })
    writeFileSync(join(cwd, 'in', answer.name), answer.text)
    if (answer.isFailed) break
  }
  return names
}

const APPLY = ['apply', '--yes', '--allow', 'tenant-id', '--wait', '30s', '--emit-scripts', 'out'] as const

describe('servers that nobody connects to', () => {
  it(
    'are connected in three rounds of a person, and then nothing is left to do',
    async () => {
      const here = await lab()
      mkdirSync(join(here.cwd, 'in'))
      const said: string[] = []
      const rounds: (readonly string[])[] = []
      let last: Ended | undefined

      for (let round = 0; round < 6; round += 1) {
        last = await here.mailkeel(...APPLY, '--read-results', 'in')
        said.push(`\n### ${last.code}\n${last.stdout}${last.stderr}`)
        if (last.code !== 6) break
        rounds.push(carry(here))
      }
      const again = await here.mailkeel('plan')
      const status = await here.mailkeel('status')

      console.log(said.join('\n'), rounds, again.stdout, status.stdout)
      expect(last?.code, said.join('')).toBe(0)
      expect(rounds).toHaveLength(3)
      expect(again.code).toBe(0)
      expect(status.stdout).toMatch(new RegExp(`${membersOf(here.simulator).length} mailboxes healthy`))
    },
    TIMEOUT_MS,
  )
})

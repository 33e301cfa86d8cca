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
  /** Of the PFX. */
  readonly password?: string
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
function carry(
  { simulator, cwd, password = simulator.trust.certificate.password }: Lab,
  only: (script: string) => boolean = () => true,
): readonly string[] {
  const names = readdirSync(join(cwd, 'out'))
    .filter((name) => name.endsWith('.ps1'))
    .sort()
  mkdirSync(join(cwd, 'in'), { recursive: true })
  for (const name of names.filter(only)) {
    const text = readFileSync(join(cwd, 'out', name), 'utf8')
    const server = /^\$server = '([^']+)'/m.exec(text)?.[1] ?? ''
    const answer = simulator.trust.servers.carry(server, text, ({ prompt, kind }) => {
      if (kind === 'file') return readFileSync(join(cwd, 's2s.pfx')).toString('base64')
      return prompt.includes('PFX') ? password : simulator.trust.servers.password
    })
    writeFileSync(join(cwd, 'in', answer.name), answer.text)
    if (answer.isFailed) break
  }
  return names
}

const APPLY = ['apply', '--yes', '--allow', 'tenant-id', '--emit-scripts', 'out', '--read-results', 'in'] as const

interface Walked {
  /** Names of the scripts of each round. */
  readonly rounds: readonly (readonly string[])[]
  readonly last: Ended
  readonly said: string
}

/** Applies and carries, turn by turn, until nothing waits for a person any more. */
async function walk(here: Lab, longest = 6): Promise<Walked> {
  mkdirSync(join(here.cwd, 'in'), { recursive: true })
  const rounds: (readonly string[])[] = []
  let said = ''
  for (;;) {
    const last = await here.mailkeel(...APPLY)
    said += `\n### ${last.code}\n${last.stdout}${last.stderr}`
    if (last.code !== 6 || rounds.length === longest || !last.stderr.includes('--read-results'))
      return { rounds, last, said }
    rounds.push(carry(here))
  }
}

const LOOK = ['01-crm-async-1-look.ps1', '02-crm-async-2-look.ps1']
const STORE = ['01-crm-async-1-store-certificate.ps1', '02-crm-async-2-store-certificate.ps1']
const SWITCH = ['01-crm-async-1-switch-certificate.ps1', '02-crm-async-2-restart-services.ps1']

/** Everything that was written below a folder, as one text; what is base64 also as what it stands for. */
function everythingIn(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  const decoded = texts.flatMap((text) =>
    [...text.matchAll(/[A-Za-z0-9+/]{40,}={0,2}/g)].map(([found]) => Buffer.from(found, 'base64').toString('utf8')),
  )
  return [...texts, ...decoded].join('\n')
}

describe('servers that nobody connects to', () => {
  it(
    'are connected in three rounds of a person, and then nothing is left to do',
    async () => {
      const here = await lab()

      const { rounds, last, said } = await walk(here)
      const tested = await here.mailkeel('apply', '--yes', '--wait', '30s')
      const again = await here.mailkeel('plan')
      const status = await here.mailkeel('status')

      expect(rounds, said).toEqual([LOOK, STORE, SWITCH])
      expect(last.code, said).toBe(0)
      expect(tested.code, tested.stdout + tested.stderr).toBe(0)
      expect(again.code, again.stdout).toBe(0)
      expect(status.stdout).toMatch(new RegExp(`${membersOf(here.simulator).length} mailboxes healthy`))
    },
    TIMEOUT_MS,
  )

  it(
    'get another certificate in two rounds, without a failed test and without a secret in any file',
    async () => {
      const here = await lab({ connected: true })
      const { trust } = here.simulator
      const looked = await walk(here)
      const next = trust.makeCertificate('crm-s2s-2027')
      use(here, next)

      const { rounds, last, said } = await walk({ ...here, password: next.password, mailkeel: here.mailkeel })
      const tested = await here.mailkeel('apply', '--yes', '--wait', '30s')
      const again = await here.mailkeel('plan')

      expect(looked.rounds, looked.said).toEqual([LOOK])
      expect(rounds, said).toEqual([STORE, SWITCH])
      expect(last.code, said).toBe(0)
      expect(tested.code, tested.stdout + tested.stderr).toBe(0)
      expect(again.code, again.stdout).toBe(0)
      expect(again.stdout).toContain('CRM signs in with')
      const written = ['out', 'in', '.mailkeel'].map((name) => everythingIn(join(here.cwd, name))).join('\n')
      for (const secret of [
        next.password,
        trust.servers.password,
        Buffer.from(next.pfx).toString('base64').slice(0, 80),
      ])
        expect(written + said).not.toContain(secret)
    },
    TIMEOUT_MS,
  )

  it(
    'stand beside one that is reached by SSH: that one is done from here, and a person goes to the other',
    async () => {
      const here = await lab({ carried: ['crm-async-2.contoso.com'] })

      const { rounds, last, said } = await walk(here)
      const tested = await here.mailkeel('apply', '--yes', '--wait', '30s')
      const again = await here.mailkeel('plan')

      expect(rounds, said).toEqual([
        ['01-crm-async-2-look.ps1'],
        ['01-crm-async-2-store-certificate.ps1'],
        ['01-crm-async-2-restart-services.ps1'],
      ])
      expect(last.code, said).toBe(0)
      expect(tested.code, tested.stdout + tested.stderr).toBe(0)
      expect(again.code, again.stdout).toBe(0)
    },
    TIMEOUT_MS,
  )

  it(
    'keep waiting while a person was not there, and tell what failed where one was',
    async () => {
      const here = await lab()
      const without = await here.mailkeel('apply', '--yes')
      const first = await here.mailkeel(...APPLY.slice(0, 6))
      const handed = everythingIn(join(here.cwd, 'out'))
      const second = await here.mailkeel(...APPLY.slice(0, 6))
      const unchanged = everythingIn(join(here.cwd, 'out')) === handed
      carry(here)
      await here.mailkeel(...APPLY)
      const refuse = here.simulator.trust.servers.faults.add({
        kind: 'not-ok',
        script: 'ensure-certificate',
        effect: false,
        code: 'WrongPassword',
      })
      const ran = carry(here)
      refuse()

      writeFileSync(join(here.cwd, 'in/cut.answer.txt'), 'mailkeel answers 1\nscript 01')
      const failed = await here.mailkeel(...APPLY)
      const anew = await here.mailkeel(...APPLY)

      expect(without.code).toBe(6)
      expect(without.stderr).toContain('`mailkeel apply --yes --emit-scripts <dir>` writes them')
      expect([first.code, second.code, unchanged]).toEqual([6, 6, true])
      expect(ran).toEqual(STORE)
      expect(failed.stderr).toContain('cut.answer.txt was not taken: it is cut')
      expect(failed.stdout).toMatch(/ensure-certificate on crm-async-1\S* failed/)
      expect(anew.code).toBe(6)
      expect(readdirSync(join(here.cwd, 'out')).filter((name) => name.endsWith('.ps1'))).toEqual(STORE)
    },
    TIMEOUT_MS,
  )
})

// A patient for the doctor: everything simulated, configured with an identity of its own for reading and for writing.
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type SimulatorWithTrust, startSimulator } from '../../../src/simulator/index.ts'
import type { TrustOptions } from '../../../src/simulator/trust/start-trust.ts'
import { type HereOptions, mailkeelHere } from '../in-process.ts'

/** Secrets that must not be seen anywhere. */
export const CANARY = 'canary-9c1d7f'

/** One finding, as JSON has it. */
export interface Told {
  readonly subject: string
  readonly check: string
  readonly code: string
  readonly verdict: string
  readonly tried: string
  readonly evidence: string
  readonly remedy?: {
    readonly words: string
    readonly commands?: readonly { readonly where: string; readonly command: string }[]
    readonly yaml?: { readonly where: string; readonly text: string }
  }
}

/** A patient. */
export interface Clinic {
  readonly simulator: SimulatorWithTrust
  readonly folder: string
  /** Names of the servers, as findings call them. */
  readonly servers: readonly string[]
  environment: Record<string, string>
  /** Changes a file of the patient. */
  edit(file: 'mailkeel.yaml' | 'spec/spec.yaml', change: (text: string) => string): Promise<void>
  /** Changes what an application is granted. */
  grant(which: 'reading' | 'writing', change: (roles: readonly string[]) => readonly string[]): void
  /** Changes the rights of the account that mailkeel signs in with on a server. */
  account(server: number, rights: { isLocalAdministrator?: boolean; isDeploymentAdministrator?: boolean }): void
  /** Undoes all of it. */
  recover(): Promise<void>
  /** Runs the doctor. */
  doctor(...words: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }>
  /** Runs it on a terminal where a person answers this. */
  answering(
    answer: string,
    ...words: readonly string[]
  ): Promise<{ code: number | null; stdout: string; stderr: string }>
  /** Its findings. */
  findings(...words: readonly string[]): Promise<{ code: number | null; findings: readonly Told[]; text: string }>
  close(): Promise<void>
}

const READING = ['Application.Read.All', 'Organization.Read.All', 'User.Read.All', 'MailboxSettings.Read']
const WRITING = ['Application.Read.All', 'Organization.Read.All', 'Application.ReadWrite.All']

/** Starts one that is well. */
export async function startClinic(trust: TrustOptions = {}): Promise<Clinic> {
  const simulator = await startSimulator({
    mailboxes: 3,
    queues: 0,
    mess: ['none'],
    authentication: 'bearer',
    trust: { connected: true, ...trust },
  })
  const around = simulator.trust
  const [reading, writing] = ['reading', 'writing'].map((one) =>
    around.tenant.applications.get(around.applications[one as 'reading'].clientId),
  )
  if (reading) reading.roles = READING
  if (writing) writing.roles = WRITING
  const healthy = {
    environment: {
      READER: 'simulator-reader',
      WRITER: 'simulator-admin',
      ENTRA: around.applications.reading.secret,
      SSH: around.servers.password,
      PFX: around.certificate.password,
      OTHER: CANARY,
    },
    accounts: around.deployment.servers.map(({ accounts }) => accounts.map((account) => ({ ...account }))),
  }
  const folder = await mkdtemp(join(tmpdir(), 'mailkeel-doctor-'))
  const clinic: Clinic = {
    simulator,
    folder,
    servers: around.servers.servers.map(({ host, port }) => `${host}:${port}`),
    environment: { ...healthy.environment },
    async edit(file, change) {
      const path = join(folder, file)
      await writeFile(path, change(await readFile(path, 'utf8')), { mode: 0o600 })
    },
    grant(which, change) {
      const application = which === 'reading' ? reading : writing
      if (application) application.roles = change(application.roles)
    },
    account(server, rights) {
      const account = around.deployment.servers[server]?.accounts.find(({ name }) => name === around.servers.userName)
      if (account) Object.assign(account, rights)
    },
    async recover() {
      clinic.environment = { ...healthy.environment }
      if (reading) reading.roles = READING
      if (writing) writing.roles = WRITING
      around.servers.faults.clear()
      around.entra.faults.clear()
      for (const [index, server] of around.deployment.servers.entries()) {
        for (const [place, account] of server.accounts.entries())
          Object.assign(account, healthy.accounts[index]?.[place])
        for (const service of server.services) service.isRunning = true
      }
      await chmod(join(folder, 's2s.pfx'), 0o600)
      await chmod(join(folder, 'state'), 0o700)
      await writeFile(join(folder, 'mailkeel.yaml'), configurationOf(simulator), { mode: 0o600 })
      await writeFile(join(folder, 'spec/spec.yaml'), specOf(simulator))
    },
    doctor: (...words) =>
      mailkeelHere(['doctor', ...words], { cwd: folder, env: clinic.environment, time: timeOf(simulator) }),
    answering: (answer, ...words) =>
      mailkeelHere(['doctor', ...words], {
        cwd: folder,
        env: clinic.environment,
        time: timeOf(simulator),
        answers: [answer],
      }),
    async findings(...words) {
      const { code, stdout, stderr } = await clinic.doctor('--output', 'json', ...words)
      const { findings } = JSON.parse(stdout) as { findings: readonly Told[] }
      return { code, findings, text: stdout + stderr }
    },
    async close() {
      await simulator.close()
      await rm(folder, { recursive: true })
    },
  }
  await mkdir(join(folder, 'state'), { mode: 0o700 })
  await mkdir(join(folder, 'spec'))
  await writeFile(join(folder, 's2s.pfx'), around.certificate.pfx, { mode: 0o600 })
  await clinic.recover()
  return clinic
}

/** The time of the simulator, in which a deadline passes as it really does. */
function timeOf({ world }: SimulatorWithTrust): NonNullable<HereOptions['time']> {
  return {
    now: () => world.now(),
    sleep: (ms, signal) => setTimeout(Math.max(0, ms), undefined, signal ? { signal } : {}),
  }
}

function configurationOf({ url, trust }: SimulatorWithTrust): string {
  const { applications, servers, entra } = trust
  const hosts = servers.servers.map(
    ({ host, port, hostKeySha256 }) =>
      `        - { host: ${host}, port: ${port}, identity: servers, hostKeySha256: '${hostKeySha256}' }\n`,
  )
  return `apiVersion: mailkeel/v1
kind: Configuration
spec:
  source: { directory: spec }
  policy: Enforce
  stateDirectory: state
  identities:
    crm-reader: { type: Bearer, token: { env: READER } }
    crm-writer: { type: Bearer, token: { env: WRITER } }
    tenant-reader: { type: Entra, clientId: ${applications.reading.clientId}, clientSecret: { env: ENTRA } }
    tenant-writer: { type: Entra, clientId: ${applications.writing.clientId}, clientSecret: { env: ENTRA } }
    servers: { type: Ssh, userName: '${servers.userName}', password: { env: SSH } }
  organizations:
    contoso-sales: { url: '${url}', reading: crm-reader, writing: crm-writer }
  tenants:
    contoso:
      reading: tenant-reader
      writing: tenant-writer
      preflight: true
      endpoints: { login: '${entra.loginUrl}', graph: '${entra.graphUrl}' }
  deployments:
    crm-farm:
      servers:
${hosts.join('')}  certificates:
    s2s: { file: s2s.pfx, password: { env: PFX } }
  secrets:
    other: { env: OTHER }
  runway: { warnDays: [1] }
`
}

function specOf({ trust: { tenant, certificate } }: SimulatorWithTrust): string {
  return `apiVersion: mailkeel/v1
kind: Tenant
metadata: { name: contoso }
spec:
  tenantId: ${tenant.tenantId}
  attestations:
    hybridConnector: { by: ann, on: 2025-09-01 }
    exchangeSupportEnabled: { by: ann, on: 2025-09-01 }
    ewsAllowList: { by: ann, on: 2026-09-01 }
---
apiVersion: mailkeel/v1
kind: Deployment
metadata: { name: crm-farm }
spec:
  certificate:
    name: s2s
    sha256: ${certificate.sha256}
    serviceAccounts: ['CONTOSO\\svc-crmasync']
    evaluation: true
---
apiVersion: mailkeel/v1
kind: Organization
metadata: { name: contoso-sales }
spec: { uniqueName: contoso-sales, environment: Production, tenant: contoso, deployment: crm-farm }
---
apiVersion: mailkeel/v1
kind: MailboxSet
metadata: { name: people }
spec:
  incoming: ServerSideSync
  outgoing: ServerSideSync
  testAndEnable: true
  mailboxes: [ann@contoso.com]
`
}

// The whole of mailkeel over a simulated tenant and simulated servers, put together by the program's own composition from a configuration on
// disk. Every pass is a process of its own: it composes, signs in and opens its state anew. Time is the simulated one.
import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Composition, compose } from '../../src/compose/compose.ts'
import { httpClientTo } from '../../src/compose/connections.ts'
import type { Machine } from '../../src/machine.ts'
import type { HttpRequest, HttpResponse } from '../../src/network/http.ts'
import type { PassOptions, PassResult } from '../../src/reconcile/contract.ts'
import { runPass } from '../../src/reconcile/pass.ts'
import type { PassEnvironment } from '../../src/reconcile/run.ts'
import { openState } from '../../src/reconcile/state.ts'
import {
  type RunningTrust,
  type SimulatedOrganization,
  type SimulatorOptions,
  type SimulatorWithTrust,
  startSimulator,
  type TrustOptions,
} from '../../src/simulator/index.ts'
import type { MadeCertificate, RunningServers, ServerFault } from '../../src/simulator/servers/index.ts'
import { trustProblemOf } from '../../src/simulator/trust/trust-problem.ts'
import { compile } from '../../src/spec/compile/compile.ts'
import { loadConfiguration } from '../../src/spec/configuration/load.ts'
import type { DesiredState } from '../../src/spec/desired.ts'
import { loadFiles } from './spec.ts'
import { ALLOWED } from './stack.ts'
import {
  deploymentDocument,
  organizationDocuments,
  type Systems,
  secretsOf,
  tenantDocument,
  writeWorkspace,
} from './trust-workspace.ts'

/** How a stack differs from the usual one. */
export interface TrustStackOptions {
  readonly simulator?: Omit<SimulatorOptions, 'trust'>
  readonly trust?: TrustOptions
  /** Called just before a request goes out, to CRM, the sign-in or Graph. */
  readonly beforeSend?: (request: HttpRequest) => void | Promise<void>
  /** Called with every answer. */
  readonly afterSend?: (response: HttpResponse, request: HttpRequest) => void
  /** Called just before a server runs a script, or accepts a connection for them; what it returns goes wrong with it. */
  readonly beforeScript?: (server: string, script: string | undefined) => readonly ServerFault[]
  /** What a pass stands on, for accidents that must strike there. */
  readonly environment?: (environment: PassEnvironment) => PassEnvironment
  /** Changes the configuration, as text. */
  readonly configuration?: (text: string) => string
}

/** What one pass came to, by scope. */
export type PassResults = ReadonlyMap<string, PassResult>

/** A simulated world with everything that reconciles it. */
export interface TrustStack extends Systems {
  readonly simulator: SimulatorWithTrust
  readonly stateDirectory: string
  /** Folder of the configuration. */
  readonly folder: string
  /** The usual spec: the first tenant, deployment and organization, signing in with this certificate. */
  specWith(certificate: string): Promise<DesiredState>
  /** A spec from files. Throws where it has problems. */
  specOf(files: Readonly<Record<string, string>>): Promise<DesiredState>
  /** Adds a certificate that specs can name. */
  addCertificate(name: string): MadeCertificate
  /** Writes configuration and certificates anew, after systems were added. */
  configure(): Promise<void>
  /** The scopes of a run, with their connections; whoever asks closes them. */
  compose(spec: DesiredState, writing: boolean): Promise<Composition>
  /** One pass as a process of its own would make it, on this machine or on another one. */
  pass(spec: DesiredState, options?: Partial<PassOptions>, stateDirectory?: string): Promise<PassResults>
  /** Passes, and lets all tests end between them, until nothing is planned; throws where that takes too many. */
  settle(spec: DesiredState, passes?: number): Promise<readonly PassResults[]>
  /** Lets every test that is due end. */
  finishTests(): void
  /** What keeps an organization from signing in to Exchange, as the simulated world judges; undefined where it can. */
  problem(organization?: string): ReturnType<typeof trustProblemOf>
  /** Keeps the state of mailkeel, of the first tenant and of the first deployment as they are; the returned function brings them back. */
  keep(): Promise<() => Promise<void>>
  /** Throws away the memory, or all state. */
  loseState(what: 'memory' | 'everything'): Promise<void>
  /** What else is to be closed with it. */
  readonly besides: { close(): Promise<void> }[]
  close(): Promise<void>
}

const DAY_MS = 86_400_000

/** The names of the usual spec. */
export const TENANT = 'contoso'
export const DEPLOYMENT = 'crm-farm'
export const FIRST_ORGANIZATION = 'contoso-sales'
export const TRUST_SCOPE = `trust/${TENANT}`

/** Starts it all. The certificate that the simulator made is called `s2s-2026`. */
export async function startTrustStack(options: TrustStackOptions = {}): Promise<TrustStack> {
  const simulator = await startSimulator({
    clock: 'manual',
    mailboxes: 3,
    queues: 0,
    mess: ['none'],
    ...options.simulator,
    trust: options.trust ?? {},
  })
  const folder = await mkdtemp(join(tmpdir(), 'mailkeel-trust-'))
  const stateDirectory = join(folder, 'state')
  const { trust, world } = simulator
  const systems: Systems = {
    organizations: new Map<string, SimulatedOrganization>([[FIRST_ORGANIZATION, simulator]]),
    tenants: new Map([[TENANT, trust.entra]]),
    deployments: new Map([[DEPLOYMENT, trust.servers]]),
    certificates: new Map([['s2s-2026', trust.certificate]]),
  }
  hookScripts(trust.servers, options)
  const machine = machineOf(simulator, systems, folder)
  let keptCount = 0
  const configure = () => writeWorkspace(folder, systems, options.configuration)
  await configure()

  const stack: TrustStack = {
    ...systems,
    simulator,
    stateDirectory,
    folder,
    specOf,
    specWith(certificate) {
      const made = systems.certificates.get(certificate)
      if (!made) throw new Error(`no certificate ${certificate}`)
      return specOf({
        'trust.yaml': tenantDocument(TENANT, trust.tenant.tenantId) + deploymentDocument(DEPLOYMENT, certificate, made),
        'sales/organization.yaml': organizationDocuments(FIRST_ORGANIZATION, simulator),
      })
    },
    addCertificate(name) {
      const made = trust.makeCertificate(`crm-${name}`)
      systems.certificates.set(name, made)
      return made
    },
    configure: async () => void (await configure()),
    async compose(spec, writing) {
      const loaded = await loadConfiguration(join(folder, 'mailkeel.yaml'))
      if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'))
      const organizations = [...spec.organizations.values()]
      const trusts = [...spec.trusts.values()]
      return compose(
        { configuration: loaded.configuration, machine, writing, organizations, trusts },
        async (...input) => hooked(await httpClientTo(...input), options),
      )
    },
    async pass(spec, passOptions = {}, directory = stateDirectory) {
      const mode = passOptions.mode ?? 'apply'
      const composition = await stack.compose(spec, mode === 'apply')
      try {
        const { now, newId } = machine
        const state = await openState({ directory, mode, now, newId })
        const usual: PassEnvironment = { guards: composition.guards, ...state, now, newId }
        const environment = options.environment?.(usual) ?? usual
        const pass = { revision: 'r1', allow: ALLOWED, signal: new AbortController().signal, ...passOptions, mode }
        try {
          const results = await runPass(composition.scopes, pass, environment, composition.trusts)
          return new Map(results.map((result) => [result.scope, result]))
        } finally {
          await state.close()
        }
      } finally {
        await composition.close()
      }
    },
    async settle(spec, passes = 10) {
      const seen: PassResults[] = []
      for (let pass = 0; pass < passes; pass += 1) {
        const results = await stack.pass(spec)
        seen.push(results)
        if (isSettled(results)) return seen
        stack.finishTests()
        simulator.advance(2 * 3_600_000)
      }
      throw new Error(`not settled after ${passes} passes:\n${[...(seen.at(-1)?.values() ?? [])].map(told).join('\n')}`)
    },
    finishTests() {
      for (const one of systems.organizations.values()) one.world.advanceUntilIdle(DAY_MS)
      simulator.advance(60_000)
    },
    problem: (organization = FIRST_ORGANIZATION) =>
      trustProblemOf({
        tenant: trust.tenant,
        deployment: trust.deployment,
        organization,
        nowMs: world.now().getTime(),
      }),
    async keep() {
      const kept = join(folder, `kept-${keptCount++}`)
      if (existsSync(stateDirectory)) await cp(stateDirectory, kept, { recursive: true })
      const bringBack = keepWorld(trust)
      return async () => {
        bringBack()
        await rm(stateDirectory, { recursive: true, force: true })
        if (existsSync(kept)) await cp(kept, stateDirectory, { recursive: true })
      }
    },
    async loseState(what) {
      const path = what === 'everything' ? stateDirectory : join(stateDirectory, 'memory')
      await rm(path, { recursive: true, force: true })
    },
    besides: [],
    async close() {
      await Promise.all([simulator, ...stack.besides].map((one) => one.close()))
      await rm(folder, { recursive: true, force: true })
    },
  }
  return stack
}

async function specOf(files: Readonly<Record<string, string>>): Promise<DesiredState> {
  const loaded = await loadFiles(files)
  if (!loaded.ok) {
    throw new Error(loaded.problems.map(({ file, line, message }) => `${file}:${line} ${message}`).join('\n'))
  }
  return compile(loaded.spec)
}

/** Nothing is planned, nothing was written, and nothing waits for its time. */
function isSettled(results: PassResults): boolean {
  return [...results.values()].every(
    ({ plan, outcomes = [], failure }) =>
      failure === undefined &&
      outcomes.length === 0 &&
      plan.steps.length === 0 &&
      plan.exceptions.every(({ state }) => state !== 'Waiting' && state !== 'Held'),
  )
}

/** A result in lines, for messages of failed tests. */
export function told({ scope, plan, outcomes = [], failure, verdicts }: PassResult): string {
  return [
    `${scope}:${failure ? ` ${failure.code} ${failure.message}` : ''}`,
    ...verdicts.filter(({ decision }) => decision !== 'allow').map((verdict) => `  ${JSON.stringify(verdict)}`),
    ...plan.steps.flatMap(({ changes }) => changes.map(({ stage, key }) => `  ${stage} ${key}`)),
    ...plan.exceptions.map(
      ({ stage, key, state, reason }) => `  ${stage} ${key} ${state} ${reason.code} ${reason.message}`,
    ),
    ...outcomes.map((outcome) => `  ${JSON.stringify(outcome)}`),
  ].join('\n')
}

function hooked(
  sockets: Awaited<ReturnType<typeof httpClientTo>>,
  { beforeSend, afterSend }: TrustStackOptions,
): typeof sockets {
  return {
    async send(request) {
      await beforeSend?.(request)
      const response = await sockets.send(request)
      afterSend?.(response, request)
      return response
    },
    close: () => sockets.close(),
  }
}

/** Puts a hook before every script that one of these servers runs. */
export function hookScripts({ faults }: RunningServers, { beforeScript }: TrustStackOptions): void {
  const take = faults.take.bind(faults)
  faults.take = (server, script) => [...take(server, script), ...(beforeScript?.(server, script) ?? [])]
}

/** Everything of a tenant and of servers that a pass changes. */
function keepWorld({ tenant, deployment }: RunningTrust): () => void {
  const kept = structuredClone({ principals: tenant.principals, exchange: tenant.exchange, deployment })
  return () => {
    const { principals, exchange, deployment: before } = structuredClone(kept)
    Object.assign(tenant.exchange, exchange)
    tenant.principals.clear()
    for (const [appId, principal] of principals) tenant.principals.set(appId, principal)
    for (const [index, { services, ...rest }] of before.servers.entries()) {
      const server = deployment.servers[index]
      Object.assign(server ?? {}, rest)
      for (const [at, service] of services.entries()) Object.assign(server?.services[at] ?? {}, service)
    }
    Object.assign(deployment.settings, before.settings)
    deployment.rows = before.rows
    deployment.organizations.clear()
    for (const [name, one] of before.organizations) deployment.organizations.set(name, one)
  }
}

function machineOf(simulator: SimulatorWithTrust, systems: Systems, folder: string): Machine {
  const silent = { isTerminal: false, columns: () => Number.POSITIVE_INFINITY, write: () => undefined }
  let count = 0
  return {
    workingDirectory: folder,
    get environment() {
      return secretsOf(systems)
    },
    output: silent,
    errors: silent,
    self: [],
    user: async () => 'ann@build-7',
    now: () => simulator.world.now(),
    random: () => 0.5,
    newId() {
      count += 1
      return `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      simulator.advance(ms)
    },
    onInterrupt: () => () => undefined,
    onExit: () => () => undefined,
    exit(code) {
      throw new Error(`it ended itself with ${code}`)
    },
  }
}

// The whole of mailkeel but its command line, over real sockets: simulator, HTTP stack, client, stages, guards, journal, memory. Time is the
// simulated one: whoever waits moves it, so nothing sleeps.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Authenticator, bearer, createOrganizationClient, type OrganizationClient } from '../../src/crm/index.ts'
import type { Guard } from '../../src/engine/index.ts'
import type { HttpClient, HttpRequest, HttpResponse } from '../../src/network/http.ts'
import { createHttpClient } from '../../src/network/http-client.ts'
import type { OrganizationScope, PassOptions, PassResult } from '../../src/reconcile/contract.ts'
import { GUARD_NAMES, guardsOf } from '../../src/reconcile/guards.ts'
import { runPass } from '../../src/reconcile/pass.ts'
import type { PassEnvironment } from '../../src/reconcile/run.ts'
import { openState } from '../../src/reconcile/state.ts'
import { type RunningSimulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { organizationStages } from '../../src/stages/index.ts'
import type { PaceOptions } from '../../src/stages/mailbox/pace.ts'
import type { OrganizationSurroundings } from '../../src/trust/view.ts'

/** How a stack differs from the usual one. */
export interface StackOptions extends SimulatorOptions {
  /** For one exchange, in real time; only tests in which an answer never comes want it short. */
  readonly deadlineMs?: number
  readonly patienceMs?: number
  readonly pageSize?: number
  readonly batchSize?: number
  readonly guards?: readonly Guard[]
  readonly authenticator?: Authenticator
  readonly pace?: PaceOptions
  readonly resolveSecret?: (name: string) => Promise<string>
  /** What surrounds the organization, asked anew for every reader. */
  readonly surroundings?: () => OrganizationSurroundings
  /** Called just before a request goes out, for faults that must strike this one. */
  readonly beforeSend?: (request: HttpRequest, simulator: RunningSimulator) => void
  /** What a pass stands on, for accidents that must strike there. */
  readonly environment?: (environment: PassEnvironment) => PassEnvironment
  /** Says before each write whether we may still write. */
  readonly fence?: () => void
  /** Someone in the middle, who changes answers. */
  readonly tamper?: (response: HttpResponse, request: HttpRequest) => HttpResponse
}

/** A simulated organization with everything that reconciles it. */
export interface Stack {
  readonly simulator: RunningSimulator
  readonly stateDirectory: string
  readonly client: OrganizationClient
  /** One pass as a process of its own would make it: state opened and closed, nothing kept but what is on disk. */
  pass(desired: DesiredOrganization, options?: Partial<PassOptions>): Promise<PassResult>
  scopeOf(desired: DesiredOrganization): OrganizationScope
  close(): Promise<void>
}

/** The guards with their default limits. */
export const GUARDS: readonly Guard[] = guardsOf(
  {
    guards: {
      change: { maximumPercent: 30, minimumMailboxes: 10 },
      move: {},
      stop: { maximumPercent: 5, minimumMailboxes: 1 },
      unapprove: { maximumPercent: 5, minimumMailboxes: 1 },
      claim: { maximum: 0 },
      'old-mail': { maximum: 0 },
      'delete-mail': { maximum: 0 },
      'default-profile': { maximum: 0 },
      'stop-all': { maximum: 0 },
      vanished: { maximum: 0 },
      'tenant-id': { maximum: 0 },
      'credential-retire': { maximum: 1 },
    },
    organizations: {},
  },
  'any',
)

/** What a person says who means every change. */
export const ALLOWED: ReadonlySet<string> = new Set(
  GUARD_NAMES.filter((name) => !['vanished', 'organization-changed', 'rollout', 'fight'].includes(name)),
)

/** Starts it all. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const simulator = await startSimulator({ clock: 'manual', ...options })
  const stateDirectory = await mkdtemp(join(tmpdir(), 'mailkeel-stack-'))
  const now = () => simulator.world.now()
  const sockets = createHttpClient({
    allowedOrigins: [new URL(simulator.url).origin],
    userAgent: 'mailkeel-test',
    deadlineMs: options.deadlineMs ?? 20_000,
    ...(options.fence ? { fence: options.fence } : {}),
  })
  const http: HttpClient = {
    async send(request) {
      options.beforeSend?.(request, simulator)
      const response = await sockets.send(request)
      return options.tamper?.(response, request) ?? response
    },
    close: () => sockets.close(),
  }
  const identity = options.authenticator ?? bearer(async () => 'simulator-admin')
  const client = createOrganizationClient({
    http,
    baseUrl: simulator.url,
    reading: identity,
    writing: identity,
    now,
    random: () => 0.5,
    wait: async (ms, signal) => {
      signal?.throwIfAborted()
      simulator.advance(ms)
    },
    maximumConcurrency: 4,
    ...(options.pageSize === undefined ? {} : { pageSize: options.pageSize }),
    ...(options.batchSize === undefined ? {} : { batchSize: options.batchSize }),
    ...(options.patienceMs === undefined ? {} : { patienceMs: options.patienceMs }),
  })
  const stages = organizationStages({
    resolveSecret: options.resolveSecret ?? (async () => 'a password'),
    ...(options.pace ? { pace: options.pace } : {}),
  })
  const guards = options.guards ?? GUARDS
  const newId = countingIds()

  function scopeOf(desired: DesiredOrganization): OrganizationScope {
    const scope = `organization/${desired.name}`
    const { surroundings } = options
    const newReader = surroundings ? () => ({ ...client.reader(), ...surroundings() }) : client.reader
    return { scope, desired, newReader, writer: client.writer(), stages }
  }

  return {
    simulator,
    stateDirectory,
    client,
    scopeOf,
    async pass(desired, passOptions = {}) {
      const mode = passOptions.mode ?? 'apply'
      const state = await openState({ directory: stateDirectory, mode, now, newId })
      const usual: PassEnvironment = {
        guards: () => guards,
        memory: state.memory,
        openJournal: state.openJournal,
        now,
        newId,
      }
      const environment = options.environment?.(usual) ?? usual
      const pass: PassOptions = {
        revision: 'r1',
        allow: ALLOWED,
        signal: new AbortController().signal,
        ...passOptions,
        mode,
      }
      try {
        const [result] = await runPass([scopeOf(desired)], pass, environment)
        if (!result) throw new Error('the pass gave no result')
        return result
      } finally {
        await state.close()
      }
    },
    async close() {
      await client.close()
      await http.close()
      await simulator.close()
      await rm(stateDirectory, { recursive: true, force: true })
    },
  }
}

function countingIds(): () => string {
  let count = 0
  return () => {
    count += 1
    return `id-${count}`
  }
}

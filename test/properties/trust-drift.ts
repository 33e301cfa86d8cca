// A world in which things were broken, and what must hold whatever they were: mailkeel mends them or says what a person must do, leaves alone
// what nobody gave it, and tells no secret. Shared by the quick and the long run.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { expect } from 'vitest'
import { conditionsOf } from '../../src/reconcile/conditions.ts'
import { CRM_APP_ID } from '../../src/simulator/entra/index.ts'
import { makeCertificate } from '../../src/simulator/servers/index.ts'
import type { DesiredState } from '../../src/spec/desired.ts'
import { principalOf } from '../faults/trust-kill.ts'
import { type PassResults, startTrustStack, type TrustStack } from '../stack/trust.ts'
import { BREAKAGES, type Breakage } from './trust-breakages.ts'

const DAY_MS = 86_400_000
const SECRETS = {
  clientSecret: 'canary-of-the-client-secret',
  serverPassword: 'canary-of-the-server-password',
  pfxPassword: 'canary-of-the-pfx-password',
}

/** A connected world that can be broken again and again. */
export interface Breakable {
  readonly stack: TrustStack
  readonly spec: DesiredState
  /** Brings everything back. */
  reset(): Promise<void>
  pass(): Promise<PassResults>
  /** Asks for a test of every mailbox, lets them end, and looks. */
  lookAfterTests(): Promise<PassResults>
  /** What nobody gave to mailkeel, as text. */
  unmanaged(): string
  /** Secrets that stand where they must not, of all that happened since the start. */
  leaks(): readonly string[]
  close(): Promise<void>
}

/** Starts a connected world whose secrets can be told from everything else. */
export async function startBreakable(): Promise<Breakable> {
  const seen: string[] = []
  const tokens = new Set<string>()
  const stack = await startTrustStack({
    trust: { tenant: { foreign: true, secret: SECRETS.clientSecret } },
    beforeSend: ({ method, url }) => void seen.push(`${method} ${url}`),
    afterSend({ body }, { url }) {
      const token = /\/token$/.test(url) ? /"access_token":"([^"]+)"/.exec(Buffer.from(body).toString('utf8')) : null
      if (token?.[1] !== undefined) tokens.add(token[1])
    },
    // Whoever signs in to a server with a password shows that it goes nowhere else.
    configuration: (text) => text.replace('"privateKey":{"file":"crm-farm.key"}', '"password":{"env":"CRM_CRM_FARM"}'),
  })
  const { simulator } = stack
  const { servers, deployment } = simulator.trust
  Object.assign(servers, { password: SECRETS.serverPassword })
  for (const { accounts } of deployment.servers)
    for (const one of accounts) Object.assign(one, { password: SECRETS.serverPassword })
  const nowMs = simulator.world.now().getTime()
  const made = makeCertificate({
    commonName: 'crm-s2s-2026',
    notBeforeMs: nowMs - DAY_MS,
    notAfterMs: nowMs + 364 * DAY_MS,
    password: SECRETS.pfxPassword,
  })
  stack.certificates.set('s2s-2026', made)
  await stack.configure()
  const spec = await stack.specWith('s2s-2026')
  await stack.settle(spec)
  const bringBack = await stack.keep()
  const pfx = Buffer.from(made.pfx).toString('base64')

  const pass: Breakable['pass'] = async () => {
    const results = await stack.pass(spec)
    seen.push(inspect(results, { depth: Number.POSITIVE_INFINITY, maxStringLength: null, maxArrayLength: null }))
    return results
  }

  return {
    stack,
    spec,
    reset: bringBack,
    pass,
    async lookAfterTests() {
      for (const one of stack.organizations.values()) {
        const { world } = one
        for (const [id] of world.rows('mailbox'))
          world.update(world.callers.admin, 'mailbox', id, { testemailconfigurationscheduled: true })
      }
      stack.finishTests()
      return pass()
    },
    unmanaged: () => unmanagedIn(stack, made.der),
    leaks() {
      const everything = [
        ...seen,
        ...servers.log().flatMap(({ commandLine, stdout, stderr }) => [commandLine, stdout, stderr]),
        inspect(simulator.trust.entra.requests(), { depth: null, maxArrayLength: null }),
        ...filesIn(stack.stateDirectory),
      ].join('\n')
      const secrets = {
        ...SECRETS,
        pfx: pfx.slice(0, 64),
        ...Object.fromEntries([...tokens].map((token) => [`token ${token.slice(0, 8)}`, token])),
      }
      if (!everything.includes('the service principal of contoso')) throw new Error('nothing was collected')
      return Object.entries(secrets).flatMap(([name, secret]) => (everything.includes(secret) ? [name] : []))
    },
    close: () => stack.close(),
  }
}

/** Everything that a pass says of what is not well. */
export function saidIn(results: PassResults): string {
  return [...results.values()]
    .flatMap((result) => [
      result.failure?.message,
      ...result.plan.exceptions.map(({ reason }) => reason.message),
      ...conditionsOf(result)
        .filter(({ ready }) => ready.status === 'False')
        .map(({ label, ready }) => `${label}: ${ready.message}`),
      ...[...(result.views?.values() ?? [])].map(({ reason }) => reason?.message),
    ])
    .filter((text) => text !== undefined)
    .join('\n')
}

/** Stages of the trust that wrote, in their order. */
export function writtenBy(results: PassResults): readonly string[] {
  const { outcomes = [] } = results.get('trust/contoso') ?? {}
  return outcomes.map(({ stage, result }) => (result === 'Applied' ? stage : `${stage} ${result}`))
}

function unmanagedIn(stack: TrustStack, ours: string): string {
  const { tenant, deployment } = stack.simulator.trust
  const crm = tenant.principals.has(CRM_APP_ID) ? principalOf(stack) : undefined
  const isOurName = (name: string) => name.toLowerCase() === CRM_APP_ID || name === `${CRM_APP_ID}/*.contoso.com`
  return JSON.stringify({
    keys: (crm?.keys ?? []).filter(({ key }) => key !== ours),
    names: (crm?.names ?? []).filter((name) => !isOurName(name)),
    principals: [...tenant.principals.values()].filter((principal) => principal !== crm),
    exchange: tenant.exchange,
    users: [...tenant.users],
    rows: deployment.rows.filter(({ type }) => type !== 'S2STokenIssuer'),
    servers: deployment.servers.map(({ store, services, accounts, registry: _, ...rest }) => ({
      ...rest,
      accounts,
      store: store.filter(({ der }) => der !== ours),
      services: services.filter(({ name }) => !name.startsWith('MSCRMAsyncService')),
    })),
    organizations: [...deployment.organizations.keys()],
  })
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}

const SERVER_FAULTS = [
  'down',
  'cut',
  'truncated-frame',
  'noise',
  'not-ok',
  'bad-exit-code',
  'error-stream',
  'oem-bytes',
] as const
const GRAPH_FAULTS = [
  'html',
  'truncated-body',
  'claims-challenge',
  'empty-token',
  'stale-read',
  'lying-write',
  'reset',
] as const

/** Several things broken, while servers and tenant answer badly for a while; afterwards all is mended, or what is not is told. */
export function mendsOrTells(breakable: () => Breakable): fc.IAsyncPropertyWithHooks<[Drift]> {
  const drift = fc.record({
    breakages: fc.uniqueArray(fc.constantFrom(...BREAKAGES), {
      minLength: 1,
      maxLength: 3,
      selector: ({ what }) => what,
    }),
    serverFault: fc.option(
      fc.record({ kind: fc.constantFrom(...SERVER_FAULTS), skip: fc.nat(6), times: fc.integer({ min: 1, max: 4 }) }),
    ),
    graphFault: fc.option(
      fc.record({ kind: fc.constantFrom(...GRAPH_FAULTS), after: fc.nat(4), times: fc.integer({ min: 1, max: 4 }) }),
    ),
  })
  return fc.asyncProperty(drift, async ({ breakages, serverFault, graphFault }) => {
    const { stack, reset, pass, lookAfterTests, unmanaged } = breakable()
    const { servers, entra } = stack.simulator.trust
    await reset()
    for (const { strike } of breakages) strike(stack)
    const before = unmanaged()
    if (serverFault) servers.faults.add(serverFault)
    if (graphFault)
      entra.faults.add({ ...graphFault, match: { operation: graphFault.kind === 'reset' ? 'graph' : 'any' } })

    await pass()
    servers.faults.clear()
    entra.faults.clear()
    for (let round = 0; round < 3; round += 1) await pass()
    const problem = stack.problem()
    const said = saidIn(await lookAfterTests())
    const after = await pass()

    expect(unmanaged()).toBe(before)
    expect(writtenBy(after)).toEqual([])
    if (problem !== undefined) expect(said, problem).not.toBe('')
    if (breakages.every(({ mendedBy }) => mendedBy.length > 0)) expect(problem).toBeUndefined()
  })
}

interface Drift {
  readonly breakages: readonly Breakage[]
  readonly serverFault: {
    readonly kind: (typeof SERVER_FAULTS)[number]
    readonly skip: number
    readonly times: number
  } | null
  readonly graphFault: {
    readonly kind: (typeof GRAPH_FAULTS)[number]
    readonly after: number
    readonly times: number
  } | null
}

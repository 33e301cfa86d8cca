// Passes over a trust in memory, as processes of their own would make them: nothing is kept but what is on the disk.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { PassResult, TrustScope } from '../../../src/reconcile/contract.ts'
import { passOver } from '../../../src/reconcile/pass.ts'
import type { PassEnvironment } from '../../../src/reconcile/run.ts'
import { openState } from '../../../src/reconcile/state.ts'
import type { DesiredDeployment, DesiredTenant, DesiredTrust, TrustMember } from '../../../src/spec/desired.ts'
import { trustStages } from '../../../src/stages/index.ts'
import { APP, TENANT_ID, type World } from './world.ts'

const ORIGIN = { file: 'trust.yaml', line: 1, column: 1 }
const HOUR_MS = 3_600_000
const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

/** Where the state of one trust lives; gone after the test. */
export async function stateDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'mailkeel-trust-'))
  directories.push(directory)
  return directory
}

/** One pass. `environment` is for accidents. */
export async function pass(
  world: World,
  desired: DesiredTrust,
  directory: string,
  {
    mode = 'apply',
    environment = (usual) => usual,
  }: {
    readonly mode?: 'plan' | 'apply'
    readonly environment?: (usual: PassEnvironment) => PassEnvironment
  } = {},
): Promise<PassResult> {
  let count = 0
  const newId = () => {
    count += 1
    return `id-${world.now().getTime()}-${count}`
  }
  const state = await openState({ directory, mode, now: world.now, newId })
  const { memory, openJournal } = state
  const usual = { guards: () => [], memory, openJournal, now: world.now, newId }
  const scope: TrustScope = {
    scope: `trust/${desired.name}`,
    desired,
    newReader: () => world.reader(),
    writer: world.writer,
    stages: trustStages(),
  }
  const { signal } = new AbortController()
  try {
    const options = { revision: 'r1', mode, allow: new Set<string>(), signal }
    return await passOver(scope, async () => undefined, options, environment(usual))
  } finally {
    await state.close()
  }
}

/** The planned changes as people read them. */
export function planned({ plan }: PassResult): readonly string[] {
  return plan.steps.flatMap(({ changes }) =>
    changes.map(({ label, phrases }) => `${label} ${phrases.map(({ one }) => one).join(' and ')}`),
  )
}

/** What is planned for whom: `stage key`. */
export function subjects({ plan }: PassResult): readonly string[] {
  return plan.steps.flatMap(({ changes }) => changes.map(({ stage, key }) => `${stage} ${key}`))
}

/** Exceptions, as `stage key State Code`. */
export function exceptions({ plan }: PassResult): readonly string[] {
  return plan.exceptions.map(({ stage, key, state, reason }) => `${stage} ${key} ${state} ${reason.code}`)
}

export function tenantOf(name: string, more: Partial<DesiredTenant> = {}): DesiredTenant {
  return {
    name,
    tenantId: TENANT_ID,
    cloud: 'Global',
    servicePrincipal: { appId: APP, domains: [] },
    attestations: {},
    external: [],
    origin: ORIGIN,
    ...more,
  }
}

export function deploymentOf(
  name: string,
  { name: file, sha256 }: { readonly name: string; readonly sha256: string },
  {
    external = [],
    ...more
  }: Partial<NonNullable<DesiredDeployment['certificate']>> & { external?: readonly string[] } = {},
): DesiredDeployment {
  const certificate = {
    name: file,
    sha256,
    serviceAccounts: ['CONTOSO\\svc-crmasync'],
    warnBeforeMs: 45 * 24 * HOUR_MS,
    keepPreviousForMs: 72 * HOUR_MS,
    evaluation: false,
    ...more,
  }
  return { name, certificate, external, origin: ORIGIN }
}

export function memberOf(name: string, more: Partial<TrustMember> = {}): TrustMember {
  const uniqueName = name === 'contoso-sales' ? 'ContosoSales' : 'ContosoService'
  return { name, uniqueName, tenant: 'contoso', deployment: 'crm-farm', external: [], origin: ORIGIN, ...more }
}

export function trustOf(
  tenants: readonly DesiredTenant[],
  deployments: readonly DesiredDeployment[],
  organizations: readonly TrustMember[] = [memberOf('contoso-sales')],
): DesiredTrust {
  const byName = <T extends { readonly name: string }>(all: readonly T[]) => new Map(all.map((one) => [one.name, one]))
  const name = tenants[0]?.name ?? deployments[0]?.name ?? ''
  return {
    name,
    tenants: byName(tenants),
    deployments: byName(deployments),
    organizations: byName(organizations),
    origin: ORIGIN,
  }
}

// A double of a Dynamics 365 (on-premises) deployment at the wire. `world/` keeps the rows and rules of one organization, `wire/` speaks
// HTTP and OData for one or several of them, and here both are put together.

import { type NeighbourOptions, neighbourFrom, neighbourOf } from './neighbours.ts'
import type { RunningTrust, TrustOptions } from './trust/start-trust.ts'
import type { Control } from './wire/control/actions.ts'
import { startWire, type Wire, type WireOptions } from './wire/start-wire.ts'
import { loadState, saveState } from './wire/state-file.ts'
import { createWorld, type SeedOptions, type SimulatedWorld, seedWorld } from './world/index.ts'

export type { NeighbourOptions } from './neighbours.ts'
export { SWITCH_VALUES, type Switches, switchesFrom } from './switches.ts'
export type { RunningTrust, TrustOptions } from './trust/start-trust.ts'
export type { LoggedOperation, RequestCounts } from './wire/control/request-log.ts'
export { FAULT_LAYERS, type FaultRule } from './wire/faults/kinds.ts'
export { LANGUAGES } from './world/alert-languages.ts'
export { DRIFT_KINDS, MESS_KINDS, type SimulatedWorld, type Truth } from './world/index.ts'

/** What to start. Everything has a default; `seed`, `mailboxes`, `queues`, `mess`, `version`, `switches`, `clock` describe the world. */
export interface SimulatorOptions
  extends Partial<Omit<SeedOptions, 'organizationName'>>,
    Partial<Omit<WireOptions, 'seed'>> {
  /** Directory that the world is loaded from, where it was saved before, and saved to when the simulator closes. */
  readonly stateDirectory?: string
  /** A world made elsewhere; then nothing is seeded and nothing loaded. */
  readonly world?: SimulatedWorld
  /** Other organizations beside, which share time and Exchange with the first one. They are not saved. */
  readonly neighbours?: readonly NeighbourOptions[]
  /** Simulates the tenant and the servers of the deployment too. Without it the trust is as the conditions say. */
  readonly trust?: true | TrustOptions
}

/** An organization that answers, with everything its control routes can do. */
export interface SimulatedOrganization extends Control {
  /** Base of the organization, such as `http://127.0.0.1:8080/contoso-sales`; the Web API is below `/api/data/`. */
  readonly url: string
}

/** A simulator that listens; its own members are those of its first organization. */
export interface RunningSimulator extends SimulatedOrganization {
  readonly port: number
  /** Puts another organization beside. Throws an Error where the name is taken. */
  addOrganization(options: NeighbourOptions): SimulatedOrganization
  /** What surrounds the organizations, where it is simulated. */
  readonly trust?: RunningTrust
  /** Stops at once, cutting connections, and saves the world where there is a state directory. Once, however often it is called. */
  close(): Promise<void>
}

/** A simulator with the tenant and the servers around its organizations. */
export type SimulatorWithTrust = RunningSimulator & { readonly trust: RunningTrust }

/** Starts a simulated organization. Rejects where the port is taken, the state cannot be read, or a kind of mess is unknown. */
export function startSimulator(
  options: SimulatorOptions & { readonly trust: true | TrustOptions },
): Promise<SimulatorWithTrust>
export function startSimulator(options?: SimulatorOptions): Promise<RunningSimulator>
export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const state = options.stateDirectory === undefined ? undefined : await loadState(options.stateDirectory)
  const world = options.world ?? makeWorld(options, state)
  const wireOptions = { ...WIRE_DEFAULTS, ...present(options) }
  const wire: Wire = await startWire(world, wireOptions, (body) => {
    const { name } = body
    return { name: String(name), url: addOrganization(neighbourFrom(body)).url }
  })
  const trust = await trustAround(world, options, wireOptions.organizationName, state).catch(async (error: unknown) => {
    await wire.close()
    throw error
  })
  const urlOf = (name: string) => urlAt(wire, wireOptions, name)
  function addOrganization(neighbour: NeighbourOptions): SimulatedOrganization {
    const beside = neighbourOf(world, neighbour)
    const { control } = wire.add(neighbour.name, beside)
    trust?.add(neighbour.name, beside)
    return { ...control, url: urlOf(neighbour.name) }
  }
  let closing: Promise<void> | undefined
  const close = async () => {
    await Promise.all([wire.close(), trust?.close()])
    const saved = { ...world.snapshot(), trust: trust?.snapshot() ?? trustIn(state) }
    if (options.stateDirectory !== undefined) await saveState(options.stateDirectory, saved)
  }
  for (const neighbour of options.neighbours ?? []) addOrganization(neighbour)
  return {
    ...wire.control,
    url: urlOf(wireOptions.organizationName),
    port: wire.port,
    addOrganization,
    ...(trust === undefined ? {} : { trust }),
    close() {
      closing ??= close()
      return closing
    },
  }
}

/** Loaded only where it is asked for: keys and SSH take their time. */
async function trustAround(
  world: SimulatedWorld,
  { trust }: SimulatorOptions,
  organizationName: string,
  state: unknown,
): Promise<RunningTrust | undefined> {
  if (trust === undefined) return undefined
  const { startTrust } = await import('./trust/start-trust.ts')
  const saved = trustIn(state)
  const options = trust === true ? {} : trust
  return startTrust(
    organizationName || FIRST_ORGANIZATION,
    world,
    saved === undefined ? options : { saved, ...options },
  )
}

/** What a simulator with a trust left beside its organization. */
function trustIn(state: unknown): unknown {
  return typeof state === 'object' && state !== null && 'trust' in state ? state.trust : undefined
}

/** With the host naming the organization, names below `localhost` lead to this machine (RFC 6761). */
function urlAt({ origin, port }: Wire, { addressing }: WireOptions, name: string): string {
  if (name === '') return origin
  return addressing === 'host' ? `http://${name}.localhost:${port}` : `${origin}/${name}`
}

const FIRST_ORGANIZATION = 'contoso-sales'

const WIRE_DEFAULTS: WireOptions = {
  seed: 1,
  host: '127.0.0.1',
  port: 0,
  organizationName: FIRST_ORGANIZATION,
  addressing: 'path',
  authentication: 'none',
  adfs: {},
  latencyMs: 0,
  operationCostMs: 0,
  staticPages: false,
  maxBodyBytes: 64 * 1024 * 1024,
  maxPageSize: 5000,
}

function makeWorld(options: SimulatorOptions, state: unknown): SimulatedWorld {
  const { organizationName = WIRE_DEFAULTS.organizationName, ...described } = present(options)
  if (state === undefined) {
    const named = organizationName === '' ? {} : { organizationName }
    return seedWorld({ mailboxes: 20, queues: 5, ...described, ...named })
  }
  const world = createWorld(described)
  world.restore(state)
  return world
}

/** Options without those given as undefined, which would hide defaults. */
function present(options: SimulatorOptions): SimulatorOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

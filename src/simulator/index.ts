// A double of one Dynamics 365 (on-premises) organization at the wire. `world/` keeps its rows and rules, `wire/` speaks HTTP and OData,
// and here both are put together.

import type { Control } from './wire/control/actions.ts'
import { startWire, type WireOptions } from './wire/start-wire.ts'
import { loadState, saveState } from './wire/state-file.ts'
import { createWorld, type SeedOptions, type SimulatedWorld, seedWorld } from './world/index.ts'

export type { LoggedOperation, RequestCounts } from './wire/control/request-log.ts'
export { FAULT_LAYERS, type FaultRule } from './wire/faults/kinds.ts'
export { DRIFT_KINDS, MESS_KINDS, type SimulatedWorld, type Truth } from './world/index.ts'

/** What to start. Everything has a default; `seed`, `mailboxes`, `queues`, `mess`, `version`, `switches`, `clock` describe the world. */
export interface SimulatorOptions
  extends Partial<Omit<SeedOptions, 'organizationName'>>,
    Partial<Omit<WireOptions, 'seed'>> {
  /** Directory that the world is loaded from, where it was saved before, and saved to when the simulator closes. */
  readonly stateDirectory?: string
  /** A world made elsewhere; then nothing is seeded and nothing loaded. */
  readonly world?: SimulatedWorld
}

/** A simulator that listens, with everything its control routes can do. */
export interface RunningSimulator extends Control {
  /** Base of the organization, such as `http://127.0.0.1:8080/contoso-sales`; the Web API is below `/api/data/`. */
  readonly url: string
  readonly port: number
  /** Stops at once, cutting connections, and saves the world where there is a state directory. Once, however often it is called. */
  close(): Promise<void>
}

/** Starts a simulated organization. Rejects where the port is taken, the state cannot be read, or a kind of mess is unknown. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const world = options.world ?? (await makeWorld(options))
  const wire = await startWire(world, { ...WIRE_DEFAULTS, ...present(options) })
  const organizationName = options.organizationName ?? WIRE_DEFAULTS.organizationName
  let closing: Promise<void> | undefined
  const close = async () => {
    await wire.close()
    if (options.stateDirectory !== undefined) await saveState(options.stateDirectory, world.snapshot())
  }
  return {
    ...wire.control,
    url: organizationName === '' ? wire.origin : `${wire.origin}/${organizationName}`,
    port: wire.port,
    close() {
      closing ??= close()
      return closing
    },
  }
}

const WIRE_DEFAULTS: WireOptions = {
  seed: 1,
  host: '127.0.0.1',
  port: 0,
  organizationName: 'contoso-sales',
  authentication: 'none',
  latencyMs: 0,
  operationCostMs: 0,
  staticPages: false,
  maxBodyBytes: 64 * 1024 * 1024,
  maxPageSize: 5000,
}

async function makeWorld(options: SimulatorOptions): Promise<SimulatedWorld> {
  const state = options.stateDirectory === undefined ? undefined : await loadState(options.stateDirectory)
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

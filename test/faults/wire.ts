// Passes over real sockets: the real client and the real stages against the simulator. Waiting moves the simulated clock and takes no time.
import { createOrganizationClient, none } from '../../src/crm/index.ts'
import type { OrganizationClient } from '../../src/crm/organization.ts'
import { createHttpClient } from '../../src/network/http-client.ts'
import type { OrganizationScope, PassOptions, PassResult } from '../../src/reconcile/contract.ts'
import { runPass } from '../../src/reconcile/pass.ts'
import type { PassEnvironment } from '../../src/reconcile/run.ts'
import { type RunningSimulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { organizationStages } from '../../src/stages/index.ts'
import { optionsOf } from '../reconcile/fake-scope.ts'
import { CANARY_SECRET } from '../setup/canary.ts'

/** A simulated organization with a client of it. */
export interface Wire {
  readonly simulator: RunningSimulator
  readonly client: OrganizationClient
  scope(desired: DesiredOrganization): OrganizationScope
  close(): Promise<void>
}

/** Starts both. `answerMs`: an answer that takes longer is given up; only faults without an answer need it to be short. */
export async function startWire(options: SimulatorOptions, answerMs = 20_000): Promise<Wire> {
  const simulator = await startSimulator(options)
  const http = createHttpClient({
    allowedOrigins: [new URL(simulator.url).origin],
    userAgent: 'mailkeel-test',
    headersTimeoutMs: answerMs,
  })
  const client = createOrganizationClient({
    http,
    baseUrl: simulator.url,
    reading: none(simulator.url),
    writing: none(simulator.url),
    now: () => simulator.world.now(),
    random: () => 0.5,
    wait: async (ms, signal) => {
      signal?.throwIfAborted()
      simulator.advance(ms)
    },
    maximumConcurrency: 4,
    patienceMs: 60_000,
  })
  return {
    simulator,
    client,
    scope: (desired) => ({
      scope: `organization/${desired.name}`,
      desired,
      newReader: () => client.reader(),
      writer: client.writer(),
      stages: organizationStages({ resolveSecret: async () => CANARY_SECRET }),
    }),
    async close() {
      await client.close()
      await http.close()
      await simulator.close()
    },
  }
}

/** One pass over one organization. */
export async function passOver(
  wire: Wire,
  desired: DesiredOrganization,
  environment: PassEnvironment,
  options: Partial<PassOptions> = {},
): Promise<PassResult> {
  const [result] = await runPass([wire.scope(desired)], optionsOf(options), environment)
  if (!result) throw new Error('a pass over one scope has one result')
  return result
}

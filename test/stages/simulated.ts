// The real client against the simulator, on a socket.
import { createOrganizationClient, none } from '../../src/crm/index.ts'
import type { OrganizationClient } from '../../src/crm/organization.ts'
import { createHttpClient } from '../../src/network/http-client.ts'
import { type RunningSimulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts'

/** A running simulator with a client of it. `now` is the simulated time. */
export interface Simulated extends OrganizationClient {
  readonly simulator: RunningSimulator
  now(): Date
}

/** Starts both; `close` ends both. Waiting takes no time. An answer that takes longer than `answerMs` is given up. */
export async function startSimulated(options: SimulatorOptions, answerMs = 30_000): Promise<Simulated> {
  const simulator = await startSimulator({ clock: 'manual', ...options })
  const now = () => simulator.world.now()
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
    now,
    random: () => 0.5,
    wait: async (_ms, signal) => signal?.throwIfAborted(),
    maximumConcurrency: 4,
  })
  return {
    ...client,
    simulator,
    now,
    async close() {
      await client.close()
      await http.close()
      await simulator.close()
    },
  }
}

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts'
import { organizationDocuments } from '../stack/trust-workspace.ts'
import { type Files, type Harness, type HarnessOptions, startHarness } from './harness.ts'

let simulator: RunningSimulator
let harness: Harness

beforeEach(async () => {
  simulator = await startSimulator({ clock: 'manual', mailboxes: 3, queues: 0, mess: ['none'] })
})
afterEach(async () => {
  await harness?.close()
  await simulator.close()
})

async function start(options: Partial<HarnessOptions> = {}): Promise<Harness> {
  const systems = {
    organizations: new Map([['contoso-sales', simulator]]),
    tenants: new Map(),
    deployments: new Map(),
    certificates: new Map(),
  }
  const simulated = { now: () => simulator.world.now(), advance: (ms: number) => void simulator.advance(ms) }
  harness = await startHarness({ systems, simulated, ...options })
  return harness
}

function spec(fields: Readonly<Record<string, unknown>> = {}): Files {
  return { 'sales.yaml': organizationDocuments('contoso-sales', simulator, fields) }
}

describe('mailkeel run', () => {
  it('applies the first revision and comes to rest in sync', async () => {
    await start()

    await harness.push(spec())
    await harness.advance(15 * 60_000)

    const standing = harness.standing('contoso-sales')
    expect(standing.phase).toBe('Idle')
    expect(standing.failure).toBeUndefined()
    expect(standing.held).toBeUndefined()
    expect(standing.inSyncSince).toBeDefined()
    expect(standing.report?.result.plan.steps).toEqual([])
    expect(harness.daemon.board.source().enforced?.id).toBe('revision-1')
  })
})

// What keeps a running mailkeel from writing, and what it tells of others who write.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts'
import { organizationDocuments } from '../stack/trust-workspace.ts'
import { plainAddresses, rowWith } from '../stack/world.ts'
import { type Harness, startHarness } from './harness.ts'

const MINUTE_MS = 60_000
const NAME = 'contoso-sales'

let simulator: RunningSimulator
let harness: Harness

beforeEach(async () => {
  simulator = await startSimulator({ clock: 'manual', mailboxes: 3, queues: 0, mess: ['none'] })
})
afterEach(async () => {
  await harness?.close()
  await simulator.close()
})

/** A running mailkeel with these fields in its configuration. */
async function start(fields: object = {}): Promise<void> {
  const systems = {
    organizations: new Map([[NAME, simulator]]),
    tenants: new Map(),
    deployments: new Map(),
    certificates: new Map(),
  }
  const simulated = { now: () => simulator.world.now(), advance: (ms: number) => void simulator.advance(ms) }
  const configure = (text: string) => {
    const document = JSON.parse(text.replace(/^---\n/, ''))
    return JSON.stringify({ ...document, spec: { ...document.spec, ...fields } })
  }
  harness = await startHarness({ systems, simulated, configure })
  await harness.push({ 'sales.yaml': organizationDocuments(NAME, simulator, {}) })
}

function drift(): void {
  const { world } = simulator
  const [address = ''] = plainAddresses(world, 'systemuser')
  const [id] = rowWith(world, 'mailbox', 'emailaddress', address)
  world.editByHand('mailbox', id, { outgoingemaildeliverymethod: 0 })
}

describe('change windows', () => {
  it('hold writes until they open, and say when that is; looking goes on', async () => {
    const opens = new Date(simulator.world.now().getTime() + 60 * MINUTE_MS)
    const cron = `${opens.getUTCMinutes()} ${opens.getUTCHours()} * * *`
    await start({ changeWindows: [{ name: 'nights', opens: cron, for: '4h' }] })
    const closed = harness.standing(NAME)
    const { writes } = simulator.requests()

    await harness.advance(61 * MINUTE_MS)

    const time = opens.toISOString().slice(11, 16)
    expect(closed.held?.message).toBe(`no change window is open; \`nights\` opens ${time} UTC`)
    expect(closed.report?.result.plan.steps.length).toBeGreaterThan(0)
    expect(writes).toBe(0)
    expect(harness.standing(NAME).held).toBeUndefined()
    expect(simulator.requests().writes).toBeGreaterThan(0)
  })
})

describe('somebody who changes a mailbox by hand', () => {
  it('is named within an interval, and the mailbox is brought back by the same pass', async () => {
    await start()
    await harness.advance(30 * MINUTE_MS)
    drift()

    await harness.advance(12 * MINUTE_MS)

    const told = harness.events.flatMap((event) => (event.type === 'pass' ? event.report.drift : []))
    expect(told).toMatchObject([
      { stage: 'mailbox', corrected: true, by: expect.stringMatching(/^Sam Someone \(CONTOSO\\sam-someone\), /) },
    ])
    expect(harness.standing(NAME).report?.drift).toEqual([])
  })

  it('B8: again and again is left alone, and the board names him', async () => {
    await start({ fights: { reversals: 2, within: '24h' } })
    await harness.advance(30 * MINUTE_MS)
    for (let round = 0; round < 4; round += 1) {
      drift()
      await harness.advance(12 * MINUTE_MS)
    }

    const { report } = harness.standing(NAME)

    expect(report?.fights).toMatchObject([
      { stage: 'mailbox', reversals: 2, by: expect.stringContaining('Sam Someone') },
    ])
    expect(report?.result.plan.exceptions.map(({ reason }) => reason.code)).toContain('ChangedBack')
  })
})

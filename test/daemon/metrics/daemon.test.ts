// What a real loop leaves on the board, as numbers: that both sides mean the same by it.
import { afterEach, beforeEach, expect, it } from 'vitest'
import { compose } from '../../../src/compose/compose.ts'
import { httpClientTo } from '../../../src/compose/connections.ts'
import { createMetrics, type Metrics } from '../../../src/daemon/metrics/metrics.ts'
import type { RequestMeter } from '../../../src/daemon/metrics/requests.ts'
import { type RunningSimulator, startSimulator } from '../../../src/simulator/index.ts'
import { organizationDocuments } from '../../stack/trust-workspace.ts'
import { type Files, type Harness, startHarness } from '../harness.ts'
import { linesOf, SALES } from './standings.ts'

const MINUTES = 60_000

let simulator: RunningSimulator
let harness: Harness
let metrics: Metrics

beforeEach(async () => {
  simulator = await startSimulator({ clock: 'manual', mailboxes: 3, queues: 0, mess: ['none'] })
  const meters: RequestMeter[] = []
  harness = await startHarness({
    systems: {
      organizations: new Map([['contoso-sales', simulator]]),
      tenants: new Map(),
      deployments: new Map(),
      certificates: new Map(),
    },
    simulated: { now: () => simulator.world.now(), advance: (ms) => void simulator.advance(ms) },
    compose: (input, scope) =>
      compose(
        input,
        meters.reduce((inner, meter) => meter.connectFor(scope, inner), httpClientTo),
      ),
  })
  metrics = createMetrics(harness.daemon.board, { now: harness.machine.now, version: '1.2.3', process: false })
  meters.push(metrics.requests)
})
afterEach(async () => {
  metrics.close()
  await harness.close()
  await simulator.close()
})

function spec(fields: Readonly<Record<string, unknown>> = {}): Files {
  return { 'sales.yaml': organizationDocuments('contoso-sales', simulator, fields) }
}

/** The number of one series; undefined where there is none. */
async function value(metric: string, labels = ''): Promise<number | undefined> {
  const lines = linesOf(await metrics.render(), metric).filter((line) => line.includes(labels))
  expect(lines.length, lines.join('\n')).toBeLessThan(2)
  return lines[0] === undefined ? undefined : Number(lines[0].split(' ').at(-1))
}

it('a revision that was applied: in sync, how long it took, what was changed, what was asked', async () => {
  await harness.push(spec())
  await harness.advance(15 * MINUTES)

  expect(await value('mailkeel_scope_in_sync')).toBe(1)
  expect(await value('mailkeel_scope_enforced')).toBe(harness.standing('contoso-sales').policy === 'Enforce' ? 1 : 0)
  expect(await value('mailkeel_convergence_seconds_count')).toBe(1)
  expect(await value('mailkeel_convergence_age_seconds')).toBeLessThan(15 * 60)
  expect(await value('mailkeel_passes_total', 'outcome="Applied"')).toBeGreaterThan(0)
  expect(await value('mailkeel_objects', 'kind="Mailbox",condition="Synced",status="True"')).toBe(3)
  expect(await value('mailkeel_remote_requests_total', 'system="crm",outcome="2xx"')).toBeGreaterThan(5)
  expect(await value('mailkeel_remote_requests_in_flight')).toBe(0)
  expect(await value('mailkeel_last_pass_age_seconds')).toBeLessThan(15 * 60)
})

it('a revision with a mistake: refused for so long, and the organization stays in sync', async () => {
  await harness.push(spec())
  await harness.advance(15 * MINUTES)

  await harness.push({ 'sales.yaml': 'kind: Nothing\n' })
  await harness.advance(5 * MINUTES)

  expect(await value('mailkeel_revision_refused_seconds')).toBeGreaterThan(0)
  expect(await value('mailkeel_scope_in_sync')).toBe(1)
})

it('a source that cannot be read: failing, counted, and its age grows', async () => {
  await harness.push(spec())
  await harness.advance(2 * MINUTES)

  harness.source.answerWith(new Error('no route'))
  await harness.advance(20 * MINUTES)

  expect(await value('mailkeel_source_failing')).toBe(1)
  expect(await value('mailkeel_source_failures_total')).toBeGreaterThan(1)
  expect(await value('mailkeel_source_age_seconds')).toBeGreaterThan(15 * 60)
})

it('an organization that cannot be reached: unread, and its age grows', async () => {
  await harness.push(spec())
  await harness.advance(15 * MINUTES)

  await simulator.close()
  await harness.advance(60 * MINUTES)

  expect(await value('mailkeel_scope_in_sync')).toBe(0)
  expect(await value('mailkeel_stages_unread', 'stage="mailbox"')).toBe(1)
  expect(await value('mailkeel_convergence_age_seconds')).toBeGreaterThan(45 * 60)
  expect(await value('mailkeel_passes_total', 'outcome="Unread"')).toBeGreaterThan(0)
})

it('an organization that leaves the spec takes its series along', async () => {
  await harness.push(spec())
  await harness.advance(15 * MINUTES)
  const before = await metrics.render()

  await harness.push({ 'sales.yaml': organizationDocuments('contoso-other', simulator, {}) })
  await harness.advance(MINUTES)

  expect(before).toContain(SALES)
  expect(await metrics.render()).not.toContain(SALES)
})

import { describe, expect, it } from 'vitest'
import type { ScopeStanding, SourceStanding } from '../../../src/daemon/board.ts'
import { createMetrics } from '../../../src/daemon/metrics/metrics.ts'
import { change, conditions, outcome, passResult, plan, summary } from '../../report/samples.ts'
import { board, clock, linesOf, report, SALES, START, standing } from './standings.ts'

const ANN = change('ann@contoso.com')
const DRIFT = { stage: 'mailbox', kind: 'Mailbox', key: ANN.key, label: ANN.label, sentence: 'x', since: START }
const INVALID = { code: 'InvalidSpec', message: 'it has a problem' }
const SYNCED = { inSyncSince: START, lastPassAt: START, report: report() }

async function rendered(given: {
  readonly source?: Partial<SourceStanding>
  readonly scope?: Partial<ScopeStanding>
  readonly after?: number
}): Promise<string> {
  const time = clock()
  const writer = board(given.source)
  const metrics = createMetrics(writer, { now: time.now, version: '1.2.3', process: false })
  if (given.scope) writer.setScope(standing(given.scope))
  time.advance(given.after ?? 60)
  return await metrics.render()
}

describe('gauges', () => {
  it.each<{
    reason: string
    source?: Partial<SourceStanding>
    scope?: Partial<ScopeStanding>
    metric: string
    lines: readonly string[]
  }>([
    {
      reason: 'a source that was read a minute ago',
      metric: 'mailkeel_source_age_seconds',
      lines: ['mailkeel_source_age_seconds 60'],
    },
    {
      reason: 'a source that fails since its start counts from there, however often it was asked since',
      source: {
        failure: { reason: { code: 'Unreachable', message: 'no answer' }, since: START, attempts: 3 },
        lookedAt: '2026-11-20T10:00:50.000Z',
      },
      metric: 'mailkeel_source_age_seconds',
      lines: ['mailkeel_source_age_seconds 60'],
    },
    {
      reason: 'why it fails is a code',
      source: { failure: { reason: { code: 'Unreachable', message: 'no answer' }, since: START, attempts: 1 } },
      metric: 'mailkeel_source_failing',
      lines: ['mailkeel_source_failing{reason="Unreachable"} 1'],
    },
    {
      reason: 'a text where a code should be never becomes a label',
      source: { failure: { reason: { code: 'ann@contoso.com is out', message: '' }, since: START, attempts: 1 } },
      metric: 'mailkeel_source_failing',
      lines: ['mailkeel_source_failing{reason="Other"} 1'],
    },
    {
      reason: 'a refused revision',
      source: { refused: { revision: { id: 'bad', seenAt: START }, problems: [], reason: INVALID } },
      metric: 'mailkeel_revision_refused_seconds',
      lines: ['mailkeel_revision_refused_seconds 60'],
    },
    {
      reason: 'no refused revision',
      metric: 'mailkeel_revision_refused_seconds',
      lines: ['mailkeel_revision_refused_seconds 0'],
    },
    {
      reason: 'in sync with the revision in force',
      scope: SYNCED,
      metric: 'mailkeel_scope_in_sync',
      lines: [`mailkeel_scope_in_sync{scope="${SALES}"} 1`],
    },
    {
      reason: 'in sync, but with the revision before',
      source: { enforced: { id: 'newer', seenAt: START } },
      scope: SYNCED,
      metric: 'mailkeel_scope_in_sync',
      lines: [`mailkeel_scope_in_sync{scope="${SALES}"} 0`],
    },
    {
      reason: 'works toward the revision in force, but its last pass was over the one before',
      source: { enforced: { id: 'newer', seenAt: START } },
      scope: { ...SYNCED, revision: 'newer' },
      metric: 'mailkeel_scope_in_sync',
      lines: [`mailkeel_scope_in_sync{scope="${SALES}"} 0`],
    },
    {
      reason: 'a scope whose passes fail is not known to be in sync',
      scope: { ...SYNCED, failure: { reason: { code: 'Unreachable', message: '' }, since: START, attempts: 2 } },
      metric: 'mailkeel_scope_in_sync',
      lines: [`mailkeel_scope_in_sync{scope="${SALES}"} 0`],
    },
    {
      reason: 'it was in sync a minute ago',
      scope: SYNCED,
      metric: 'mailkeel_convergence_age_seconds',
      lines: [`mailkeel_convergence_age_seconds{scope="${SALES}"} 58.8`],
    },
    {
      reason: 'a next pass that should have begun half a minute ago',
      scope: { nextPassAt: '2026-11-20T10:00:30.000Z' },
      metric: 'mailkeel_queue_age_seconds',
      lines: [`mailkeel_queue_age_seconds{scope="${SALES}"} 30`],
    },
    {
      reason: 'a pass that runs waits for nothing',
      scope: { nextPassAt: '2026-11-20T10:00:30.000Z', phase: 'Reconciling' },
      metric: 'mailkeel_queue_age_seconds',
      lines: [`mailkeel_queue_age_seconds{scope="${SALES}"} 0`],
    },
    {
      reason: 'objects by what their conditions say',
      scope: {
        report: report({
          conditions: [
            conditions('ann@contoso.com'),
            conditions('bob@contoso.com'),
            conditions('cora@contoso.com', 'False', { code: 'NotApproved', message: 'its address is not approved' }),
          ],
        }),
      },
      metric: 'mailkeel_objects',
      lines: [
        `mailkeel_objects{scope="${SALES}",kind="Mailbox",condition="Synced",status="True",reason="InSync"} 3`,
        `mailkeel_objects{scope="${SALES}",kind="Mailbox",condition="Ready",status="True",reason="TestPassed"} 2`,
        `mailkeel_objects{scope="${SALES}",kind="Mailbox",condition="Ready",status="False",reason="NotApproved"} 1`,
      ],
    },
    {
      reason: 'unknown is what waiting alone does not end',
      scope: {
        report: report({
          conditions: [
            conditions('a', 'Unknown', { code: 'TestScheduled', message: '' }),
            conditions('b', 'Unknown', { code: 'NotChecked', message: '' }),
            conditions('c', 'Unknown', { code: 'Unreachable', message: '' }),
          ],
        }),
      },
      metric: 'mailkeel_objects_unknown',
      lines: [`mailkeel_objects_unknown{scope="${SALES}",kind="Mailbox"} 1`],
    },
    {
      reason: 'unmanaged objects count once, though several stages see them',
      scope: {
        report: report({
          result: passResult({
            plan: plan([], {
              stages: [summary({ unmanaged: 7 }), summary({ stage: 'approval', unmanaged: 9 })],
            }),
          }),
        }),
      },
      metric: 'mailkeel_objects_unmanaged',
      lines: [`mailkeel_objects_unmanaged{scope="${SALES}",kind="Mailbox"} 9`],
    },
    {
      reason: 'the runway is counted on after the pass, and the shortest of the same name counts',
      scope: {
        report: report({
          runway: [runwayItem('certificate', '2026-11-27T10:00:30.000Z'), runwayItem('certificate', '2027-01-01')],
        }),
      },
      metric: 'mailkeel_runway_days',
      lines: [`mailkeel_runway_days{scope="${SALES}",ends="certificate"} 7`],
    },
    {
      reason: 'a guard that somebody passed does not object',
      scope: {
        report: report({
          result: passResult({
            verdicts: [
              { guard: 'change', decision: 'override', message: '', overridden: true },
              { guard: 'stop', decision: 'override', message: '' },
              { guard: 'vanished', decision: 'allow', message: '' },
            ],
          }),
        }),
      },
      metric: 'mailkeel_guard_objecting',
      lines: [`mailkeel_guard_objecting{scope="${SALES}",guard="stop",decision="override"} 1`],
    },
    {
      reason: 'another replica works on it',
      scope: { ...SYNCED, phase: 'Elsewhere', holder: 'mailkeel-1' },
      metric: 'mailkeel_lease_held',
      lines: [`mailkeel_lease_held{scope="${SALES}"} 0`],
    },
    {
      reason: 'what another replica works on is told by that one',
      scope: { ...SYNCED, phase: 'Elsewhere', holder: 'mailkeel-1' },
      metric: 'mailkeel_convergence_age_seconds',
      lines: [],
    },
  ])('$reason', async ({ source, scope, metric, lines }) => {
    const text = await rendered({ ...(source ? { source } : {}), ...(scope ? { scope } : {}) })

    expect(linesOf(text, metric)).toEqual(lines)
  })

  it('keep the number of reasons bounded, whatever a server says', async () => {
    const many = Array.from({ length: 500 }, (_, index) =>
      conditions(`${index}`, 'False', { code: `Cause${index}`, message: '' }),
    )

    const text = await rendered({ scope: { report: report({ conditions: many }) } })

    const lines = linesOf(text, 'mailkeel_objects').filter((line) => line.includes('condition="Ready"'))
    expect(lines).toHaveLength(41)
    expect(lines.at(-1)).toMatch(/reason="Other"\} 460$/)
  })

  it('name no person', async () => {
    const text = await rendered({
      scope: {
        report: report({
          result: passResult({ plan: plan([ANN]), outcomes: [outcome(ANN)] }),
          conditions: [conditions('ann@contoso.com')],
          drift: [{ ...DRIFT, by: 'Bob Admin' }],
          fights: [{ ...DRIFT, reversals: 3, by: 'Bob Admin' }],
        }),
      },
    })

    expect(text).not.toMatch(/ann@|Bob/)
  })
})

describe('what is counted', () => {
  it('the time from seeing a revision until it holds, once per revision', async () => {
    const { writer, metrics } = started()
    const late = report({ result: passResult({ finishedAt: '2026-11-20T10:00:08.000Z' }) })

    writer.setScope(standing({ report: late }))
    writer.setScope(standing({ report: late, inSyncSince: START }))
    writer.setScope(standing({ report: late, inSyncSince: START, phase: 'Reconciling' }))

    const lines = linesOf(await metrics.render(), 'mailkeel_convergence_seconds_sum')
    expect(lines).toEqual([`mailkeel_convergence_seconds_sum{scope="${SALES}"} 8`])
  })

  it.each([
    { reason: 'nothing to do', result: passResult(), outcome: 'InSync' },
    { reason: 'planned only', result: passResult({ plan: plan([ANN]) }), outcome: 'Planned' },
    { reason: 'all applied', result: passResult({ plan: plan([ANN]), outcomes: [outcome(ANN)] }), outcome: 'Applied' },
    {
      reason: 'something was refused',
      result: passResult({ outcomes: [outcome(ANN), outcome(change('bob@contoso.com'), 'Failed')] }),
      outcome: 'Partly',
    },
    {
      reason: 'a stage could not be read',
      result: passResult({
        plan: plan([ANN], { stages: [summary({ incomplete: { code: 'Unreachable', message: 'no answer' } })] }),
      }),
      outcome: 'Unread',
    },
    { reason: 'a guard asks', result: passResult({ decision: 'override' }), outcome: 'OverrideNeeded' },
    { reason: 'a guard blocks', result: passResult({ decision: 'blocked' }), outcome: 'Blocked' },
    {
      reason: 'it ended early; that goes before the block that comes with it',
      result: passResult({ decision: 'blocked', failure: { code: 'Unreachable', message: '' } }),
      outcome: 'Failed',
    },
  ])('a pass by what it came to: $reason', async ({ result, outcome: expected }) => {
    const { writer, metrics } = started()

    writer.tell({ type: 'pass', scope: SALES, report: report({ result }), tookMs: 1500 })

    const text = await metrics.render()
    expect(linesOf(text, 'mailkeel_passes_total')).toEqual([
      `mailkeel_passes_total{scope="${SALES}",outcome="${expected}"} 1`,
    ])
    expect(linesOf(text, 'mailkeel_pass_duration_seconds_sum')).toEqual([
      `mailkeel_pass_duration_seconds_sum{scope="${SALES}"} 1.5`,
    ])
  })

  it('drift once when it is noticed, and once when it is corrected', async () => {
    const { writer, metrics } = started()
    const told = { plan: plan([ANN]) }
    const tell = (result = passResult(), drift = [DRIFT]) =>
      writer.tell({ type: 'pass', scope: SALES, report: report({ result, drift }), tookMs: 1 })

    tell(passResult(told))
    tell(passResult(told))
    tell(passResult({ ...told, outcomes: [outcome(ANN)] }))
    tell(passResult(), [])

    const text = await metrics.render()
    const labels = `{scope="${SALES}",stage="mailbox"}`
    expect(linesOf(text, 'mailkeel_drift_found_total')).toEqual([`mailkeel_drift_found_total${labels} 1`])
    expect(linesOf(text, 'mailkeel_drift_corrected_total')).toEqual([`mailkeel_drift_corrected_total${labels} 1`])
  })

  it('failures of the source, over several troubles', async () => {
    const { writer, metrics } = started()
    const fails = (attempts: number) =>
      writer.setSource({
        ...writer.source(),
        failure: { reason: { code: 'Unreachable', message: '' }, since: START, attempts },
      })

    fails(1)
    fails(2)
    fails(2)
    const { failure: _, ...well } = writer.source()
    writer.setSource(well)
    fails(1)

    expect(linesOf(await metrics.render(), 'mailkeel_source_failures_total')).toEqual([
      'mailkeel_source_failures_total 3',
    ])
  })
})

describe('a scope that goes away', () => {
  it('takes every series along, and a pass that still ends does not bring it back', async () => {
    const { writer, metrics } = started()
    const told = report({ result: passResult({ plan: plan([ANN]), outcomes: [outcome(ANN)] }), drift: [DRIFT] })
    writer.setScope(standing({ report: told, inSyncSince: START }))
    writer.tell({ type: 'pass', scope: SALES, report: told, tookMs: 1 })
    metrics.requests.onEvent(SALES, { kind: 'waiting', reason: 'throttled', waitMs: 500, attempt: 1 })
    const before = await metrics.render()

    writer.removeScope(SALES)
    writer.tell({ type: 'pass', scope: SALES, report: told, tookMs: 1 })
    const after = await metrics.render()

    expect(before).toContain(SALES)
    expect(after).not.toContain(SALES)
  })

  it('counts again when it comes back', async () => {
    const { writer, metrics } = started()
    writer.setScope(standing())
    writer.removeScope(SALES)

    writer.setScope(standing())
    writer.tell({ type: 'pass', scope: SALES, report: report(), tookMs: 1 })

    expect(linesOf(await metrics.render(), 'mailkeel_passes_total')).toHaveLength(1)
  })
})

it('the process tells of itself, by the names that everybody uses', async () => {
  const metrics = createMetrics(board(), { now: clock().now, version: '1.2.3' })

  const text = await metrics.render()

  expect(text).toContain('process_resident_memory_bytes ')
  expect(text).toContain(`mailkeel_build_info{version="1.2.3",node="${process.version}"} 1`)
})

it('100,000 objects are counted once per pass, not per scrape', async () => {
  const many = Array.from({ length: 100_000 }, (_, index) => conditions(`m${index}@contoso.com`))
  let walks = 0
  const counting = new Proxy(many, {
    get(target, property, receiver) {
      if (property === Symbol.iterator) walks += 1
      return Reflect.get(target, property, receiver)
    },
  })
  const { writer, metrics } = started()
  writer.setScope(standing({ report: report({ conditions: counting }) }))

  await metrics.render()
  const first = walks
  await metrics.render()

  expect(first).toBeGreaterThan(0)
  expect(walks).toBe(first)
})

function started() {
  const writer = board()
  return { writer, metrics: createMetrics(writer, { now: clock().now, version: '1.2.3', process: false }) }
}

function runwayItem(label: string, on: string) {
  return {
    kind: 'Certificate' as const,
    label,
    on,
    daysLeft: 99,
    severity: 'Calm' as const,
    source: 'the certificate itself',
    confidence: 'Certain' as const,
    endsConnection: false,
  }
}

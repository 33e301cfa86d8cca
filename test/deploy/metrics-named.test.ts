// Every place that names a metric names one that there is: the reference, the rules and the dashboard. A metric that was renamed would leave
// an alert that never fires.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { METRICS, type MetricDefinition } from '../../src/daemon/metrics/definitions.ts'
import { ROOT } from '../docker/image.ts'

const METRICS_BY_NAME: ReadonlyMap<string, MetricDefinition> = new Map(Object.entries(METRICS))
const OF_THE_PROCESS = new Set(['process_resident_memory_bytes'])

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

const RULES: readonly Rule[] = parse(read('deploy/prometheus/rules.yaml')).groups.flatMap(
  ({ rules }: { readonly rules: readonly Rule[] }) => rules,
)
const DASHBOARD = JSON.parse(read('deploy/grafana/dashboard.json'))

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** The metrics an expression names, with the labels that it selects by. */
function named(expr: string): readonly { readonly metric: string; readonly labels: readonly string[] }[] {
  return [...expr.matchAll(/\b((?:mailkeel|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, metric = '', selector]) => ({
      metric: METRICS_BY_NAME.has(metric) ? metric : metric.replace(/_(bucket|sum|count)$/, ''),
      labels: [...(selector ?? '').matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }),
  )
}

function faultsIn(expr: string): readonly string[] {
  return named(expr).flatMap(({ metric, labels }) => {
    if (OF_THE_PROCESS.has(metric)) return []
    const known = METRICS_BY_NAME.get(metric)
    if (!known) return [`there is no ${metric}`]
    return labels.filter((label) => !known.labels.includes(label)).map((label) => `${metric} has no label ${label}`)
  })
}

describe('the reference', () => {
  const rows = [...read('docs/reference/metrics.md').matchAll(/^\| `(mailkeel_\w+)` \| (\w+) \|(.*?) \| (.*) \|$/gm)]

  it('has every metric once, with its type and labels', () => {
    const told = rows.map(([, name, type, labels = '']) => ({
      name,
      type,
      labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    }))
    const known = [...METRICS_BY_NAME].map(([name, { type, labels }]) => ({ name, type, labels: [...labels] }))

    expect(told.toSorted(byName)).toEqual(known.toSorted(byName))
  })

  it('says of each what the program says', () => {
    for (const [, name = '', , , text = ''] of rows) {
      const help = METRICS_BY_NAME.get(name)?.help.replace(/\.$/, '') ?? ''
      expect(text.startsWith(help), `${name}: ${text}`).toBe(true)
    }
  })
})

describe('the rules', () => {
  it.each(RULES)('$alert: $expr', ({ expr }) => {
    expect(named(expr).length).toBeGreaterThan(0)
    expect(faultsIn(expr)).toEqual([])
  })

  it('say what to do in a section that there is', () => {
    const headings = [...read('docs/reference/alerts.md').matchAll(/^## (\w+)$/gm)].map(([, heading]) => heading)
    const alerts = [...new Set(RULES.map(({ alert }) => alert))]

    expect(headings).toEqual(expect.arrayContaining(alerts))
    expect(alerts).toEqual(expect.arrayContaining(headings))
    for (const { alert, annotations, labels } of RULES) {
      expect(annotations['runbook']).toBe(`docs/reference/alerts.md#${alert.toLowerCase()}`)
      expect(labels['severity']).toMatch(/^(info|warning|critical)$/)
    }
  })

  it('are each tried', () => {
    const tests = read('deploy/prometheus/rules.test.yaml')

    for (const { alert } of RULES) expect(tests).toContain(`alertname="${alert}", alertstate="firing"`)
  })
})

describe('the dashboard', () => {
  const panels: readonly {
    title: string
    type: string
    datasource?: unknown
    targets?: readonly { expr: string }[]
  }[] = DASHBOARD.panels
  const shown = panels.filter(({ type }) => type !== 'row')

  it.each(shown)('$title', ({ datasource, targets = [] }) => {
    expect(targets.length).toBeGreaterThan(0)
    expect(targets.flatMap(({ expr }) => faultsIn(expr))).toEqual([])
    expect(datasource).toEqual({ type: 'prometheus', uid: '$' + '{datasource}' })
  })

  it('asks which data source, so that it can be provisioned anywhere', () => {
    const variables: readonly { name: string; type: string }[] = DASHBOARD.templating.list

    expect(variables.map(({ name, type }) => `${name}: ${type}`)).toEqual(['datasource: datasource', 'scope: query'])
    expect(new Set(panels.map((panel) => (panel as unknown as { id: number }).id)).size).toBe(panels.length)
  })
})

describe('the check itself', () => {
  it.each([
    ['sum(mailkeel_gone)', 'there is no mailkeel_gone'],
    ['mailkeel_fights{organization="x"}', 'mailkeel_fights has no label organization'],
    ['rate(mailkeel_pass_duration_seconds_bucket{le="1"}[5m])', 'mailkeel_pass_duration_seconds has no label le'],
  ])('notices what is wrong in %s', (expr, fault) => {
    expect(faultsIn(expr)).toEqual([fault])
  })
})

function byName(a: { readonly name?: string | undefined }, b: { readonly name?: string | undefined }): number {
  return (a.name ?? '').localeCompare(b.name ?? '')
}

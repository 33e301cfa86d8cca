// The registry of prom-client behind the few things that are done with it. Which series a scope has is remembered here, so that they go with it.
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { METRICS, type MetricDefinition, type MetricName } from './definitions.ts'
import type { Sample } from './sample.ts'

/** All metrics of ours. Names and labels are those of METRICS; others throw. */
export interface MetricsBook {
  readonly registry: Registry
  /** Adds to a counter. */
  add(sample: Sample): void
  /** Adds a measure to a histogram, in seconds. */
  observe(sample: Sample): void
  /** Puts these in place of all gauges. */
  setGauges(samples: readonly Sample[]): void
  /** Removes what was counted for a scope, and counts nothing more for it until it is welcomed. */
  forget(scope: string): void
  /** Counts for a scope that came back. */
  welcome(scope: string): void
}

/** A book with every metric and no number. */
export function createMetricsBook(): MetricsBook {
  const registry = new Registry()
  const { gauges, counters, histograms } = metricsIn(registry)
  const series = new Map<string, Map<string, () => void>>()
  const gone = new Set<string>()

  const remember = ({ metric, labels }: Sample, remove: () => void): boolean => {
    const { scope } = labels
    if (scope === undefined) return true
    // A pass that is still ending must not bring back what went.
    if (gone.has(scope)) return false
    const known = series.get(scope) ?? new Map<string, () => void>()
    series.set(scope, known.set(`${metric} ${JSON.stringify(labels)}`, remove))
    return true
  }
  return {
    registry,
    add(sample) {
      const counter = of(counters, sample)
      const labels = { ...sample.labels }
      if (remember(sample, () => counter.remove(labels))) counter.inc(labels, sample.value)
    },
    observe(sample) {
      const histogram = of(histograms, sample)
      const labels = { ...sample.labels }
      if (remember(sample, () => histogram.remove(labels))) histogram.observe(labels, sample.value)
    },
    setGauges(samples) {
      for (const gauge of gauges.values()) gauge.reset()
      for (const sample of samples) of(gauges, sample).set({ ...sample.labels }, sample.value)
    },
    forget(scope) {
      gone.add(scope)
      for (const remove of series.get(scope)?.values() ?? []) remove()
      series.delete(scope)
    },
    welcome: (scope) => void gone.delete(scope),
  }
}

function metricsIn(registry: Registry) {
  const gauges = new Map<MetricName, Gauge>()
  const counters = new Map<MetricName, Counter>()
  const histograms = new Map<MetricName, Histogram>()
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const { type, help, labels, buckets = [] }: MetricDefinition = METRICS[name]
    const common = { name, help, labelNames: [...labels], registers: [registry] }
    if (type === 'gauge') gauges.set(name, new Gauge(common))
    else if (type === 'counter') counters.set(name, new Counter(common))
    else histograms.set(name, new Histogram({ ...common, buckets: [...buckets] }))
  }
  return { gauges, counters, histograms }
}

function of<M>(metrics: ReadonlyMap<MetricName, M>, { metric }: Sample): M {
  const found = metrics.get(metric)
  if (!found) throw new Error(`${metric} is a metric of another type`)
  return found
}

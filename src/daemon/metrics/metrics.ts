// Metrics for Prometheus: gauges are worked out from the board at each scrape, counters and histograms grow with its events. This file loads
// prom-client, so whoever serves no metrics does not load it.
import { collectDefaultMetrics } from 'prom-client'
import type { Board, BoardEvent, Drift } from '../board.ts'
import type { Route } from '../http/route.ts'
import { createConvergenceBook } from './convergence.ts'
import { boardGauges } from './gauges.ts'
import { createMetricsBook } from './metrics-book.ts'
import { passCounts } from './pass-counts.ts'
import { createRequestMeter, type RequestMeter } from './requests.ts'

/** What metrics are made with. */
export interface MetricsOptions {
  readonly now: () => Date
  /** Version of this program. */
  readonly version: string
  /** Metrics of the process, by prom-client's own names. Default: true. */
  readonly process?: boolean
}

/** The metrics of a process. */
export interface Metrics {
  readonly contentType: string
  /** All of them as of now, in the text form of Prometheus. */
  render(): Promise<string>
  /** GET /metrics. For the metrics listener, which asks for its own token. */
  readonly route: Route
  /** Counts requests to remote systems. */
  readonly requests: RequestMeter
  /** Stops listening to the board. */
  close(): void
}

/** Metrics of a board, counted from now on. A scope that goes away takes its series along. */
export function createMetrics(board: Board, { now, version, process: ofProcess = true }: MetricsOptions): Metrics {
  const book = createMetricsBook()
  if (ofProcess) collectDefaultMetrics({ register: book.registry })
  const requests = createRequestMeter(book.add)
  const convergence = createConvergenceBook(board.startedAt)
  const lastDrift = new Map<string, readonly Drift[]>()
  const source = { attempts: 0 }

  const noteSource = () => {
    const attempts = board.source().failure?.attempts ?? 0
    // A new trouble counts from 1 again.
    const more = attempts >= source.attempts ? attempts - source.attempts : attempts
    if (more > 0) book.add({ metric: 'mailkeel_source_failures_total', labels: {}, value: more })
    source.attempts = attempts
  }
  const noteStanding = (scope: string) => {
    book.welcome(scope)
    const standing = board.scope(scope)
    const seconds = standing && convergence.note(standing, board.source(), now())
    if (seconds !== undefined)
      book.observe({ metric: 'mailkeel_convergence_seconds', labels: { scope }, value: seconds })
  }
  const notePass = ({ scope, report, tookMs }: Extract<BoardEvent, { type: 'pass' }>) => {
    for (const sample of passCounts(scope, report, lastDrift.get(scope))) book.add(sample)
    book.observe({ metric: 'mailkeel_pass_duration_seconds', labels: { scope }, value: tookMs / 1000 })
    lastDrift.set(scope, report.drift)
  }
  const forget = (scope: string) => {
    book.forget(scope)
    convergence.forget(scope)
    requests.forget(scope)
    lastDrift.delete(scope)
  }

  const close = board.subscribe((event) => {
    if (event.type === 'source') noteSource()
    else if (event.type === 'scope') noteStanding(event.scope)
    else if (event.type === 'pass') notePass(event)
    else if (event.type === 'scopeGone') forget(event.scope)
  })
  noteSource()
  for (const { scope } of board.scopes()) noteStanding(scope)

  const render = async () => {
    const build = { version, node: process.version }
    book.setGauges([
      { metric: 'mailkeel_build_info', labels: build, value: 1 },
      ...boardGauges(board, convergence, now()),
      ...requests.gauges(),
    ])
    return await book.registry.metrics()
  }
  const { contentType } = book.registry
  return { contentType, render, route: routeOf(contentType, render), requests, close }
}

function routeOf(contentType: string, render: () => Promise<string>): Route {
  return {
    method: 'GET',
    url: '/metrics',
    access: 'Overview',
    summary: 'Metrics in the text form of Prometheus; they name organizations and no person.',
    async handle(_request, reply) {
      const text = await render()
      return reply.header('content-type', contentType).send(text)
    },
  }
}

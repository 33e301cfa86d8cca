// Every metric of our own as data: what it says, its labels, and how its numbers come about. The registry is made from this list, and a test
// compares it with docs/reference/metrics.md and with whatever rules and dashboard name.

/** One metric. A gauge is worked out anew for every scrape; counters and histograms grow with the events of the board. */
export interface MetricDefinition {
  readonly type: 'gauge' | 'counter' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** Histogram: upper ends, in seconds. */
  readonly buckets?: readonly number[]
}

const PASS_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900]
const CONVERGENCE_SECONDS = [1, 2.5, 5, 10, 30, 60, 120, 300, 900, 1800, 3600, 14_400, 86_400]

/** By name. */
export const METRICS = {
  mailkeel_build_info: gauge('Always 1; the labels say which program this is.', ['version', 'node']),
  mailkeel_source_age_seconds: gauge('Time since the source last told its newest revision.', []),
  mailkeel_source_failing: gauge('1 while the source cannot be read.', ['reason']),
  mailkeel_source_failures_total: counter('Looks at the source that failed.', []),
  mailkeel_revision_info: gauge('Always 1; the revision that all scopes work toward.', ['revision']),
  mailkeel_revision_age_seconds: gauge('Time since the revision in force was first seen.', []),
  mailkeel_revision_refused_seconds: gauge('Time since the newest revision was refused; 0 where it was not.', []),
  mailkeel_scope_info: gauge('Always 1; what the scope is and what its loop does.', [
    'scope',
    'kind',
    'policy',
    'phase',
  ]),
  mailkeel_scope_enforced: gauge('1 where the policy lets changes be made, 0 where it is Observe.', ['scope']),
  mailkeel_scope_in_sync: gauge('1 where the scope is wholly as the revision in force says, by its last pass.', [
    'scope',
  ]),
  mailkeel_convergence_age_seconds: gauge(
    'Time since a pass last found the scope wholly as the revision in force said.',
    ['scope'],
  ),
  mailkeel_convergence_seconds: {
    ...histogram('Time from seeing a revision until the scope was wholly as it says, once per revision.', ['scope']),
    buckets: CONVERGENCE_SECONDS,
  },
  mailkeel_scope_held: gauge('1 while nothing is written although the policy is Enforce.', ['scope', 'reason']),
  mailkeel_scope_failing: gauge('1 while passes do not come to an end.', ['scope', 'reason']),
  mailkeel_stages_unread: gauge('1 where the last pass could not read a stage to its end.', [
    'scope',
    'stage',
    'reason',
  ]),
  mailkeel_last_pass_age_seconds: gauge('Time since a pass last came to its end.', ['scope']),
  mailkeel_queue_age_seconds: gauge('Time by which the next pass is late.', ['scope']),
  mailkeel_passes_total: counter('Passes by what they came to.', ['scope', 'outcome']),
  mailkeel_pass_duration_seconds: {
    ...histogram('How long passes took.', ['scope']),
    buckets: PASS_SECONDS,
  },
  mailkeel_objects: gauge('Objects by what their conditions say.', ['scope', 'kind', 'condition', 'status', 'reason']),
  mailkeel_objects_unknown: gauge('Objects whose state cannot be told, and will not be by waiting alone.', [
    'scope',
    'kind',
  ]),
  mailkeel_objects_unmanaged: gauge('Objects that the spec does not name.', ['scope', 'kind']),
  mailkeel_changes_planned: gauge('Changes that the last pass planned.', ['scope']),
  mailkeel_changes_total: counter('Changes by what became of them.', ['scope', 'stage', 'result']),
  mailkeel_drift: gauge('Values that differ although the spec did not change, by the last pass.', ['scope', 'stage']),
  mailkeel_drift_found_total: counter('Drift that was noticed.', ['scope', 'stage']),
  mailkeel_drift_corrected_total: counter('Drift that was corrected.', ['scope', 'stage']),
  mailkeel_fights: gauge('Objects that are left alone because somebody keeps changing them back.', ['scope']),
  mailkeel_guard_objecting: gauge('1 while a guard objects to the plan.', ['scope', 'guard', 'decision']),
  mailkeel_guard_blocks_total: counter('Passes in which a guard objected.', ['scope', 'guard', 'decision']),
  mailkeel_runway_days: gauge('Days until something ends by itself; 0 and less is over.', ['scope', 'ends']),
  mailkeel_lease_held: gauge('1 where this process works on the scope, 0 where another replica does.', ['scope']),
  mailkeel_remote_requests_total: counter('Requests to remote systems by how they ended.', [
    'scope',
    'system',
    'outcome',
  ]),
  mailkeel_remote_requests_in_flight: gauge('Requests under way.', ['scope', 'system']),
  mailkeel_remote_requests_limit: gauge('Requests that may be under way at once to one system.', ['scope', 'system']),
  mailkeel_remote_waits_total: counter('Times a request to CRM was held back: throttled, or tried again.', ['scope']),
  mailkeel_remote_wait_seconds_total: counter('Time that requests to CRM were held back.', ['scope']),
} as const satisfies Readonly<Record<string, MetricDefinition>>

/** The name of a metric of ours. */
export type MetricName = keyof typeof METRICS

function gauge(help: string, labels: readonly string[]): MetricDefinition {
  return { type: 'gauge', help, labels }
}

function counter(help: string, labels: readonly string[]): MetricDefinition {
  return { type: 'counter', help, labels }
}

function histogram(help: string, labels: readonly string[]): MetricDefinition {
  return { type: 'histogram', help, labels }
}

import {
  type Change,
  type CompleteRead,
  type Exception,
  GrowingProjection,
  type Observed,
  type Outcome,
  PLAN_VERSION,
  type Presence,
  type Reason,
  type StageSummary,
  type Verdict,
} from '../../src/engine/index.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'

const ORIGIN = { file: 'a.yaml', line: 1, column: 1 }

/** The parts of a pass result that conditions are made of, for mailboxes seen by an approval, a settings and a result stage. */
export interface Parts {
  readonly wished: readonly string[]
  readonly changes?: readonly Change[]
  /** What all changes wait for. */
  readonly waits?: Reason
  readonly exceptions?: readonly Exception[]
  readonly outcomes?: readonly Outcome[]
  readonly verdicts?: Readonly<Record<string, Verdict['status'] | Verdict>>
  /** Stages whose read is incomplete. */
  readonly unread?: Readonly<Record<string, Reason>>
  readonly more?: Partial<PassResult>
}

export function change(key: string, stage = 'mailbox'): Change {
  return {
    id: `${stage}-${key}`,
    stage,
    kind: 'Mailbox',
    key,
    label: key,
    action: 'update',
    fields: [],
    effects: ['move'],
    phrases: [],
    origin: ORIGIN,
    needs: [],
  }
}

export function outcome(key: string, result: Outcome['result'], reason?: Reason, stage = 'mailbox'): Outcome {
  const { id, kind, label } = change(key, stage)
  return { id, stage, kind, key, label, result, ...(reason ? { reason } : {}) }
}

export function exception(key: string, state: Exception['state'], code = state): Exception {
  return {
    stage: 'mailbox',
    kind: 'Mailbox',
    key,
    label: key,
    state,
    reason: { code, message: `${code}!` },
    origin: ORIGIN,
  }
}

export function verdict(status: Verdict['status'], code: string = status): Verdict {
  return { status, code, message: `${code}!` }
}

const STAGES = [
  { stage: 'prerequisites', kind: 'Check', mode: 'checks' },
  { stage: 'approval', kind: 'Mailbox', mode: 'writes' },
  { stage: 'mailbox', kind: 'Mailbox', mode: 'writes' },
  { stage: 'test-result', kind: 'Mailbox', mode: 'checks' },
] as const

export function resultOf({
  wished,
  changes = [],
  waits,
  exceptions = [],
  outcomes,
  verdicts = {},
  unread = {},
  more,
}: Parts): PassResult {
  const rows = new Map<string, Observed>()
  for (const key of wished) {
    const ready = Object.hasOwn(verdicts, key) ? verdicts[key] : undefined
    const told = typeof ready === 'string' ? verdict(ready) : ready
    rows.set(key, { fields: {}, ref: key, ...(told ? { ready: told } : {}) })
  }
  const read: CompleteRead = { complete: true, rows, unknown: new Map() }
  const clock: CompleteRead = {
    complete: true,
    rows: new Map([['clock', { fields: {}, ref: 0, label: 'the clock', ready: verdict('True', 'Same') }]]),
    unknown: new Map(),
  }
  const counts = { desired: wished.length, inSync: 0, changes: 0, exceptions: 0 }
  const stages = STAGES.map(({ stage, kind, mode }): StageSummary => {
    const summary = { stage, kind, mode, ...counts, unmanaged: stage === 'mailbox' ? 7 : 0 }
    const incomplete = unread[stage]
    return incomplete ? { ...summary, incomplete } : summary
  })
  const presence: Presence = {
    kind: 'Mailbox',
    wished: new Set(wished),
    present: new Set(wished),
    labels: new Map(),
    complete: true,
  }
  return {
    scope: 'organization/sales',
    organization: 'sales',
    revision: 'r1',
    pass: 'p1',
    startedAt: '2026-11-20T08:00:00.000Z',
    finishedAt: '2026-11-20T08:00:01.000Z',
    plan: {
      version: PLAN_VERSION,
      scope: 'organization/sales',
      revision: 'r1',
      steps: changes.length > 0 ? [{ stage: 'mailbox', slice: 'all', changes, ...(waits ? { waits } : {}) }] : [],
      stages,
      exceptions,
      digest: 'd',
    },
    verdicts: [],
    decision: 'allow',
    ...(outcomes ? { outcomes } : {}),
    reads: new Map(
      STAGES.map(({ stage, kind }) => [
        stage,
        unread[stage] ? { complete: false, reason: unread[stage] } : kind === 'Check' ? clock : read,
      ]),
    ),
    projection: new GrowingProjection(),
    presence: new Map([['Mailbox', presence]]),
    notices: [],
    ...more,
  }
}

import type { Change, Exception, ObjectConditions, Outcome, Plan, StageSummary } from '../../src/engine/index.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'
import type { ReportInput } from '../../src/report/plan-view.ts'
import type { Vocabulary } from '../../src/report/vocabulary.ts'

/** The words of the two stages the samples speak of. */
export const VOCABULARY: Vocabulary = {
  byStage: new Map([
    ['email-server-profile', { one: 'profile', many: 'profiles' }],
    ['approval', { one: 'mailbox', many: 'mailboxes' }],
    ['mailbox', { one: 'mailbox', many: 'mailboxes' }],
  ]),
  byKind: new Map([['Mailbox', { one: 'mailbox', many: 'mailboxes' }]]),
}

/** A change of one mailbox that says one sentence. */
export function change(label: string, overrides: Partial<Change> = {}): Change {
  return {
    id: `id-${label}-${overrides.stage ?? 'mailbox'}`,
    stage: 'mailbox',
    kind: 'Mailbox',
    key: label,
    label,
    action: 'update',
    fields: [{ field: 'profile', from: 'Old Exchange', to: 'Exchange Online', effect: 'move' }],
    effects: ['move'],
    phrases: [
      {
        group: 'move',
        one: 'goes from "Old Exchange" to "Exchange Online"',
        many: 'go from "Old Exchange" to "Exchange Online"',
      },
    ],
    origin: { file: 'sales.yaml', line: 9, column: 5 },
    needs: [],
    ...overrides,
  }
}

/** An approval of one mailbox. */
export function approval(label: string, line = 9): Change {
  return change(label, {
    stage: 'approval',
    effects: ['approve'],
    fields: [{ field: 'approval', from: 'Pending', to: 'Approved', effect: 'approve' }],
    phrases: [{ group: 'approve', one: 'is newly approved', many: 'are newly approved' }],
    origin: { file: 'sales.yaml', line, column: 5 },
  })
}

/** An object a plan could not settle. */
export function exception(label: string, overrides: Partial<Exception> = {}): Exception {
  return {
    stage: 'mailbox',
    kind: 'Mailbox',
    key: label,
    label,
    state: 'Waiting',
    reason: { code: 'NotInCrm', message: 'no user or queue in CRM has this address yet' },
    origin: { file: 'sales.yaml', line: 12, column: 5 },
    ...overrides,
  }
}

/** A stage in numbers. */
export function summary(overrides: Partial<StageSummary> = {}): StageSummary {
  const counts = { desired: 0, inSync: 0, changes: 0, exceptions: 0, unmanaged: 0 }
  return { stage: 'mailbox', kind: 'Mailbox', mode: 'writes', ...counts, ...overrides }
}

/** A plan with one step per stage. */
export function plan(changes: readonly Change[] = [], overrides: Partial<Plan> = {}): Plan {
  const stages = [...new Set(changes.map(({ stage }) => stage))]
  return {
    version: 'mailkeel.plan/v1',
    scope: 'organization/contoso-sales',
    revision: '3f2a91c',
    steps: stages.map((stage) => ({
      stage,
      slice: 'all',
      changes: changes.filter((one) => one.stage === stage),
    })),
    stages: [summary()],
    exceptions: [],
    digest: '7c1e0d3f5b2a7c1e0d3f5b2a7c1e0d3f5b2a7c1e0d3f5b2a7c1e0d3f5b2a7c1e',
    ...overrides,
  }
}

/** What a pass came to. */
export function passResult(overrides: Partial<PassResult> = {}): PassResult {
  return {
    scope: 'organization/contoso-sales',
    organization: 'contoso-sales',
    revision: '3f2a91c',
    pass: 'pass-1',
    presence: new Map(),
    notices: [],
    startedAt: '2026-11-20T10:00:00.000Z',
    finishedAt: '2026-11-20T10:00:01.200Z',
    plan: plan(),
    verdicts: [],
    decision: 'allow',
    reads: new Map(),
    projection: { read: () => undefined, change: () => undefined, unfinished: () => undefined },
    ...overrides,
  }
}

/** A report about a pass; `queues` are the keys that are queues. */
export function input(result: PassResult, queues: readonly string[] = []): ReportInput {
  const mailboxes = new Map(queues.map((key) => [key, { type: 'Queue' as const }]))
  return { result, desired: { mailboxes: mailboxes as never, profiles: new Map() }, vocabulary: VOCABULARY }
}

/** The conditions of one mailbox. */
export function conditions(
  label: string,
  status: 'True' | 'False' | 'Unknown' = 'True',
  reason = { code: 'TestPassed', message: 'the last test passed' },
): ObjectConditions {
  const base = { revision: '3f2a91c' }
  return {
    kind: 'Mailbox',
    key: label,
    label,
    synced: { type: 'Synced', status: 'True', code: 'InSync', message: 'as the spec says', ...base },
    ready: { type: 'Ready', status, ...reason, ...base },
  }
}

/** What a check found. */
export function check(label: string, status: 'True' | 'False' | 'Unknown', reason: { code: string; message: string }) {
  return { ...conditions(label, status, reason), kind: 'Prerequisite' }
}

/** What became of a change. */
export function outcome(of: Change, result: Outcome['result'] = 'Applied', reason?: Outcome['reason']): Outcome {
  const { id, stage, kind, key, label } = of
  return { id, stage, kind, key, label, result, ...(reason ? { reason } : {}) }
}

// Standings of scopes with what messages look at, and nothing else in them.
import type { Drift, Fight, ScopeReport, ScopeStanding } from '../../../src/daemon/board.ts'
import type { ObjectConditions, Outcome } from '../../../src/engine/index.ts'
import type { PassResult } from '../../../src/reconcile/contract.ts'
import type { RunwayItem } from '../../../src/trust/runway.ts'

/** What a report of a test holds. */
export interface ReportOptions {
  readonly conditions?: readonly ObjectConditions[]
  readonly runway?: readonly RunwayItem[]
  readonly drift?: readonly Drift[]
  readonly fights?: readonly Fight[]
  readonly outcomes?: readonly Outcome[]
  /** Stages that could not be read. */
  readonly unread?: readonly string[]
}

/** A report of a pass over an organization. */
export function reportOf(name: string, { outcomes, unread = [], ...options }: ReportOptions = {}): ScopeReport {
  const result: PassResult = {
    scope: `organization/${name}`,
    organization: name,
    revision: '3f2a91c0000000',
    pass: 'pass-1',
    startedAt: '2026-11-23T08:00:00.000Z',
    finishedAt: '2026-11-23T08:00:01.000Z',
    plan: {
      version: 'mailkeel.plan/v1',
      scope: `organization/${name}`,
      revision: '3f2a91c0000000',
      steps: [],
      stages: unread.map(unreadStage),
      exceptions: [],
      digest: '',
    },
    verdicts: [],
    decision: 'allow',
    reads: new Map(),
    projection: { read: () => undefined, change: () => undefined, unfinished: () => undefined },
    presence: new Map(),
    notices: [],
    ...(outcomes ? { outcomes } : {}),
  }
  return { result, conditions: [], runway: [], drift: [], fights: [], ...options }
}

function unreadStage(stage: string): PassResult['plan']['stages'][number] {
  return {
    stage,
    kind: 'Mailbox',
    mode: 'checks',
    desired: 1,
    inSync: 0,
    changes: 0,
    exceptions: 0,
    unmanaged: 0,
    incomplete: { code: 'Unreachable', message: 'the host does not accept connections' },
  }
}

/** How an organization stands. */
export function standingOf(name: string, changes: Partial<ScopeStanding> = {}): ScopeStanding {
  return {
    scope: `organization/${name}`,
    kind: 'organization',
    name,
    desired: {
      name,
      uniqueName: name,
      environment: 'Production',
      external: [],
      origin: { file: 'sales.yaml', line: 1, column: 1 },
      profiles: new Map(),
      mailboxes: new Map(),
    },
    policy: 'Enforce',
    phase: 'Idle',
    revision: '3f2a91c0000000',
    ...changes,
  }
}

/** Conditions of mailboxes that fail for one cause. */
export function failing(count: number, code = 'TrustBroken'): readonly ObjectConditions[] {
  const revision = '3f2a91c0000000'
  return Array.from({ length: count }, (_, index) => ({
    kind: 'mailbox',
    key: `m${index}@contoso.com`,
    label: `m${index}@contoso.com`,
    synced: { type: 'Synced', status: 'True', code: 'InSync', message: '', revision },
    ready: { type: 'Ready', status: 'False', code, message: 'Exchange refuses the sign-in', revision },
  }))
}

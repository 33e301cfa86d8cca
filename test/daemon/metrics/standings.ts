import type { BoardWriter, ScopeReport, ScopeStanding, SourceStanding } from '../../../src/daemon/board.ts'
import { createBoard } from '../../../src/daemon/board.ts'
import { passResult } from '../../report/samples.ts'

export const START = '2026-11-20T10:00:00.000Z'
export const SALES = 'organization/contoso-sales'

/** A clock that is turned by hand. */
export function clock(start = START): { readonly now: () => Date; advance(seconds: number): void } {
  let ms = Date.parse(start)
  return {
    now: () => new Date(ms),
    advance(seconds) {
      ms += seconds * 1000
    },
  }
}

/** A source whose revision is in force. */
export function source(overrides: Partial<SourceStanding> = {}): SourceStanding {
  return {
    kind: 'git',
    place: 'https://git.contoso.com/crm/mail.git main',
    enforced: { id: '3f2a91c', seenAt: START },
    lookedAt: START,
    ...overrides,
  }
}

/** A board at the start. */
export function board(overrides: Partial<SourceStanding> = {}): BoardWriter {
  return createBoard(source(overrides), START)
}

/** What a pass told. */
export function report(overrides: Partial<ScopeReport> = {}): ScopeReport {
  return { result: passResult(), conditions: [], runway: [], drift: [], fights: [], ...overrides }
}

/** How an organization stands. */
export function standing(overrides: Partial<ScopeStanding> = {}): ScopeStanding {
  return {
    scope: SALES,
    kind: 'organization',
    name: 'contoso-sales',
    desired: {
      name: 'contoso-sales',
      uniqueName: 'ContosoSales',
      environment: 'Production',
      external: [],
      origin: { file: 'organization.yaml', line: 1, column: 1 },
      profiles: new Map(),
      mailboxes: new Map(),
    },
    policy: 'Enforce',
    phase: 'Idle',
    revision: '3f2a91c',
    ...overrides,
  }
}

/** The lines of a metric, without its help. */
export function linesOf(text: string, metric: string): readonly string[] {
  return text.split('\n').filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
}

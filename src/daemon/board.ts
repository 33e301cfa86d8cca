// What a running mailkeel knows at the moment: where the spec comes from, and how each scope stands. The loops write it; page, API, metrics
// and messages read it and nothing else. It is memory only: after a restart the first passes fill it again.
import type { ObjectConditions, Reason } from '../engine/index.ts'
import type { PassEvent, PassResult } from '../reconcile/contract.ts'
import type { DesiredOrganization, DesiredTrust } from '../spec/desired.ts'
import type { Problem } from '../spec/problem.ts'
import type { RunwayItem } from '../trust/runway.ts'

/** A revision of the spec, as its source tells it. Times are ISO 8601 in UTC. */
export interface RevisionInfo {
  /** Commit id, or hash of the content of a folder. */
  readonly id: string
  readonly subject?: string
  readonly author?: string
  readonly committedAt?: string
  readonly seenAt: string
}

/** Something that goes wrong, since when, and how often it was tried. */
export interface Trouble {
  readonly reason: Reason
  readonly since: string
  readonly attempts: number
}

/** Where the spec comes from. */
export interface SourceStanding {
  readonly kind: 'git' | 'directory'
  /** Address and reference without anything secret, or the folder. */
  readonly place: string
  /** What all scopes work toward. Absent until a first valid revision was read. */
  readonly enforced?: RevisionInfo
  /** The newest revision, where it may not be taken: invalid, unsigned, rewound. The one before stays enforced. */
  readonly refused?: { readonly revision: RevisionInfo; readonly problems: readonly Problem[]; readonly reason: Reason }
  /** Why nothing newer can be told. */
  readonly failure?: Trouble
  readonly lookedAt?: string
  readonly nextLookAt?: string
}

/** What the loop of a scope does. `Elsewhere`: another replica works on it. */
export type ScopePhase = 'Starting' | 'Reconciling' | 'Idle' | 'BackingOff' | 'Elsewhere' | 'Stopping'

/** A value that is not as the spec says although the spec did not change. */
export interface Drift {
  readonly stage: string
  readonly kind: string
  readonly key: string
  readonly label: string
  /** What a correction does, in words: `ann@contoso.com is approved`. */
  readonly sentence: string
  /** When it was noticed. */
  readonly since: string
  /** Who changed it last, where CRM tells: `Bob Admin (CONTOSO\bob), 2026-11-20 16:02 UTC`. */
  readonly by?: string
  /** The pass that noticed it brought it back. */
  readonly corrected?: true
}

/** An object that somebody else keeps changing back; it is left alone. */
export interface Fight {
  readonly stage: string
  readonly kind: string
  readonly key: string
  readonly label: string
  readonly reversals: number
  readonly since: string
  /** When it is tried again, if nothing else happens. */
  readonly until?: string
  readonly by?: string
}

/** What the last pass over a scope told. */
export interface ScopeReport {
  readonly result: PassResult
  readonly conditions: readonly ObjectConditions[]
  readonly runway: readonly RunwayItem[]
  readonly drift: readonly Drift[]
  readonly fights: readonly Fight[]
}

/** How one scope stands. */
export interface ScopeStanding {
  /** `organization/<name>` or `trust/<name>`. */
  readonly scope: string
  readonly kind: 'organization' | 'trust'
  readonly name: string
  readonly desired: DesiredOrganization | DesiredTrust
  readonly policy: 'Observe' | 'Enforce'
  readonly phase: ScopePhase
  /** The revision that it works toward. */
  readonly revision: string
  /** Why nothing is written although the policy is Enforce: suspended, no change window, a guard, a fingerprint that changed. */
  readonly held?: Reason
  /** Of the last pass that could be finished. */
  readonly report?: ScopeReport
  /** Why passes do not come to an end. */
  readonly failure?: Trouble
  /** Since when it is wholly in sync; absent where it is not. */
  readonly inSyncSince?: string
  readonly lastPassAt?: string
  readonly nextPassAt?: string
  /** Changes of the running pass that are settled, and all of them. */
  readonly progress?: { readonly done: number; readonly planned: number }
  /** Elsewhere: who works on it. */
  readonly holder?: string
}

/** What was news. `pass` comes after each pass, beside `scope`. */
export type BoardEvent =
  | { readonly type: 'source' }
  | { readonly type: 'scope'; readonly scope: string }
  | { readonly type: 'scopeGone'; readonly scope: string }
  | { readonly type: 'pass'; readonly scope: string; readonly report: ScopeReport; readonly tookMs: number }
  | { readonly type: 'progress'; readonly scope: string; readonly event: PassEvent }

/** The board as its readers see it. What it returns is never changed afterwards. */
export interface Board {
  readonly startedAt: string
  source(): SourceStanding
  /** Trusts first, by name. */
  scopes(): readonly ScopeStanding[]
  scope(scope: string): ScopeStanding | undefined
  /** Calls back on every event until the returned function is called. A listener that throws is dropped from that event only. */
  subscribe(listener: (event: BoardEvent) => void): () => void
}

/** The board as the loops write it. */
export interface BoardWriter extends Board {
  setSource(source: SourceStanding): void
  setScope(standing: ScopeStanding): void
  removeScope(scope: string): void
  tell(event: Extract<BoardEvent, { type: 'pass' | 'progress' }>): void
}

/** An empty board. */
export function createBoard(source: SourceStanding, startedAt: string): BoardWriter {
  let current = source
  const standings = new Map<string, ScopeStanding>()
  const listeners = new Set<(event: BoardEvent) => void>()
  const tell = (event: BoardEvent) => {
    for (const listener of [...listeners]) {
      try {
        listener(event)
      } catch {
        // Whoever looks at the board must never stop those who write it.
      }
    }
  }
  return {
    startedAt,
    source: () => current,
    scopes: () => [...standings.values()].sort(byKindAndName),
    scope: (scope) => standings.get(scope),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    setSource(next) {
      current = next
      tell({ type: 'source' })
    },
    setScope(standing) {
      standings.set(standing.scope, standing)
      tell({ type: 'scope', scope: standing.scope })
    },
    removeScope(scope) {
      if (standings.delete(scope)) tell({ type: 'scopeGone', scope })
    },
    tell,
  }
}

function byKindAndName(a: ScopeStanding, b: ScopeStanding): number {
  if (a.kind !== b.kind) return a.kind === 'trust' ? -1 : 1
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

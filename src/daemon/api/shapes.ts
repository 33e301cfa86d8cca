// The answers of the API, as the page and other programs get them. Plain data; times are ISO 8601 in UTC. Properties may be added to them;
// none changes its meaning. What is not named here is not sent.

/** Code and message of why something is as it is. */
export interface ReasonShape {
  readonly code: string
  readonly message: string
}

/** How something stands, in the order of what to look at first. */
export type Tone = 'trouble' | 'unknown' | 'waiting' | 'calm'

/** A revision of the spec. */
export interface RevisionShape {
  readonly id: string
  readonly subject?: string
  readonly author?: string
  readonly committedAt?: string
  readonly seenAt: string
}

/** A problem of a spec that cannot be taken. */
export interface ProblemShape {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
  readonly hint?: string
}

/** Something that goes wrong, since when, and how often it was tried. */
export interface TroubleShape {
  readonly reason: ReasonShape
  readonly since: string
  readonly attempts: number
}

/** Where the spec comes from. */
export interface SourceShape {
  readonly kind: 'git' | 'directory'
  readonly place: string
  readonly enforced?: RevisionShape
  readonly refused?: {
    readonly revision: RevisionShape
    readonly reason: ReasonShape
    readonly problems: readonly ProblemShape[]
  }
  readonly failure?: TroubleShape
  readonly lookedAt?: string
}

/** Mailboxes of a scope by how they are. `total` are those that the spec manages; each of them is in one of the next four. */
export interface MailboxCounts {
  readonly total: number
  readonly healthy: number
  readonly waiting: number
  readonly failing: number
  readonly unknown: number
  /** Among those: changed by somebody although the spec did not change. */
  readonly drifted: number
  /** Beside those: nobody manages them. */
  readonly unmanaged: number
}

/** One stage of a scope, in the order of apply. */
export interface StageShape {
  readonly stage: string
  /** As people call it. */
  readonly title: string
  readonly tone: Tone
  /** `401 of 412 in sync, 3 to change`, or why it is not known. */
  readonly evidence: string
}

/** A cause of what does not work, with what to do about it. */
export interface CauseShape {
  readonly code: string
  readonly message: string
  readonly next?: string
  readonly count: number
  /** What sort of cause: `failing`, `pending`, `waiting`, `held`, `blocked`, `unknown`, `failed`, `rollout`. */
  readonly heading?: string
}

/** What ends by itself. */
export interface RunwayShape {
  readonly label: string
  readonly on: string
  readonly daysLeft: number
  readonly severity: string
  readonly source: string
  readonly confidence: string
}

/** A rollout that is not done. Wave 0 is the canary. */
export interface RolloutShape {
  readonly name: string
  readonly wave: number
  readonly waves: number
  readonly since: string
}

/** An objection of a guard. */
export interface GuardShape {
  readonly guard: string
  readonly decision: string
  readonly message: string
}

/** One scope at a glance. Holds no address of anybody but `plan.sentences`, which only a Reader gets. */
export interface ScopeShape {
  readonly scope: string
  readonly kind: 'organization' | 'trust'
  readonly name: string
  readonly policy: 'Observe' | 'Enforce'
  readonly phase: string
  readonly revision: string
  readonly tone: Tone
  /** One line: `380 of 412 mailboxes healthy, 32 fail, 12 changes planned`. */
  readonly headline: string
  readonly held?: ReasonShape
  readonly failure?: TroubleShape
  readonly holder?: string
  readonly inSyncSince?: string
  readonly lastPassAt?: string
  readonly nextPassAt?: string
  readonly progress?: { readonly done: number; readonly planned: number }
  readonly mailboxes?: MailboxCounts
  readonly stages: readonly StageShape[]
  readonly causes: readonly CauseShape[]
  /** Absent before the first pass. `sentences` are the plan in words, at most 100 of them. `incomplete`: not all could be read, so there may be more. */
  readonly plan?: {
    readonly digest: string
    readonly changes: number
    readonly sentences?: readonly string[]
    readonly incomplete?: boolean
  }
  readonly guards: readonly GuardShape[]
  readonly rollouts: readonly RolloutShape[]
  readonly runway: readonly RunwayShape[]
  readonly notices: readonly ReasonShape[]
}

/** GET /api/v1/overview */
export interface OverviewShape {
  readonly version: string
  readonly now: string
  readonly startedAt: string
  readonly role: 'Overview' | 'Reader'
  /** How the viewer is called, where they signed in. */
  readonly viewer?: string
  readonly source: SourceShape
  readonly scopes: readonly ScopeShape[]
}

/** How one object is, for filters: the first that holds of failing, unknown, waiting, healthy. */
export type ObjectState = 'failing' | 'unknown' | 'waiting' | 'healthy'

/** One object of a scope in a table. */
export interface ObjectRow {
  readonly kind: string
  readonly key: string
  readonly label: string
  readonly state: ObjectState
  readonly drifted: boolean
  readonly synced: { readonly status: string; readonly reason: string; readonly message: string }
  readonly ready: { readonly status: string; readonly reason: string; readonly message: string }
  /** Nothing in the spec names it. Such objects are only in answers to `unmanaged=with` and `unmanaged=only`. */
  readonly unmanaged?: boolean
}

/** GET /api/v1/scopes/:kind/:name/objects?kind&state&drifted&cause&q&unmanaged&sort&limit&cursor. `next` is absent on the last page. */
export interface ObjectPage {
  readonly items: readonly ObjectRow[]
  /** Of all that match. */
  readonly total: number
  readonly next?: string
}

/** GET /api/v1/scopes/:kind/:name/objects/:key?kind= (the key is one part, percent-encoded): the chain of `mailkeel explain`. */
export interface ExplainShape {
  readonly title: string
  readonly tone: Tone
  readonly links: readonly {
    readonly name: string
    readonly text: string
    readonly state: string
    readonly broken: boolean
  }[]
  readonly notes: readonly string[]
  readonly next?: string
}

/** One pass that wrote. */
export interface PassShape {
  readonly pass: string
  readonly time: string
  readonly finishedAt?: string
  readonly by: string
  readonly revision: string
  readonly planned: number
  readonly results: Readonly<Record<string, number>>
  readonly failure?: ReasonShape
  readonly allowed: readonly string[]
  /** Only for a Reader; at most 200. */
  readonly changes: readonly {
    readonly label: string
    readonly stage: string
    readonly sentence: string
    readonly result: string
    readonly reason?: ReasonShape
    readonly origin?: string
  }[]
}

/** GET /api/v1/scopes/:kind/:name/history?limit&cursor&q, newest first. */
export interface HistoryPage {
  readonly items: readonly PassShape[]
  readonly next?: string
}

/** GET /api/v1/scopes/:kind/:name/trend: one point per pass, thinned out to at most 500, oldest first. Kept in memory. */
export interface TrendShape {
  readonly points: readonly {
    readonly at: string
    readonly healthy: number
    readonly waiting: number
    readonly failing: number
    readonly unknown: number
    readonly drifted: number
    readonly changes: number
  }[]
}

/** Every answer that is no success. */
export interface ErrorShape {
  readonly error: ReasonShape
}

/**
 * GET /api/v1/events, Server-Sent Events. `event: scope` with `data: {"scope":"organization/contoso-sales"}` and `event: source` with
 * `data: {}` say that there is something new to get; at most one a second per scope. A comment every 15 seconds keeps the line open.
 */
export interface EventShape {
  readonly scope?: string
}

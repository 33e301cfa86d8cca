// One pass over the scopes: load is done, what follows is observe, plan, guard, and (where asked) apply. Shared by the command line and,
// later, by the daemon.
import type { OrganizationReader, OrganizationWriter } from '../crm/organization.ts'
import type {
  ApplyEvent,
  GuardVerdict,
  Outcome,
  Plan,
  Presence,
  Projection,
  Read,
  Reason,
  ScopeStage,
  Target,
} from '../engine/index.ts'
import type { DesiredOrganization, DesiredTrust } from '../spec/desired.ts'
import type { TrustReader, TrustWriter } from '../trust/contract.ts'
import type { KnownEnds } from '../trust/runway.ts'
import type { OrganizationSurroundings, TrustView } from '../trust/view.ts'
import type { Fought } from './fights.ts'
import type { LastWriters } from './last-writers.ts'
import type { Rollouts } from './rollouts.ts'

/** Reads one organization, and knows what surrounds it. */
export type SurroundedReader = OrganizationReader & OrganizationSurroundings

/** A stage of the organization scope. */
export type OrganizationStage = ScopeStage<DesiredOrganization, SurroundedReader, OrganizationWriter>

/** Something that owns things in the real world, and that a pass works on as a whole. */
export interface Scope<D extends { readonly name: string }, Reader, Writer> {
  /** Its kind and name; plans, journal and memory use it. */
  readonly scope: string
  readonly desired: D
  /** Why nothing of it may be written at a moment, where the spec holds the whole scope back. */
  readonly holdAt?: (now: Date) => Reason | undefined
  /** A reader that sees the server as it is from now on; what does not change within a pass may be taken from a `previous` one. */
  readonly newReader: (previous?: Reader) => Reader
  /** Absent where the policy is Observe, or the caller only plans. */
  readonly writer?: Writer
  readonly stages: readonly ScopeStage<D, Reader, Writer>[]
}

/** One organization that a pass works on. `scope` is `organization/<metadata.name>`. */
export interface OrganizationScope extends Scope<DesiredOrganization, SurroundedReader, OrganizationWriter> {
  /** The scope of the trust it depends on. Absent where it has none, or nobody says how to reach any part of it. */
  readonly trust?: string
}

/** A stage of a trust. */
export type TrustStage = ScopeStage<DesiredTrust, TrustReader, TrustWriter>

/** One trust that a pass works on, before the organizations that depend on it. `scope` is `trust/<name>`. */
export type TrustScope = Scope<DesiredTrust, TrustReader, TrustWriter>

/** What of a trust was read, to be seen with the eyes of one of its organizations. */
export interface TrustSeen {
  /** By stage. */
  readonly reads: ReadonlyMap<string, Read>
  readonly desired: DesiredTrust
  /** metadata.name. */
  readonly organization: string
  readonly now: Date
}

/** A trust of a pass with how it looks to its organizations. */
export interface ViewedTrust extends TrustScope {
  /** Pure. */
  readonly viewOf: (seen: TrustSeen) => TrustView
  /** What of it ends by itself for one of its organizations. Pure. */
  readonly endsOf?: (seen: TrustSeen) => KnownEnds
  /** What a person should know beside the plan, of the trust as a whole. Pure. */
  readonly notesOf?: (seen: Pick<TrustSeen, 'reads' | 'desired'>) => readonly Reason[]
}

/** What happens during a pass, for progress. */
export type PassEvent =
  | { readonly type: 'observing' | 'finished'; readonly scope: string }
  /** `changes`: ids of what may be written by this pass. */
  | { readonly type: 'planned'; readonly scope: string; readonly changes: readonly string[] }
  | { readonly type: 'apply'; readonly scope: string; readonly event: ApplyEvent }

/** How a pass runs. */
export interface PassOptions {
  readonly revision: string
  readonly mode: 'plan' | 'apply'
  /** Guards a person allowed by name; written into the journal. */
  readonly allow: ReadonlySet<string>
  /** What was allowed holds only while every planned change is among these ids. Absent: for whatever is planned. */
  readonly allowedIds?: ReadonlySet<string>
  /** Who asked for this pass, for the journal: a person or a process, for example `ann@build-7`. */
  readonly by?: string
  /** Keeps the objects it returns true for (`--only`). */
  readonly only?: (target: Target, scope: string) => boolean
  /** Apply only these change ids; others wait. */
  readonly approved?: ReadonlySet<string>
  /**
   * What organizations are told of their trust while it is only planned: as it was observed, or as it will be when its plan is applied, so
   * that a first plan shows everything. Default: `Planned`. A pass that applies always tells what is observed.
   */
  readonly trustAs?: 'Observed' | 'Planned'
  /** Of which objects of a plan it is to be told who changed them last, see `PassResult.writers`. It is asked before anything is written. */
  readonly askWho?: (plan: Plan) => readonly Target[]
  readonly signal: AbortSignal
  readonly onEvent?: (event: PassEvent) => void
}

/** What a pass over one scope came to. */
export interface PassResult {
  readonly scope: string
  /** metadata.name of what the scope is about. */
  readonly organization: string
  readonly revision: string
  /** Id of the pass; the journal has it too. */
  readonly pass: string
  readonly startedAt: string
  readonly finishedAt: string
  readonly plan: Plan
  readonly verdicts: readonly GuardVerdict[]
  /** The strongest objection that stood: nothing was written unless it is `allow`. */
  readonly decision: GuardVerdict['decision']
  /** Absent where nothing was applied. */
  readonly outcomes?: readonly Outcome[]
  /** What was observed before planning, by stage. */
  readonly reads: ReadonlyMap<string, Read>
  readonly projection: Projection
  /** By kind: the wished objects, and those that were there. */
  readonly presence: ReadonlyMap<string, Presence>
  /** Rollouts that are not done, by name. Absent where there is none. */
  readonly rollouts?: Rollouts
  /** Objects that are left alone because somebody else keeps changing them back. Absent where there is none. */
  readonly fights?: readonly Fought[]
  /** Who last changed objects that are fought over or were asked about, in words, by `objectId`. Absent where nobody is known. */
  readonly writers?: LastWriters
  /** Of a trust: what each of its organizations is told of it, by metadata.name. */
  readonly views?: ReadonlyMap<string, TrustView>
  /** What of the trust ends by itself, as it was observed: of an organization its own, of a trust the first of all its organizations. */
  readonly ends?: KnownEnds
  /** What a person should know beside the plan: interrupted changes of an earlier pass, a damaged memory. */
  readonly notices: readonly Reason[]
  /**
   * Why the pass over this scope ended early. The rest holds what was reached until then: without a plan `plan` is empty and `decision`
   * is `blocked`; `outcomes` are those that were concluded.
   */
  readonly failure?: Reason
}

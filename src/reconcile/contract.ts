// One pass over the scopes: load is done, what follows is observe, plan, guard, and (where asked) apply. Shared by the command line and,
// later, by the daemon.
import type { OrganizationReader, OrganizationWriter } from '../crm/organization.ts'
import type {
  ApplyEvent,
  Change,
  GuardVerdict,
  ObjectConditions,
  Outcome,
  Plan,
  Projection,
  Read,
  ScopeStage,
} from '../engine/index.ts'
import type { DesiredOrganization } from '../spec/desired.ts'

/** A stage of the organization scope. */
export type OrganizationStage = ScopeStage<DesiredOrganization, OrganizationReader, OrganizationWriter>

/** One organization that a pass works on. */
export interface OrganizationScope {
  /** `organization/<metadata.name>`; plans, journal and memory use it. */
  readonly scope: string
  readonly desired: DesiredOrganization
  readonly newReader: () => OrganizationReader
  /** Absent where the policy is Observe, or the caller only plans. */
  readonly writer?: OrganizationWriter
  readonly stages: readonly OrganizationStage[]
}

/** What happens during a pass, for progress. */
export type PassEvent =
  | { readonly type: 'observing' | 'planned' | 'finished'; readonly scope: string }
  | { readonly type: 'apply'; readonly scope: string; readonly event: ApplyEvent }

/** How a pass runs. */
export interface PassOptions {
  readonly revision: string
  readonly mode: 'plan' | 'apply'
  /** Guards a person allowed by name; written into the journal. */
  readonly allow: ReadonlySet<string>
  /** Keeps the changes it returns true for (`--only`). */
  readonly only?: (change: Change) => boolean
  /** Apply only these change ids; others wait. */
  readonly approved?: ReadonlySet<string>
  readonly signal: AbortSignal
  readonly onEvent?: (event: PassEvent) => void
}

/** What a pass over one scope came to. */
export interface PassResult {
  readonly scope: string
  readonly organization: string
  readonly revision: string
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
}

/** The conditions of every managed object after a pass. */
export type ConditionsOf = (result: PassResult) => readonly ObjectConditions[]

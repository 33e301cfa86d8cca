// What a loop of one scope works toward, as a revision says it.
import { scopeOf, trustScopeOf } from '../../compose/compose.ts'
import { notAppliedNotices, unconnectedNotices } from '../../compose/not-applied.ts'
import { overridePermits, type Uncommitted } from '../../compose/overrides.ts'
import type { Reason } from '../../engine/index.ts'
import type { PermitsAt } from '../../reconcile/permits.ts'
import { isTrustReachable, type RuntimeConfiguration } from '../../spec/configuration/load.ts'
import type { DesiredOrganization, DesiredOverride, DesiredState, DesiredTrust } from '../../spec/desired.ts'
import { isSameWish } from './same-wishes.ts'

interface WorkOf {
  /** `organization/<name>` or `trust/<name>`. */
  readonly scope: string
  readonly name: string
  /** Id of the revision that says so. */
  readonly revision: string
  readonly permits?: PermitsAt
  /** What the permits were made from. */
  readonly overrides: readonly DesiredOverride[]
  readonly uncommitted: Uncommitted
  /** What people should know before anything is read. */
  readonly notices: readonly Reason[]
}

/** An organization and what is asked of it. */
export interface OrganizationWork extends WorkOf {
  readonly kind: 'organization'
  readonly desired: DesiredOrganization
  /** What it depends on, where any part of that can be reached. */
  readonly trust?: DesiredTrust
}

/** A trust and what is asked of it. */
export interface TrustWork extends WorkOf {
  readonly kind: 'trust'
  readonly desired: DesiredTrust
}

/** What a loop works toward. */
export type ScopeWork = OrganizationWork | TrustWork

/** What a revision asks for, as the keeper took it. */
export interface EnforcedRevision {
  readonly id: string
  readonly state: DesiredState
  readonly uncommitted: Uncommitted
}

/** The work of every scope of a revision, trusts first. A trust that nobody says how to reach has none. */
export async function worksOf(
  { id: revision, state, uncommitted }: EnforcedRevision,
  configuration: RuntimeConfiguration,
): Promise<readonly ScopeWork[]> {
  const organizations = [...state.organizations.values()]
  const trusts = [...state.trusts.values()].filter((trust) => isTrustReachable(configuration, trust))
  const permits = await overridePermits({ organizations, trusts, overrides: state.overrides, uncommitted })
  const common = (scope: string) => {
    const allowed = permits.get(scope)
    return { scope, revision, overrides: state.overrides, uncommitted, ...(allowed ? { permits: allowed } : {}) }
  }
  return [
    ...trusts.map((desired): TrustWork => {
      return { kind: 'trust', name: desired.name, desired, notices: [], ...common(trustScopeOf(desired.name)) }
    }),
    ...organizations.map((desired): OrganizationWork => {
      const trust = trusts.find(({ organizations: members }) => members.has(desired.name))
      const notices = [...notAppliedNotices(desired, state, configuration), ...unconnectedNotices(desired)]
      const common_ = common(scopeOf(desired.name))
      return { kind: 'organization', name: desired.name, desired, notices, ...(trust ? { trust } : {}), ...common_ }
    }),
  ]
}

/** True where a pass over the one is a pass over the other: only the revision, and where things are written, differ. */
export function isSameWork(one: ScopeWork, other: ScopeWork): boolean {
  return (
    isSameDesired(one, other) &&
    isSameWish(one.overrides, other.overrides) &&
    isSameWish(one.uncommitted, other.uncommitted) &&
    isSameWish(one.notices, other.notices)
  )
}

/** True where both ask for the same. */
export function isSameDesired(one: ScopeWork, other: ScopeWork): boolean {
  const [trust, otherTrust] = [one, other].map((work) => (work.kind === 'organization' ? work.trust : undefined))
  return isSameWish(one.desired, other.desired) && isSameWish(trust, otherTrust)
}

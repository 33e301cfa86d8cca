import type { OrganizationScope, PassResult } from '../reconcile/contract.ts'
import { isTrustScope } from '../report/scope-title.ts'
import type { RuntimeConfiguration } from '../spec/configuration/load.ts'
import type { DesiredProfile } from '../spec/desired.ts'
import { type KnownEnds, type RunwayItem, runwayOf, vendorDatesWith } from '../trust/runway.ts'
import { VENDOR_DATES } from '../trust/runway-dates.data.ts'

/** What is counted down for: an organization by its profiles, or a trust, which is the link to Exchange Online. */
export type RunwayOf = { readonly profiles: ReadonlyMap<string, Pick<DesiredProfile, 'serverType'>> } | 'trust'

/** How long a connection has, as of a moment (ISO 8601), by what is known of it beside the dates of vendors. */
export type RunwayFor = (of: RunwayOf, known: KnownEnds, at: string) => readonly RunwayItem[]

/**
 * Counts down what the configuration and `known` say. The dates of vendors count for trusts, and where a profile leads to Exchange Online: no
 * other connection ends with them.
 */
export function runwayFor(configuration: RuntimeConfiguration): RunwayFor {
  const { dates, warnDays } = configuration.spec.runway
  const all = vendorDatesWith(VENDOR_DATES, dates)
  return (of, known, at) => {
    const vendorDates = leadsToExchangeOnline(of) ? all : []
    return runwayOf({ ...known, vendorDates, warnDays, now: new Date(at) }).items
  }
}

/** What ends by itself for what a result is about. */
export type RunwayOfResult = (result: PassResult) => readonly RunwayItem[]

/** Counts down for the results of a run. `scopes` are its organizations. */
export function runwayOfResults(
  configuration: RuntimeConfiguration,
  scopes: readonly Pick<OrganizationScope, 'scope' | 'desired'>[],
): RunwayOfResult {
  const count = runwayFor(configuration)
  return ({ scope, ends = {}, finishedAt }) => {
    const desired = scopes.find((one) => one.scope === scope)?.desired
    return count(isTrustScope(scope) ? 'trust' : (desired ?? NO_PROFILES), ends, finishedAt)
  }
}

const NO_PROFILES = { profiles: new Map() }

function leadsToExchangeOnline(of: RunwayOf): boolean {
  return of === 'trust' || [...of.profiles.values()].some(({ serverType }) => serverType === 'ExchangeOnlineHybrid')
}

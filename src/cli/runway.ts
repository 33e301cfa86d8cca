import type { RuntimeConfiguration } from '../spec/configuration/load.ts'
import type { DesiredProfile } from '../spec/desired.ts'
import { type RunwayInput, type RunwayItem, runwayOf, vendorDatesWith } from '../trust/runway.ts'
import { VENDOR_DATES } from '../trust/runway-dates.data.ts'

/** What is known of one organization beside the dates of vendors. */
export type KnownEnds = Omit<RunwayInput, 'vendorDates' | 'now' | 'warnDays'>

/** How long the connection of an organization has, as of a moment (ISO 8601). */
export type RunwayFor = (
  desired: { readonly profiles: ReadonlyMap<string, Pick<DesiredProfile, 'serverType'>> },
  organization: string,
  at: string,
) => readonly RunwayItem[]

/**
 * Counts down what the configuration and `known` say. The dates of vendors count where a profile leads to Exchange Online: no other
 * connection ends with them.
 */
export function runwayFor(
  configuration: RuntimeConfiguration,
  known: (organization: string) => KnownEnds = () => ({}),
): RunwayFor {
  const { dates, warnDays } = configuration.spec.runway
  const all = vendorDatesWith(VENDOR_DATES, dates)
  return ({ profiles }, organization, at) => {
    const leadsThere = [...profiles.values()].some(({ serverType }) => serverType === 'ExchangeOnlineHybrid')
    const vendorDates = leadsThere ? all : []
    return runwayOf({ ...known(organization), vendorDates, warnDays, now: new Date(at) }).items
  }
}

import type { RuntimeConfiguration } from '../spec/configuration/load.ts'
import type { DesiredProfile } from '../spec/desired.ts'
import { type KnownEnds, type RunwayItem, runwayOf, vendorDatesWith } from '../trust/runway.ts'
import { VENDOR_DATES } from '../trust/runway-dates.data.ts'

/** How long a connection has, as of a moment (ISO 8601), by what is known of it beside the dates of vendors. */
export type RunwayFor = (
  desired: { readonly profiles: ReadonlyMap<string, Pick<DesiredProfile, 'serverType'>> },
  known: KnownEnds,
  at: string,
) => readonly RunwayItem[]

/**
 * Counts down what the configuration and `known` say. The dates of vendors count where a profile leads to Exchange Online: no other
 * connection ends with them.
 */
export function runwayFor(configuration: RuntimeConfiguration): RunwayFor {
  const { dates, warnDays } = configuration.spec.runway
  const all = vendorDatesWith(VENDOR_DATES, dates)
  return ({ profiles }, known, at) => {
    const leadsThere = [...profiles.values()].some(({ serverType }) => serverType === 'ExchangeOnlineHybrid')
    const vendorDates = leadsThere ? all : []
    return runwayOf({ ...known, vendorDates, warnDays, now: new Date(at) }).items
  }
}

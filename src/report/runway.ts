import type { DesiredOrganization } from '../spec/desired.ts'
import { number } from './wording.ts'

/** Exchange Online ends Exchange Web Services, and with them this connection (Microsoft, deprecation of EWS in Exchange Online). */
const END_OF_EWS = '2027-04-01'
const DAY_MS = 86_400_000

/** How long the connection of an organization has, in a sentence; nothing where no profile leads to Exchange Online. */
export function runwayInWords({ profiles }: Pick<DesiredOrganization, 'profiles'>, now: string): readonly string[] {
  const leadsThere = [...profiles.values()].some(({ serverType }) => serverType === 'ExchangeOnlineHybrid')
  if (!leadsThere) return []
  const days = Math.ceil((Date.parse(END_OF_EWS) - Date.parse(now)) / DAY_MS)
  if (days > 0)
    return [
      `Exchange Online ends EWS in ${number(days)} ${days === 1 ? 'day' : 'days'} (${END_OF_EWS}), and this connection with it`,
    ]
  return [`Exchange Online ended EWS on ${END_OF_EWS}; this connection cannot work any more`]
}

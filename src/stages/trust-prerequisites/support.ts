import type { Verdict } from '../../engine/index.ts'
import { no, yes } from './check.ts'

/** Until when a version of CRM may be linked to Exchange Online (Microsoft, connect Dynamics 365 (on-premises) to Exchange Online). */
const ENDS: ReadonlyMap<string, string> = new Map([
  ['8', '2026-05-25'],
  ['9', '2027-04-01'],
])

/** Whether the link of this version of CRM is still supported; undefined where nothing is known of the version. */
export function supportVerdict(version: string | undefined, now: Date): Verdict | undefined {
  const end = ENDS.get(version?.split('.')[0] ?? '')
  if (!version || !end) return undefined
  const days = Math.ceil((Date.parse(end) - now.getTime()) / 86_400_000)
  if (days > 0)
    return yes(`the link of CRM ${version} to Exchange Online is supported until ${end}, for ${days} more days`)
  const message = `the link of CRM ${version} to Exchange Online is out of support since ${end}; plan the move to Dynamics 365 (online) or to an Exchange Server of your own`
  return no('OutOfSupport', message)
}

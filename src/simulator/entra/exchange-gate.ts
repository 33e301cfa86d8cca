// What stands between a directory that is in order and a mailbox: settings of Exchange Online that no interface of the directory shows.
import type { SimulatedTenant } from '../trust/model.ts'
import { ACS_APP_ID, CRM_APP_ID, EXCHANGE_APP_ID } from './clouds.ts'

/** What Exchange Web Services say to CRM, with the status of the answer. */
export type EwsVerdict =
  | { readonly state: 'Open' }
  /** Exchange Support did not switch the access on, or the connector was never ordered: 401 with this WWW-Authenticate. */
  | { readonly state: 'TenantNotEnabled'; readonly status: 401; readonly challenge: string }
  /** The tenant blocks Exchange Web Services, or this application in them. */
  | { readonly state: 'EwsBlocked'; readonly status: 403; readonly why: 'Disabled' | 'NotOnAllowList' }
  /** Exchange Web Services are gone. */
  | { readonly state: 'EwsRetired'; readonly status: 403 }

/** The gates of one tenant. */
export interface ExchangeGate {
  /** What an application gets now; default: CRM. Which id stands for CRM on the allow list is not documented. */
  verdict(appId?: string): EwsVerdict
}

/** From then on an undecided tenant is blocked, and an open one lets in only whom its list names (Microsoft, control access to EWS). */
const LIST_REQUIRED_FROM = Date.parse('2026-10-01T00:00:00Z')
/** From then on nobody is let in (Microsoft, retirement of Exchange Web Services in Exchange Online; the day is inferred). */
const RETIRED_FROM = Date.parse('2027-04-01T00:00:00Z')

/** The gates of a tenant as it stands whenever it is asked. */
export function createExchangeGate(tenant: SimulatedTenant, now: () => Date): ExchangeGate {
  return {
    verdict(appId = CRM_APP_ID) {
      const nowMs = now().getTime()
      if (nowMs >= RETIRED_FROM) return { state: 'EwsRetired', status: 403 }
      const { hybridConnector, supportEnabled } = tenant.exchange
      if (!hybridConnector || !supportEnabled) {
        return { state: 'TenantNotEnabled', status: 401, challenge: invalidTokenChallenge(tenant) }
      }
      const why = blockedBy(tenant.exchange, appId, nowMs >= LIST_REQUIRED_FROM)
      return why === undefined ? { state: 'Open' } : { state: 'EwsBlocked', status: 403, why }
    },
  }
}

/** WWW-Authenticate of a 401 for a token that Exchange Online does not take, as it stands in public reports. */
function invalidTokenChallenge({ tenantId }: SimulatedTenant): string {
  const members = [
    `client_id="${EXCHANGE_APP_ID}"`,
    `trusted_issuers="${ACS_APP_ID}@*"`,
    'token_types="app_asserted_user_v1 service_asserted_app_v1"',
    `authorization_uri="https://login.windows.net/${tenantId}/oauth2/authorize"`,
    'error="invalid_token"',
  ]
  return `Bearer ${members.join(', ')}`
}

function blockedBy(
  { ewsEnabled, allowedAppIds }: SimulatedTenant['exchange'],
  appId: string,
  isListRequired: boolean,
): 'Disabled' | 'NotOnAllowList' | undefined {
  if (ewsEnabled === false || (ewsEnabled === null && isListRequired)) return 'Disabled'
  if (allowedAppIds === undefined && !isListRequired) return undefined
  const isListed = (allowedAppIds ?? []).some((listed) => listed.toLowerCase() === appId.toLowerCase())
  return isListed ? undefined : 'NotOnAllowList'
}

// What no interface tells, so that a person must look at it and say so.
import type { Attestation, DesiredTenant } from '../../spec/desired.ts'

/** One thing to attest. */
export interface ToAttest {
  readonly field: keyof DesiredTenant['attestations']
  /** What it is, as the subject of a sentence: `the EWS allow list`, without the article. */
  readonly label: string
  /** How a person looks at it. Without parentheses: reports put it between some. */
  readonly ask: string
}

/** Everything that is to be attested of a Tenant, in the order in which it was set up. */
export const ATTESTATIONS: readonly ToAttest[] = [
  {
    field: 'hybridConnector',
    label: 'Hybrid Connector',
    ask: 'look for "Microsoft Dynamics CRM Hybrid Connector" among the subscriptions of the tenant',
  },
  {
    field: 'exchangeSupportEnabled',
    label: 'access by Exchange Support',
    ask: 'look for the case in which Exchange Support let CRM in for this tenant id; since 2025-10-01 no further tenant is enabled',
  },
  {
    field: 'ewsAllowList',
    label: 'EWS allow list',
    ask: 'run `Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy` in Exchange Online PowerShell and look for the id that CRM uses',
  },
]

/** `attested by ann on 2025-09-01 (case 4711)`. */
export function attestedInWords({ by, on, evidence }: Attestation): string {
  return `attested by ${by} on ${on}${evidence === undefined ? '' : ` (${evidence})`}`
}

/** Those that a Tenant does not have. */
export function notAttested({ attestations }: Pick<DesiredTenant, 'attestations'>): readonly ToAttest[] {
  return ATTESTATIONS.filter(({ field }) => attestations[field] === undefined)
}

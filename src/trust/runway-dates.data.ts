// Dates after which something of the connection ends, as their vendor announced them. A date that moves is overridden by `runway.dates` of the
// configuration, and corrected here.

/** How sure a date is: announced with its day; announced with its month, or its effect is a conclusion; told by others. */
export type Confidence = 'Certain' | 'Likely' | 'Uncertain'

/** One date of a vendor. */
export interface VendorDate {
  /** By which the configuration overrides it. */
  readonly name: string
  /** What ends, in a report. */
  readonly label: string
  /** A day, 2027-04-01; it ends when this day begins in UTC. */
  readonly on: string
  readonly source: string
  readonly confidence: Confidence
  /** The connection ends with it: no rotation leads past it. */
  readonly endsConnection: boolean
  /** An attestation of the Tenant by which it is met: it counts only for tenants without. */
  readonly metBy?: 'ewsAllowList'
  /** It counts only for CRM before this major version. */
  readonly before?: number
}

/** The dates mailkeel knows. */
export const VENDOR_DATES: readonly VendorDate[] = [
  {
    name: 'exchange-online-crm-8',
    label: 'support of CRM 8 with Exchange Online',
    on: '2026-05-25',
    source: 'Microsoft, Connect Dynamics 365 (on-premises) to Exchange Online',
    confidence: 'Certain',
    endsConnection: false,
    before: 9,
  },
  {
    name: 'exchange-online-ews-allow-list',
    label: 'EWS without an allow list',
    on: '2026-10-01',
    source: 'Microsoft, deprecation of EWS in Exchange Online (techcommunity 4492361)',
    confidence: 'Likely',
    endsConnection: false,
    metBy: 'ewsAllowList',
  },
  {
    name: 'exchange-online-ews',
    label: 'Exchange Online EWS',
    on: '2027-04-01',
    source: 'Microsoft, deprecation of EWS in Exchange Online',
    confidence: 'Likely',
    endsConnection: true,
  },
]

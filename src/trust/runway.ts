// How long the connection has: everything that ends by itself, with the day. Pure: what is known comes in, the clock too.
import type { Confidence, VendorDate } from './runway-dates.data.ts'

/** Something that ends by itself. */
export interface RunwayItem {
  readonly kind: 'Certificate' | 'Credential' | 'OwnCredential' | 'Attestation' | 'VendorDate'
  /** What ends, in a few words: `certificate`, `Exchange Online EWS`. */
  readonly label: string
  /** Name of the date of a vendor, by which the configuration overrides it. */
  readonly name?: string
  /** ISO 8601 in UTC, or a day, which ends when it begins. */
  readonly on: string
  /** A day that has begun counts: 1 is the last one; 0 and less is over. */
  readonly daysLeft: number
  /** `Critical`: at the last of the warnings; `Over`: it has ended. */
  readonly severity: 'Calm' | 'Warning' | 'Critical' | 'Over'
  /** The smallest number of days that was reached of those to warn at: what changes is told again. */
  readonly step?: number
  /** Who says so. */
  readonly source: string
  readonly confidence: Confidence
  /** The connection ends with it, whatever is renewed. */
  readonly endsConnection: boolean
}

/** The runway of a scope. */
export interface Runway {
  /** The earliest first. */
  readonly items: readonly RunwayItem[]
  readonly earliest?: RunwayItem
  /** Certificates and credentials that outlive the connection: renewing them again leads nowhere. */
  readonly pastRetirement: readonly RunwayItem[]
}

/** What is known; what is not known is left out, and not counted. */
export interface RunwayInput {
  /** ISO 8601: when the certificate ends that CRM signs in with. */
  readonly certificateEnd?: string
  /** When the credentials end that Entra ID accepts for it. The latest counts: an old one beside the new ends without harm. */
  readonly credentialEnds?: readonly string[]
  /** When the credential ends with which mailkeel itself signs in. */
  readonly ownCredentialEnd?: string
  /** Which attestations the Tenant has; undefined where the spec has no Tenant. */
  readonly attestations?: Readonly<Partial<Record<NonNullable<VendorDate['metBy']>, unknown>>>
  /** Major version of CRM. */
  readonly crmMajor?: number
  readonly vendorDates: readonly VendorDate[]
  readonly now: Date
  /** Days before an end at which it is a warning. */
  readonly warnDays: readonly number[]
  /** Certificate and credentials are warned of this early, where that is earlier. */
  readonly warnBeforeMs?: number
}

/** What is known of one connection beside the dates of vendors. */
export type KnownEnds = Omit<RunwayInput, 'vendorDates' | 'now' | 'warnDays'>

const DAY_MS = 86_400_000

/** Counts down everything that is known. */
export function runwayOf(input: RunwayInput): Runway {
  const items = [...ownEnds(input), ...vendorEnds(input)].toSorted((a, b) => Date.parse(a.on) - Date.parse(b.on))
  const end = items.find(({ endsConnection }) => endsConnection)
  const [earliest] = items
  return {
    items,
    ...(earliest ? { earliest } : {}),
    pastRetirement: end ? items.filter((item) => isRenewed(item) && Date.parse(item.on) > Date.parse(end.on)) : [],
  }
}

/** The dates of a vendor with those of the configuration: the same name replaces the day and its source, another name is added. */
export function vendorDatesWith(
  known: readonly VendorDate[],
  configured: readonly (Pick<VendorDate, 'name' | 'on' | 'source'> & { readonly confidence?: Confidence })[],
): readonly VendorDate[] {
  const laid = new Map(known.map((date) => [date.name, date]))
  for (const { name, on, source, confidence = 'Certain' } of configured) {
    const before = laid.get(name) ?? { label: name.replaceAll('-', ' '), endsConnection: false }
    laid.set(name, { ...before, name, on, source, confidence })
  }
  return [...laid.values()]
}

/** True for what a rotation renews. */
function isRenewed({ kind }: RunwayItem): boolean {
  return kind === 'Certificate' || kind === 'Credential'
}

function ownEnds({ certificateEnd, credentialEnds = [], ownCredentialEnd, ...input }: RunwayInput): RunwayItem[] {
  const latest = credentialEnds.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1)
  const ends = [
    { kind: 'Certificate', label: 'certificate', on: certificateEnd, source: 'the certificate itself' },
    { kind: 'Credential', label: 'credential', on: latest, source: 'Entra ID' },
    { kind: 'OwnCredential', label: "mailkeel's own sign-in", on: ownCredentialEnd, source: 'Entra ID' },
  ] as const
  return ends.flatMap(({ on, ...end }) => {
    if (on === undefined) return []
    return [
      { ...end, ...counted(on, input, input.warnBeforeMs), confidence: 'Certain' as const, endsConnection: false },
    ]
  })
}

function vendorEnds({ vendorDates, attestations, crmMajor, ...input }: RunwayInput): RunwayItem[] {
  return vendorDates
    .filter(({ metBy, before }) => {
      const isOpen = metBy === undefined || (attestations !== undefined && attestations[metBy] === undefined)
      return isOpen && (before === undefined || (crmMajor !== undefined && crmMajor < before))
    })
    .map(({ name, label, on, source, confidence, endsConnection, metBy }) => {
      const kind = metBy === undefined ? 'VendorDate' : 'Attestation'
      return { kind, name, label, source, confidence, endsConnection, ...counted(on, input) } as const
    })
}

function counted(
  on: string,
  { now, warnDays }: Pick<RunwayInput, 'now' | 'warnDays'>,
  warnBeforeMs = 0,
): Pick<RunwayItem, 'on' | 'daysLeft' | 'severity' | 'step'> {
  const daysLeft = Math.ceil((Date.parse(on) - now.getTime()) / DAY_MS) + 0
  const steps = warnBeforeMs > 0 ? [...warnDays, Math.floor(warnBeforeMs / DAY_MS)] : warnDays
  const reached = steps.filter((days) => daysLeft <= days).sort((a, b) => a - b)
  const [step] = reached
  const severity =
    daysLeft <= 0 ? 'Over' : step === undefined ? 'Calm' : step === Math.min(...steps) ? 'Critical' : 'Warning'
  return { on, daysLeft, severity, ...(step === undefined ? {} : { step }) }
}

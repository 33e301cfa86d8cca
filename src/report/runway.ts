import type { RunwayItem } from '../trust/runway.ts'
import { number } from './wording.ts'

/** A line about what ends. */
export interface RunwayLine {
  readonly text: string
  /** `Soon`: some day to warn at was reached; `Act`: so it was for something that a person can renew. */
  readonly urgency: 'None' | 'Soon' | 'Act'
}

/**
 * How long the connection has, the earliest end first: `Exchange Online EWS 129 days (2027-04-01), certificate 203 days`. Nothing where
 * nothing is counted down. Below stands what a person would not see in the days: that a renewal leads nowhere any more.
 */
export function runwayInWords(items: readonly RunwayItem[]): readonly RunwayLine[] {
  const [only] = items
  if (only === undefined) return []
  const soon = items.filter(({ severity }) => severity !== 'Calm')
  const urgency = soon.length === 0 ? 'None' : soon.some(({ kind }) => kind !== 'VendorDate') ? 'Act' : 'Soon'
  if (items.length === 1 && only.endsConnection) return [{ text: endInWords(only), urgency }]
  const ended = items.filter((item) => item.endsConnection && item.daysLeft <= 0)
  return [
    { text: items.map(itemInWords).join(', '), urgency },
    ...ended.map((item): RunwayLine => ({ text: endInWords(item), urgency: 'Soon' })),
    ...renewalsInWords(items).map((text): RunwayLine => ({ text, urgency: 'Act' })),
    ...pastEndInWords(items).map((text): RunwayLine => ({ text, urgency: 'None' })),
  ]
}

/** The end of the connection where nothing else is known. */
function endInWords({ label, daysLeft, on }: RunwayItem): string {
  if (daysLeft > 0) return `${label} ends in ${days(daysLeft)} (${day(on)}), and this connection with it`
  return `${label} ended on ${day(on)}; this connection cannot work any more`
}

function itemInWords({ kind, label, daysLeft, on, confidence }: RunwayItem): string {
  const isOwn = kind === 'Certificate' || kind === 'Credential' || kind === 'OwnCredential'
  const doubt = confidence === 'Uncertain' ? ', not sure' : ''
  if (daysLeft <= 0) {
    const attest = kind === 'Attestation' ? ' and nobody attests it' : ''
    return `${label} over since ${day(on)}${attest}${doubt}`
  }
  return `${label} ${days(daysLeft)}${isOwn ? '' : ` (${day(on)}${doubt})`}`
}

/** What a person does about what can be renewed, once it is time. What outlives the connection needs no renewal. */
function renewalsInWords(items: readonly RunwayItem[]): readonly string[] {
  const end = items.find(({ endsConnection }) => endsConnection)
  const due = items.filter(
    ({ severity, on }) => severity !== 'Calm' && (end === undefined || Date.parse(on) <= Date.parse(end.on)),
  )
  return due.flatMap(({ kind }) => RENEWALS[kind] ?? [])
}

const RENEWALS: Readonly<Partial<Record<RunwayItem['kind'], string>>> = {
  Certificate:
    'renew the certificate: have one of another subject issued, and name it in `certificate` of the Deployment',
  OwnCredential: "renew mailkeel's own sign-in: give its application in Entra ID a new secret or certificate",
}

function pastEndInWords(items: readonly RunwayItem[]): readonly string[] {
  const end = items.find(({ endsConnection }) => endsConnection)
  const past = items.filter(
    ({ kind, on }) => (kind === 'Certificate' || kind === 'Credential') && end && Date.parse(on) > Date.parse(end.on),
  )
  if (end === undefined || past.length === 0 || end.daysLeft <= 0) return []
  const labels = past.map(({ label }) => label).join(' and ')
  return [`the ${labels} ${past.length === 1 ? 'outlives' : 'outlive'} ${end.label}, so no further rotation is needed`]
}

function days(left: number): string {
  return `${number(left)} ${left === 1 ? 'day' : 'days'}`
}

function day(on: string): string {
  return on.slice(0, 10)
}

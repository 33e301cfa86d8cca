import type { Origin } from '../engine/index.ts'

/** A word for one and for many. */
export interface Noun {
  readonly one: string
  readonly many: string
}

/** How many names a sentence gives before it says how many more there are. */
const NAMES_SHOWN = 3

/** A number with separators for thousands: `1,320`. */
export function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A count with its word: `1 mailbox`, `12 mailboxes`. */
export function count(value: number, { one, many }: Noun): string {
  return `${number(value)} ${value === 1 ? one : many}`
}

/** Up to three names, then how many more: `ann, bob, cora and 9 more`. */
export function names(labels: readonly string[]): string {
  if (labels.length <= NAMES_SHOWN + 1) return labels.join(', ')
  return `${labels.slice(0, NAMES_SHOWN).join(', ')} and ${number(labels.length - NAMES_SHOWN)} more`
}

/** Names within a sentence: all of a few, else the first ones and how many more. */
export function namesInSentence(labels: readonly string[]): string {
  return isCutShort(labels) ? names(labels) : sentenceList(labels)
}

/** True where `names` leaves some out. */
export function isCutShort(labels: readonly string[]): boolean {
  return labels.length > NAMES_SHOWN + 1
}

/** Words joined as in a sentence: `a`, `a and b`, `a, b and c`. */
export function sentenceList(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** Where something was written, as short as a reader can follow: one place, a range of lines of one file, or the first of several files. */
export function places(origins: readonly Origin[]): string {
  const first = origins[0]
  if (first === undefined) return ''
  const files = new Set(origins.map(({ file }) => file))
  if (files.size > 1) return `${first.file}:${first.line} +${count(files.size - 1, FILE)}`
  const lines = origins.map(({ line }) => line)
  const low = lines.reduce((a, b) => Math.min(a, b))
  const high = lines.reduce((a, b) => Math.max(a, b))
  return low === high ? `${first.file}:${low}` : `${first.file}:${low}-${high}`
}

const FILE: Noun = { one: 'file', many: 'files' }

/** A duration for people: `0.3 s`, `12 s`, `1m12s`, `2h05m`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}m${String(whole % 60).padStart(2, '0')}s`
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, '0')}m`
}

/** The first digits of a digest or revision, as people write them: `3f2a91c`. Names that are no hash stay whole. */
export function short(hash: string): string {
  return /^[0-9a-f]{12,}$/.test(hash) ? hash.slice(0, 7) : hash
}

/** A time to the minute, `2026-11-20 16:02 UTC`, of ISO 8601 in UTC. */
export function minute(time: string): string {
  return `${time.slice(0, 'YYYY-MM-DDTHH:MM'.length).replace('T', ' ')} UTC`
}

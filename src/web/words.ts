// Numbers, times and tones as people read them. Pure, and always in English, whatever the browser speaks: the texts around them are.
import type { ObjectState, Tone } from '../daemon/api/shapes.ts'

const NUMBER = new Intl.NumberFormat('en')
const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' })

/** `50,000`. */
export function number(value: number): string {
  return NUMBER.format(value)
}

/** `1 mailbox`, `2 mailboxes`. */
export function count(value: number, one: string, many: string): string {
  return `${number(value)} ${value === 1 ? one : many}`
}

/** `32`, and of 50,000 `0.1 %`; never `0 %` of something and never `100 %` of less than all. */
export function percent(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %'
  if (part === whole) return '100 %'
  const share = (100 * part) / whole
  if (share < 0.1) return '< 0.1 %'
  if (share > 99.9) return '> 99.9 %'
  return `${share < 10 || share > 90 ? share.toFixed(1) : Math.round(share)} %`
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
]

/** A span in its largest unit: `12 s`, `4 min`, `3 h`, `2 d`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const [size, unit] = UNITS.find(([size]) => seconds >= size) ?? [1, 's']
  return `${Math.floor(seconds / size)} ${unit}`
}

/** `4 min ago`, `in 12 s`, `now`; what is not a time is told as it is. */
export function relative(iso: string, now: number): string {
  const at = Date.parse(iso)
  if (Number.isNaN(at)) return iso
  if (Math.abs(at - now) < 1_000) return 'now'
  return at > now ? `in ${span(at - now)}` : `${span(now - at)} ago`
}

/** `2026-11-23 12:04:05 UTC`: what logs and git say too. */
export function exact(iso: string): string {
  const at = Date.parse(iso)
  if (Number.isNaN(at)) return iso
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** `Apr 1, 2027`. */
export function day(iso: string): string {
  const at = Date.parse(iso)
  return Number.isNaN(at) ? iso : DAY.format(at)
}

/** A commit by its first seven digits; anything else by what fits. */
export function shortRevision(id: string): string {
  return /^[0-9a-f]{40,64}$/.test(id) ? id.slice(0, 7) : id.slice(0, 16)
}

/**
 * Text of others with what cannot be seen made visible: a name that turns its own direction would read as that of somebody else. `\u202Enna`
 * is told as `⟨202E⟩nna`.
 */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (one) => `⟨${one.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}⟩`,
  )
}

/** Words of a server as a sentence that others may follow. */
export function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1)
  return begun === '' || /[.!?]$/.test(begun) ? begun : `${begun}.`
}

/** From what to look at first to what needs no look. */
export const TONES: readonly Tone[] = ['trouble', 'unknown', 'waiting', 'calm']

/** A tone in words; colour is never the only sign. */
export const TONE_WORDS: Readonly<Record<Tone, string>> = {
  trouble: 'in trouble',
  unknown: 'unknown',
  waiting: 'waiting',
  calm: 'in order',
}

/** The tone of what ends by itself, by its severity. */
export const RUNWAY_TONES: Readonly<Record<string, Tone>> = {
  Calm: 'calm',
  Warning: 'waiting',
  Critical: 'trouble',
  Over: 'trouble',
}

/** The tone of an object. */
export const STATE_TONES: Readonly<Record<ObjectState, Tone>> = {
  failing: 'trouble',
  unknown: 'unknown',
  waiting: 'waiting',
  healthy: 'calm',
}

/** Orders by what to look at first; for sort. */
export function byTone(a: Tone, b: Tone): number {
  return TONES.indexOf(a) - TONES.indexOf(b)
}

/** The worst of them; `calm` of none. */
export function worst(tones: readonly Tone[]): Tone {
  return [...tones].sort(byTone)[0] ?? 'calm'
}

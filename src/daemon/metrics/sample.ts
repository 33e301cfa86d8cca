import type { MetricName } from './definitions.ts'

/** One number of a metric. */
export interface Sample {
  readonly metric: MetricName
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const CODE = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/

/** A code as a label: what is no code, and so perhaps a text of others or the name of somebody, is `Other`. */
export function codeLabel(code: string): string {
  return CODE.test(code) ? code : 'Other'
}

/** Seconds from a moment (ISO 8601) to another, never below 0. */
export function secondsBetween(from: string | number, now: Date): number {
  const since = typeof from === 'number' ? from : Date.parse(from)
  return Math.max(0, (now.getTime() - since) / 1000)
}

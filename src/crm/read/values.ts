// Reading single values of a row. They are called for every column of every row: no regular expressions, no allocation where the value
// is already what we want.
import type { OptionSet } from '../options.ts'
import type { Other } from '../rows.ts'

/** A row as JSON.parse gives it. */
export type Raw = Readonly<Record<string, unknown>>

/** A row that cannot be read without guessing. The row is unknown then, the set is not. */
export class Undecodable extends Error {
  constructor(column: string, found: string) {
    super(`column ${column} holds ${found}`)
    this.name = 'Undecodable'
  }
}

/** A text column that may not be empty of a value. */
export function requiredText(value: unknown, column: string): string {
  if (typeof value === 'string') return value
  throw new Undecodable(column, nameOf(value))
}

/** A text column; null where it is empty. */
export function optionalText(value: unknown, column: string): string | null {
  if (typeof value === 'string') return value === '' ? null : value
  if (value === null || value === undefined) return null
  throw new Undecodable(column, nameOf(value))
}

/** A whole number, null where there is none. */
export function optionalNumber(value: unknown, column: string): number | null {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (value === null || value === undefined) return null
  throw new Undecodable(column, nameOf(value))
}

/** A whole number that must be there. */
export function requiredNumber(value: unknown, column: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new Undecodable(column, nameOf(value))
}

/** A boolean that must be there. */
export function requiredFlag(value: unknown, column: string): boolean {
  if (typeof value === 'boolean') return value
  throw new Undecodable(column, nameOf(value))
}

/** A boolean whose column may be missing from the build or empty in old rows; then it is `neutral`, the documented default. */
export function flagOr(neutral: boolean, value: unknown, column: string): boolean {
  if (typeof value === 'boolean') return value
  if (value === null || value === undefined) return neutral
  throw new Undecodable(column, nameOf(value))
}

/** An option that must be there. */
export function requiredOption<Word extends string>(
  set: OptionSet<Word>,
  value: unknown,
  column: string,
): Word | Other {
  const word = set.word(value)
  if (word !== undefined) return word
  throw new Undecodable(column, nameOf(value))
}

/** An option that may be empty; then it is `neutral`. */
export function optionOr<Word extends string, Neutral>(
  neutral: Neutral,
  set: OptionSet<Word>,
  value: unknown,
  column: string,
): Word | Other | Neutral {
  return value === null || value === undefined ? neutral : requiredOption(set, value, column)
}

/** A lookup: the id in lower case, null where it points nowhere. */
export function lookup(value: unknown, column: string): string | null {
  if (typeof value === 'string' && value.length === 36) return value.toLowerCase()
  if (value === null || value === undefined) return null
  throw new Undecodable(column, nameOf(value))
}

/**
 * A time in ISO 8601, UTC. CRM stores "never" as 1900-01-01 (observed), which is null here. Date-only columns may come with or without a
 * time of day; both read the same.
 */
export function time(value: unknown, column: string): string | null {
  if (value === null || value === undefined) return null
  if (typeof value !== 'string') throw new Undecodable(column, nameOf(value))
  if (value.startsWith('1900-01-01')) return null
  if (value.length === 20 && value.endsWith('Z')) return value
  const parsed = new Date(value.length === 10 ? `${value}T00:00:00Z` : value)
  if (Number.isNaN(parsed.getTime())) throw new Undecodable(column, 'no date')
  return parsed.toISOString().replace('.000Z', 'Z')
}

/** Whether a time is the far future by which CRM parks a mailbox (9999-12-30, observed). */
export function isParked(value: string | null): boolean {
  return value?.startsWith('9999-12-3') ?? false
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  return value === null ? 'null' : `an unexpected ${typeof value}`
}

// How the plain kinds of columns are read and written.
import { optionalNumber, optionalText, Undecodable } from './read/values.ts'

/** What a plain column takes. */
export type Written = string | number | boolean | null

/** A value on its way from a column and back. */
export interface Codec<Value, Out = Written> {
  /** Undefined where there is nothing to tell. */
  readonly read: (value: unknown, column: string) => Value | undefined
  readonly write: (value: Value) => Out
}

export const TEXT: Codec<string | null> = { read: optionalText, write: (value) => value }
export const NUMBER: Codec<number | null> = { read: optionalNumber, write: (value) => value }

/** An empty boolean is left out: its default differs from column to column, and old rows differ from the documentation. */
export const FLAG: Codec<boolean> = {
  read(value, column) {
    if (typeof value === 'boolean') return value
    if (value === null || value === undefined) return undefined
    throw new Undecodable(column, `an unexpected ${typeof value}`)
  },
  write: (value) => value,
}

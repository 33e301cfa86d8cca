import { CrmError } from '../organization.ts'
import type { TableColumns } from '../probe.ts'
import type { Unreadable } from '../rows.ts'
import type { Share } from './sharing.ts'
import type { Raw } from './values.ts'

/** How rows of one table are asked for and read. Columns are given as `$select` wants them: lookups as `_x_value`. */
export interface Table<T> {
  /** The logical name, as the metadata says it. */
  readonly name: string
  readonly entitySet: string
  readonly key: string
  /** Columns without which no row can be read; a build without one of them is not supported. */
  readonly essential: readonly string[]
  /** Columns that read as their documented neutral value where the build does not have them. */
  readonly optional: readonly string[]
  /** Whether to ask what kind of row lookups point at. */
  readonly annotated: boolean
  /** Makes a row of its JSON. Throws Undecodable. `id` is the key, already checked; `share` is for values that many rows have. */
  decode(raw: Raw, id: string, share: Share): T
  /** What matters of a row that cannot be decoded. */
  unreadable?(raw: Raw): Partial<Unreadable>
}

/** The metadata name of a column: `_ownerid_value` is `ownerid` there. */
export function logicalName(column: string): string {
  return column.startsWith('_') && column.endsWith('_value') ? column.slice(1, -'_value'.length) : column
}

/**
 * What `$select` asks for: the key, and of the table's columns those that the metadata confirms, because an unknown property is an error
 * (Microsoft, Web API: select columns). Throws CrmError `Unsupported` where an essential column is missing.
 */
export function selectOf<T>(table: Table<T>, columns: TableColumns | undefined): string {
  const has = (column: string) => columns?.readable.has(logicalName(column)) ?? false
  const missing = table.essential.filter((column) => !has(column)).map(logicalName)
  if (missing.length > 0) {
    throw new CrmError(
      'Unsupported',
      `the metadata of ${table.name} does not show ${missing.join(', ')}; this build is not supported, or the identity may not read its metadata`,
    )
  }
  return [table.key, ...table.essential, ...table.optional.filter(has)].join(',')
}

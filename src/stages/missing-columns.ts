import type { Fields, FieldValue, Reason } from '../engine/index.ts'

/**
 * Wished fields whose column this build of CRM does not have. A switch that reads as nothing is there but empty, as in rows of older
 * versions.
 */
export function missingColumns(
  wished: Readonly<Record<string, FieldValue | undefined>>,
  actual: Partial<Fields>,
): readonly string[] {
  return Object.entries(wished)
    .filter(([field, value]) => actual[field] === undefined && typeof value !== 'boolean')
    .map(([field]) => field)
}

/** Why nothing is written where columns are missing. */
export function noSuchColumn(fields: readonly string[]): Reason {
  return {
    code: 'ColumnMissing',
    message: `this version of CRM does not have ${fields.join(', ')}; take ${fields.length === 1 ? 'it' : 'them'} out of the spec`,
  }
}

import type { EntityName, Reference, Row, Value } from '../world.ts'

/** Whether a column value is a reference to a row. */
export function isReference(value: Value | undefined): value is Reference {
  return typeof value === 'object' && value !== null
}

/** The row a lookup column points to, if any. */
export function referenceIn(row: Readonly<Row>, column: string): Reference | undefined {
  const value = row[column]
  return isReference(value) ? value : undefined
}

/** The text of a column; empty where it is null. */
export function textIn(row: Readonly<Row>, column: string): string {
  const value = row[column]
  return typeof value === 'string' ? value : ''
}

/** The number in a column; 0 where it is null. */
export function numberIn(row: Readonly<Row>, column: string): number {
  const value = row[column]
  return typeof value === 'number' ? value : 0
}

/** A reference to a row. */
export function referenceTo(entity: EntityName, id: string): Reference {
  return { entity, id }
}

/** Whether two column values are the same; references are the same where they name the same row. */
export function sameValue(left: Value | undefined, right: Value | undefined): boolean {
  if (isReference(left) && isReference(right)) return left.entity === right.entity && left.id === right.id
  return (left ?? null) === (right ?? null)
}

/** Whether the change gives the column a value that the row does not have. */
export function changes(row: Readonly<Row>, change: Readonly<Row>, column: string): boolean {
  return column in change && !sameValue(row[column], change[column])
}

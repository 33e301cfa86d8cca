import type { EntityDefinition, Row, Value } from '../../world.ts'
import { badRequest } from '../errors.ts'
import { type Property, propertyNamed } from './properties.ts'

/** Compares two rows. */
export type Comparison = (a: Readonly<Row>, b: Readonly<Row>) => number

/** Compiles `$orderby=a desc,b`. Rows without a value come first in ascending order, as in SQL Server. Throws 400. */
export function compileOrder(definition: EntityDefinition, text: string): Comparison {
  const terms = text.split(',').map((term) => {
    const [name = '', direction = 'asc', ...rest] = term.trim().split(/\s+/)
    if ((direction !== 'asc' && direction !== 'desc') || rest.length > 0) throw badRequest(`Syntax error in '${text}'.`)
    const property = propertyNamed(definition, name)
    return { property, sign: direction === 'desc' ? -1 : 1 }
  })
  return (a, b) => {
    for (const { property, sign } of terms) {
      const order = compareValues(sortable(property, a), sortable(property, b))
      if (order !== 0) return order * sign
    }
    return 0
  }
}

function sortable(property: Property, row: Readonly<Row>): string | number | null {
  const value: Value = row[property.column] ?? null
  if (value === null) return null
  if (typeof value === 'string') return value.toLowerCase()
  if (typeof value === 'object') return value.id
  return Number(value)
}

function compareValues(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  return a < b ? -1 : 1
}

// A `$filter` becomes one predicate over rows. What SQL Server does behind CRM shows through and is kept: text compares without regard
// to case, `ne` and `not` also return rows without a value, and the text functions take LIKE wildcards.

import type { EntityDefinition, Row, Value, World } from '../../world.ts'
import { badRequest } from '../errors.ts'
import { type Expression, type Literal, type Operator, parseFilter } from './filter-syntax.ts'
import { likePattern } from './like.ts'
import { type Property, propertyNamed } from './properties.ts'

/** Tells whether a row belongs to the answer. */
export type Predicate = (row: Readonly<Row>) => boolean

/** Compiles a `$filter` for a table. Throws 400 for unknown properties, wrong types and what the switches turn off. */
export function compileFilter(world: World, definition: EntityDefinition, text: string): Predicate {
  return compile({ world, definition }, parseFilter(text))
}

interface Scope {
  readonly world: World
  readonly definition: EntityDefinition
}

/** Reads one comparable value of a row; null where there is none. */
type Reader = (row: Readonly<Row>) => string | number | boolean | null

interface Operand {
  readonly property: Property
  readonly read: Reader
}

function compile(scope: Scope, expression: Expression): Predicate {
  switch (expression.kind) {
    case 'and': {
      const terms = expression.terms.map((term) => compile(scope, term))
      return (row) => terms.every((term) => term(row))
    }
    case 'or':
      return compileOr(scope, expression.terms)
    case 'not': {
      const term = compile(scope, expression.term)
      return (row) => !term(row)
    }
    case 'compare':
      return compileComparison(operandOf(scope, expression.path), expression.operator, expression.literal)
    case 'in': {
      if (!scope.world.switches.inFunction) throw badRequest("An unknown function with name 'In' was found.")
      const { property, read } = operandOf(scope, expression.path)
      const values = new Set(expression.values.map((value) => comparable(property, inLiteral(property, value))))
      return (row) => values.has(read(row))
    }
    default:
      return compileText(operandOf(scope, expression.path), expression.kind, expression.text)
  }
}

/** A chain `x eq a or x eq b …` becomes one look-up: key lists are the common case and tables are large. */
function compileOr(scope: Scope, terms: readonly Expression[]): Predicate {
  const path = equalityPath(terms)
  if (path === undefined) {
    const predicates = terms.map((term) => compile(scope, term))
    return (row) => predicates.some((predicate) => predicate(row))
  }
  const { property, read } = operandOf(scope, path)
  const values = new Set(terms.map((term) => (term.kind === 'compare' ? comparable(property, term.literal) : null)))
  return (row) => values.has(read(row))
}

function equalityPath(terms: readonly Expression[]): readonly string[] | undefined {
  let path: readonly string[] | undefined
  for (const term of terms) {
    if (term.kind !== 'compare' || term.operator !== 'eq') return undefined
    if (path !== undefined && term.path.join('/') !== path.join('/')) return undefined
    path = term.path
  }
  return path
}

function compileComparison({ property, read }: Operand, operator: Operator, literal: Literal): Predicate {
  const wanted = comparable(property, literal)
  if (operator === 'eq') return (row) => read(row) === wanted
  if (operator === 'ne') return (row) => read(row) !== wanted
  if (wanted === null || typeof wanted === 'boolean') {
    throw badRequest(`Operator '${operator}' is not supported for the value of '${property.name}'.`)
  }
  const compare = ORDERINGS[operator]
  return (row) => {
    const value = read(row)
    return value !== null && compare(value, wanted)
  }
}

const ORDERINGS: Readonly<
  Record<Exclude<Operator, 'eq' | 'ne'>, (a: string | number | boolean, b: string | number) => boolean>
> = {
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
}

function compileText(
  { property, read }: Operand,
  kind: 'contains' | 'startswith' | 'endswith',
  text: string,
): Predicate {
  if (typeClass(property) !== 'text') {
    throw badRequest(`No function signature for the function with name '${kind}' matches the specified arguments.`)
  }
  const matches = likePattern(kind, text.toLowerCase())
  return (row) => {
    const value = read(row)
    return typeof value === 'string' && matches(value)
  }
}

function operandOf(scope: Scope, path: readonly string[]): Operand {
  const [first = '', second] = path
  if (second === undefined) {
    const property = propertyNamed(scope.definition, first)
    return { property, read: reader(property) }
  }
  const { navigation } = scope.definition
  const hop = navigation.get(first)
  if (!scope.world.switches.inFunction || path.length > 2 || hop === undefined || hop.target === 'principal') {
    throw badRequest(`Could not find a property named '${path.join('/')}' that can be filtered on.`)
  }
  const target = hop.target
  const definition = scope.world.definitions.get(target)
  if (definition === undefined) throw badRequest(`The type of '${first}' is not known.`)
  const property = propertyNamed(definition, second)
  const inner = reader(property)
  const rows = scope.world.rows(target)
  return {
    property,
    read: (row) => {
      const reference = row[hop.column]
      if (reference === null || typeof reference !== 'object' || reference.entity !== target) return null
      const related = rows.get(reference.id)
      return related === undefined ? null : inner(related)
    },
  }
}

function reader(property: Property): Reader {
  const { column } = property
  switch (typeClass(property)) {
    case 'lookup':
      return (row) => idOf(row[column])
    case 'date':
      return (row) => {
        const value = row[column]
        return typeof value === 'string' ? value.slice(0, 19) : null
      }
    case 'text':
      return (row) => {
        const value = row[column]
        return typeof value === 'string' ? value.toLowerCase() : null
      }
    default:
      return (row) => {
        const value = row[column] ?? null
        return typeof value === 'object' ? null : value
      }
  }
}

function idOf(value: Value | undefined): string | null {
  return value !== null && typeof value === 'object' ? value.id : null
}

/** The literal in the form `reader` gives values of this property, or 400 where the types do not go together. */
function comparable(property: Property, literal: Literal): string | number | boolean | null {
  if (literal.kind === 'null') return null
  const type = typeClass(property)
  switch (type) {
    case 'lookup':
    case 'guid':
      // The documentation shows identifiers both bare and quoted.
      if (literal.kind === 'guid') return literal.value
      if (literal.kind === 'string' && GUID.test(literal.value)) return literal.value.toLowerCase()
      break
    case 'date':
      if (literal.kind === 'date') return new Date(literal.value).toISOString().slice(0, 19)
      break
    case 'text':
      if (literal.kind === 'string') return literal.value.toLowerCase()
      break
    default:
      if (literal.kind === type) return literal.value
  }
  throw badRequest(
    `A binary operator with incompatible types was detected. Property '${property.name}' cannot be compared with a literal of kind '${literal.kind}'.`,
  )
}

/** Values of `In` are always quoted; they are read as the property's own type. */
function inLiteral(property: Property, value: string): Literal {
  switch (typeClass(property)) {
    case 'number':
      return { kind: 'number', value: Number(value) }
    case 'boolean':
      return { kind: 'boolean', value: value === 'true' || value === '1' }
    case 'date':
      return { kind: 'date', value }
    default:
      return { kind: 'string', value }
  }
}

type TypeClass = 'lookup' | 'guid' | 'date' | 'text' | 'number' | 'boolean'

function typeClass(property: Property): TypeClass {
  if (property.lookup) return 'lookup'
  switch (property.attribute.type) {
    case 'Uniqueidentifier':
      return 'guid'
    case 'DateTime':
      return 'date'
    case 'Boolean':
      return 'boolean'
    case 'String':
    case 'Memo':
      return 'text'
    default:
      return 'number'
  }
}

const GUID = /^\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i

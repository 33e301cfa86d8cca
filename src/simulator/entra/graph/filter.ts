import { badRequest } from './refusal.ts'

/** One of several alternatives: a property, or a member of a collection, that has one of these values. */
export interface FilterClause {
  readonly property: string
  /** Written with `any`. */
  readonly isCollection: boolean
  readonly values: readonly string[]
}

const LITERAL = "'(?:[^']|'')*'"
const CLAUSES = [
  new RegExp(String.raw`(\w+)/any\(\s*(\w+)\s*:\s*(\2 eq ${LITERAL}(?: or \2 eq ${LITERAL})*)\s*\)`, 'y'),
  new RegExp(String.raw`(\w+) eq ()(${LITERAL})`, 'y'),
  new RegExp(String.raw`(\w+) in ()\((${LITERAL}(?:\s*,\s*${LITERAL})*)\)`, 'y'),
] as const
const MOST_VALUES = 15

/**
 * The alternatives of a filter: `eq`, `in`, and `any` with `eq`, joined by `or`; that is all this simulator knows. More than 15 values are
 * refused, as public reports have it. Throws GraphRefusal.
 */
export function filterClauses(text: string): readonly FilterClause[] {
  const clauses: FilterClause[] = []
  let at = 0
  while (at < text.length) {
    const [clause, length] = clauseAt(text, at)
    clauses.push(clause)
    at += length
    if (at === text.length) break
    if (!text.startsWith(' or ', at)) throw invalid(text)
    at += ' or '.length
    if (at === text.length) throw invalid(text)
  }
  const values = clauses.flatMap((clause) => clause.values).length
  if (values === 0) throw invalid(text)
  if (values > MOST_VALUES) {
    const message = `Too many child clauses specified in search filter expression containing 'OR' operators: ${values}. Max allowed: ${MOST_VALUES}.`
    throw badRequest(message, 'Request_UnsupportedQuery')
  }
  return clauses
}

function clauseAt(text: string, at: number): readonly [clause: FilterClause, length: number] {
  for (const pattern of CLAUSES) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) continue
    const [whole, property = '', variable = '', literals = ''] = match
    return [{ property, isCollection: variable !== '', values: valuesIn(literals) }, whole.length]
  }
  throw invalid(text)
}

function valuesIn(text: string): readonly string[] {
  return [...text.matchAll(new RegExp(LITERAL, 'g'))].map(([literal]) => literal.slice(1, -1).replaceAll("''", "'"))
}

function invalid(text: string) {
  return badRequest(`Invalid filter clause: the expression "${text}" cannot be read.`, 'BadRequest')
}

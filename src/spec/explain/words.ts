import { printable } from '../problem.ts'
import type { JsonSchema } from '../schemas.ts'

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  object: 'a map of fields',
  array: 'a list',
}

const TRUE_WORDS = new Set(['yes', 'on', 'y', 'true'])
const FALSE_WORDS = new Set(['no', 'off', 'n', 'false'])

/** `a, b or c`. */
export function listed(words: readonly string[], conjunction = 'or'): string {
  const ticked = words.map((word) => `\`${word}\``)
  const last = ticked.pop() ?? ''
  return ticked.length === 0 ? last : `${ticked.join(', ')} ${conjunction} ${last}`
}

/** A plain value as a person would say it; anything else only by its kind. */
export function inWords(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' ? printable(value, 60) : kindOf(value)
}

/** Says what to write instead of a value of the wrong type; one that is required cannot be removed. */
export function explainType(name: string, value: unknown, schema: JsonSchema, isRequired: boolean): string {
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])
  const wanted = types.map((type) => TYPES[type] ?? type).join(' or ')
  if (value === null) return `${name} is empty; write ${wanted}${isRequired ? '' : ', or remove it'}`
  if (typeof value === 'number' && types.includes('integer')) return `${name} is ${value}; write a whole number`
  return `${name} must be ${wanted}, not ${kindOf(value)}${advice(value, types, schema)}`
}

function advice(value: unknown, types: readonly string[], schema: JsonSchema): string {
  if (types.includes('boolean') && typeof value === 'string') {
    const word = value.toLowerCase()
    if (TRUE_WORDS.has(word)) return '; write true, without quotes'
    if (FALSE_WORDS.has(word)) return '; write false, without quotes'
  }
  if ((types.includes('integer') || types.includes('number')) && typeof value === 'string') {
    if (/^[0-9]{1,15}$/.test(value)) return `; write ${value} without quotes`
  }
  if (types.includes('string') && (typeof value === 'number' || typeof value === 'boolean')) return '; put it in quotes'
  if (types.includes('array') && typeof value === 'string') return '; write each entry on its own line behind `- `'
  const [example] = schema.examples ?? []
  if (types.includes('object') && typeof example === 'object' && example !== null)
    return `; for example ${flow(example)}`
  return ''
}

function flow(example: object): string {
  const fields = Object.entries(example).map(([key, value]) => `${key}: ${value}`)
  return `{ ${fields.join(', ')} }`
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number') return 'a number'
  if (typeof value === 'boolean') return 'true or false'
  return typeof value === 'string' ? 'text' : 'a map'
}

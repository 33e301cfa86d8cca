// From the findings of a schema validator to what a person should write. The schema itself has the words: names of fields, allowed
// values, limits, and for a pattern its `patternErrorMessage`.
import { printable } from '../problem.ts'
import type { JsonSchema } from '../schemas.ts'
import type { SchemaError } from '../validate.ts'
import type { Path } from '../yaml/positions.ts'
import { nearest } from './did-you-mean.ts'
import { pathOf, schemaAt, valueAt } from './schema-at.ts'
import { explainType, inWords, listed } from './words.ts'

/** One finding in words, with the place it belongs to. */
export interface Explanation {
  readonly path: Path
  /** Whether the key or the value of the last step is meant. */
  readonly part: 'key' | 'value'
  readonly message: string
}

interface Finding {
  readonly error: SchemaError
  readonly path: Path
  readonly value: unknown
  readonly schema: JsonSchema
  readonly root: JsonSchema
}

/** Where several findings concern one value, the first of these says enough. */
const WEIGHT = ['type', 'enum', 'maxLength', 'pattern', 'minLength', 'minimum', 'maximum']

/** Explains findings about a value; at most one per value and keyword that matters, at most `limit` in all. */
export function explainErrors(
  errors: readonly SchemaError[],
  value: unknown,
  schema: JsonSchema,
  limit: number,
): Explanation[] {
  const explanations: Explanation[] = []
  for (const error of withoutEchoes(errors)) {
    if (explanations.length >= limit) break
    const path = pathOf(error.instancePath, value)
    const finding = { error, path, value: valueAt(value, path), schema: schemaAt(schema, path), root: schema }
    const explain = EXPLAIN[error.keyword] ?? explainOther
    const explanation = explain(finding)
    if (explanation !== undefined) explanations.push(explanation)
  }
  return explanations
}

function withoutEchoes(errors: readonly SchemaError[]): SchemaError[] {
  const best = new Map<string, number>()
  for (const { instancePath, keyword } of errors) {
    const weight = WEIGHT.indexOf(keyword)
    if (weight >= 0) best.set(instancePath, Math.min(weight, best.get(instancePath) ?? WEIGHT.length))
  }
  return errors.filter((error) => {
    const weight = WEIGHT.indexOf(error.keyword)
    if ('propertyName' in error || error.keyword === 'if') return false
    return weight < 0 || weight === best.get(error.instancePath)
  })
}

const EXPLAIN: Readonly<Record<string, (finding: Finding) => Explanation | undefined>> = {
  additionalProperties: explainUnknownField,
  required: explainMissing,
  type: explainWrongType,
  enum: explainEnum,
  pattern: (finding) =>
    at(finding, `${nameOf(finding.path)} must be ${finding.schema.patternErrorMessage ?? 'written differently'}`),
  minLength: (finding) =>
    at(
      finding,
      finding.value === ''
        ? `${nameOf(finding.path)} is empty; write a value`
        : `${nameOf(finding.path)} must have at least ${inWords(finding.error.params['limit'])} characters`,
    ),
  maxLength: (finding) =>
    at(
      finding,
      `${nameOf(finding.path)} has ${String(finding.value).length} characters; at most ${inWords(finding.error.params['limit'])} fit`,
    ),
  minimum: explainRange,
  maximum: explainRange,
  minProperties: explainChoice,
  maxProperties: explainChoice,
  minItems: (finding) => at(finding, `${nameOf(finding.path)} is an empty list; write an entry or remove it`),
  maxItems: (finding) =>
    at(finding, `${nameOf(finding.path)} has more than ${inWords(finding.error.params['limit'])} entries`),
  uniqueItems: (finding) => ({
    path: [...finding.path, Number(finding.error.params['i'])],
    part: 'value',
    message: `${nameOf(finding.path)} names this twice; keep one`,
  }),
  propertyNames: (finding) => ({
    path: [...finding.path, String(finding.error.params['propertyName'])],
    part: 'key',
    message: `\`${printable(String(finding.error.params['propertyName']), 60)}\` cannot be a name here; use lower case letters, digits and hyphens`,
  }),
}

function explainWrongType(finding: Finding): Explanation {
  const { path, value, schema, root } = finding
  const needed = isRequired(finding)
  if (value === null && needed && schema.type === 'array') {
    const entry = schemaAt(root, [...path, 0]).properties?.['address'] === undefined ? 'entry' : 'address'
    return at(finding, `${nameOf(path)} is empty; write at least one ${entry}`)
  }
  return at(finding, explainType(nameOf(path), value, schema, needed))
}

function explainUnknownField({ error, path, schema, root }: Finding): Explanation {
  const field = String(error.params['additionalProperty'])
  const known = Object.keys(schema.properties ?? {})
  const name = printable(field, 60)
  const place = { path: [...path, field], part: 'key' } as const
  const near = known.find((name) => name === ALSO_CALLED.get(field.toLowerCase())) ?? nearest(field, known)
  if (near !== undefined) return { ...place, message: `unknown field \`${name}\`; did you mean \`${near}\`?` }
  for (const part of ['spec', 'metadata']) {
    const properties = root.properties?.[part]?.properties ?? {}
    if (path[0] !== part && Object.hasOwn(properties, field)) {
      return { ...place, message: `\`${name}\` belongs under \`${part}\`; indent it there` }
    }
  }
  const fields = known.length > 0 && known.length <= 12 ? `; ${whereName(path)} has ${listed(known, 'and')}` : ''
  return { ...place, message: `unknown field \`${name}\`${fields}` }
}

/** What people call fields by words that no slip of the finger leads to. */
const ALSO_CALLED: ReadonlyMap<string, string> = new Map([
  ['pause', 'suspend'],
  ['paused', 'suspend'],
  ['hold', 'suspend'],
  ['exclude', 'ignore'],
  ['skip', 'ignore'],
  ['mode', 'policy'],
])

/** A field that is missing; nothing where it is there under a name that was misspelt, which is reported already. */
function explainMissing({ error, path, value, schema }: Finding): Explanation | undefined {
  const field = String(error.params['missingProperty'])
  const written = Object.keys(value as object)
  const condition = conditionOf(field, error, schema)
  if (condition !== undefined) {
    const missing = condition.required.filter((name) => !written.includes(name))
    if (missing[0] !== field) return undefined
    const words = missing.length === 1 ? `${field} is` : `${missing.slice(0, -1).join(', ')} and ${missing.at(-1)} are`
    const message = `${condition.field} is ${inWords(condition.value)}, so ${words} required`
    return { path: [...path, condition.field], part: 'key', message }
  }
  const known = Object.keys(schema.properties ?? {})
  if (written.some((name) => !known.includes(name) && nearest(name, known) === field)) return undefined
  const example = schema.properties?.[field]?.examples?.[0]
  const words = typeof example === 'string' ? `, for example \`${field}: ${example}\`` : ''
  return { path, part: 'key', message: `\`${field}\` is missing in ${whereName(path)}${words}` }
}

interface Condition {
  readonly field: string
  readonly value: unknown
  readonly required: readonly string[]
}

/** The rule of the schema, `if` a field has a value `then` others are required, that asks for a field. */
function conditionOf(field: string, error: SchemaError, schema: JsonSchema): Condition | undefined {
  if (!error.schemaPath.includes('/then/')) return undefined
  for (const rule of schema.allOf ?? []) {
    const required = rule.then?.required ?? []
    const [condition] = Object.entries(rule.if?.properties ?? {})
    if (required.includes(field) && condition !== undefined)
      return { field: condition[0], value: condition[1].const, required }
  }
  return undefined
}

function explainEnum(finding: Finding): Explanation {
  const { value, schema, path } = finding
  const allowed = (schema.enum ?? []).map(String)
  const name = nameOf(path)
  if (value === null)
    return at(finding, `${name} is empty; write ${listed(allowed)}${isRequired(finding) ? '' : ', or remove it'}`)
  if (typeof value === 'object') return at(finding, `${name} must be ${listed(allowed)}`)
  const written = printable(String(value), 60)
  if (allowed.includes(String(value))) return at(finding, `${name} must be text; write '${written}' in quotes`)
  const near = nearest(String(value), allowed)
  const guess = near === undefined ? `it is ${listed(allowed)}` : `did you mean \`${near}\`?`
  return at(finding, `${name} cannot be \`${written}\`; ${guess}`)
}

function explainRange(finding: Finding): Explanation {
  const { schema, path, value } = finding
  return at(finding, `${nameOf(path)} is ${inWords(value)}; it may be ${schema['minimum']} to ${schema['maximum']}`)
}

function explainChoice(finding: Finding): Explanation {
  const fields = Object.keys(finding.schema.properties ?? {})
  if (fields.length === 0) return at(finding, `${nameOf(finding.path)} has too many entries`)
  return at(finding, `${nameOf(finding.path)} needs exactly one of ${listed(fields, 'and')}`)
}

function explainOther(finding: Finding): Explanation {
  return at(finding, `${nameOf(finding.path)} does not fit (${finding.error.keyword})`)
}

/** Whether the map around a field cannot do without it. */
function isRequired({ path, root }: Finding): boolean {
  const last = path.at(-1)
  return typeof last === 'string' && (schemaAt(root, path.slice(0, -1)).required ?? []).includes(last)
}

function at(finding: Finding, message: string): Explanation {
  return { path: finding.path, part: 'value', message }
}

/** The field a path ends in, as people name it. */
function nameOf(path: Path): string {
  const last = path.at(-1)
  if (last === undefined) return 'the document'
  return typeof last === 'number' ? `an entry of ${nameOf(path.slice(0, -1))}` : `\`${printable(last, 60)}\``
}

function whereName(path: Path): string {
  return path.length === 0 ? 'the document' : nameOf(path)
}

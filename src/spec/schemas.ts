import { readFile } from 'node:fs/promises'
import { KINDS, type Kind, kindFile } from './kinds.ts'

/** A JSON Schema as far as this program looks into one. */
export interface JsonSchema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly title?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: boolean | JsonSchema
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly allOf?: readonly JsonSchema[]
  readonly if?: JsonSchema
  readonly then?: JsonSchema
  readonly examples?: readonly unknown[]
  readonly patternErrorMessage?: string
  readonly [keyword: string]: unknown
}

/** The same relative place in the sources and in the built package. */
const FOLDER = new URL('../../schema/v1/', import.meta.url)
const SHARED = 'defs.schema.json'

/** One kind with what it is for. */
export interface SchemaSummary {
  readonly kind: Kind
  readonly description: string
}

/** Every kind with its description, in the order in which people meet them. */
export async function listSchemas(): Promise<SchemaSummary[]> {
  const schemas = await Promise.all(KINDS.map((kind) => read(`${kindFile(kind)}.schema.json`)))
  return KINDS.map((kind, index) => ({ kind, description: schemas[index]?.description ?? '' }))
}

/** The JSON Schema of a kind as one self-contained value: what it shares with others stands in its own `$defs`. */
export async function readSchema(kind: Kind): Promise<JsonSchema> {
  const [schema, shared] = await Promise.all([read(`${kindFile(kind)}.schema.json`), read(SHARED)])
  const own = localReferences(schema)
  const definitions = { ...localReferences(shared).$defs, ...own.$defs }
  const used = usedDefinitions(own, definitions)
  return { ...own, $defs: Object.fromEntries(Object.entries(definitions).filter(([name]) => used.has(name))) }
}

async function read(file: string): Promise<JsonSchema> {
  return JSON.parse(await readFile(new URL(file, FOLDER), 'utf8')) as JsonSchema
}

function localReferences<T>(node: T): T {
  if (Array.isArray(node)) return node.map(localReferences) as T
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node).map(([key, value]) =>
    key === '$ref' && typeof value === 'string'
      ? [key, value.slice(value.indexOf('#'))]
      : [key, localReferences(value)],
  )
  return Object.fromEntries(entries) as T
}

function usedDefinitions(schema: JsonSchema, definitions: Readonly<Record<string, JsonSchema>>): ReadonlySet<string> {
  const used = new Set<string>()
  const visit = (node: unknown) => {
    for (const [, name] of JSON.stringify(node).matchAll(/"#\/\$defs\/([^"/]+)"/g)) {
      if (name === undefined || used.has(name)) continue
      used.add(name)
      visit(definitions[name])
    }
  }
  visit(schema)
  return used
}

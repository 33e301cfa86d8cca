// Every field a document can have stands in an example, so that nobody has to guess how it is written, and examples that are applied by
// the end-to-end tests prove that it can be.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { KINDS, kindFile } from '../../src/spec/kinds.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

type Schema = Readonly<Record<string, unknown>>

function schemaIn(file: string): Schema {
  return JSON.parse(readFileSync(join(ROOT, 'schema/v1', file), 'utf8')) as Schema
}

/** Every path that the schema of a kind knows: `tracking.token.prefix`, `mailboxes[].address`. */
function pathsOf(schema: Schema, path: string, root: Schema): readonly string[] {
  const { $ref: reference, properties, items, anyOf = [], oneOf = [] } = schema as Record<string, never>
  if (typeof reference === 'string') {
    const [file, pointer = ''] = String(reference).split('#')
    const document = file ? schemaIn(file) : root
    const target = pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((node, step) => (node as Schema)[step], document)
    return pathsOf(target as Schema, path, document)
  }
  return [
    ...Object.entries((properties ?? {}) as Schema).flatMap(([name, inner]) => {
      const own = path === '' ? name : `${path}.${name}`
      return [own, ...pathsOf(inner as Schema, own, root)]
    }),
    ...(items === undefined ? [] : pathsOf(items, `${path}[]`, root)),
    ...[...(anyOf as readonly Schema[]), ...(oneOf as readonly Schema[])].flatMap((inner) =>
      pathsOf(inner, path, root),
    ),
  ]
}

/** Every path that a document has. */
function pathsIn(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsIn(item, `${path}[]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    const own = path === '' ? name : `${path}.${name}`
    return [own, ...pathsIn(inner, own)]
  })
}

/** The paths of all documents of the examples, by kind. */
function written(folders: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byKind = new Map<string, Set<string>>()
  for (const folder of folders) {
    for (const file of readdirSync(join(ROOT, 'examples', folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.yaml')) continue
      for (const document of parseAllDocuments(readFileSync(join(ROOT, 'examples', folder, file), 'utf8'))) {
        const value = document.toJS() as { readonly kind: string }
        const paths = byKind.get(value.kind) ?? new Set()
        byKind.set(value.kind, paths)
        for (const path of pathsIn(value, '')) paths.add(path)
      }
    }
  }
  return byKind
}

/** Fields that this version refuses, so that no example can have them. */
const CREDENTIALS = ['useCredentials', 'userName', 'password', 'password.secret', 'password.version']
const REFUSED = CREDENTIALS.map((field) => `spec.mailboxes[].${field}`)
const SPEC_KINDS = KINDS.filter((kind) => kind !== 'Configuration')

describe('the examples', () => {
  it.each(SPEC_KINDS)('hold every field of %s', (kind) => {
    const schema = schemaIn(`${kindFile(kind)}.schema.json`)
    const known = [...new Set(pathsOf(schema, '', schema))].filter((path) => !REFUSED.includes(path))

    const missing = (folders: readonly string[]) => {
      const paths = written(folders).get(kind)
      return known.filter((path) => !paths?.has(path))
    }

    expect(known.length).toBeGreaterThan(5)
    expect(missing(readdirSync(join(ROOT, 'examples')))).toEqual([])
    expect(missing(['every-field'])).toEqual([])
  })
})

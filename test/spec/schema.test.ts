import { readdirSync, readFileSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { KINDS, kindFile } from '../../src/spec/kinds.ts'
import { type JsonSchema, listSchemas, readSchema } from '../../src/spec/schemas.ts'
import { validateDocument } from '../../src/spec/validate.ts'

const FOLDER = new URL('../../schema/v1/', import.meta.url)
const files = readdirSync(FOLDER)
const schemas = files.map(
  (file) => [file, JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as JsonSchema] as const,
)

/** Every schema object in a schema with its path. */
function* nodes(node: unknown, path: string): Generator<readonly [string, JsonSchema]> {
  if (typeof node !== 'object' || node === null) return
  if (!Array.isArray(node)) yield [path, node as JsonSchema]
  for (const [key, value] of Object.entries(node)) {
    if (key !== 'examples' && key !== 'default') yield* nodes(value, `${path}/${key}`)
  }
}

describe.each(schemas)('%s', (file, schema) => {
  it('is a valid schema of draft 2020-12', () => {
    const ajv = new Ajv2020.default({
      strict: true,
      strictTypes: false,
      strictRequired: false,
      keywords: ['patternErrorMessage'],
    })
    for (const [name, other] of schemas) ajv.addSchema(other, name)

    expect(() => ajv.compile({ $ref: file })).not.toThrow()
  })

  it('A13: bounds every text, and every pattern with it says in words what it wants', () => {
    for (const [path, node] of nodes(schema, file)) {
      expect(node, path).not.toHaveProperty('$data')
      if (node['pattern'] === undefined) continue
      expect(node['maxLength'], path).toBeTypeOf('number')
      expect(node.patternErrorMessage, path).toBeTypeOf('string')
    }
  })

  it('A13: its patterns take linear time', () => {
    const patterns = [...nodes(schema, file)].flatMap(([, node]) =>
      typeof node['pattern'] === 'string' ? [node['pattern']] : [],
    )
    const hostile = ['a', '-', '.', '@', '1', 'a-', 'a@', ' ', '0-', '*.', '\u0430'].map(
      (part) => `${part.repeat(200_000)}\n!`,
    )

    // A quadratic pattern would need minutes here, and the runner stops it after seconds.
    for (const pattern of patterns) for (const text of hostile) new RegExp(pattern, 'u').test(text)

    expect(patterns.every((pattern) => pattern.startsWith('^') && pattern.endsWith('$'))).toBe(true)
  })

  it('knows every field, and describes each', () => {
    if (file === 'document.schema.json') return
    for (const [path, node] of nodes(schema, file)) {
      if (node.type !== 'object') continue
      expect(node, path).toHaveProperty('additionalProperties')
      for (const [name, property] of Object.entries(node.properties ?? {})) {
        const described = property.description ?? property.$ref
        expect(described, `${path}/${name}`).toBeTruthy()
      }
    }
  })
})

describe('the schema of a kind', () => {
  it.each(KINDS)('%s is self-contained, its examples are valid, and so is every example inside', async (kind) => {
    const schema = await readSchema(kind)
    const ajv = new Ajv2020.default({
      allErrors: true,
      strictTypes: false,
      strictRequired: false,
      keywords: ['patternErrorMessage'],
    })
    const validate = ajv.compile(schema)

    for (const example of schema.examples ?? []) {
      expect(validate(structuredClone(example)), ajv.errorsText(validate.errors)).toBe(true)
      expect(await validateDocument(kind, structuredClone(example))).toEqual([])
    }
    for (const [path, node] of nodes(schema, kind)) {
      if (path === kind || node.examples === undefined || !Array.isArray(node.examples)) continue
      const part = ajv.compile({ ...node, $defs: schema.$defs })
      for (const example of node.examples)
        expect(part(structuredClone(example)), `${path}: ${ajv.errorsText(part.errors)}`).toBe(true)
    }
  })

  it('the compiled validators and ajv agree on what is wrong', async () => {
    const value = {
      apiVersion: 'mailkeel/v1',
      kind: 'MailboxSet',
      metadata: { name: 'A' },
      spec: { incoming: 'x', extra: 1, mailboxes: [1, {}, 'a'] },
    }
    const ajv = new Ajv2020.default({ allErrors: true, strict: false })
    const validate = ajv.compile(await readSchema('MailboxSet'))
    validate(value)

    const errors = await validateDocument('MailboxSet', value)

    const summary = (list: readonly { instancePath: string; keyword: string }[]) =>
      list.map(({ instancePath, keyword }) => `${instancePath} ${keyword}`).sort()
    expect(summary(errors)).toEqual(summary(validate.errors ?? []))
  })

  it('is listed with what it is for', async () => {
    const summaries = await listSchemas()

    expect(summaries.map(({ kind }) => kind)).toEqual([...KINDS])
    expect(summaries.every(({ description }) => description.length > 20)).toBe(true)
    const others = ['defs.schema.json', 'document.schema.json', 'plan.schema.json']
    expect(files.filter((file) => !others.includes(file)).sort()).toEqual(
      KINDS.map((kind) => `${kindFile(kind)}.schema.json`).sort(),
    )
  })
})

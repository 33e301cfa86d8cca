// Makes everything that follows from schema/v1: compiled validators, TypeScript types, docs/reference.md.
// The same schemas always give the same bytes, so that `npm run verify` can tell whether someone forgot to run it.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { renderReference } from './generate/reference.mjs'
import { readSchemas } from './generate/schemas.mjs'
import { renderTypes } from './generate/types.mjs'
import { renderValidator } from './generate/validators.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const target = join(root, 'src', 'spec', 'generated')
const schemas = readSchemas(join(root, 'schema', 'v1'))

mkdirSync(target, { recursive: true })
for (const file of readdirSync(target)) rmSync(join(target, file))
for (const { name, file } of schemas.kinds) {
  const { code, declaration } = renderValidator(name, file, schemas)
  writeFileSync(join(target, file.replace('.schema.json', '.js')), code)
  writeFileSync(join(target, file.replace('.schema.json', '.d.ts')), declaration)
}
writeFileSync(join(target, 'types.ts'), await renderTypes(schemas))
mkdirSync(join(root, 'docs'), { recursive: true })
writeFileSync(join(root, 'docs', 'reference.md'), renderReference(schemas))

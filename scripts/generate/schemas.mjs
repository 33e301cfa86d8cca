import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The order in which people meet the kinds. */
const ORDER = [
  'Tenant',
  'Deployment',
  'Organization',
  'EmailServerProfile',
  'EmailSettings',
  'MailboxSet',
  'Override',
  'Configuration',
]

/** Kinds whose defaults are filled in while validating. The others describe what CRM has: there, absent means not managed. */
const DEFAULTED = new Set(['Tenant', 'Deployment', 'Organization', 'Configuration'])

/** Reads every schema of a folder: `definitions` are the shared ones, `kinds` one per kind. */
export function readSchemas(folder) {
  const files = readdirSync(folder).sort()
  const parsed = new Map(files.map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8'))]))
  const kinds = [...parsed]
    .filter(([, schema]) => ORDER.includes(schema.title))
    .map(([file, schema]) => ({ name: schema.title, file, schema, defaulted: DEFAULTED.has(schema.title) }))
    .sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name))
  return { kinds, definitions: parsed.get('defs.schema.json') }
}

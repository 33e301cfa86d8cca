// The scripts as they go to a server: constant text, put together from the files beside it when first asked for.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Script } from './channel.ts'

/** Parts that stand between the prelude and the script itself. A script that reads is given no part that writes. */
const PARTS = {
  'read-server': ['crm', 'accounts', 'services', 'certificates', 'marker-read'],
  'read-deployment': ['crm', 'settings', 'rows'],
  'ensure-certificate': ['accounts', 'certificates', 'marker-write', 'temporary-file'],
  'set-marker': ['marker-read', 'marker-write'],
  'write-server-settings': ['crm', 'settings'],
  'write-tenant-id': ['crm', 'settings'],
  'switch-certificate': ['crm', 'rows', 'temporary-file'],
  'restart-services': ['accounts', 'services'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** Names of the scripts. */
export type ScriptId = keyof typeof PARTS

/** All of them. */
export const SCRIPT_IDS = Object.keys(PARTS) as readonly ScriptId[]

const READING: readonly ScriptId[] = ['read-server', 'read-deployment']

const built = new Map<ScriptId, Script>()

/** A script with the hash of its whole text. Read from the disk once. */
export function scriptOf(id: ScriptId): Script {
  const known = built.get(id)
  if (known) return known
  const names = ['parts/prelude', ...PARTS[id].map((part) => `parts/${part}`), id, 'parts/answer']
  const body = names.map((name) => textOf(name)).join('\n')
  const sha256 = createHash('sha256').update(body, 'utf8').digest('hex')
  const script = { id, sha256, body, writes: !READING.includes(id) }
  built.set(id, script)
  return script
}

/** Line ends are the same on every machine, so that the hash is. */
function textOf(name: string): string {
  return readFileSync(new URL(`./scripts/${name}.ps1`, import.meta.url), 'utf8').replaceAll('\r\n', '\n')
}

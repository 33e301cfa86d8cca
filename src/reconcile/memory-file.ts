import type { Key } from '../engine/index.ts'

/** The format of the memory file. */
export const MEMORY_VERSION = 'mailkeel.memory/v1'

/** What an organization is told by: another id is another organization, however it is named. */
export interface OrganizationFingerprint {
  readonly organizationId: string
  /** As the server says it, for example `9.1.27.15`. */
  readonly version: string
}

/** What is remembered of one scope. */
export interface ScopeMemory {
  /** By kind: keys of wished objects that were there in a complete read. */
  readonly seen: ReadonlyMap<string, ReadonlySet<Key>>
  /** By kind and key: when a change of ours was last applied, ISO 8601 in UTC. */
  readonly changedAt: ReadonlyMap<string, ReadonlyMap<Key, string>>
  /** The last revision of which everything was tried, and the digest of its plan. */
  readonly applied?: { readonly revision: string; readonly digest: string; readonly at: string }
  readonly organization?: OrganizationFingerprint
}

/** A memory of nothing. */
export const NO_MEMORY: ScopeMemory = { seen: new Map(), changedAt: new Map() }

/** What is remembered of one scope, as JSON. */
export interface ScopeFile {
  readonly seen: Readonly<Record<string, readonly Key[]>>
  readonly changedAt: Readonly<Record<string, Readonly<Record<Key, string>>>>
  readonly applied?: ScopeMemory['applied']
  readonly organization?: OrganizationFingerprint
}

/** A memory as its part of the file. The same memory is always the same text. */
export function toFile({ seen, changedAt, applied, organization }: ScopeMemory): ScopeFile {
  const sorted = <V>(entries: ReadonlyMap<string, V>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    ...(organization ? { organization } : {}),
    ...(applied ? { applied } : {}),
    seen: Object.fromEntries(sorted(seen).map(([kind, keys]) => [kind, [...keys].sort()])),
    changedAt: Object.fromEntries(sorted(changedAt).map(([kind, times]) => [kind, Object.fromEntries(sorted(times))])),
  }
}

/** The inverse of `toFile`. */
export function fromFile({ seen, changedAt, applied, organization }: ScopeFile): ScopeMemory {
  return {
    seen: new Map(Object.entries(seen).map(([kind, keys]) => [kind, new Set(keys)])),
    changedAt: new Map(Object.entries(changedAt).map(([kind, times]) => [kind, new Map(Object.entries(times))])),
    ...(applied ? { applied } : {}),
    ...(organization ? { organization } : {}),
  }
}

/** A memory file of these scopes. */
export function writeMemory(scopes: ReadonlyMap<string, ScopeFile>): string {
  const parts = [...scopes].map(([scope, part]) => `${JSON.stringify(scope)}:${JSON.stringify(part)}`)
  return `{"version":"${MEMORY_VERSION}","scopes":{\n${parts.join(',\n')}\n}}\n`
}

/** The scopes of a memory file. Throws where it is not one of this version, whole and well formed. */
export function parseMemory(text: string): ReadonlyMap<string, ScopeFile> {
  const file: unknown = JSON.parse(text)
  if (!isObject(file) || file['version'] !== MEMORY_VERSION || !isObject(file['scopes']))
    throw new TypeError('not a memory')
  return new Map(
    Object.entries(file['scopes']).map(([scope, part]) => {
      if (!isScopeFile(part)) throw new TypeError('not a memory')
      return [scope, part]
    }),
  )
}

function isScopeFile(value: unknown): value is ScopeFile {
  if (!isObject(value)) return false
  const { seen, changedAt, applied, organization } = value
  return (
    isObject(seen) &&
    Object.values(seen).every((keys) => Array.isArray(keys) && keys.every(isText)) &&
    isObject(changedAt) &&
    Object.values(changedAt).every((times) => isObject(times) && Object.values(times).every(isText)) &&
    (applied === undefined || hasTexts(applied, ['revision', 'digest', 'at'])) &&
    (organization === undefined || hasTexts(organization, ['organizationId', 'version']))
  )
}

function hasTexts(value: unknown, names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => isText(value[name]))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

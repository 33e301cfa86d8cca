import type { Key } from '../engine/index.ts'
import type { RolloutProgress, Rollouts } from './rollouts.ts'

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
  /** Rollouts that are not done. Told to people and nothing else: how far one is, every pass sees by itself. */
  readonly rollouts?: Rollouts
  /** Of a trust: when it was last seen working for an organization, by metadata.name, ISO 8601. May only keep a veto from being cast. */
  readonly provenAt?: ReadonlyMap<string, string>
}

/** A memory of nothing. */
export const NO_MEMORY: ScopeMemory = { seen: new Map(), changedAt: new Map() }

/** What is remembered of one scope, as JSON. */
interface ScopeFile {
  readonly seen: Readonly<Record<string, readonly Key[]>>
  /** By kind; the keys that were changed at one time together, because they are many and the times are few. */
  readonly changedAt: Readonly<Record<string, readonly { readonly at: string; readonly keys: readonly Key[] }[]>>
  readonly applied?: ScopeMemory['applied']
  readonly organization?: OrganizationFingerprint
  readonly rollouts?: Readonly<Record<string, RolloutProgress>>
  readonly provenAt?: Readonly<Record<string, string>>
}

function toFile({ seen, changedAt, applied, organization, rollouts, provenAt }: ScopeMemory): ScopeFile {
  return {
    ...(organization ? { organization } : {}),
    ...(applied ? { applied } : {}),
    ...(rollouts && rollouts.size > 0 ? { rollouts: Object.fromEntries([...rollouts].sort(byName)) } : {}),
    ...(provenAt && provenAt.size > 0 ? { provenAt: Object.fromEntries([...provenAt].sort(byName)) } : {}),
    seen: Object.fromEntries([...seen].sort(byName).map(([kind, keys]) => [kind, [...keys].sort()])),
    changedAt: Object.fromEntries([...changedAt].sort(byName).map(([kind, times]) => [kind, groupByTime(times)])),
  }
}

function groupByTime(
  times: ReadonlyMap<Key, string>,
): readonly { readonly at: string; readonly keys: readonly Key[] }[] {
  const groups = new Map<string, Key[]>()
  for (const [key, at] of times) {
    const keys = groups.get(at)
    if (keys) keys.push(key)
    else groups.set(at, [key])
  }
  return [...groups].sort(byName).map(([at, keys]) => ({ at, keys: keys.sort() }))
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

function fromFile({ seen, changedAt, applied, organization, rollouts, provenAt }: ScopeFile): ScopeMemory {
  return {
    seen: new Map(Object.entries(seen).map(([kind, keys]) => [kind, new Set(keys)])),
    changedAt: new Map(Object.entries(changedAt).map(([kind, groups]) => [kind, ungroup(groups)])),
    ...(applied ? { applied } : {}),
    ...(organization ? { organization } : {}),
    ...(rollouts ? { rollouts: new Map(Object.entries(rollouts)) } : {}),
    ...(provenAt ? { provenAt: new Map(Object.entries(provenAt)) } : {}),
  }
}

function ungroup(groups: ScopeFile['changedAt'][string]): ReadonlyMap<Key, string> {
  const times = new Map<Key, string>()
  for (const { at, keys } of groups) for (const key of keys) times.set(key, at)
  return times
}

/** The memory file of a scope. The same memory is always the same text. */
export function writeMemory(scope: string, memory: ScopeMemory): string {
  return `${JSON.stringify({ version: MEMORY_VERSION, scope, ...toFile(memory) })}\n`
}

/** What a memory file says. Throws where it is not one of this version and this scope, whole and well formed. */
export function parseMemory(text: string, scope: string): ScopeMemory {
  const file: unknown = JSON.parse(text)
  if (!isObject(file) || file['version'] !== MEMORY_VERSION || file['scope'] !== scope || !isScopeFile(file))
    throw new TypeError('not a memory')
  return fromFile(file)
}

function isScopeFile(value: unknown): value is ScopeFile {
  if (!isObject(value)) return false
  const { seen, changedAt, applied, organization, rollouts, provenAt } = value
  return (
    isObject(seen) &&
    Object.values(seen).every(isTexts) &&
    isObject(changedAt) &&
    Object.values(changedAt).every((groups) => Array.isArray(groups) && groups.every(isGroup)) &&
    (applied === undefined || hasTexts(applied, ['revision', 'digest', 'at'])) &&
    (organization === undefined || hasTexts(organization, ['organizationId', 'version'])) &&
    (rollouts === undefined || (isObject(rollouts) && Object.values(rollouts).every(isProgress))) &&
    (provenAt === undefined || (isObject(provenAt) && Object.values(provenAt).every(isText)))
  )
}

function isProgress(value: unknown): boolean {
  return isObject(value) && isText(value['since']) && [value['wave'], value['waves']].every(Number.isSafeInteger)
}

function hasTexts(value: unknown, names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => isText(value[name]))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isGroup(value: unknown): boolean {
  return isObject(value) && isText(value['at']) && isTexts(value['keys'])
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

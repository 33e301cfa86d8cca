// A mailbox is journaled by the address it had, or was given, at that time. Whoever asks for one of its addresses means the mailbox: what
// was done under the old address until it changed, and under the new one from then on. An address that somebody else had at another time
// is not mixed in.
import type { Intent } from '../engine/index.ts'
import { headOf, journalFiles, readRecords } from './journal-reader.ts'

/** A new address, as it was about to be written. */
export interface Rename {
  readonly from: string
  readonly to: string
  /** ISO 8601. */
  readonly time: string
}

/** From when on and until when a name is meant; absent = always. */
interface Span {
  readonly from?: string
  readonly until?: string
}

/** True where something done at a time (ISO 8601) to an object of this name is asked for. */
export type IsMeant = (name: string, time: string) => boolean

/**
 * All changes of addresses that a journal knows, oldest first. Damaged lines are passed over. Once `maximumBytes` were read from the newest
 * files, older ones are left out.
 */
export async function readRenames(
  stateDirectory: string,
  scope: string,
  maximumBytes = Number.POSITIVE_INFINITY,
): Promise<readonly Rename[]> {
  const renames: Rename[] = []
  for (const file of await newestFiles(await journalFiles(stateDirectory, scope), maximumBytes)) {
    for await (const record of readRecords(file)) {
      if (record.type === 'intents') renames.push(...record.intents.flatMap((intent) => renameIn(intent, record.time)))
    }
  }
  return renames
}

async function newestFiles(files: readonly string[], maximumBytes: number): Promise<readonly string[]> {
  const newest: string[] = []
  let bytes = 0
  for (const file of files.toReversed()) {
    if (bytes >= maximumBytes) break
    bytes += (await headOf(file)).size
    newest.unshift(file)
  }
  return newest
}

/** What is meant by these names. Pure. */
export function meaningOf(names: ReadonlySet<string>, renames: readonly Rename[]): IsMeant {
  const spans = new Map<string, Span[]>([...names].map((name) => [name, [{}]]))
  const covers = (name: string, time: string) => spans.get(name)?.some((span) => isWithin(time, span)) ?? false
  const add = (name: string, span: Span) => spans.set(name, [...(spans.get(name) ?? []), span])
  // Forward for what an address became, then back for what it was before.
  for (const { from, to, time } of renames) if (covers(from, time) && !covers(to, time)) add(to, { from: time })
  for (const { from, to, time } of renames.toReversed())
    if (covers(to, time) && !covers(from, time)) add(from, { until: time })
  return covers
}

function isWithin(time: string, { from, until }: Span): boolean {
  return (from === undefined || time >= from) && (until === undefined || time <= until)
}

function renameIn({ kind, fields }: Intent, time: string): readonly Rename[] {
  if (kind !== 'Mailbox') return []
  return fields.flatMap(({ field, from, to }) =>
    field === 'address' && typeof from === 'string' && from !== '' && typeof to === 'string'
      ? [{ from, to, time }]
      : [],
  )
}

// Who changed objects behind our back. It is asked before anything is written, because afterwards CRM names us; and only of the objects that
// it matters for. Nothing depends on the answer: where CRM does not tell, the pass goes on without a name.
import type { LastWriter, OrganizationReader } from '../crm/organization.ts'
import type { Fields, Key, Read, RemoteRecord, Stage } from '../engine/index.ts'

/** Names those who changed rows last, by the id of the row. Never fails: what cannot be told is left out. */
export type Witness<Reader> = (
  reader: Reader,
  records: readonly RemoteRecord[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, LastWriter>>

/** In words, by `objectId`: `Bob Admin (CONTOSO\bob), 2026-11-20 16:02 UTC`. */
export type LastWriters = ReadonlyMap<string, string>

/** A stage and an object of it as one text. */
export function objectId({ stage, key }: { readonly stage: string; readonly key: Key }): string {
  return `${stage}\n${key}`
}

/** The witness of organizations. */
export async function organizationWitness(
  reader: OrganizationReader,
  records: readonly RemoteRecord[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, LastWriter>> {
  try {
    return await reader.lastWriters(records, signal)
  } catch {
    return new Map()
  }
}

/** More objects are not asked about: whoever changed hundreds at once is the same everywhere. */
const MOST = 200

/** Those who changed these objects last, as far as stages know their rows and the witness tells. */
export async function lastWritersOf<Reader>(
  witness: Witness<Reader> | undefined,
  reader: Reader,
  targets: readonly { readonly stage: string; readonly key: Key }[],
  stages: readonly Pick<Stage<never, Fields, never, never>, 'name' | 'record'>[],
  reads: ReadonlyMap<string, Read>,
  signal: AbortSignal,
): Promise<LastWriters> {
  if (!witness || targets.length === 0) return new Map()
  const records = new Map<string, RemoteRecord>()
  for (const target of targets.slice(0, MOST)) {
    const record = recordOf(target, stages, reads)
    if (record) records.set(objectId(target), record)
  }
  if (records.size === 0) return new Map()
  const writers = await witness(reader, [...records.values()], signal)
  return new Map(
    [...records].flatMap(([object, { id }]) => {
      const writer = writers.get(id.toLowerCase())
      return writer ? [[object, inWords(writer)] as const] : []
    }),
  )
}

function recordOf(
  { stage, key }: { readonly stage: string; readonly key: Key },
  stages: readonly Pick<Stage<never, Fields, never, never>, 'name' | 'record'>[],
  reads: ReadonlyMap<string, Read>,
): RemoteRecord | undefined {
  const read = reads.get(stage)
  const row = read?.complete ? read.rows.get(key) : undefined
  return row && stages.find(({ name }) => name === stage)?.record?.(row)
}

const LONGEST_NAME = 80

function inWords({ at, userId, name, account, isOurs }: LastWriter): string {
  const when = at === null ? '' : `, ${at.slice(0, 16).replace('T', ' ')} UTC`
  if (isOurs) return `mailkeel's account${when}`
  const called = name === null || name === '' ? `user ${userId}` : onOneLine(name)
  return `${called}${account ? ` (${onOneLine(account)})` : ''}${when}`
}

/** Names are text of others. */
function onOneLine(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  return line.length > LONGEST_NAME ? `${line.slice(0, LONGEST_NAME)}…` : line
}

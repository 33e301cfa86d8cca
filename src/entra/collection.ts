// Replacing a collection that others write too. Graph publishes no If-Match for it, so nothing stops two writers from undoing each other's
// work. One batch of three parts (look, write when the look worked, look again) tells what the collection was at the moment of the write; what
// the write removed although nobody wished it is put back at once. What stays open is the moment between the first two parts, in the service.
//
// What vanished meanwhile is not brought back, and not removed either where it is still shown: a look may be stale. Whether a GET inside a
// batch shows certificates is not documented: where it does not, a key that a write removed cannot be put back and is told by name.
import { createBackOff } from '../network/back-off.ts'
import { type BatchPart, sendBatch } from './batch.ts'
import { afterWrite, asEntraError } from './failure.ts'
import type { Graph } from './graph.ts'
import { type GraphAnswer, type GraphError, graphFault } from './graph-faults.ts'
import { collectionPath, READ_PERMISSION } from './principal.ts'
import { EntraError } from './tenant.ts'
import type { Wish } from './wish.ts'

/** A collection of a principal. */
export interface Collection<Entry> {
  readonly graph: Graph
  /** Object id of the principal. */
  readonly id: string
  readonly property: 'keyCredentials' | 'servicePrincipalNames'
  /** For messages, for example `the keys of the service principal`. */
  readonly called: string
  /** The entries of an answer. Throws EntraError `Malformed` where one could not be carried over. */
  readonly parse: (json: unknown, doing: string) => readonly Entry[]
  readonly isSame: (one: readonly Entry[], other: readonly Entry[]) => boolean
}

/** What changes a principal needs. */
export const WRITE_PERMISSION = 'Application.ReadWrite.All'
const ROUNDS = 5
const LOOK_AGAIN = { baseMs: 1000, maximumMs: 15_000 } as const

/**
 * Brings the collection to the wish and returns when that can be seen. Does nothing where it is there already. Throws EntraError, `NotVisible`
 * when the write was accepted and is not seen within the patience.
 */
export async function bringTo<Entry>(
  collection: Collection<Entry>,
  wish: Wish<Entry>,
  signal: AbortSignal,
): Promise<void> {
  let wanted = wish
  let shown = await look(collection, signal)
  let hasWritten = false
  try {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const body = wanted.bodyFor(shown)
      if (!body) return
      const written = await write(collection, body, signal)
      if (written.refusal) {
        // A survivor that somebody removed meanwhile is refused as a new key without a certificate; on what is there now it may go well.
        if (collection.isSame(shown, written.before)) throw written.refusal
        shown = await look(collection, signal)
        continue
      }
      hasWritten = true
      const next = wanted.learned(shown, written.before)
      shown = await untilSeen(collection, wanted, written.after, signal)
      wanted = next
    }
  } catch (error) {
    throw hasWritten ? afterWrite(error) : error
  }
  throw new EntraError('Refused', `writing ${collection.called}: somebody else keeps changing them; try again later`, {
    effect: hasWritten ? 'possible' : 'none',
  })
}

async function look<Entry>(collection: Collection<Entry>, signal: AbortSignal): Promise<readonly Entry[]> {
  const { graph, id, property, called, parse } = collection
  const doing = `reading ${called}`
  const json = await graph.json(
    { method: 'GET', path: collectionPath(id, property), doing, needs: READ_PERMISSION },
    signal,
  )
  return parse(json, doing)
}

interface Written<Entry> {
  /** What was there at the moment of the write. */
  readonly before: readonly Entry[]
  /** What was there right after; undefined where it could not be told. */
  readonly after?: readonly Entry[]
  readonly refusal?: GraphError
}

async function write<Entry>(
  collection: Collection<Entry>,
  body: readonly unknown[],
  signal: AbortSignal,
): Promise<Written<Entry>> {
  const { graph, id, property, called, parse } = collection
  const path = collectionPath(id, property)
  const doing = { doing: `writing ${called}`, needs: WRITE_PERMISSION, isWrite: true }
  const parts = [
    { id: 'before', method: 'GET', path },
    {
      id: 'write',
      method: 'PATCH',
      path: `/servicePrincipals/${id}`,
      body: { [property]: body },
      dependsOn: ['before'],
    },
    { id: 'after', method: 'GET', path, dependsOn: ['write'] },
  ] as const satisfies readonly BatchPart[]
  const now = () => graph.options.now().getTime()

  return graph.repeating(async () => {
    const answer = await sendBatch(graph, parts, doing, signal)
    const before = answer('before')
    if (!isGood(before)) throw graphFault(before, { doing: `reading ${called}`, needs: READ_PERMISSION }, now())
    const patched = answer('write')
    if (!isGood(patched)) {
      const refusal = graphFault(patched, doing, now())
      if (refusal.code !== 'Refused') throw refusal
      return { before: parse(before.json, doing.doing), refusal }
    }
    try {
      const after = answer('after')
      const read = parse(before.json, doing.doing)
      return isGood(after) ? { before: read, after: parse(after.json, doing.doing) } : { before: read }
    } catch (error) {
      throw afterWrite(error)
    }
  }, signal)
}

/** Writes are seen late: a look right after may show what was before, for seconds or minutes. */
async function untilSeen<Entry>(
  collection: Collection<Entry>,
  wish: Wish<Entry>,
  first: readonly Entry[] | undefined,
  signal: AbortSignal,
): Promise<readonly Entry[]> {
  const { now, random, wait, patienceMs } = collection.graph.options
  const backOff = createBackOff({ ...LOOK_AGAIN, random })
  const startedAt = now().getTime()
  let shown = first ?? (await look(collection, signal))
  for (let attempt = 1; wish.bodyFor(shown); attempt += 1) {
    const waitMs = backOff(attempt)
    if (now().getTime() - startedAt + waitMs > patienceMs) {
      throw new EntraError(
        'NotVisible',
        `writing ${collection.called}: the write was accepted and cannot be seen yet; a later pass looks again`,
        { effect: 'possible' },
      )
    }
    await wait(waitMs, signal).catch((error: unknown) => {
      throw asEntraError(error, `looking for ${collection.called}`, signal)
    })
    shown = await look(collection, signal)
  }
  return shown
}

function isGood({ status }: GraphAnswer): boolean {
  return status >= 200 && status < 300
}

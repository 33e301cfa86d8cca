// Which revision was taken last, over restarts: a branch that was moved back, or an old commit that is offered again, must not pass for news.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing, makeDirectory, onDisk, replaceFile } from '../../reconcile/state-directory.ts'

/** Remembers the revision that was taken last. */
export interface AcceptedRevision {
  /** Undefined where none is known, or the spec came from another place then. Throws StateDirectoryError where it cannot be told. */
  recall(): Promise<string | undefined>
  /** Throws StateDirectoryError. */
  remember(id: string): Promise<void>
}

/** Keeps it in the state directory. `place` says where revisions come from: those of another place say nothing. */
export function acceptedIn(directory: string, place: string, newId: () => string): AcceptedRevision {
  const path = join(directory, 'revision.json')
  const placeId = createHash('sha256').update(place).digest('hex')
  return {
    async recall() {
      const text = await onDisk(`reading ${path}`, () => readFile(path, 'utf8').catch(undefinedIfMissing))
      const kept = text === undefined ? undefined : parse(text)
      return kept?.place === placeId ? kept.id : undefined
    },
    async remember(id) {
      await makeDirectory(directory)
      await replaceFile(path, `${JSON.stringify({ place: placeId, id })}\n`, newId())
    },
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if (isMissing(error)) return undefined
  throw error
}

/** A file that cannot be understood tells nothing: it is replaced as a whole, so it was somebody else who wrote it. */
function parse(text: string): { readonly place: string; readonly id: string } | undefined {
  try {
    const { place, id } = JSON.parse(text) as Partial<Record<'place' | 'id', unknown>>
    return typeof place === 'string' && typeof id === 'string' ? { place, id } : undefined
  } catch {
    return undefined
  }
}

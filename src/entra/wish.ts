// What shall become of a collection that can only be replaced as a whole. A wish is asked again after each look: what it still lacks is the
// next write, so a second round, a stale look or another's work in between need no case of their own.
import { isSameCertificate, type KeyBody, type KeyEntry, newKeyBody, restoredBody } from './keys.ts'
import { EntraError, type KeyChange } from './tenant.ts'

/** A wish for a collection of entries. */
export interface Wish<Entry> {
  /** The collection to send; undefined where `shown` is as wished. */
  bodyFor(shown: readonly Entry[]): readonly unknown[] | undefined
  /**
   * The wish after a write that was built on `shown`, while the collection at the moment of the write was `before`. What somebody else had
   * added meanwhile was removed by the write, so it becomes part of the wish.
   */
  learned(shown: readonly Entry[], before: readonly Entry[]): Wish<Entry>
}

/** The wish for keys as of `now`: an entry that has ended does not serve. Throws EntraError `Invalid` for a key that cannot be one. */
export function keyWish({ add, remove }: KeyChange, now: Date): Wish<KeyEntry> {
  return wishForKeys(add.map(newKeyBody), new Set(remove), now)
}

function wishForKeys(added: readonly KeyBody[], removed: ReadonlySet<string>, now: Date): Wish<KeyEntry> {
  const isPast = (time: unknown) => Date.parse(String(time)) <= now.getTime()
  // What somebody else's entry looked like is put back as it was, ended or not.
  const serves = ({ seen }: KeyEntry, body: KeyBody) => !isPast(seen.endDateTime) || isPast(body['endDateTime'])
  return {
    bodyFor(shown) {
      const survivors = shown.filter(({ keyId }) => !removed.has(keyId))
      const missing = added.filter(
        (body) => !survivors.some((entry) => serves(entry, body) && isSameCertificate(entry, body)),
      )
      if (missing.length === 0 && survivors.length === shown.length) return undefined
      return [...survivors.map(({ survivor }) => survivor), ...missing]
    },
    learned(shown, before) {
      const known = new Set([...shown.map(({ keyId }) => keyId), ...removed])
      const lost = before.filter(
        (entry) => !known.has(entry.keyId) && !added.some((body) => isSameCertificate(entry, body)),
      )
      return wishForKeys([...added, ...lost.map(restored)], removed, now)
    },
  }
}

function restored(entry: KeyEntry): KeyBody {
  const body = restoredBody(entry)
  if (body) return body
  const { keyId, thumbprint = 'of unknown thumbprint', displayName = 'without a name' } = entry.seen
  throw new EntraError(
    'RemovedForeign',
    `somebody added the key ${keyId} (${displayName}, ${thumbprint}) at the moment of our write, which removed it; its certificate cannot be read back, so have it added again`,
    { effect: 'possible' },
  )
}

/** The wish for names that shall be there beside all others. Upper and lower case are the same. */
export function nameWish(wanted: readonly string[]): Wish<string> {
  return {
    bodyFor(shown) {
      const known = new Set(shown.map((name) => name.toLowerCase()))
      const missing = wanted.filter((name) => !known.has(name.toLowerCase()))
      return missing.length === 0 ? undefined : [...shown, ...missing]
    },
    learned(shown, before) {
      const known = new Set(shown.map((name) => name.toLowerCase()))
      return nameWish([...wanted, ...before.filter((name) => !known.has(name.toLowerCase()))])
    },
  }
}

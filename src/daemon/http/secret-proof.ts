// Whether somebody knows a secret. How long a comparison takes says nothing of it.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** What shared secrets need at least, in characters: shorter ones can be guessed. */
export const LEAST_SECRET_LENGTH = 16

const READ_AGAIN_AFTER_MS = 30_000
const key = randomBytes(32)

/** Whether two texts are the same, in a time that depends on the length of `given` only. */
export function isSameText(given: string, wanted: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(wanted))
}

/** A secret that others prove to know. */
export interface SharedSecret {
  /** The secret as it is now. Throws the error of `read`. */
  current(): Promise<string>
}

/**
 * A shared secret that is read again after half a minute, so that a replaced one counts without a restart. `read` may fail: then nobody
 * knows the secret until it can be read again.
 */
export function createSharedSecret(read: () => Promise<string>, now: () => Date): SharedSecret {
  let known: { readonly secret: Promise<string>; readonly atMs: number } | undefined
  return {
    current() {
      const atMs = now().getTime()
      if (!known || atMs - known.atMs >= READ_AGAIN_AFTER_MS) {
        known = { secret: read(), atMs }
        known.secret.catch(() => {
          known = undefined
        })
      }
      return known.secret
    },
  }
}

function digestOf(text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

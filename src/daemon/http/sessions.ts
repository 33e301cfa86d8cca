import { createHash, randomBytes } from 'node:crypto'
import type { Viewer } from './route.ts'

/** Who signed in, for as long as that lasts. Kept in memory: after a restart people sign in again. */
export interface Sessions {
  /** Begins a session; the id is for the cookie and stands nowhere else. */
  begin(viewer: Viewer): string
  /** Whose session it is; undefined where it never was or is over. */
  viewerOf(id: string): Viewer | undefined
  end(id: string): void
  /** In seconds. */
  readonly maxAgeSeconds: number
}

const MOST = 1000
const ID_BYTES = 32

/** Creates an empty list of sessions. Beyond the cap the oldest one ends. */
export function createSessions(maxAgeMs: number, now: () => Date, most: number = MOST): Sessions {
  // By the hash of their id, so that what is looked up is never compared letter by letter. In the order in which they began.
  const sessions = new Map<string, { readonly viewer: Viewer; readonly endsAtMs: number }>()
  function dropEnded(): void {
    for (const [hash, { endsAtMs }] of sessions) {
      if (endsAtMs > now().getTime() && sessions.size < most) return
      sessions.delete(hash)
    }
  }
  return {
    maxAgeSeconds: Math.floor(maxAgeMs / 1000),
    begin(viewer) {
      dropEnded()
      const id = randomBytes(ID_BYTES).toString('base64url')
      sessions.set(hashOf(id), { viewer, endsAtMs: now().getTime() + maxAgeMs })
      return id
    },
    viewerOf(id) {
      const found = sessions.get(hashOf(id))
      return found && now().getTime() < found.endsAtMs ? found.viewer : undefined
    },
    end(id) {
      sessions.delete(hashOf(id))
    },
  }
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64')
}

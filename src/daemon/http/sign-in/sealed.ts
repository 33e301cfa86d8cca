// What must be remembered between sending a browser away to sign in and its coming back is kept by the browser itself, in a cookie that only
// this process can read or make: nobody can fill our memory with attempts, and none can be finished by another browser.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { SignInAttempt } from '../../../entra/index.ts'

/** An attempt, where the person wanted to go, and when it began (milliseconds since 1970). */
export interface OpenAttempt {
  readonly attempt: SignInAttempt
  readonly to: string
  readonly atMs: number
}

/** Seals attempts. */
export interface Seal {
  close(open: OpenAttempt): string
  /** Undefined for what this process did not seal. */
  open(sealed: string): OpenAttempt | undefined
}

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/** Creates a seal with a key of its own. */
export function createSeal(): Seal {
  const key = randomBytes(32)
  return {
    close(open) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv(CIPHER, key, iv)
      const content = Buffer.concat([cipher.update(JSON.stringify(open), 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), content]).toString('base64url')
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined
      try {
        const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
        decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
        const content = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()])
        // Only what we wrote ourselves passes the tag.
        return JSON.parse(content.toString('utf8')) as OpenAttempt
      } catch {
        return undefined
      }
    },
  }
}

/** Where somebody wants to go after signing in: a path of this server. Anything else is the page. */
export function localPath(wanted: unknown): string {
  if (typeof wanted !== 'string' || wanted.length > 2000 || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(wanted))
    return '/'
  const url = URL.parse(wanted, 'http://mailkeel.invalid')
  return url?.host === 'mailkeel.invalid' ? url.pathname.replace(/^\/{2,}/, '/') + url.search + url.hash : '/'
}

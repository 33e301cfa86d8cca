import { createHash } from 'node:crypto'
import { SignInRefusal } from './sign-in-errors.ts'
import type { TokenPerson } from './tokens.ts'

/** What a code was given for. */
export interface CodeGrant {
  readonly clientId: string
  readonly redirectUri: string
  readonly person: TokenPerson
  readonly nonce: string | undefined
  /** `code_challenge` by S256; undefined where none was sent. */
  readonly challenge: string | undefined
}

/** Authorization codes: each good once, for ten minutes, for whoever asked. */
export interface Codes {
  give(grant: CodeGrant): string
  /** Throws SignInRefusal as the product does. */
  redeem(clientId: string, form: URLSearchParams): CodeGrant
}

const LIFE_MS = 10 * 60_000

/** Creates the codes of a tenant. */
export function createCodes(nowMs: () => number, newId: () => string): Codes {
  const given = new Map<string, CodeGrant & { readonly endsAtMs: number; used: boolean }>()
  return {
    give(grant) {
      const code = `0.${newId()}${newId()}`
      given.set(code, { ...grant, endsAtMs: nowMs() + LIFE_MS, used: false })
      return code
    },
    redeem(clientId, form) {
      const grant = given.get(form.get('code') ?? '')
      if (grant === undefined || grant.clientId !== clientId) throw new SignInRefusal(70000)
      if (grant.used) throw new SignInRefusal(54005)
      grant.used = true
      if (grant.endsAtMs <= nowMs()) throw new SignInRefusal(70008)
      if (grant.redirectUri !== form.get('redirect_uri')) throw new SignInRefusal(500112)
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url')
      if (grant.challenge !== undefined && grant.challenge !== challenge) throw new SignInRefusal(501481)
      return grant
    },
  }
}

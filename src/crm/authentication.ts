// How a request proves who we are. The seam that Negotiate, NTLM and AD FS sign-in plug into; here are the two simplest.
import type { HttpResponse } from '../network/http.ts'
import { CrmError } from './organization.ts'
import { isLoopback } from './wire/service-root.ts'

/** Puts an identity on requests. One authenticator is one identity; it may be asked from many requests at once. */
export interface Authenticator {
  /** The headers that carry the identity. Throws where it cannot be had. */
  headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>>
  /**
   * Told that the server did not accept the identity: 401, a redirect to a sign-in page or that page itself. Gets hold of a fresh proof
   * and says `again`, or says `give-up`. Asked at most once per request; `sent` is what `headers` gave for it.
   */
  refused(response: HttpResponse, sent: Readonly<Record<string, string>>): Promise<'again' | 'give-up'>
  /** Throws where the identity must not be used with this server. Called once, before the first request. */
  checkServer?(baseUrl: string): void
}

/**
 * OAuth bearer tokens. The source is asked before every request and keeps the token itself; when the server refuses a token it is asked
 * once more, and only a different token is tried. Never sent over plain http, except to this machine.
 */
export function bearer(tokenSource: () => Promise<string>): Authenticator {
  async function authorization(): Promise<string> {
    const token = await tokenSource()
    if (!/^[\x21-\x7E]+$/.test(token)) {
      throw new CrmError('Unauthenticated', 'the token source gave something that is not a bearer token')
    }
    return `Bearer ${token}`
  }

  return {
    async headers() {
      return { Authorization: await authorization() }
    },
    async refused(_response, sent) {
      return (await authorization()) === sent['Authorization'] ? 'give-up' : 'again'
    },
    checkServer(baseUrl) {
      if (URL.parse(baseUrl)?.protocol === 'https:' || isLoopback(baseUrl)) return
      throw new CrmError('Invalid', 'a bearer token is not sent over plain http; use the https URL of the organization')
    },
  }
}

/** No authentication at all, for a server on this machine. Throws CrmError unless the host is 127.0.0.0/8, ::1 or localhost. */
export function none(baseUrl: string): Authenticator {
  checkServer(baseUrl)
  return {
    headers: async () => ({}),
    refused: async () => 'give-up',
    checkServer,
  }
}

function checkServer(baseUrl: string): void {
  if (isLoopback(baseUrl)) return
  throw new CrmError('Invalid', 'requests without authentication go to this machine only; configure an identity')
}

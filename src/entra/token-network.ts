// The token library's network, over our own HTTP client: proxy, private authorities and deadlines are ours, a redirect is an answer like any
// other, and what was heard is kept, because the library tells of many failures less than it knows.
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node'
import type { HttpClient } from '../network/http.ts'
import { clockSkewMs } from '../network/server-date.ts'
import { jsonOf } from './failure.ts'
import { asRecord } from './fields.ts'
import { EntraError } from './tenant.ts'
import type { TokenAnswer } from './token-faults.ts'

/** The network of one application object, which does one sign-in at a time. */
export interface TokenNetwork {
  readonly client: INetworkModule
  /** Forgets what was heard before. */
  listen(): void
  /** What the last exchange since `listen` came to; undefined where none was begun. */
  heard(): TokenAnswer | { readonly error: unknown } | undefined
}

/** Creates the network of an application object. Only the given endpoint is ever asked. */
export function createTokenNetwork(options: {
  readonly http: HttpClient
  readonly tokenEndpoint: string
  readonly now: () => Date
  readonly deadlineMs: number
}): TokenNetwork {
  const { http, tokenEndpoint, now, deadlineMs } = options
  let last: TokenAnswer | { readonly error: unknown } | undefined

  async function post(url: string, request: NetworkRequestOptions | undefined): Promise<TokenAnswer> {
    // The library adds its own query; nothing else may differ, for the credential is in the body.
    if (url.split('?')[0] !== tokenEndpoint) throw unexpected()
    const startedAt = now().getTime()
    const response = await http.send({
      method: 'POST',
      url,
      headers: { ...request?.headers, Accept: 'application/json' },
      body: request?.body ?? '',
      deadlineMs,
      maximumBodyBytes: 1024 * 1024,
    })
    const endedAt = now().getTime()
    return { response, endedAt, clockSkewMs: clockSkewMs(response.headers, { startedAt, endedAt }) ?? 0 }
  }

  return {
    listen() {
      last = undefined
    },
    heard: () => last,
    client: {
      async sendGetRequestAsync() {
        last = { error: unexpected() }
        throw unexpected()
      },
      async sendPostRequestAsync<T>(url: string, request?: NetworkRequestOptions) {
        try {
          const answer = await post(url, request)
          last = answer
          return shownToLibrary<T>(answer)
        } catch (error) {
          last = { error }
          throw error
        }
      },
    },
  }
}

/**
 * Headers are kept from the library, and a failing server is shown to it as a plain refusal: after 429, 5xx or Retry-After it would refuse by
 * itself, without a request and without a reason, for a minute or longer. To wait is the token source's business.
 */
function shownToLibrary<T>({ response }: TokenAnswer): NetworkResponse<T> {
  const json = asRecord(jsonOf(response.body)) ?? { error: 'not_json' }
  // The type is the library's wish; it looks at the fields itself, and so does the token source.
  return { status: response.status === 200 ? 200 : 400, headers: {}, body: json as T }
}

function unexpected(): EntraError {
  return new EntraError('Invalid', 'the sign-in was about to ask another address than the token endpoint')
}

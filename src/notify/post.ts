// Posting to an address that is a secret. Only the origin of the address as it is configured can be reached, whatever answers say: the HTTP
// client follows no redirect, and knows no other origin.
import { type HttpClient, NetworkError } from '../network/http.ts'
import { parseRetryAfter } from '../network/retry-after.ts'
import { ChannelError } from './channel-error.ts'

/** How a channel posts. */
export interface PostOptions {
  /** Of the channel, for messages. */
  readonly name: string
  /** Read at the moment of use, so that a new address counts without a restart. */
  readonly url: () => Promise<string>
  /** A client that speaks to this origin and to no other. */
  readonly connect: (origin: string) => Promise<HttpClient>
  readonly now: () => Date
}

/** Posts bodies to one address. */
export interface Poster {
  /** Resolves once it was taken (2xx). Throws ChannelError. */
  post(body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** Answers of the other side that will be the same next time. */
const FINAL: ReadonlySet<number> = new Set([400, 405, 411, 413, 414, 415, 422, 431])

/** Creates a poster. Nothing is connected before the first post. */
export function createPoster({ name, url, connect, now }: PostOptions): Poster {
  let connected: { readonly origin: string; readonly client: Promise<HttpClient> } | undefined

  async function clientTo(origin: string): Promise<HttpClient> {
    if (connected?.origin !== origin) {
      const before = connected
      connected = { origin, client: connect(origin) }
      await before?.client.then((client) => client.close())
    }
    return connected.client
  }

  return {
    async post(body, headers, signal) {
      const address = addressOf((await url()).trim(), name)
      const client = await clientTo(address.origin)
      const answer = await client
        .send({ method: 'POST', url: address.href, headers, body, signal, maximumBodyBytes: MAXIMUM_ANSWER_BYTES })
        .catch((error: unknown) => {
          throw notSent(error, name, address)
        })
      const { status } = answer
      if (status >= 200 && status < 300) return
      const retryAfterMs = parseRetryAfter(answer.headers['retry-after'], now().getTime(), answer.headers['date'])
      const isRedirect = status >= 300 && status < 400
      const hint = isRedirect ? '; it sends elsewhere, which is not followed: configure that address' : ''
      throw new ChannelError(`${name}: HTTP ${status} from ${address.host}${hint}`, {
        isFinal: FINAL.has(status),
        retryAfterMs,
      })
    },
    async close() {
      await connected?.client.then((client) => client.close())
    },
  }
}

const MAXIMUM_ANSWER_BYTES = 256 * 1024

function addressOf(text: string, name: string): URL {
  const address = URL.canParse(text) ? new URL(text) : undefined
  if (
    !address ||
    !['http:', 'https:'].includes(address.protocol) ||
    address.username !== '' ||
    address.password !== ''
  ) {
    throw new ChannelError(`${name}: its url is no http(s) address without a user name`)
  }
  return address
}

/** The error of the client names the path, and the path may be the secret. */
function notSent(error: unknown, name: string, { host }: URL): unknown {
  if (!(error instanceof NetworkError)) return error
  return new ChannelError(`${name}: no answer from ${host} (${error.failure})`)
}

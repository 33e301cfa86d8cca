// A server that plays exchanges written down from the documentation: it compares what comes in with what is expected, to the letter,
// and answers with the bytes that were written down. It knows nothing of OData.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface RecordedRequest {
  readonly method: string
  /** Path and query, as sent. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface WrittenAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
  /** `cut` sends half of the body and closes, `reset` closes without an answer, `stall` never answers. */
  readonly fault?: 'cut' | 'reset' | 'stall'
}

/** One request and its answer. Without `request` anything is accepted. */
export interface WrittenExchange {
  readonly request?: {
    readonly method?: string
    readonly url?: string
    readonly body?: string
    /** Headers that must be there with exactly this value; `undefined` must be absent. */
    readonly headers?: Readonly<Record<string, string | undefined>>
  }
  readonly answer: WrittenAnswer
}

export interface ScriptedServer {
  /** For example `http://127.0.0.1:49152`. */
  readonly origin: string
  readonly requests: readonly RecordedRequest[]
  /** What did not come as written, and what did not come at all. */
  problems(): readonly string[]
  close(): Promise<void>
}

/** Answers every request by a function. */
export async function startServer(
  answer: (request: RecordedRequest, index: number) => WrittenAnswer | Promise<WrittenAnswer>,
): Promise<ScriptedServer> {
  const requests: RecordedRequest[] = []
  const sockets = new Set<Socket>()
  const server = createServer((incoming, response) => {
    void receive(incoming).then(async (request) => {
      requests.push(request)
      send(await answer(request, requests.length - 1), response)
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    problems: () => [],
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Plays exchanges in order. */
export async function playExchanges(exchanges: readonly WrittenExchange[]): Promise<ScriptedServer> {
  const problems: string[] = []
  let played = 0
  const server = await startServer((request, index) => {
    const exchange = exchanges[index]
    if (!exchange) {
      problems.push(`request ${index + 1} is one too many: ${request.method} ${request.url}`)
      return { status: 599 }
    }
    played += 1
    problems.push(...differences(exchange, request, index))
    return exchange.answer
  })
  return {
    ...server,
    problems: () =>
      played < exchanges.length ? [...problems, `${exchanges.length - played} requests did not come`] : problems,
  }
}

function differences({ request: expected }: WrittenExchange, request: RecordedRequest, index: number): string[] {
  const found: string[] = []
  const compare = (what: string, actual: unknown, wanted: unknown) => {
    if (actual !== wanted) found.push(`request ${index + 1}, ${what}:\n  sent   ${actual}\n  wanted ${wanted}`)
  }
  if (expected?.method !== undefined) compare('method', request.method, expected.method)
  if (expected?.url !== undefined) compare('url', request.url, expected.url)
  if (expected?.body !== undefined) compare('body', request.body, expected.body)
  for (const [name, value] of Object.entries(expected?.headers ?? {})) {
    compare(`header ${name}`, request.headers[name.toLowerCase()], value)
  }
  return found
}

async function receive(incoming: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return {
    method: incoming.method ?? '',
    url: incoming.url ?? '',
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

function send(answer: WrittenAnswer, response: ServerResponse): void {
  const body = Buffer.from(answer.body ?? '')
  if (answer.fault === 'stall') return
  if (answer.fault === 'reset') {
    response.socket?.destroy()
    return
  }
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  if (answer.status !== 204) response.setHeader('content-length', body.length)
  response.writeHead(answer.status)
  if (answer.fault === 'cut') {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy())
    return
  }
  response.end(body)
}

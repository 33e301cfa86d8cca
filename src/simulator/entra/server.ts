import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deliver } from '../wire/faults/deliver.ts'
import type { Answer, WireRequest } from '../wire/http.ts'
import { createPauses, type Pauses } from '../wire/pauses.ts'
import { closeServer } from '../wire/server.ts'
import { writeHead } from '../wire/write-head.ts'
import type { EntraExchange } from './exchange.ts'

/** How requests are answered. */
export interface EntraServerOptions {
  readonly prepare: (request: WireRequest) => EntraExchange
  readonly now: () => Date
  readonly host: string
  /** 0: a free one. */
  readonly port: number
}

/** A server that listens. */
export interface EntraServer {
  readonly port: number
  /** Ends all connections, idle or not, and resolves when the port is free. */
  close(): Promise<void>
}

const LONGEST_BODY = 4 * 1024 * 1024

/** Listens. Rejects where the port is taken. */
export async function listenEntra(options: EntraServerOptions): Promise<EntraServer> {
  const pauses = createPauses()
  const server = createServer((request, response) => {
    response.sendDate = false
    serve(options, pauses, request, response).catch(() => response.destroy())
  })
  server.listen(options.port, options.host)
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server, pauses) }
}

async function serve(
  options: EntraServerOptions,
  pauses: Pauses,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = options.prepare(await wireRequest(incoming))
  const { delivery } = exchange
  if (delivery?.kind === 'no-answer' || delivery?.kind === 'reset') {
    if (delivery.effect === true) exchange.run()
    exchange.record(undefined)
    if (delivery.kind === 'reset') incoming.socket.resetAndDestroy()
    return
  }
  const answer = dated(exchange.run(), options.now())
  exchange.record(answer.status)
  if (delivery !== undefined) {
    await deliver(delivery, answer, response, pauses)
    return
  }
  writeHead(response, answer.status, answer.headers, Buffer.byteLength(answer.body))
  response.end(answer.body)
}

function dated(answer: Answer, now: Date): Answer {
  if (answer.headers['Date'] !== undefined) return answer
  return { ...answer, headers: { ...answer.headers, Date: now.toUTCString() } }
}

async function wireRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > LONGEST_BODY) throw new Error('the body is too long')
    chunks.push(chunk)
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ')
  }
  const { method = 'GET', url = '/' } = incoming
  return { method, target: url, headers, body: Buffer.concat(chunks).toString('utf8') }
}

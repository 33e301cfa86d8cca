import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deliver } from './faults/deliver.ts'
import { bodyTooLong } from './faults/pages.ts'
import type { Answer, WireRequest } from './http.ts'
import type { Pauses } from './pauses.ts'
import { type Exchange, type Front, prepare } from './service/front.ts'
import { writeHead } from './write-head.ts'

/** How the server answers beside what the service says. */
export interface ServerOptions {
  /** The organization a request is for. */
  readonly frontOf: (request: WireRequest) => Front
  /** Time each request takes, and each operation on top of it, in milliseconds; 0 for none. */
  readonly latencyMs: () => number
  readonly operationCostMs: () => number
  readonly maxBodyBytes: number
  readonly now: () => Date
  readonly pauses: Pauses
  /** Answers what is not the organization's business; undefined where it is. */
  readonly control: (request: WireRequest, remoteAddress: string) => Answer | undefined
}

/** A server that listens. */
export interface ListeningServer {
  readonly port: number
  /** Ends all connections, idle or not, and resolves when the port is free. */
  close(): Promise<void>
}

/** Listens on the host and port (0: a free one). Rejects where the port is taken. */
export async function listen(options: ServerOptions, host: string, port: number): Promise<ListeningServer> {
  const server = createServer(
    { maxHeaderSize: 256 * 1024, keepAliveTimeout: 60_000, requestTimeout: 0 },
    (req, res) => {
      res.sendDate = false
      serve(options, req, res).catch(() => res.destroy())
    },
  )
  server.listen(port, host)
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server, options.pauses) }
}

/** Ends all connections and pauses, and resolves when the port is free. */
export async function closeServer(server: Server, pauses: Pauses): Promise<void> {
  pauses.cancel()
  if (!server.listening) return
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}

async function serve(options: ServerOptions, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = await readBody(req, options.maxBodyBytes)
  if (body === undefined) {
    await send(options, res, bodyTooLong())
    return
  }
  const request = wireRequest(req, body)
  const control = options.control(request, req.socket.remoteAddress ?? '')
  if (control !== undefined) {
    await send(options, res, control)
    return
  }
  const exchange = prepare(options.frontOf(request), request, `http://${req.headers.host ?? 'localhost'}`, req.socket)
  const dueAt = performance.now() + options.latencyMs() + options.operationCostMs() * exchange.operations
  // The work is done first and its answer held back until it is due: so our own time counts as a part of what the operation costs.
  await answer(options, exchange, req, res, () => options.pauses.wait(dueAt - performance.now()))
}

async function answer(
  options: ServerOptions,
  exchange: Exchange,
  req: IncomingMessage,
  res: ServerResponse,
  due: () => Promise<void>,
): Promise<void> {
  const { delivery } = exchange
  const lost = delivery?.kind === 'no-answer' || delivery?.kind === 'reset'
  if (lost && delivery.effect !== true) {
    exchange.record(undefined)
    await due()
  } else {
    const result = exchange.run()
    exchange.record(lost ? undefined : result.status)
    await due()
    if (delivery === undefined) {
      await send(options, res, result)
      return
    }
    if (!lost) {
      await deliver(delivery, dated(options, result), res, options.pauses)
      return
    }
  }
  if (delivery?.kind === 'reset') req.socket.resetAndDestroy()
}

async function send(options: ServerOptions, res: ServerResponse, result: Answer): Promise<void> {
  const { status, headers, body } = dated(options, result)
  writeHead(res, status, headers, Buffer.byteLength(body))
  res.end(body)
}

function dated(options: ServerOptions, result: Answer): Answer {
  if (result.headers['Date'] !== undefined) return result
  return { ...result, headers: { ...result.headers, Date: options.now().toUTCString() } }
}

function wireRequest(req: IncomingMessage, body: string): WireRequest {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(req.headers)) {
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return { method: req.method ?? 'GET', target: req.url ?? '/', headers, body }
}

/** The body as text, or undefined where it is too long; the rest is read and dropped, so that the answer arrives. */
async function readBody(req: IncomingMessage, most: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= most) chunks.push(chunk)
  }
  return length > most ? undefined : Buffer.concat(chunks).toString('utf8')
}

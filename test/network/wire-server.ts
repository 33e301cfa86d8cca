import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

/** One request as it came over the wire. */
export interface WireRequest {
  /** Counted from 1 over all connections. */
  readonly number: number
  readonly head: string
  readonly body: Buffer
  readonly socket: Socket
}

/** A server that answers with bytes the test writes itself, so that it can break every rule of HTTP. */
export interface WireServer {
  readonly origin: string
  readonly port: number
  readonly requests: readonly WireRequest[]
  readonly connections: readonly Socket[]
  close(): Promise<void>
}

/** Starts a server on loopback. It speaks TLS where options for that are given. */
export async function startWireServer(answer: (request: WireRequest) => void, tls?: TlsOptions): Promise<WireServer> {
  const requests: WireRequest[] = []
  const connections: Socket[] = []
  const onConnection = (socket: Socket) => {
    connections.push(socket)
    socket.on('error', () => {})
    readRequests(socket, (head, body) => {
      const request = { number: requests.length + 1, head, body, socket }
      requests.push(request)
      answer(request)
    })
  }
  const server = tls ? createTlsServer(tls, onConnection) : createServer(onConnection)
  const port = await listen(server)
  return {
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    connections,
    async close() {
      for (const socket of connections) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Listens on a free port of loopback. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function readRequests(socket: Socket, onRequest: (head: string, body: Buffer) => void): void {
  let received = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    for (;;) {
      const end = received.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = received.toString('latin1', 0, end)
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
      if (received.length < end + 4 + length) return
      onRequest(head, received.subarray(end + 4, end + 4 + length))
      received = received.subarray(end + 4 + length)
    }
  })
}

/** The bytes of an answer with a body of known length. */
export function httpAnswer(status: string, headers: readonly string[], body: string | Buffer = ''): Buffer {
  const bytes = Buffer.from(body)
  const lines = [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${bytes.length}`]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes])
}

import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { listen } from './wire-server.ts'

/** A real CONNECT proxy on loopback, which resolves the names it is asked for from a list. */
export interface ConnectProxy {
  readonly url: string
  readonly port: number
  /** The CONNECT requests, in order. */
  readonly asked: readonly IncomingMessage[]
  close(): Promise<void>
}

export interface ConnectProxyOptions {
  /** Ports on loopback by the authority that is asked for, for example `crm.contoso.test:443`. */
  readonly hosts: Readonly<Record<string, number>>
  readonly tls?: TlsOptions
  /** Instead of a tunnel. */
  readonly answer?: (socket: Socket) => void
}

/** Starts the proxy. */
export async function startConnectProxy({ hosts, tls, answer }: ConnectProxyOptions): Promise<ConnectProxy> {
  const asked: IncomingMessage[] = []
  const sockets = new Set<Socket>()
  const track = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  const server: Server = tls ? createTlsServer(tls) : createServer()
  server.on('connection', track)
  server.on('secureConnection', track)
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(request)
    track(socket)
    if (answer) return answer(socket)
    const port = hosts[request.url ?? '']
    if (port === undefined) return socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\nProxy-Agent: test\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    track(upstream)
  })
  const port = await listen(server)
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

import type { Socket } from 'node:net'
import type { ProxyOptions } from './client-options.ts'
import { NetworkError } from './http.ts'

/** A proxy's answer to CONNECT is a status line and a few headers. */
const MAXIMUM_ANSWER_BYTES = 16 * 1024

/**
 * Asks the proxy at the other end of the socket for a tunnel to `authority` (host:port). Resolves when the socket is the tunnel; rejects
 * with NetworkError 'proxy' when it refuses, answers nonsense or hangs up. The caller bounds the time by destroying the socket.
 */
export function openTunnel(socket: Socket, authority: string, proxy: ProxyOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0)
    function settle(error?: NetworkError): void {
      socket.off('data', onData).off('error', onLost).off('close', onLost).off('end', onLost)
      socket.pause()
      if (error) reject(error)
      else resolve()
    }
    function onLost(cause?: Error | boolean): void {
      settle(proxyError('the proxy closed the connection', cause instanceof Error ? cause : undefined))
    }
    function onData(chunk: Buffer): void {
      answer = Buffer.concat([answer, chunk])
      const end = answer.indexOf('\r\n\r\n')
      if (end < 0) {
        if (answer.length > MAXIMUM_ANSWER_BYTES) settle(proxyError('the proxy did not answer CONNECT'))
        return
      }
      settle(refusal(answer.toString('latin1', 0, end), answer.length - end - 4))
    }
    socket.on('data', onData).on('error', onLost).on('close', onLost).on('end', onLost)
    socket.write(connectRequest(authority, proxy), 'latin1')
  })
}

function connectRequest(authority: string, { username, password }: ProxyOptions): string {
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`]
  if (username !== undefined) {
    const credentials = Buffer.from(`${username}:${password ?? ''}`, 'utf8').toString('base64')
    lines.push(`Proxy-Authorization: Basic ${credentials}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}

function refusal(head: string, surplusBytes: number): NetworkError | undefined {
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |\r\n|$)/.exec(head)?.[1])
  if (Number.isNaN(status)) return proxyError('the proxy did not answer CONNECT')
  if (status === 407) return proxyError('the proxy wants other credentials (407)')
  if (status < 200 || status > 299) return proxyError(`the proxy refused the connection (${status})`)
  // The server behind a tunnel speaks only after us; bytes that came with the answer are the proxy's own.
  return surplusBytes > 0 ? proxyError('the proxy sent data into the tunnel') : undefined
}

function proxyError(message: string, cause?: Error): NetworkError {
  return new NetworkError('proxy', false, message, { cause })
}

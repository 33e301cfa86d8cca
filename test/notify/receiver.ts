import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { HttpClient } from '../../src/network/http.ts'
import { createHttpClient } from '../../src/network/http-client.ts'
import type { Message } from '../../src/notify/message.ts'

/** What was posted. */
export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Somebody who takes what is posted. */
export interface Receiver {
  readonly origin: string
  readonly received: Received[]
  /** What is answered from now on. */
  answer: { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
}

/** Starts a receiver; it ends with the test. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { url = '', headers } = request
      receiver.received.push({ path: url, headers, body: Buffer.concat(chunks).toString('utf8') })
      response.writeHead(receiver.answer.status, { 'content-length': '0', ...receiver.answer.headers }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const receiver: Receiver = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    answer: { status: 202 },
  }
  return receiver
}

/** A client that speaks to one origin; it ends with the test. */
export async function clientTo(origin: string): Promise<HttpClient> {
  const client = createHttpClient({ allowedOrigins: [origin], userAgent: 'mailkeel-test' })
  onTestFinished(() => client.close())
  return client
}

/** A message with what a test is about. */
export function messageWith(changes: Partial<Message> = {}): Message {
  return {
    id: 'm-1',
    incident: 'i-1',
    topic: 'Failed',
    state: 'Began',
    at: '2026-11-23T08:00:00.000Z',
    scope: 'contoso-sales',
    title: 'contoso-sales: 31 mailboxes do not work',
    lines: ['31 × TrustBroken: Exchange refuses the sign-in (ann, bob, cora and 28 more)'],
    link: 'https://mailkeel.contoso.com/',
    ...changes,
  }
}

export const NEVER = new AbortController().signal

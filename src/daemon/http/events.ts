// Server-Sent Events: the page is told that there is something new to get, never what. One hub listens to the board for all streams, so a
// busy pass costs the same whether nobody looks or a hundred do.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Machine } from '../../machine.ts'
import type { Board } from '../board.ts'
import { paced } from './paced.ts'
import { HttpError, type Route, type Viewer } from './route.ts'

/** What the streams work with. */
export interface EventsOptions {
  readonly board: Board
  readonly machine: Pick<Machine, 'sleep'>
  /** Asked again with every heartbeat: a stream ends with the session it was opened in. */
  readonly viewerOf: (request: FastifyRequest) => Promise<Viewer | undefined>
  readonly mostStreams?: number
}

/** The route of the events, and what ends all streams. */
export interface Events {
  readonly route: Route
  close(): void
}

const MOST_STREAMS = 200
const HEARTBEAT_MS = 15_000
/** Whoever has so many bytes waiting does not read; it is cut, comes back by itself and gets everything anew. */
const MOST_WAITING_BYTES = 64 * 1024

/** Creates the hub; it listens to the board until it is closed. */
export function createEvents({ board, machine, viewerOf, mostStreams = MOST_STREAMS }: EventsOptions): Events {
  const streams = new Map<FastifyReply['raw'], FastifyRequest>()
  const closing = new AbortController()
  const { signal } = closing
  const write = (raw: FastifyReply['raw'], text: string) => {
    if (raw.writableLength > MOST_WAITING_BYTES) raw.destroy()
    else raw.write(text)
  }
  const tell = paced({ machine, signal, everyMs: 1000 }, (scope) => {
    const text = scope === '' ? 'event: source\ndata: {}\n\n' : `event: scope\ndata: ${JSON.stringify({ scope })}\n\n`
    for (const raw of streams.keys()) write(raw, text)
  })
  const unsubscribe = board.subscribe((event) => tell(event.type === 'source' ? '' : event.scope))

  async function beat(): Promise<void> {
    for (const [raw, request] of streams) {
      const viewer = await viewerOf(request).catch(() => undefined)
      if (viewer) write(raw, ':\n\n')
      else raw.end()
    }
  }
  void every(HEARTBEAT_MS, beat, machine, signal)

  return {
    route: {
      method: 'GET',
      url: '/api/v1/events',
      access: 'Overview',
      isEndless: true,
      summary: 'Server-Sent Events: `scope` and `source` say that there is something new to get.',
      handle(request, reply) {
        if (signal.aborted || streams.size >= mostStreams) {
          throw new HttpError(503, 'TooManyStreams', 'too many pages are open; the page asks again by itself')
        }
        const { raw } = reply
        reply.header('content-type', 'text/event-stream; charset=utf-8').header('x-accel-buffering', 'no')
        reply.hijack()
        raw.writeHead(200, headersOf(reply))
        raw.write('retry: 3000\n\n')
        streams.set(raw, request)
        raw.on('error', () => raw.destroy()).on('close', () => streams.delete(raw))
      },
    },
    close() {
      unsubscribe()
      closing.abort()
      for (const raw of streams.keys()) raw.end()
    },
  }
}

function headersOf(reply: FastifyReply): Record<string, string | string[]> {
  const kept = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value : String(value)] as const],
  )
  return Object.fromEntries(kept)
}

async function every(
  ms: number,
  work: () => Promise<void>,
  machine: Pick<Machine, 'sleep'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await machine.sleep(ms, signal).catch(() => {})
    if (!signal.aborted) await work()
  }
}

// A server that answers as mailkeel does, with made-up answers, for the page alone: the real server and the page meet in the tests of the daemon.
import type { ServerResponse } from 'node:http'
import fastify from 'fastify'
import type { EventShape, ObjectPage, ObjectRow, OverviewShape, ScopeShape } from '../../src/daemon/api/shapes.ts'
import { pageRoutes } from '../../src/daemon/http/page-routes.ts'
import { explained, history, mailboxes, TROUBLED, trend } from './fixture-data.ts'

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** The server of the page, with what a test may do to it. */
export interface Fixture {
  readonly url: string
  /** What it answers from now on. */
  show(overview: OverviewShape): void
  /** Tells everybody who listens that there is something new. */
  tell(event: EventShape): void
  /** Every question is refused from now on with this status; 0 ends that. Lines on which news come are cut. */
  refuse(status: number): void
  /** Paths with query that were asked for, oldest first. */
  asked(): readonly string[]
  close(): Promise<void>
}

/** Starts it on a port of loopback. */
export async function startFixture(first: OverviewShape = TROUBLED, port = 0): Promise<Fixture> {
  const app = fastify({ forceCloseConnections: true })
  const lines = new Set<ServerResponse>()
  const asked: string[] = []
  const rowsOf = cachedRows()
  let overview = first
  let refused = 0

  app.addHook('onRequest', async (request, reply) => {
    asked.push(request.url)
    reply.headers({
      'content-security-policy': CSP,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    if (refused > 0 && request.url.startsWith('/api/'))
      return reply.code(refused).send({ error: { code: 'Refused', message: 'refused by the test' } })
  })
  for (const { method, url, handle } of pageRoutes())
    app.route({ method, url, handler: (request, reply) => handle(request, reply, undefined) })

  const scopeOf = (params: unknown): ScopeShape | undefined => {
    const { kind, name } = params as { kind: string; name: string }
    return overview.scopes.find((scope) => scope.kind === kind && scope.name === name)
  }
  const at = '/api/v1/scopes/:kind/:name'
  // As the server would, now: a page that takes an answer of long ago for fresh would be wrong.
  app.get('/api/v1/overview', () => overview)
  app.get(
    at,
    ({ params }, reply) =>
      scopeOf(params) ?? reply.code(404).send({ error: { code: 'NotFound', message: 'no such scope' } }),
  )
  app.get(`${at}/objects`, ({ params, query }) => pageOf(rowsOf(scopeOf(params)), query as Record<string, string>))
  app.get(`${at}/objects/:key`, ({ params }) => explained((params as { key: string }).key))
  app.get(`${at}/history`, ({ query }) => {
    const { cursor = '0', limit = '20' } = query as Record<string, string>
    return history(Number(cursor), Number(limit))
  })
  app.get(`${at}/trend`, () => trend())
  app.get('/api/v1/events', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    reply.raw.write(': hello\n\n')
    lines.add(reply.raw)
    reply.raw.on('close', () => lines.delete(reply.raw))
  })
  const url = await app.listen({ host: '127.0.0.1', port })
  return {
    url,
    show(next) {
      overview = next
    },
    tell(event) {
      for (const line of lines)
        line.write(`event: ${event.scope ? 'scope' : 'source'}\ndata: ${JSON.stringify(event)}\n\n`)
    },
    refuse(status) {
      refused = status
      if (status > 0) for (const line of lines) line.destroy()
    },
    asked: () => asked,
    close: () => app.close(),
  }
}

function cachedRows(): (scope: ScopeShape | undefined) => readonly ObjectRow[] {
  const known = new Map<string, readonly ObjectRow[]>()
  return (scope) => {
    if (!scope) return []
    const rows = known.get(scope.scope) ?? [...(scope.mailboxes ? mailboxes(scope.mailboxes) : []), ...others(scope)]
    known.set(scope.scope, rows)
    return rows
  }
}

/** What a scope holds beside its mailboxes. */
function others(scope: ScopeShape): readonly ObjectRow[] {
  const well = { status: 'True', reason: 'InSync', message: 'as the spec says' }
  const kinds = scope.kind === 'trust' ? ['Credential', 'ServerSettings'] : ['EmailServerProfile', 'EmailSettings']
  return kinds.map((kind) => ({
    kind,
    key: kind.toLowerCase(),
    label: kind === 'EmailServerProfile' ? 'Exchange Online' : kind,
    state: 'healthy',
    drifted: false,
    synced: well,
    ready: well,
  }))
}

function pageOf(rows: readonly ObjectRow[], query: Readonly<Record<string, string>>): ObjectPage {
  const { kind, state, drifted, unmanaged, cause, q = '', limit = '100', cursor = '0' } = query
  const matching = rows.filter(
    (row) =>
      (unmanaged === 'only') === (row.unmanaged === true) &&
      (!kind || row.kind === kind) &&
      (!state || row.state === state) &&
      (drifted !== 'true' || row.drifted) &&
      (!cause || row.ready.reason === cause) &&
      row.label.toLowerCase().includes(q.toLowerCase()),
  )
  const end = Number(cursor) + Number(limit)
  return {
    items: matching.slice(Number(cursor), end),
    total: matching.length,
    ...(end < matching.length && { next: String(end) }),
  }
}

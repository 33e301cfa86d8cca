// The routes of the API behind a plain server on a socket, with a visitor of any role; and a board made from results of passes.
import { fastify } from 'fastify'
import { type ApiInput, apiRoutes } from '../../../src/daemon/api/routes.ts'
import { type BoardWriter, createBoard, type ScopeReport, type ScopeStanding } from '../../../src/daemon/board.ts'
import { HttpError, type Route, type Viewer } from '../../../src/daemon/http/route.ts'
import { conditionsOf } from '../../../src/reconcile/conditions.ts'
import type { PassResult } from '../../../src/reconcile/contract.ts'
import type { RuntimeConfiguration } from '../../../src/spec/configuration/load.ts'
import type { DesiredOrganization, DesiredTrust } from '../../../src/spec/desired.ts'

export const NOW = '2026-11-23T12:00:00.000Z'

/** An answer as a program gets it. */
export interface Answer<T> {
  readonly status: number
  readonly type: string | null
  readonly text: string
  readonly body: T
}

/** The API on a socket. */
export interface ServedApi {
  readonly routes: readonly Route[]
  get<T>(path: string, role?: Viewer['role']): Promise<Answer<T>>
  close(): Promise<void>
}

/** Serves the API. */
export async function serveApi(input: Partial<ApiInput> & Pick<ApiInput, 'board'>): Promise<ServedApi> {
  const routes = apiRoutes({
    stateDirectory: '/nowhere',
    configuration: CONFIGURATION,
    machine: { now: () => new Date(NOW) },
    version: '1.2.3',
    ...input,
  })
  const server = fastify({ routerOptions: { maxParamLength: 4096 } })
  server.setErrorHandler((error, _request, reply) => {
    const { status, code, message } =
      error instanceof HttpError ? error : { status: 400, code: 'BadRequest', message: String(error) }
    return reply.status(status).send({ error: { code, message } })
  })
  for (const { method, url, params, query, handle } of routes) {
    server.route({
      method,
      url,
      schema: { ...(params && { params }), ...(query && { querystring: query }) },
      handler: (request, reply) => handle(request, reply, { role: request.headers['x-role'] as Viewer['role'] }),
    })
  }
  const origin = await server.listen({ host: '127.0.0.1', port: 0 })
  return {
    routes,
    async get<T>(path: string, role: Viewer['role'] = 'Reader') {
      const response = await fetch(`${origin}${path}`, { headers: { 'x-role': role } })
      const text = await response.text()
      return { status: response.status, type: response.headers.get('content-type'), text, body: JSON.parse(text) as T }
    },
    close: () => server.close(),
  }
}

/** A configuration as far as the API reads it. */
export const CONFIGURATION = {
  file: '/srv/mailkeel.yaml',
  folder: '/srv',
  spec: { policy: 'Enforce', organizations: {}, identities: {}, tenants: {}, deployments: {} },
} as unknown as RuntimeConfiguration

/** An empty board whose spec comes from git. */
export function emptyBoard(): BoardWriter {
  const enforced = {
    id: '3f2a91c0d3f5b2a7c1e0d3f5b2a7c1e0d3f5b2a7',
    subject: 'Add Ann to sales',
    author: 'Ann Example <ann@contoso.com>',
    seenAt: NOW,
  }
  return createBoard({ kind: 'git', place: 'https://git.contoso.com/crm.git main', enforced, lookedAt: NOW }, NOW)
}

/** What a pass told. */
export function reportOf(result: PassResult, more: Partial<ScopeReport> = {}): ScopeReport {
  return { result, conditions: conditionsOf(result), runway: [], drift: [], fights: [], ...more }
}

/** How a scope stands after a pass. */
export function standingOf(
  desired: DesiredOrganization | DesiredTrust,
  report: ScopeReport | undefined,
  more: Partial<ScopeStanding> = {},
): ScopeStanding {
  const kind = 'mailboxes' in desired ? 'organization' : 'trust'
  return {
    scope: `${kind}/${desired.name}`,
    kind,
    name: desired.name,
    desired,
    policy: 'Enforce',
    phase: 'Idle',
    revision: 'r1',
    ...(report && { report, lastPassAt: report.result.finishedAt }),
    ...more,
  }
}

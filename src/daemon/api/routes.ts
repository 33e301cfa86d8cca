// The addresses of /api/v1. All of them only read, from the board, and the journal for what was before. An answer is made of what the shapes
// name and of nothing else.
import type { FastifyReply } from 'fastify'
import { adviceOn } from '../../compose/advice.ts'
import type { Machine } from '../../machine.ts'
import { jsonText } from '../../report/hostile-text.ts'
import type { RuntimeConfiguration } from '../../spec/configuration/load.ts'
import type { Board, ScopeReport, ScopeStanding } from '../board.ts'
import { HttpError, type Route, type Viewer } from '../http/route.ts'
import { stagesToTell } from './api-stages.ts'
import { explanationOf } from './explanation.ts'
import { historyPages } from './history-page.ts'
import { objectIndex } from './object-index.ts'
import { pageOf } from './object-page.ts'
import { openApi } from './open-api.ts'
import {
  HISTORY_QUERY,
  historyQuery,
  OBJECT_PARAMETERS,
  OBJECT_QUERY,
  OBJECTS_QUERY,
  objectQuery,
  SCOPE_PARAMETERS,
  textIn,
} from './parameters.ts'
import type { AnySchema } from './schema.ts'
import {
  explainSchema,
  historySchema,
  objectPageSchema,
  overviewSchema,
  scopeSchema,
  sourceSchema,
  trendSchema,
} from './schemas.ts'
import { scopeView } from './scope-view.ts'
import type { OverviewShape } from './shapes.ts'
import { sourceView } from './source-view.ts'
import { followTrend } from './trend.ts'

/** What the API answers from. */
export interface ApiInput {
  readonly board: Board
  /** Where the journal is. */
  readonly stateDirectory: string
  readonly configuration: RuntimeConfiguration
  readonly machine: Pick<Machine, 'now'>
  /** Of this program. */
  readonly version: string
  /** Other addresses of the same server that the description of the API is to name, as of when it is asked for. */
  readonly others?: () => readonly Route[]
  /** The most bytes of the journal that one request reads. */
  readonly maximumJournalBytes?: number
}

/** What a route is made of: its answer is a value. */
interface Address extends Pick<Route, 'url' | 'access' | 'summary' | 'params' | 'query'> {
  readonly schema?: AnySchema
  answer(request: Asked, viewer: Viewer): unknown
}

/** A request as far as answers depend on it: what stands in its parameters was sent by somebody. */
interface Asked {
  readonly params: unknown
  readonly query: unknown
}

/** The routes of the API. They follow the board from now on, for the trend. */
export function apiRoutes(input: ApiInput): readonly Route[] {
  const addresses = addressesOf(input)
  const routes = addresses.map(routeOf)
  const schemas = addresses.flatMap(({ schema }) => schema ?? [])
  const description: Route = routeOf({
    url: '/api/v1/openapi.json',
    access: 'Overview',
    summary: 'This description.',
    answer: () => openApi([...routes, description, ...(input.others?.() ?? [])], input.version, schemas),
  })
  return [...routes, description]
}

function addressesOf(input: ApiInput): readonly Address[] {
  const { board, configuration, machine, version, stateDirectory, maximumJournalBytes } = input
  const stages = stagesToTell()
  const view = scopeView({ vocabularyOf: (kind) => stages.words[kind], advise: adviceOn(configuration) })
  const history = historyPages({
    stateDirectory,
    stages,
    ...(maximumJournalBytes !== undefined && { maximumBytes: maximumJournalBytes }),
  })
  const trend = followTrend(board)
  const explaining = { board, configuration, stateDirectory, stages }
  const overview = ({ role, name }: Viewer): OverviewShape => ({
    version,
    now: machine.now().toISOString(),
    startedAt: board.startedAt,
    role,
    ...(name !== undefined && { viewer: name }),
    source: sourceView(board.source(), role),
    scopes: board.scopes().map((standing) => view(standing, role)),
  })
  return [
    {
      url: '/api/v1/overview',
      access: 'Overview',
      summary: 'Where the spec comes from, and every scope at a glance.',
      schema: overviewSchema,
      answer: (_request, viewer) => overview(viewer),
    },
    {
      url: '/api/v1/source',
      access: 'Overview',
      summary: 'Where the spec comes from, what is enforced, and what is refused.',
      schema: sourceSchema,
      answer: (_request, { role }) => sourceView(board.source(), role),
    },
    {
      url: '/api/v1/scopes/:kind/:name',
      access: 'Overview',
      summary: 'One organization or trust: stages, causes, plan, guards, rollouts, runway.',
      params: SCOPE_PARAMETERS,
      schema: scopeSchema,
      answer: ({ params }, { role }) => view(standingOf(board, params), role),
    },
    {
      url: '/api/v1/scopes/:kind/:name/objects',
      access: 'Reader',
      summary: 'Objects of a scope in pages, filtered and searched.',
      params: SCOPE_PARAMETERS,
      query: OBJECTS_QUERY,
      schema: objectPageSchema,
      answer: async ({ params, query }) =>
        pageOf(await objectIndex(reportOf(standingOf(board, params))), objectQuery(query)),
    },
    {
      url: '/api/v1/scopes/:kind/:name/objects/:key',
      access: 'Reader',
      summary: 'Why one object does or does not work, link by link, as `mailkeel explain` tells it.',
      params: OBJECT_PARAMETERS,
      query: OBJECT_QUERY,
      schema: explainSchema,
      async answer({ params, query }) {
        const standing = standingOf(board, params)
        const kind = textIn(query, 'kind') ?? 'Mailbox'
        const key = textIn(params, 'key') ?? ''
        const told = await explanationOf(standing, reportOf(standing), { kind, key }, explaining)
        if (told) return told
        throw new HttpError(404, 'NoSuchObject', 'neither the spec nor the last pass knows such an object')
      },
    },
    {
      url: '/api/v1/scopes/:kind/:name/history',
      access: 'Overview',
      summary: 'Passes that wrote, newest first, with what became of each change.',
      params: SCOPE_PARAMETERS,
      query: HISTORY_QUERY,
      schema: historySchema,
      answer: ({ params, query }, { role }) => history(standingOf(board, params).scope, historyQuery(query), role),
    },
    {
      url: '/api/v1/scopes/:kind/:name/trend',
      access: 'Overview',
      summary: 'How the mailboxes of a scope were, pass by pass, since this process began.',
      params: SCOPE_PARAMETERS,
      schema: trendSchema,
      answer: ({ params }) => trend(standingOf(board, params).scope),
    },
  ]
}

function routeOf({ url, access, summary, params, query, schema, answer }: Address): Route {
  return {
    method: 'GET',
    url,
    access,
    summary,
    ...(params && { params }),
    ...(query && { query }),
    ...(schema && { answer: schema.json }),
    async handle(request, reply, viewer) {
      // A server asks for a viewer before it calls; without one nobody's names are told.
      const told = await answer(request, viewer ?? { role: 'Overview' })
      return asJson(reply, told)
    },
  }
}

/** JSON in which nothing is left that a terminal or a page could take for more than text. */
function asJson(reply: FastifyReply, value: unknown): unknown {
  reply.type('application/json; charset=utf-8').serializer((payload: unknown) => jsonText(payload, 0))
  return value
}

function standingOf(board: Board, params: unknown): ScopeStanding {
  const standing = board.scope(`${textIn(params, 'kind')}/${textIn(params, 'name')}`)
  if (standing) return standing
  throw new HttpError(404, 'NoSuchScope', 'there is no such organization or trust; /api/v1/overview names all')
}

function reportOf({ report }: ScopeStanding): ScopeReport {
  if (report) return report
  throw new HttpError(409, 'NotObservedYet', 'no pass has come to its end yet, so nothing is known of its objects')
}

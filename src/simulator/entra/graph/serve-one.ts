import type { WireRequest } from '../../wire/http.ts'
import type { EntraEffects } from '../faults/effects.ts'
import type { TokenSubject } from '../login/tokens.ts'
import type { GraphContext, GraphResult } from './operation.ts'
import { graphQuery } from './query.ts'
import { badRequest, GraphRefusal } from './refusal.ts'
import { serveGraph } from './routes.ts'

/** Serves one operation, of its own or a part of a batch. The target is below the version, without the first slash. Throws GraphRefusal. */
export function serveOne(
  context: GraphContext,
  request: WireRequest,
  subject: TokenSubject,
  effects: EntraEffects,
  isPart: boolean,
): GraphResult {
  const [path = '', query = ''] = split(request.target)
  return serveGraph(context, {
    method: request.method,
    path: decodedPath(path),
    query: graphQuery(query),
    headers: request.headers,
    body: parsedBody(request),
    isPart,
    subject,
    effects,
  })
}

/** The body as JSON; undefined where there is none. Throws GraphRefusal for anything else. */
export function parsedBody({ headers, body }: WireRequest): unknown {
  if (body === '') return undefined
  if (!/^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '')) {
    throw new GraphRefusal(415, 'BadRequest', 'A supported MIME type could not be found that matches the content type.')
  }
  try {
    return JSON.parse(body) as unknown
  } catch {
    throw badRequest('Unable to read JSON request payload. Please ensure Content-Type header is set.', 'BadRequest')
  }
}

function split(target: string): readonly [path: string, query: string] {
  const at = target.indexOf('?')
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw badRequest('The path of the request cannot be decoded.', 'BadRequest')
  }
}

// The description of the API, made from the list of its routes: what is not in the list is not described, and nothing else is.
import type { Route } from '../http/route.ts'
import type { AnySchema } from './schema.ts'
import { errorSchema } from './schemas.ts'

/** Who is meant by an access rule. */
const WHO: Readonly<Record<Route['access'], string>> = {
  Public: 'Anybody who reaches the port.',
  Overview: 'Needs the role Overview or Reader; an Overview is told no names of people.',
  Reader: 'Needs the role Reader.',
  Webhook: 'Needs a body signed by the sender.',
}

/** An OpenAPI 3.1 document. `schemas` hold the names that the answers of the routes refer to. */
export function openApi(routes: readonly Route[], version: string, schemas: readonly AnySchema[]): object {
  const names = new Map([...schemas, errorSchema].flatMap((schema) => [...schema.names]))
  const paths = new Map<string, object>()
  for (const route of routes) {
    const path = route.url.replace(/:([A-Za-z]+)/g, '{$1}')
    paths.set(path, { ...paths.get(path), [route.method.toLowerCase()]: operation(route) })
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'mailkeel',
      version,
      description: 'What a running mailkeel knows. It is read-only: what is to change is committed.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths: Object.fromEntries(paths),
    components: {
      schemas: Object.fromEntries([...names].sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    // Without a token configured, which is allowed on loopback only, nothing is asked for.
    security: [{}, { token: [] }],
  }
}

function operation({ url, summary, access, params, query, answer }: Route): object {
  const failed = { description: 'Why not.', content: { 'application/json': { schema: errorSchema.json } } }
  return {
    operationId: idOf(url),
    summary,
    description: WHO[access],
    parameters: [...parametersIn('path', params), ...parametersIn('query', query)],
    responses: {
      '200': { description: 'The answer.', ...(answer && { content: { 'application/json': { schema: answer } } }) },
      default: failed,
    },
    ...(access === 'Public' && { security: [] }),
  }
}

/** `/api/v1/scopes/:kind/:name` becomes `scopesKindName`. */
function idOf(url: string): string {
  const words = url.replace(/^\/api\/v1\//, '').split(/[^A-Za-z0-9]+/)
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)
  return words.flatMap((word, index) => (word === '' ? [] : [index === 0 ? word : capital(word)])).join('')
}

function parametersIn(place: 'path' | 'query', schema: object | undefined): readonly object[] {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    readonly properties?: Readonly<Record<string, { readonly description?: string }>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }))
}

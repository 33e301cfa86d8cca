// Every address with its access rule. The list is the one that the server answers, so an address that comes later is walked too; the table
// below says for each what it must be, and an address without a row fails. The page stands for all of its files.
import { describe, expect, it } from 'vitest'
import { apiRoutes } from '../../../src/daemon/api/routes.ts'
import { createBoard } from '../../../src/daemon/board.ts'
import type { Access, Route } from '../../../src/daemon/http/route.ts'
import type { RuntimeConfiguration } from '../../../src/spec/configuration/load.ts'
import { ACCESS_RULES } from './access-rules.ts'
import {
  type Asked,
  afterTest,
  configurationOf,
  manualMachine,
  NOW,
  type Running,
  running,
  SAMPLE_ROUTES,
  TOKEN,
} from './harness.ts'
import { entraSections, roleSession, startPeople } from './sign-in/people.ts'

const keyOf = ({ method, url }: Pick<Route, 'method' | 'url'>) => `${method} ${url}`

/** A request that finds the route; the right is asked before parameters are looked at. */
function requestOf({ method, url }: Route): readonly [path: string, asked: Asked] {
  return [url.replace(/:\w+/g, 'x'), { method, headers: { accept: 'application/json' } }]
}

interface Visitor {
  readonly name: string
  readonly headers: (place: Running) => Promise<Readonly<Record<string, string>>>
  readonly may: ReadonlySet<Access>
}

const VISITORS: readonly Visitor[] = [
  { name: 'nobody', headers: async () => ({}), may: new Set(['Public']) },
  {
    name: 'somebody with a wrong token',
    headers: async () => ({ authorization: `Bearer ${TOKEN}x` }),
    may: new Set(['Public']),
  },
  {
    name: 'somebody with the token as password',
    headers: async () => ({ authorization: `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}` }),
    may: new Set(['Public']),
  },
  {
    name: 'somebody with a made-up session',
    headers: async () => ({ cookie: 'mailkeel-session=AAAA' }),
    may: new Set(['Public']),
  },
  {
    name: 'a person with the role Overview',
    headers: async (place) => ({ cookie: await roleSession(place, 'olga@contoso.com') }),
    may: new Set(['Public', 'Overview']),
  },
  {
    name: 'a person with the role Reader',
    headers: async (place) => ({ cookie: await roleSession(place, 'rita@contoso.com') }),
    may: new Set(['Public', 'Overview', 'Reader']),
  },
  {
    name: 'a program with the token',
    headers: async () => ({ authorization: `Bearer ${TOKEN}` }),
    may: new Set(['Public', 'Overview', 'Reader']),
  },
]

/** Everything that is answered, behind a token and a sign-in, with senders. */
async function guarded(): Promise<Running> {
  const people = await startPeople()
  afterTest(() => people.close())
  const { identities, signIn } = entraSections(people)
  const webhooks = [{ name: 'forge', type: 'GitHub', secret: { env: 'TOKEN' } }]
  const listener = { port: 0, token: { env: 'TOKEN' }, signIn, webhooks }
  return withRealRoutes(await configurationOf({ identities, listener }))
}

/** Everything on this machine, where nothing else is said. */
async function open(): Promise<Running> {
  return withRealRoutes(await configurationOf({ listener: { port: 0 } }))
}

async function withRealRoutes(configuration: RuntimeConfiguration): Promise<Running> {
  const board = createBoard({ kind: 'directory', place: '/spec' }, NOW.toISOString())
  const machine = manualMachine()
  const api = apiRoutes({ board, configuration, machine, version: '1.0.0', stateDirectory: configuration.folder })
  const page = SAMPLE_ROUTES.filter(({ url }) => url === '/')
  return running({}, { configuration, machine, board, routes: [...page, ...api] })
}

describe('every address of the server', () => {
  it('has a row that says who may ask it', async () => {
    const { listener } = await guarded()

    const actual = listener.routes.map((route) => [keyOf(route), route.access])

    expect(actual.sort()).toEqual(
      Object.entries(ACCESS_RULES)
        .map(([key, { access }]) => [key, access])
        .sort(),
    )
  })

  it('answers HEAD by the rule of GET, without a body, and leaves out what does not end', async () => {
    const place = await guarded()
    const gets = place.listener.routes.filter(({ method }) => method === 'GET')

    for (const route of gets) {
      const [path, asked] = requestOf(route)
      const answer = await place.ask(path, { ...asked, method: 'HEAD' })
      const isHealth = path === '/healthz' || path === '/readyz'
      const expected = route.isEndless
        ? [404]
        : route.access === 'Public'
          ? isHealth
            ? [200, 503]
            : [200, 302, 400]
          : [401]

      expect([path, expected.includes(answer.status), answer.text]).toEqual([path, true, ''])
    }
  })

  it.each(VISITORS)('answers $name what they may see and refuses the rest', async ({ headers, may }) => {
    const place = await guarded()
    const known = await headers(place)

    for (const route of place.listener.routes) {
      const [path, asked] = requestOf(route)
      if (may.has(route.access) || path === '/api/v1/events') continue
      const answer = await place.ask(path, { ...asked, headers: { ...asked.headers, ...known } })

      expect([keyOf(route), [401, 403].includes(answer.status)]).toEqual([keyOf(route), true])
      expect(answer.json()).toEqual({ error: { code: expect.any(String), message: expect.any(String) } })
    }
    for (const route of place.listener.routes) {
      const [path, asked] = requestOf(route)
      if (!may.has(route.access) || route.method === 'POST' || path === '/api/v1/events') continue
      const answer = await place.ask(path, { ...asked, headers: { ...asked.headers, ...known } })

      expect([keyOf(route), [401, 403].includes(answer.status)]).toEqual([keyOf(route), false])
    }
  })

  it.each([
    ['a host of somebody else', { host: 'evil.example:8080' }, 421],
    ['a host that begins like ours', { host: '127.0.0.1.evil.example' }, 421],
    ['a host that ends like ours', { host: 'evil-localhost' }, 421],
    ['user information in the host', { host: 'localhost@evil.example' }, 421],
    ['a page of somebody else', { origin: 'https://evil.example' }, 403],
    ['a page without an origin', { origin: 'null' }, 403],
    ['a neighbour on this machine', { origin: 'http://127.0.0.1:9999' }, 403],
    ['a page that the browser calls foreign', { origin: 'null', 'sec-fetch-site': 'cross-site' }, 403],
  ])(
    'refuses every request by %s, also where nobody needs to sign in (DNS rebinding)',
    async (_name, headers, status) => {
      const place = await open()

      for (const route of place.listener.routes) {
        const [path, asked] = requestOf(route)
        const answer = await place.ask(path, { ...asked, headers: { ...asked.headers, ...headers } })

        expect([keyOf(route), answer.status]).toEqual([keyOf(route), status])
      }
    },
  )

  it('answers everybody on this machine as Reader where nothing else is said', async () => {
    const place = await running()

    const answer = await place.ask('/api/v1/overview', { headers: { host: 'localhost:9000' } })

    expect([answer.status, answer.json()]).toEqual([200, { viewer: { role: 'Reader' } }])
  })
})

// The same exchanges, played to the client: what it asks is what was written down, and what it makes of the answer is told here.
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createTenantClient, type TenantClient } from '../../../src/entra/client.ts'
import type { TenantReader, TenantWriter } from '../../../src/entra/tenant.ts'
import { createTokenSource } from '../../../src/entra/token.ts'
import { makeCertificate } from '../../entra/certificates.ts'
import { type Answer, type Asked, clientOf, fakeTime, serveTenant } from '../../entra/tenant-server.ts'
import { type EntraExchange, readEntraExchanges } from './exchanges.ts'

const NEVER = new AbortController().signal
const APP = '00000007-0000-0000-c000-000000000000'
const PRINCIPAL = '00af5dfb-85da-4b41-a677-0c6b86dd34f8'
const CLIENT = '6d61696c-0000-4000-8000-000000000002'
const SHAREPOINT = '00000003-0000-0ff1-ce00-000000000000'
const ANN = 'ann@contoso.com'
const CERTIFICATE = makeCertificate('crm-s2s-2026', '2026-10-01T00:00:00Z', '2027-10-01T00:00:00Z')
const KEY = {
  der: CERTIFICATE.der,
  displayName: 'CN=crm-s2s-2026',
  startDateTime: '2026-11-01T00:00:00Z',
  endDateTime: '2028-01-01T00:00:00Z',
}

/** What the client is told to do. */
type Doing = (reader: TenantReader, writer: TenantWriter) => Promise<unknown>

interface Row {
  readonly does: Doing
  /** What comes of it, or the error it ends with. */
  readonly gives?: unknown
  readonly fails?: { readonly code: string; readonly message: RegExp; readonly effect?: 'none' }
}

const addsKey: Doing = (_, writer) => writer.changeKeys(APP, { add: [KEY], remove: [] }, NEVER)
const asksMailbox: Doing = async (reader) => (await reader.mailboxes([ANN], NEVER)).get(ANN)
const readsPrincipal: Doing = (reader) => reader.servicePrincipal(APP, NEVER)
const creates: Doing = (_, writer) => writer.createServicePrincipal(APP, NEVER)

const ROWS: Readonly<Record<string, Row>> = {
  'a token by client secret': { does: (reader) => reader.access(NEVER), gives: { clockSkewMs: expect.any(Number) } },
  'a wrong client secret': {
    does: (reader) => reader.access(NEVER),
    fails: { code: 'SignInRefused', message: /AADSTS7000215/, effect: 'none' },
  },
  'the principal by its application id': {
    does: readsPrincipal,
    gives: { id: PRINCIPAL, appId: APP, names: [APP], keys: [expect.anything()] },
  },
  'keys with their bytes': {
    does: async (reader) => (await reader.servicePrincipal(APP, NEVER))?.keys,
    gives: [
      {
        keyId: 'f0b0b335-1d71-4883-8f98-567911bfdca6',
        displayName: 'CN=sharepoint-s2s',
        startDateTime: '2026-05-24T20:00:00Z',
        endDateTime: '2027-05-24T20:00:00Z',
      },
    ],
  },
  'names alone': { does: (_, writer) => writer.addNames(APP, [APP.toUpperCase()], NEVER), gives: undefined },
  'a missing principal by its key': { does: readsPrincipal, gives: undefined },
  'a principal is made': { does: creates, gives: undefined },
  'a principal that is there cannot be made': { does: creates, gives: undefined },
  'a key is added': { does: addsKey, gives: undefined },
  'a kept key cut down to its id': {
    does: addsKey,
    fails: {
      code: 'Refused',
      message: /"usage" in one of your credentials is invalid.*Request_BadRequest/,
      effect: 'none',
    },
  },
  'a kept key with another end': {
    does: addsKey,
    fails: { code: 'Refused', message: /Update to existing credential .* is not allowed/, effect: 'none' },
  },
  'names of another principal': {
    does: (_, writer) => writer.addNames(APP, [SHAREPOINT], NEVER),
    fails: { code: 'Refused', message: new RegExp(`may belong to another object.*${SHAREPOINT}`), effect: 'none' },
  },
  'a write without the permission': {
    does: addsKey,
    fails: { code: 'Forbidden', message: /grant the application Application\.ReadWrite\.All/, effect: 'none' },
  },
  'the organization': {
    does: (reader) => reader.facts(NEVER),
    gives: {
      tenantId: '84841066-274d-4ec0-a5c1-276be684bdd3',
      displayName: 'Contoso',
      verifiedDomains: ['contoso.com'],
    },
  },
  'who has an address': { does: asksMailbox, gives: { state: 'Present', primaryAddress: ANN, purpose: 'user' } },
  'nothing but the purpose of a mailbox': {
    does: asksMailbox,
    gives: { state: 'Present', primaryAddress: ANN, purpose: 'user' },
  },
  'a user without a mailbox in Exchange Online': {
    does: asksMailbox,
    gives: { state: 'Absent', why: 'NotInExchangeOnline' },
  },
  'a count without ConsistencyLevel': {
    does: asksMailbox,
    gives: { state: 'Unknown', why: expect.stringMatching(/Request_UnsupportedQuery/) },
  },
  throttled: {
    does: asksMailbox,
    gives: { state: 'Present', primaryAddress: ANN, purpose: 'user' },
  },
  'the secrets of our own application': {
    does: (reader) => reader.ownCredentialEnd(NEVER),
    gives: '2027-11-23T08:00:00Z',
  },
}

/** Exchanges that the client has no request for; each with the reason. */
const NOT_ASKED: Readonly<Record<string, string>> = {
  'a scope that is none': 'the scope is a constant',
  'a missing principal by a filter': 'it is asked for by its key',
  'password credentials': 'it writes none',
  'a user with addresses and plans': 'users are found by an address',
  'the purpose of a mailbox': 'it is asked for alone',
  'a batch of two': 'its batches are those of the other exchanges',
}

const FILES = await readEntraExchanges()
const EXCHANGES: ReadonlyMap<string, EntraExchange> = new Map(
  FILES.flatMap(({ exchanges }) => exchanges.map((exchange) => [exchange.name, exchange])),
)

/** The answers that surround the one that is played. */
const AROUND = [
  'the principal by its application id',
  'keys with their bytes',
  'names alone',
  'the organization',
  'who has an address',
  'nothing but the purpose of a mailbox',
  'the secrets of our own application',
]

/** A directory that knows written answers only, and our client of it. */
async function play(exchange: EntraExchange) {
  const seen: { readonly method: string; readonly path: string; readonly headers: unknown; readonly body: unknown }[] =
    []
  const state = { isPlayed: false, keys: undefined as unknown, names: undefined as unknown }
  const answered = ({ answer: { status, headers = {}, body } }: EntraExchange): Answer => {
    const json = body === undefined ? {} : { json: JSON.parse(JSON.stringify(body).replaceAll('…', '')) as unknown }
    return { status, headers, ...json }
  }
  const server = await serveTenant((asked) => {
    if (!asked.path.startsWith('/graph/')) return token(asked)
    const { json, path, method, headers } = asked
    return path.endsWith('/$batch') ? batch(json) : one({ method, path, headers, body: json })
  })
  const time = fakeTime('2026-11-23T08:00:00Z')
  const endpoints = { login: server.origin, graph: `${server.origin}/graph` }
  const http = clientOf(server)
  const where = { http, cloud: 'Global', endpoints, tenantId: '84841066-274d-4ec0-a5c1-276be684bdd3' } as const
  const credential = { type: 'Secret', secret: 'simulator-secret' } as const
  const source = createTokenSource({ ...where, clientId: CLIENT, credential, now: time.now })
  const shared = { ...where, now: time.now, random: () => 0.5, newId: () => randomUUID(), wait: time.wait }
  const client: TenantClient = createTenantClient({ ...shared, reading: source, writing: source })
  return { client, seen, time, asked: server.asked }

  function token({ path, text }: Asked): Answer {
    seen.push({ method: 'POST', path, headers: {}, body: Object.fromEntries(new URLSearchParams(text)) })
    const written = exchange.request.form ? exchange : EXCHANGES.get('a token by client secret')
    return written ? answered(written) : { status: 500 }
  }

  function batch(json: unknown): Answer {
    const { requests } = json as {
      requests: { id: string; method: string; url: string; headers?: object; body?: unknown }[]
    }
    const responses = requests.map(({ id, method, url, headers, body }) => {
      const {
        status = 200,
        headers: own = {},
        json: answer,
      } = one({ method, path: `/graph/v1.0${url}`, headers, body })
      return { id, status, headers: own, body: answer }
    })
    return { json: { responses } }
  }

  function one(request: (typeof seen)[number]): Answer {
    seen.push(request)
    if (isOf(request, exchange) && !(exchange.fault && state.isPlayed)) {
      state.isPlayed = true
      const answer = answered(exchange)
      if (request.method === 'PATCH' && answer.status === 204) patched(request.body)
      return answer
    }
    const isNotMade = exchange.request.method === 'POST' && !exchange.request.form && !state.isPlayed
    const found = (isNotMade ? [] : AROUND)
      .flatMap((name) => EXCHANGES.get(name) ?? [])
      .find((other) => isOf(request, other))
    if (!found) return { status: 404, json: { error: { code: 'Request_ResourceNotFound', message: 'not written' } } }
    const answer = answered(found)
    const isKeys = found.name === 'keys with their bytes' && state.keys !== undefined
    return isKeys ? { ...answer, json: { keyCredentials: state.keys } } : answer
  }

  function patched(body: unknown): void {
    const { keyCredentials } = body as { keyCredentials: readonly object[] }
    state.keys = keyCredentials.map((key) => ({ keyId: randomUUID(), ...key }))
  }
}

/**
 * Whether a request is the one of an exchange. The client writes to the principal by its id and asks for users by theirs, which the exchanges
 * name in another of the forms that are documented; a fault strikes whatever comes first.
 */
function isOf(
  { method, path }: { readonly method: string; readonly path: string },
  { request, name }: EntraExchange,
): boolean {
  if (method !== request.method) return false
  const written = decodeURIComponent(request.path)
  const asked = decodeURIComponent(path).replace(`/users/87d349ed-44d7-43e1-9a83-5f2406dee5bd/`, `/users/${ANN}/`)
  const withoutSelect = (text: string) => text.replace(/\?\$select=.*$/, '')
  if (name === 'throttled' || name === 'a count without ConsistencyLevel') return asked.startsWith('/graph/v1.0/users?')
  if (name === 'a missing principal by its key') return withoutSelect(asked) === withoutSelect(written)
  const byId = written.replace('<principal>', PRINCIPAL)
  return asked === byId || (method === 'PATCH' && asked === byId.replace(`(appId='${APP}')`, `/${PRINCIPAL}`))
}

for (const { file, source, exchanges } of FILES) {
  describe(`${file}: ${source}`, () => {
    it.each(exchanges.filter(({ name }) => name in ROWS))('$name', async (exchange) => {
      const { does, gives, fails } = ROWS[exchange.name] ?? { does: async () => {} }
      const { client, time, seen } = await play(exchange)

      const done = does(client.reader(), client.writer())

      if (fails) await expect(done).rejects.toMatchObject({ ...fails, message: expect.stringMatching(fails.message) })
      else expect(await done).toEqual(gives)
      const played = seen.filter((request) =>
        exchange.request.form ? /\/oauth2\/v2\.0\/token(\?|$)/.test(request.path) : isOf(request, exchange),
      )
      expect(played.length, 'it was not asked for').toBeGreaterThan(0)
      expect(JSON.stringify(played)).not.toContain('…')
      if (exchange.name === 'throttled') expect(Math.max(...time.waits)).toBeGreaterThanOrEqual(2128)
    })
  })
}

describe('what the client asks', () => {
  async function firstOf(name: string, method: string) {
    const exchange = EXCHANGES.get(name)
    if (!exchange) throw new Error(`no exchange ${name}`)
    const { client, seen } = await play(exchange)
    await ROWS[name]?.does(client.reader(), client.writer())
    const found = seen.find(
      (request) => request.method === method && (exchange.request.form || isOf(request, exchange)),
    )
    return { found, written: exchange.request }
  }

  it('is a token by the form that is written down', async () => {
    const { found, written } = await firstOf('a token by client secret', 'POST')

    expect(found?.path.split('?')[0]).toBe('/84841066-274d-4ec0-a5c1-276be684bdd3/oauth2/v2.0/token')
    expect(found?.body).toMatchObject(written.form ?? {})
  })

  it('is a new key as it is written down, beside the one that was there', async () => {
    const { found, written } = await firstOf('a key is added', 'PATCH')

    const body = JSON.parse(JSON.stringify(written.body).replace('<certificate>', CERTIFICATE.base64))
    expect(found?.body).toEqual({
      keyCredentials: [expect.objectContaining({ usage: 'Verify' }), ...body.keyCredentials],
    })
  })

  it('is a principal as it is written down', async () => {
    const { found, written } = await firstOf('a principal is made', 'POST')

    expect(found?.body).toEqual(written.body)
  })

  it('is an address with the header that is written down', async () => {
    const { found, written } = await firstOf('who has an address', 'GET')

    expect(found?.headers).toEqual(written.headers)
  })
})

it('every exchange is played, or the client has no request for it', () => {
  const names = [...Object.keys(ROWS), ...Object.keys(NOT_ASKED)].sort()

  expect(names).toEqual([...EXCHANGES.keys()].sort())
})

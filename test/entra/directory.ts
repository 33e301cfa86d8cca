// A principal at the other end of Graph, with the few rules that the tests of writing need, from the published descriptions.
import { randomUUID } from 'node:crypto'
import { createTenantClient, type TenantClientOptions } from '../../src/entra/client.ts'
import type { Credential } from '../../src/entra/credential.ts'
import { createTokenSource } from '../../src/entra/token.ts'
import {
  type Answer,
  type Asked,
  CLIENT,
  clientOf,
  fakeTime,
  graphError,
  serveTenant,
  TENANT,
} from './tenant-server.ts'

export const APP = '00000007-0000-0000-c000-000000000000'
export const OBJECT = '99999999-8888-4777-8666-555555555555'

export type Row = Readonly<Record<string, unknown>>

/** What the directory holds, and how it misbehaves. */
export interface Directory {
  exists: boolean
  keys: readonly Row[]
  names: readonly string[]
  /** Looks that still show what was before the last write. */
  staleLooks: number
  /** Whether a GET inside a batch shows certificates. */
  readonly tellsKeyInBatch: boolean
  /** What the client signs in with. */
  readonly credential: Credential
  /** Called before each request of Graph, and each part of a batch; an answer takes the place of the directory's. */
  before: (asked: { method: string; path: string; body: unknown; isPart: boolean }) => Answer | undefined
}

/** A JSON web token that says this tenant. */
export function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part(claims)}.sig`
}

/** An entry of `keyCredentials` as the directory keeps it. */
export function keyRow(certificate: { base64: string; thumbprint: string }, changes: Row = {}): Row {
  return {
    customKeyIdentifier: certificate.thumbprint,
    displayName: 'CN=some',
    endDateTime: '2027-01-01T00:00:00Z',
    key: certificate.base64,
    keyId: randomUUID(),
    startDateTime: '2026-01-01T00:00:00Z',
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    ...changes,
  }
}

/** A tenant with one principal, and a client of it. */
export async function startDirectory(given: Partial<Directory> = {}, options: Partial<TenantClientOptions> = {}) {
  const directory: Directory = {
    exists: true,
    keys: [],
    names: [APP],
    staleLooks: 0,
    tellsKeyInBatch: true,
    credential: { type: 'Secret', secret: 'Abc~very-secret-value' },
    before: () => undefined,
    ...given,
  }
  let old = { keys: directory.keys, names: directory.names }
  const server = await serveTenant((asked) => (asked.path.startsWith('/graph/') ? graph(asked) : token()))
  const time = fakeTime()
  const endpoints = { login: `${server.origin}/login`, graph: `${server.origin}/graph` }
  const http = clientOf(server)
  const source = () =>
    createTokenSource({
      http,
      cloud: 'Global',
      endpoints,
      tenantId: TENANT,
      clientId: CLIENT,
      credential: directory.credential,
      now: time.now,
    })
  const client = createTenantClient({
    http,
    cloud: 'Global',
    endpoints,
    tenantId: TENANT,
    reading: source(),
    writing: source(),
    now: time.now,
    random: () => 0.5,
    newId: () => randomUUID(),
    wait: time.wait,
    ...options,
  })
  return { directory, server, client, time, asked: () => server.asked.filter(({ path }) => path.startsWith('/graph/')) }

  function token(): Answer {
    const access_token = jwt({ tid: TENANT, roles: ['Application.Read.All'] })
    return { json: { token_type: 'Bearer', expires_in: 3599, access_token } }
  }

  function graph(asked: Asked): Answer {
    const path = decodeURIComponent(asked.path.slice('/graph/v1.0'.length))
    const instead = directory.before({ method: asked.method, path, body: asked.json, isPart: false })
    if (instead) return instead
    return path === '/$batch' ? batch(asked.json) : one(asked.method, path, asked.json, false)
  }

  function batch(json: unknown): Answer {
    const { requests } = json as {
      requests: { id: string; method: string; url: string; body?: unknown; dependsOn?: string[] }[]
    }
    const failed = new Set<string>()
    const responses = requests.map(({ id, method, url, body, dependsOn = [] }) => {
      const part = dependsOn.some((other) => failed.has(other))
        ? graphError(424, 'FailedDependency')
        : (directory.before({ method, path: decodeURIComponent(url), body, isPart: true }) ??
          one(method, decodeURIComponent(url), body, true))
      if ((part.status ?? 200) >= 300) failed.add(id)
      return { id, status: part.status ?? 200, headers: part.headers ?? {}, body: part.json }
    })
    // Parts come back in any order.
    return { json: { responses: responses.reverse() } }
  }

  function one(method: string, path: string, body: unknown, isPart: boolean): Answer {
    if (method === 'POST' && path === '/servicePrincipals') {
      directory.exists = true
      return { status: 201, json: { id: OBJECT, appId: APP } }
    }
    if (!directory.exists) return graphError(404, 'Request_ResourceNotFound')
    if (method === 'PATCH' && path === `/servicePrincipals/${OBJECT}`) return patch(body as Row)
    const shown = directory.staleLooks > 0 ? old : directory
    if (path.startsWith(`/servicePrincipals/${OBJECT}?$select=`))
      directory.staleLooks = Math.max(0, directory.staleLooks - 1)
    switch (path) {
      case `/servicePrincipals(appId='${APP}')?$select=id,appId,servicePrincipalNames`:
        return { json: { id: OBJECT, appId: APP, servicePrincipalNames: shown.names } }
      case `/servicePrincipals/${OBJECT}?$select=keyCredentials`:
        return {
          json: {
            keyCredentials: shown.keys.map((row) =>
              isPart && !directory.tellsKeyInBatch ? { ...row, key: null } : row,
            ),
          },
        }
      case `/servicePrincipals/${OBJECT}?$select=servicePrincipalNames`:
        return { json: { servicePrincipalNames: shown.names } }
      default:
        return graphError(400, 'BadRequest', `unexpected ${method} ${path}`)
    }
  }

  function patch(body: Row): Answer {
    old = { keys: directory.keys, names: directory.names }
    if (Array.isArray(body['servicePrincipalNames'])) directory.names = body['servicePrincipalNames']
    const rows = body['keyCredentials']
    if (!Array.isArray(rows)) return { status: 204 }
    const kept: Row[] = []
    for (const row of rows as Row[]) {
      const known = directory.keys.find(({ keyId }) => keyId === row['keyId'])
      const isAsRead = Object.entries(row).every(([name, value]) => known?.[name] === value)
      if (known && !isAsRead)
        return graphError(400, 'Request_BadRequest', 'Update to existing credential is not allowed.')
      if (!known && typeof row['key'] !== 'string') return graphError(400, 'Request_BadRequest', 'The key is missing.')
      kept.push(known ?? { customKeyIdentifier: null, displayName: null, ...row, keyId: randomUUID() })
    }
    directory.keys = kept
    return { status: 204 }
  }
}

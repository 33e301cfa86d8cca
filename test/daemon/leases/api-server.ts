// The part of an API server of Kubernetes that leases need, over real HTTP: objects with a resourceVersion, of which a write must name the
// one it replaces (409 otherwise), lists by label in pages, and faults.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A Lease as it stands in the store. */
export interface StoredLease {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly resourceVersion: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: {
    readonly holderIdentity?: string
    readonly leaseDurationSeconds?: number
    readonly leaseTransitions?: number
    readonly renewTime?: string
  }
}

/** What goes wrong with a request. `lost`: it is done, and the answer never comes. */
export type ApiFault = { readonly kind: 'status'; readonly status: number } | { readonly kind: 'hang' | 'lost' }

/** A request that came in. */
export interface ApiRequest {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
}

/** The running server. */
export interface ApiServer {
  readonly url: string
  readonly requests: readonly ApiRequest[]
  /** By the annotation that says what is held. */
  leases(): ReadonlyMap<string, StoredLease>
  /** Who holds what; those that were given back are left out. */
  holders(): Readonly<Record<string, string>>
  /** Somebody else edits the object: only its version changes. */
  touch(subject: string): void
  remove(subject: string): void
  /** Decides for every request; undefined is no fault. */
  fault: (request: ApiRequest) => ApiFault | undefined
  close(): Promise<void>
}

/** Starts a server with an empty namespace. */
export async function startApiServer({ pageSize = 3 }: { readonly pageSize?: number } = {}): Promise<ApiServer> {
  const store = new Map<string, StoredLease>()
  const requests: ApiRequest[] = []
  let version = 0

  function written(lease: StoredLease): StoredLease {
    version += 1
    const stored = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(version) } }
    store.set(lease.metadata.name, stored)
    return stored
  }

  function listed(query: URLSearchParams): object {
    const [label = '', value] = (query.get('labelSelector') ?? '').split('=')
    const all = [...store.values()].filter(({ metadata }) => metadata.labels?.[label] === value)
    const from = Number(query.get('continue') ?? 0)
    const isLast = from + pageSize >= all.length
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'LeaseList',
      metadata: { resourceVersion: String(version), ...(isLast ? {} : { continue: String(from + pageSize) }) },
      items: all.slice(from, from + pageSize),
    }
  }

  function answered(method: string, url: URL, body: string): readonly [number, object] {
    const name = /\/namespaces\/mail\/leases\/?([^/]*)$/.exec(url.pathname)?.[1]
    if (name === undefined) return [404, status(404)]
    if (method === 'GET' && name === '') return [200, listed(url.searchParams)]
    const found = store.get(name)
    if (method === 'GET') return found ? [200, found] : [404, status(404)]
    const sent = JSON.parse(body) as StoredLease & { preconditions?: { resourceVersion?: string } }
    if (method === 'POST') return store.has(sent.metadata.name) ? [409, status(409)] : [201, written(sent)]
    if (!found) return [404, status(404)]
    const expected = method === 'DELETE' ? sent.preconditions?.resourceVersion : sent.metadata.resourceVersion
    if (expected !== found.metadata.resourceVersion) return [409, status(409)]
    if (method === 'PUT') return [200, written(sent)]
    store.delete(name)
    return [200, { kind: 'Status', status: 'Success' }]
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url = '' } = request
    const heard = { method, path: url, authorization: request.headers.authorization }
    requests.push(heard)
    const fault = server.fault(heard)
    if (fault?.kind === 'hang') return
    const [code, answer] =
      fault?.kind === 'status'
        ? ([fault.status, status(fault.status)] as const)
        : answered(method, new URL(url, 'http://api'), Buffer.concat(chunks).toString('utf8'))
    if (fault?.kind === 'lost') return void request.socket.destroy()
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

  const sockets = createServer((request, response) => void handle(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => sockets.listen(0, '127.0.0.1', resolve))
  const bySubject = () =>
    new Map([...store.values()].map((lease) => [lease.metadata.annotations?.['mailkeel/subject'] ?? '', lease]))
  const server: ApiServer = {
    url: `http://127.0.0.1:${(sockets.address() as AddressInfo).port}`,
    requests,
    leases: bySubject,
    holders: () =>
      Object.fromEntries(
        [...bySubject()].flatMap(([subject, { spec }]) =>
          spec.holderIdentity && !subject.startsWith('replica/') ? [[subject, spec.holderIdentity]] : [],
        ),
      ),
    touch(subject) {
      const found = bySubject().get(subject)
      if (found) written(found)
    },
    remove(subject) {
      store.delete(bySubject().get(subject)?.metadata.name ?? '')
    },
    fault: () => undefined,
    async close() {
      sockets.closeAllConnections()
      await new Promise((resolve) => sockets.close(resolve))
    },
  }
  return server
}

function status(code: number): object {
  return { apiVersion: 'v1', kind: 'Status', status: 'Failure', code, message: 'as the test asked' }
}

/** A kubeconfig that names the server, with a token. */
export function kubeconfigTo(url: string, user: object = { token: 'a-token' }, cluster: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    clusters: [{ name: 'here', cluster: { server: url, ...cluster } }],
    users: [{ name: 'robot', user }],
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'robot' } }],
  })
}

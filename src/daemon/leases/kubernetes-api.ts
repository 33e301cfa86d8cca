// Records as Lease objects of Kubernetes (group coordination.k8s.io, version v1; Kubernetes, API reference: Lease). Their names carry a hash,
// so the scope stands in an annotation; a label finds them all.
import type {
  CoordinationV1Api,
  KubeConfig,
  Observable as Observed,
  RequestContext,
  ResponseContext,
  V1Lease,
} from '@kubernetes/client-node'
import { type LeaseApi, LeaseConflict, type LeaseDraft, type LeaseRecord, LeaseStoreError } from './lease-api.ts'

/** Where the objects are, and how long one request may take. */
export interface KubernetesApiOptions {
  readonly namespace: string
  readonly timeoutMs: number
  /** Loads how the server is reached; called with the first request. Throws LeaseStoreError. */
  readonly connect: () => Promise<KubeConfig>
}

const LABEL = 'app.kubernetes.io/managed-by'
const MANAGED_BY = 'mailkeel'
const SUBJECT = 'mailkeel/subject'
/** Objects of one answer to a list. */
const PAGE = 500

/** The store of records in a namespace. */
export function kubernetesApi(options: KubernetesApiOptions): LeaseApi {
  const { namespace } = options
  let connected: Promise<Connected> | undefined
  const ask = async <T>(name: string, work: (client: Connected) => Promise<T>, signal: AbortSignal): Promise<T> => {
    connected ??= connectedTo(options)
    const client = await connected.catch((error: unknown) => {
      connected = undefined
      throw error
    })
    try {
      return await work(client.within(AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)])))
    } catch (error) {
      throw errorOf(error, name, namespace, signal)
    }
  }
  return {
    list: (signal) => ask('', (client) => listAll(client, namespace), signal),
    read: (name, signal) =>
      ask(
        name,
        ({ api, options }) =>
          api.readNamespacedLease({ namespace, name }, options).then(recordOf, (error: unknown) => {
            if (statusOf(error) === 404) return undefined
            throw error
          }),
        signal,
      ),
    create: (draft, signal) =>
      ask(
        draft.name,
        async ({ api, options, micro }) =>
          recordOf(await api.createNamespacedLease({ namespace, body: bodyOf(draft, micro) }, options)),
        signal,
      ),
    replace: (draft, version, signal) =>
      ask(
        draft.name,
        async ({ api, options, micro }) => {
          const body = bodyOf(draft, micro, version)
          return recordOf(await api.replaceNamespacedLease({ namespace, name: draft.name, body }, options))
        },
        signal,
      ),
    remove: ({ name, version }, signal) =>
      ask(
        name,
        async ({ api, options }) => {
          const body = { preconditions: { resourceVersion: version } }
          await api.deleteNamespacedLease({ namespace, name, body }, options)
        },
        signal,
      ),
  }
}

type MicroTime = (iso: string) => NonNullable<NonNullable<V1Lease['spec']>['renewTime']>
type CallOptions = NonNullable<Parameters<CoordinationV1Api['readNamespacedLease']>[1]>

interface Connected {
  readonly api: CoordinationV1Api
  readonly options: CallOptions
  readonly micro: MicroTime
  /** The same, for requests that end with the signal. */
  within(signal: AbortSignal): Connected
}

async function connectedTo({ connect }: KubernetesApiOptions): Promise<Connected> {
  const { CoordinationV1Api, V1MicroTime, Observable } = await import('@kubernetes/client-node')
  const api = (await connect()).makeApiClient(CoordinationV1Api)
  const client: Connected = {
    api,
    options: {},
    micro: (iso) => new V1MicroTime(iso),
    within: (signal) => {
      const ending = {
        pre(context: RequestContext): Observed<RequestContext> {
          context.setSignal(signal)
          return new Observable(Promise.resolve(context))
        },
        post: (answer: ResponseContext): Observed<ResponseContext> => new Observable(Promise.resolve(answer)),
      }
      return { ...client, options: { middleware: [ending], middlewareMergeStrategy: 'append' } }
    },
  }
  return client
}

async function listAll({ api, options }: Connected, namespace: string): Promise<readonly LeaseRecord[]> {
  const records: LeaseRecord[] = []
  for (let next: string | undefined; ; ) {
    const page = { namespace, labelSelector: `${LABEL}=${MANAGED_BY}`, limit: PAGE }
    const answer = await api.listNamespacedLease(next === undefined ? page : { ...page, _continue: next }, options)
    for (const item of answer.items) if (isOurs(item)) records.push(recordOf(item))
    next = answer.metadata?._continue
    if (next === undefined || next === '') return records
  }
}

function isOurs({ metadata }: V1Lease): boolean {
  return metadata?.name !== undefined && metadata.annotations?.[SUBJECT] !== undefined
}

function bodyOf(draft: LeaseDraft, micro: MicroTime, version?: string): V1Lease {
  const { name, subject, holder, durationMs, acquiredAt, renewedAt, transitions } = draft
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      labels: { [LABEL]: MANAGED_BY },
      annotations: { [SUBJECT]: subject },
      ...(version === undefined ? {} : { resourceVersion: version }),
    },
    spec: {
      // An empty holder is how Kubernetes' own elections give a lease back.
      holderIdentity: holder ?? '',
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      leaseTransitions: transitions,
      ...(acquiredAt === undefined ? {} : { acquireTime: micro(acquiredAt) }),
      ...(renewedAt === undefined ? {} : { renewTime: micro(renewedAt) }),
    },
  }
}

function recordOf({ metadata, spec }: V1Lease): LeaseRecord {
  const { name, resourceVersion, annotations } = metadata ?? {}
  if (name === undefined || resourceVersion === undefined) {
    throw new LeaseStoreError('the Kubernetes API server answered with a Lease that has no name or no version')
  }
  const { holderIdentity, leaseDurationSeconds = 0, leaseTransitions = 0, acquireTime, renewTime } = spec ?? {}
  return {
    name,
    subject: annotations?.[SUBJECT] ?? name,
    ...(holderIdentity === undefined || holderIdentity === '' ? {} : { holder: holderIdentity }),
    durationMs: leaseDurationSeconds * 1000,
    ...(acquireTime === undefined ? {} : { acquiredAt: new Date(acquireTime).toISOString() }),
    ...(renewTime === undefined ? {} : { renewedAt: new Date(renewTime).toISOString() }),
    transitions: leaseTransitions,
    version: resourceVersion,
  }
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'number' ? error.code : undefined
}

/** Bodies and headers stay out of what is told: both may hold the token. */
function errorOf(error: unknown, name: string, namespace: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof LeaseStoreError) return error
  const status = statusOf(error)
  if (status === 409 || status === 404) return new LeaseConflict(name)
  const where = name === '' ? `leases in namespace ${namespace}` : `lease ${name} in namespace ${namespace}`
  if (status === 401) {
    return new LeaseStoreError(
      `${where}: HTTP 401, the Kubernetes API server does not know this identity; look at its token`,
    )
  }
  if (status === 403) {
    const grant = 'get, list, create, update and delete on leases (coordination.k8s.io)'
    return new LeaseStoreError(`${where}: HTTP 403; grant ${grant} in this namespace to the service account`)
  }
  if (status !== undefined) return new LeaseStoreError(`${where}: HTTP ${status} of the Kubernetes API server`)
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
  return new LeaseStoreError(`${where}: no answer of the Kubernetes API server${code}`)
}

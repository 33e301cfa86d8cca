import { request } from 'node:http'
import { afterEach } from 'vitest'
import { type RunningSimulator, type SimulatorOptions, startSimulator } from '../../../src/simulator/index.ts'

/** What came over the wire. */
export interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Every header line in order, name and value alternating, as `WWW-Authenticate` may stand there several times. */
  readonly rawHeaders: readonly string[]
  readonly text: string
  /** The body parsed as JSON. */
  json(): Record<string, unknown> & { readonly value: readonly Record<string, unknown>[] }
}

/** A request as written down in the documentation; headers a JSON client always sends are there already. */
export interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** A string goes as it is, anything else as JSON. */
  readonly body?: unknown
}

/** Sends one request over a connection of its own. */
export function send(url: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Received> {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const always = {
    Accept: 'application/json',
    'OData-Version': '4.0',
    'OData-MaxVersion': '4.0',
    ...(text === '' ? {} : { 'Content-Type': 'application/json' }),
  }
  return new Promise((resolve, reject) => {
    const sending = request(url, { method, headers: { ...always, ...headers }, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const received = Buffer.concat(chunks).toString('utf8')
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string>,
          rawHeaders: response.rawHeaders,
          text: received,
          json: () => JSON.parse(received) as ReturnType<Received['json']>,
        })
      })
    })
    sending.on('error', reject)
    sending.end(text)
  })
}

/** A running simulator and a way to talk to its Web API. */
export interface Api {
  readonly simulator: RunningSimulator
  /** Root of the Web API, ending in `/`. */
  readonly root: string
  /** Sends below the root; blanks and other reserved characters of the query are encoded here. */
  call(path: string, sent?: Sent): Promise<Received>
}

const running: RunningSimulator[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()))
})

/** Starts a small, orderly organization; it is closed when the test ends. */
export async function startApi(options: SimulatorOptions = {}, version = 'v9.1'): Promise<Api> {
  const simulator = await startSimulator({ mailboxes: 6, queues: 2, mess: ['none'], seed: 3, ...options })
  running.push(simulator)
  const root = `${simulator.url}/api/data/${version}/`
  return { simulator, root, call: (path, sent) => send(root + encoded(path), sent) }
}

/** Ids of the mailboxes that belong to users, in the order of their keys. */
export function userMailboxes({ simulator }: Api): readonly string[] {
  const ids: string[] = []
  for (const [id, row] of simulator.world.rows('mailbox')) {
    const regarding = row['regardingobjectid']
    if (typeof regarding === 'object' && regarding?.entity === 'systemuser') ids.push(id)
  }
  return ids.sort()
}

/** A stored row. */
export function stored({ simulator }: Api, entity: 'mailbox' | 'emailserverprofile' | 'systemuser', id: string) {
  const row = simulator.world.rows(entity).get(id)
  if (row === undefined) throw new Error(`no ${entity} ${id}`)
  return row
}

function encoded(path: string): string {
  return path.replaceAll(' ', '%20').replaceAll('"', '%22')
}

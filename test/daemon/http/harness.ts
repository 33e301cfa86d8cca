// A listener from a real configuration, a clock that a test moves, and a client that sends what no browser would.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { stringify } from 'yaml'
import { type BoardWriter, createBoard } from '../../../src/daemon/board.ts'
import { type Listener, type ListenerOptions, startListener } from '../../../src/daemon/http/listener.ts'
import { HttpError, type Route } from '../../../src/daemon/http/route.ts'
import { type Machine, thisMachine } from '../../../src/machine.ts'
import { loadConfiguration, type RuntimeConfiguration } from '../../../src/spec/configuration/load.ts'

export const NOW = new Date('2026-11-23T12:00:00Z')
export const TOKEN = 'token-of-the-readers-4f1c'

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

/** Done after the test, the last one first. */
export function afterTest(clean: () => Promise<unknown>): void {
  cleanups.push(clean)
}

/** A folder that is gone after the test. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mailkeel-http-'))
  afterTest(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const base = thisMachine()

/** A machine whose time stands still until `advance` moves it; sleepers whose time has come wake up then. */
export interface ManualMachine extends Machine {
  advance(ms: number): Promise<void>
}

/** Creates it. */
export function manualMachine(environment: Readonly<Record<string, string>> = {}): ManualMachine {
  let atMs = NOW.getTime()
  let ids = 0
  const sleepers = new Set<{ readonly untilMs: number; wake(): void }>()
  return {
    ...base,
    environment: { TOKEN, APP_SECRET: 'simulator-secret', ...environment },
    now: () => new Date(atMs),
    newId: () => `id-${++ids}`,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        const sleeper = { untilMs: atMs + ms, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          reject(signal.reason)
        })
      })
    },
    async advance(ms) {
      atMs += ms
      for (const sleeper of [...sleepers]) {
        if (sleeper.untilMs > atMs) continue
        sleepers.delete(sleeper)
        sleeper.wake()
      }
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

/** A configuration from sections of its `spec`, in a folder of its own. */
export async function configurationOf(sections: object, folder?: string): Promise<RuntimeConfiguration> {
  const file = join(folder ?? (await newFolder()), 'mailkeel.yaml')
  const base = {
    source: { directory: '.' },
    identities: { simulator: { type: 'None' } },
    organizations: { sales: { url: 'http://127.0.0.1:1/sales', reading: 'simulator' } },
  }
  const spec = { ...base, ...sections }
  await writeFile(file, stringify({ apiVersion: 'mailkeel/v1', kind: 'Configuration', spec }))
  const loaded = await loadConfiguration(file)
  if (loaded.ok) return loaded.configuration
  throw new Error(JSON.stringify(loaded.problems, undefined, 2))
}

/** One line of the log. */
export interface LogLine {
  readonly level: 'warn' | 'error'
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

/** A running listener with everything around it. */
export interface Running {
  readonly listener: Listener
  readonly board: BoardWriter
  readonly machine: ManualMachine
  readonly hints: string[]
  readonly log: readonly LogLine[]
  ask(path: string, asked?: Asked): Promise<Answered>
}

/** Routes as the rest of the program brings them: one for everybody who reads, one for readers only, and what goes wrong. */
export const SAMPLE_ROUTES: readonly Route[] = [
  route('/', 'Overview', (_request, reply) => reply.type('text/html').send('<h1>page</h1>')),
  route('/api/v1/overview', 'Overview', (_request, _reply, viewer) => ({ viewer })),
  route('/api/v1/people', 'Reader', () => ({ people: ['ann@contoso.com'] })),
  {
    ...route('/api/v1/objects/:key', 'Reader', ({ params, query }) => ({ params, query })),
    query: { type: 'object', additionalProperties: false, properties: { limit: { type: 'integer', maximum: 500 } } },
  },
  route('/api/v1/broken', 'Reader', () => {
    throw new Error('the password is hunter2-hunter2')
  }),
  route('/api/v1/gone', 'Reader', () => {
    throw new HttpError(404, 'NotFound', 'there is no such scope')
  }),
]

function route(url: string, access: Route['access'], handle: Route['handle']): Route {
  return { method: 'GET', url, access, summary: 'A sample.', handle }
}

/** Starts a listener from its section of the configuration; it is closed after the test. */
export async function running(
  listenerSection: object = {},
  { sections = {}, ...options }: Partial<ListenerOptions> & { sections?: object } = {},
): Promise<Running> {
  const configuration =
    options.configuration ?? (await configurationOf({ ...sections, listener: { port: 0, ...listenerSection } }))
  const machine = (options.machine as ManualMachine | undefined) ?? manualMachine()
  const board =
    (options.board as BoardWriter | undefined) ?? createBoard({ kind: 'directory', place: '/spec' }, NOW.toISOString())
  const hints: string[] = []
  const log: LogLine[] = []
  const logAs = (level: LogLine['level']) => (fields: object, message: string) =>
    void log.push({ level, fields: fields as LogLine['fields'], message })
  const listener = await startListener({
    routes: SAMPLE_ROUTES,
    hint: (name) => void hints.push(name),
    log: { warn: logAs('warn'), error: logAs('error') },
    ...options,
    configuration,
    board,
    machine,
  })
  afterTest(() => listener.close())
  const scheme = configuration.spec.listener?.tls ? 'https' : 'http'
  const root = `${scheme}://127.0.0.1:${listener.port}`
  return { listener, board, machine, hints, log, ask: (path, asked) => ask(root + path, asked) }
}

/** A request, header by header. */
export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Buffer
  readonly ca?: string
}

/** What came back. */
export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  json(): unknown
}

/** Sends exactly this over a connection of its own; the path is not tidied up. */
export function ask(url: string, { method = 'GET', headers = {}, body = '', ca }: Asked = {}): Promise<Answered> {
  const [, scheme, hostname, port, path = '/'] = /^(https?):\/\/([^:/]+):(\d+)(.*)$/s.exec(url) ?? []
  const secure = scheme === 'https' ? { ca, servername: 'localhost' } : {}
  const length =
    body.length > 0 && headers['transfer-encoding'] === undefined ? { 'content-length': Buffer.byteLength(body) } : {}
  const options = { hostname, port, path, method, agent: false, headers: { ...length, ...headers }, ...secure } as const
  return new Promise((resolve, reject) => {
    const sending = (scheme === 'https' ? requestHttps : requestHttp)(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: () => JSON.parse(text) })
      })
    })
    sending.on('error', reject)
    sending.end(body)
  })
}

/** The cookies that an answer sets, as a browser sends them back; removed ones are left out. */
export function cookiesOf({ headers }: Answered): string {
  const set = (headers['set-cookie'] ?? []).filter((cookie) => !cookie.includes('Max-Age=0'))
  return set.map((cookie) => cookie.split(';')[0]).join('; ')
}

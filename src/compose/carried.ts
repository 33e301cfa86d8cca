// Servers that nobody connects to, in a run: their books, what a person brought back, and what a person is to carry there next.
import { resolve } from 'node:path'
import { OfflineBook, restartCall } from '../crm-server/offline/book.ts'
import type { Bundle } from '../crm-server/offline/bundle.ts'
import { FolderError, loadRecords, readAnswers, saveRecords, writeHandOut } from '../crm-server/offline/folders.ts'
import { handOut } from '../crm-server/offline/hand-out.ts'
import { takeAnswers } from '../crm-server/offline/take.ts'
import type { PassEvent, PassResult } from '../reconcile/contract.ts'
import { printable } from '../report/hostile-text.ts'
import { type RuntimeConfiguration, resolvePath } from '../spec/configuration/load.ts'
import type { DesiredTrust } from '../spec/desired.ts'
import { parseDuration } from '../spec/duration.ts'
import type { ServerEndpoint } from '../spec/generated/types.ts'
import { STAGE_NAMES } from '../stages/stage-names.ts'
import type { ComposeInput } from './compose.ts'
import { UsageError } from './usage-error.ts'

/** What a run knows of servers that people carry scripts to. */
export interface Carried {
  bookOf(deployment: string): OfflineBook | undefined
  onPassEvent(event: PassEvent): void
  /**
   * Writes what a person has to run into a folder and keeps what was handed out and what came back; without a folder nothing is handed out.
   * `results` are those of the last pass. Throws UsageError where it cannot be written.
   */
  finish(results: readonly PassResult[], folder: string | undefined): Promise<HandedOut>
}

/** What a person has to run next. */
export interface HandedOut {
  readonly bundles: readonly Bundle[]
  /** Servers that wait for a person, also where nothing was handed out. */
  readonly servers: readonly string[]
}

const SSH_PORT = 22

/** The host, with its port where that is not 22: keys of objects and messages use it. */
export function serverName({ host, port }: Pick<ServerEndpoint, 'host' | 'port'>): string {
  return port === SSH_PORT ? host : `${host}:${port}`
}

/** Opens the books and takes what was brought back. Undefined where every server can be reached. Throws UsageError. */
export async function openCarried(
  trusts: readonly DesiredTrust[],
  input: Pick<ComposeInput, 'configuration' | 'machine' | 'readResults'>,
): Promise<Carried | undefined> {
  const { configuration, machine, readResults } = input
  const books = await openBooks(configuration, machine.now)
  if (books.size === 0) {
    if (readResults === undefined) return undefined
    throw new UsageError('--read-results is for servers with `offline: true`, and the configuration has none')
  }
  if (readResults !== undefined) await takeFrom(readResults, [...books.values()], machine)
  const booksOf = (scope: string) => {
    const trust = trusts.find(({ name }) => scope === `trust/${name}`)
    return [...(trust?.deployments.keys() ?? [])].flatMap((name) => books.get(name) ?? [])
  }
  return {
    bookOf: (deployment) => books.get(deployment),
    onPassEvent(event) {
      if (event.type === 'observing') for (const book of booksOf(event.scope)) book.beginPass()
      if (event.type === 'planned') for (const book of booksOf(event.scope)) book.plan(event.changes)
    },
    async finish(results, folder) {
      for (const result of results) for (const book of booksOf(result.scope)) followUp(result, book)
      const servers = [...books.values()].flatMap((book) => book.wants().map(({ server }) => server))
      const bundles = folder === undefined ? [] : await write(folder)
      for (const [name, { records }] of books) await saveRecords(stateDirectoryOf(configuration), name, records)
      return { bundles, servers: [...new Set(servers)] }

      async function write(into: string): Promise<readonly Bundle[]> {
        const out = handOut({
          books: [...books.values()],
          changesOf: (deployment) =>
            waitingChanges(results.filter(({ scope }) => booksOf(scope).some((one) => one.deployment === deployment))),
          newToken: () => machine.newId().replaceAll('-', ''),
          now: machine.now(),
        })
        await usable(() => writeHandOut(resolve(machine.workingDirectory, into), out.files))
        return out.bundles
      }
    },
  }
}

async function openBooks(
  configuration: RuntimeConfiguration,
  now: () => Date,
): Promise<ReadonlyMap<string, OfflineBook>> {
  const books = new Map<string, OfflineBook>()
  for (const [deployment, { servers, answersMaxAge }] of Object.entries(configuration.spec.deployments)) {
    const names = servers.filter(({ offline }) => offline).map(serverName)
    if (names.length === 0) continue
    const records = await loadRecords(stateDirectoryOf(configuration), deployment)
    const maxAgeMs = parseDuration(answersMaxAge)
    books.set(deployment, new OfflineBook({ deployment, servers: names, records, maxAgeMs, now }))
  }
  return books
}

function stateDirectoryOf(configuration: RuntimeConfiguration): string {
  return resolvePath(configuration, configuration.spec.stateDirectory)
}

async function takeFrom(
  folder: string,
  books: readonly OfflineBook[],
  { errors, now }: Pick<ComposeInput['machine'], 'errors' | 'now'>,
): Promise<void> {
  const files = await usable(() => readAnswers(folder))
  const { taken, refused } = takeAnswers(books, files, now())
  for (const { name, why } of refused) errors.write(`${printable(name)} was not taken: ${printable(why)}\n`)
  const all = files.length === 0 ? 'there are none' : taken.length === 0 ? 'none of them is new' : ''
  if (refused.length === 0 && all !== '') errors.write(`no answer was taken from ${folder}: ${all}\n`)
}

async function usable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof FolderError ? new UsageError(error.message, { cause: error }) : error
  }
}

/** Ids of the changes that wait for a person, and of those that wait for these. */
function waitingChanges(results: readonly PassResult[]): readonly string[] {
  return results.flatMap(({ outcomes = [] }) =>
    outcomes.flatMap(({ id, result, reason }) => (result === 'Blocked' || isAwaiting(reason) ? [id] : [])),
  )
}

/** True for what waits for a person who carries a script. */
function isAwaiting(reason: { readonly code: string } | undefined): boolean {
  return reason?.code === 'AwaitingResults'
}

/**
 * A planned restart waits for what goes before it. A person who is there for that restarts in the same go: a restart too early does no harm,
 * because the marker that is set last asks for another one.
 */
function followUp({ plan, outcomes = [] }: PassResult, book: OfflineBook): void {
  const changes = plan.steps.flatMap((step) => step.changes)
  const blocked = new Set(outcomes.flatMap(({ id, result }) => (result === 'Blocked' ? [id] : [])))
  const wants = (script: string, on?: string) =>
    book.wants().some(({ server, call }) => call.script.id === script && (on === undefined || on === server))
  const isSwitched = changes.some(
    ({ stage, key }) => stage === STAGE_NAMES.certificateSwitch && key === book.deployment,
  )
  for (const { id, stage, key } of changes) {
    const server = key.slice(book.deployment.length + 1)
    const isHere = key === `${book.deployment}/${server}` && book.servers.includes(server)
    if (stage !== STAGE_NAMES.serviceRestart || !isHere || !blocked.has(id)) continue
    if (isSwitched ? wants('switch-certificate') : wants('ensure-certificate', server)) book.want(server, restartCall())
  }
}

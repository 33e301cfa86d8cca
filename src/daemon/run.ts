// `mailkeel run`, put together: the keeper finds out what is asked, the supervisor runs one loop per scope, the board tells how everything
// stands, and what else there is looks at the board.
//
//   source ──▶ keeper ──revision──▶ supervisor ──work──▶ worker of a trust ──how it was seen──▶ workers of its organizations
//                │                                          │                                        │
//                └──────────────────────────── board ◀──────┴────────────────────────────────────────┘
//                                                │
//                                                └──▶ HTTP, metrics, messages (attachments.ts)
//
// Where others are plugged in: the source (sourceOf), leases (leasesOf), change windows (windowsOf), and everything in attachments.ts.
import type { Machine } from '../machine.ts'
import { type RuntimeConfiguration, resolvePath } from '../spec/configuration/load.ts'
import { acceptedIn } from './accepted.ts'
import { ATTACHMENTS, type Attach, type Attachment } from './attachments.ts'
import { createHostGate } from './back-off.ts'
import { type Board, createBoard } from './board.ts'
import type { Compose } from './connections.ts'
import { reasonFor } from './failure-reason.ts'
import { startKeeper } from './keeper.ts'
import type { Leases } from './leases/lease.ts'
import { leasesOf } from './leases/leases-of.ts'
import type { Log } from './log.ts'
import type { RequestMeter } from './metrics/requests.ts'
import { startPruning } from './pruning.ts'
import { loopTimes } from './schedule.ts'
import type { RevisionSource } from './source/revision-source.ts'
import { holdState } from './state-holder.ts'
import { createSupervisor } from './supervisor.ts'
import { createActivity } from './trigger.ts'
import { createTrustBook } from './trust-book.ts'
import { windowsOf } from './windows.ts'
import type { WorkerInput } from './worker.ts'

/** What the process is made with. What is left out comes from the configuration; tests give their own. */
export interface DaemonInput {
  readonly configuration: RuntimeConfiguration
  readonly machine: Machine
  readonly log: Log
  readonly source?: RevisionSource
  readonly leases?: Leases
  readonly windowAt?: WorkerInput['windowAt']
  readonly compose?: Compose
  readonly attachments?: readonly Attach[]
}

/** A running mailkeel. */
export interface Daemon {
  readonly board: Board
  /** What people should know at the start: where it listens, what it works on. */
  readonly words: readonly string[]
  /** There may be a new revision. */
  hint(): void
  /** Looks at every scope now. */
  wakeAll(): void
  /** Loops that are at work at the moment. */
  working(): number
  /** Begins nothing more, lets what is under way end between two batches, and closes everything. False where that took too long. */
  stop(): Promise<boolean>
}

/** Starts everything. Throws UsageError and StateDirectoryError where it cannot be. */
export async function startDaemon(input: DaemonInput): Promise<Daemon> {
  const { configuration, machine, log } = input
  const { now, newId } = machine
  const { spec } = configuration
  const stateDirectory = resolvePath(configuration, spec.stateDirectory)
  const state = await holdState({ directory: stateDirectory, lock: spec.leases.type === 'File', machine })
  const closers: (() => Promise<void>)[] = []
  /** What keeps others from writing. */
  const rights: (() => Promise<void>)[] = [() => state.close()]
  const closeAll = async () => {
    for (const close of [...rights.splice(0), ...closers.splice(0)].reverse()) await close()
  }
  try {
    const source = input.source ?? (await sourceOf(configuration, machine))
    closers.push(() => source.close())
    const leases = input.leases ?? (await leasesOf({ configuration, machine, onTrouble: leaseTrouble(log) }))
    rights.push(() => leases.close())
    const times = loopTimes(spec)
    const board = createBoard({ kind: source.kind, place: source.place }, now().toISOString())
    const activity = createActivity()
    const meters: RequestMeter[] = []
    const supervisor = createSupervisor({
      configuration,
      machine,
      board,
      state,
      trusts: createTrustBook(now, times.staleAfterMs),
      leases,
      hosts: createHostGate({
        firstMs: Math.min(times.settleEveryMs, times.intervalMs),
        maximumMs: times.maximumBackOffMs,
        servesMs: Math.max(times.maximumBackOffMs, 2 * times.intervalMs),
        now,
        random: machine.random,
      }),
      times,
      windowAt: input.windowAt ?? (await windowsOf(configuration)),
      activity,
      log,
      by: `mailkeel run on ${(await machine.user()).split('@').at(-1)}`,
      compose: input.compose ?? metered(meters),
    })
    const pruning = startPruning({ stateDirectory, keepFor: spec.journal.keepFor, machine, log })
    closers.push(pruning.stop)
    let hint = () => {}
    const attached = await attachAll(input.attachments ?? ATTACHMENTS, closers, {
      configuration,
      machine,
      board,
      stateDirectory,
      log,
      hint: () => hint(),
    })
    meters.push(...attached.flatMap(({ requests }) => requests ?? []))
    for (const { code, message } of state.notices) log.warn({ code, reason: message }, 'about the state directory')
    const keeper = startKeeper({
      source,
      accepted: acceptedIn(stateDirectory, source.place, newId),
      board,
      machine,
      jitterPercent: times.jitterPercent,
      maximumBackOffMs: times.maximumBackOffMs,
      ...(source.kind === 'directory' ? { folder: source.place } : {}),
      enforce(revision) {
        pruning.onRevision(revision.state)
        return supervisor.enforce(revision)
      },
      activity,
      log,
    })
    hint = keeper.hint
    return {
      board,
      words: [`following ${source.place}`, ...attached.flatMap(({ words }) => words ?? [])],
      hint: keeper.hint,
      wakeAll: supervisor.wakeAll,
      working: activity.working,
      async stop() {
        const loops = Promise.all([keeper.stop(), supervisor.stop()])
        const isInTime = await within(loops, times.shutdownTimeoutMs, machine)
        // What is still under way may write: until this process is gone nobody else may, so nothing is given back.
        if (!isInTime) rights.splice(0)
        await closeAll()
        return isInTime
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

async function attachAll(
  list: readonly Attach[],
  closers: (() => Promise<void>)[],
  context: Parameters<Attach>[0],
): Promise<readonly Attachment[]> {
  const attached: Attachment[] = []
  for (const attach of list) {
    const one = await attach(context)
    if (!one) continue
    attached.push(one)
    closers.push(() => one.close())
  }
  return attached
}

async function sourceOf(configuration: RuntimeConfiguration, machine: Machine): Promise<RevisionSource> {
  const { directory = '.', git } = configuration.spec.source
  if (git) return (await import('./source/git-source.ts')).createGitSource({ configuration, machine })
  const { openDirectorySource } = await import('./source/directory-source.ts')
  return openDirectorySource({ folder: resolvePath(configuration, directory), machine })
}

function leaseTrouble(log: Log): (subject: string, error: unknown) => void {
  return (subject, error) => {
    const { code, message } = reasonFor(error)
    log.warn({ subject, code, reason: message }, 'a lease is in doubt')
  }
}

/** Puts scopes together so that their requests are counted by whoever counts. */
function metered(meters: readonly RequestMeter[]): Compose {
  return async (input, scope) => {
    const [{ compose }, { httpClientTo }] = await Promise.all([
      import('../compose/compose.ts'),
      import('../compose/connections.ts'),
    ])
    const connect = meters.reduce((inner, meter) => meter.connectFor(scope, inner), httpClientTo)
    const onEvent: typeof input.onEvent = (_organization, event) => {
      for (const meter of meters) meter.onEvent(scope, event)
    }
    return compose({ ...input, onEvent }, connect)
  }
}

/** False where it takes longer. */
async function within(work: Promise<unknown>, ms: number, { sleep }: Pick<Machine, 'sleep'>): Promise<boolean> {
  const timer = new AbortController()
  const late = sleep(ms, timer.signal).then(
    () => false,
    () => true,
  )
  const inTime = await Promise.race([work.then(() => true), late])
  timer.abort()
  return inTime
}

// `mailkeel run` in this process, against a simulator, with a clock that only moves when a test moves it: nothing sleeps. A revision is a set of
// files that a test pushes.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { compose } from '../../src/compose/compose.ts'
import { httpClientTo } from '../../src/compose/connections.ts'
import type { BoardEvent, ScopeStanding } from '../../src/daemon/board.ts'
import { silentLog } from '../../src/daemon/log.ts'
import { type Daemon, type DaemonInput, startDaemon } from '../../src/daemon/run.ts'
import type { Look, Revision, RevisionSource } from '../../src/daemon/source/revision-source.ts'
import type { Machine } from '../../src/machine.ts'
import type { HttpRequest } from '../../src/network/http.ts'
import { loadConfiguration, type RuntimeConfiguration } from '../../src/spec/configuration/load.ts'
import type { SpecFile } from '../../src/spec/source.ts'
import { type Systems, secretsOf, writeWorkspace } from '../stack/trust-workspace.ts'

/** Files of a revision, by path. */
export type Files = Readonly<Record<string, string>>

/** A source of revisions that a test fills. */
export interface FakeSource extends RevisionSource {
  /** There is a new revision, and whoever listens is told; returns its id. */
  push(files: Files, id?: string): string
  /** There is one, and nobody is told. */
  pushQuietly(files: Files, id?: string): string
  /** Whoever listens is told that there may be something new. */
  hintAll(): void
  /** What looking comes to from now on, in place of what was pushed; an Error is thrown. `undefined`: what was pushed. */
  answerWith(answer: Look | Error | undefined): void
  /** What `look` was told as the last accepted revision, look by look. */
  readonly accepted: readonly (string | undefined)[]
}

/** A source without a revision. */
export function fakeSource(now: () => Date): FakeSource {
  let current: { readonly id: string; readonly files: Files } | undefined
  let answer: Look | Error | undefined
  let count = 0
  const hints = new Set<() => void>()
  const accepted: (string | undefined)[] = []
  const hintAll = () => {
    for (const hint of hints) hint()
  }
  const pushQuietly: FakeSource['pushQuietly'] = (files, id) => {
    count += 1
    current = { id: id ?? `revision-${count}`, files }
    return current.id
  }
  return {
    kind: 'git',
    place: 'https://git.example/mail.git main',
    pollMs: 60_000,
    accepted,
    pushQuietly,
    push(files, id) {
      const pushed = pushQuietly(files, id)
      hintAll()
      return pushed
    },
    hintAll,
    answerWith(next) {
      answer = next
    },
    async look(last) {
      accepted.push(last)
      if (answer instanceof Error) throw answer
      if (answer) return answer
      if (!current) throw new Error('nothing was pushed yet')
      return { outcome: 'Revision', revision: revisionOf(current.id, current.files, now()) }
    },
    onHint(hint) {
      hints.add(hint)
      return () => void hints.delete(hint)
    },
    close: async () => {},
  }
}

/** A revision of these files. */
export function revisionOf(id: string, files: Files, seenAt = new Date(0)): Revision {
  const info = { id, subject: `subject of ${id}`, author: 'Ann', seenAt: seenAt.toISOString() }
  return { info, files: { list: () => listed(files) } }
}

async function* listed(files: Files): AsyncGenerator<SpecFile> {
  for (const [path, text] of Object.entries(files)) {
    yield { path, type: 'file', read: async (maximumBytes) => Buffer.from(text).subarray(0, maximumBytes + 1) }
  }
}

/** How a harness differs from the usual one. */
export interface HarnessOptions extends Partial<Omit<DaemonInput, 'configuration' | 'machine' | 'source'>> {
  readonly source?: FakeSource
  /** What is simulated. Its clock is the clock of the harness; whoever gives it closes it. */
  readonly systems: Systems
  /** Moves the time of everything that is simulated. */
  readonly simulated: { readonly now: () => Date; readonly advance: (ms: number) => void }
  /** Changes the configuration, as text (JSON). */
  readonly configure?: (text: string) => string
  /** Called just before a request goes out; what it returns is waited for. */
  readonly beforeSend?: (request: HttpRequest) => void | Promise<void>
  /** A folder of an earlier harness, for restarts. */
  readonly folder?: string
  /** Told of every event, in place of `events`, which keeps them all. */
  readonly onEvent?: (event: BoardEvent) => void
  /** Numbers in [0, 1); always 0.5 otherwise. */
  readonly random?: () => number
  /** Loops that are at work and can only go on when the clock moves. */
  readonly stuck?: () => number
}

/** A running mailkeel under a manual clock. */
export interface Harness {
  readonly daemon: Daemon
  readonly source: FakeSource
  readonly configuration: RuntimeConfiguration
  /** Folder of the configuration; `state` below it is the state directory. */
  readonly folder: string
  readonly stateDirectory: string
  readonly machine: Machine
  readonly events: readonly BoardEvent[]
  /** How an organization (`contoso-sales`) or a trust (`trust/contoso`) stands. Throws where it is not on the board. */
  standing(name: string): ScopeStanding
  /** Waits until no loop is at work, in real time. The clock stands still. */
  settled(): Promise<void>
  /** Moves the clock, timer by timer; after each, everything comes to rest. */
  advance(ms: number): Promise<void>
  /** Moves the clock and lets the timers of that time go off, while something may still be held. */
  fireTimers(ms: number): Promise<void>
  /** What waits for the clock. */
  timers(): number
  /** Starts another process over the same folder. */
  startAgain(): Promise<Daemon>
  /** Pushes a revision and waits until everything came to rest. */
  push(files: Files, id?: string): Promise<string>
  /** Asks it to end, and waits for that. */
  stop(): Promise<boolean>
  /** Ends it, and removes the folder. */
  close(): Promise<void>
}

/** Ids of all processes: one that starts again over the same folder must not give those of the one before. */
let ids = 0

interface Timer {
  readonly at: number
  readonly fire: () => void
}

/** Starts it all. Nothing is pushed yet, so nothing is reconciled. */
export async function startHarness(options: HarnessOptions): Promise<Harness> {
  const { systems, simulated, configure, beforeSend, onEvent, random, stuck = () => 0, ...input } = options
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'mailkeel-run-')))
  await writeWorkspace(folder, systems, (text) => (configure ?? ((same) => same))(withState(text)))
  const loaded = await loadConfiguration(join(folder, 'mailkeel.yaml'))
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'))
  const { configuration } = loaded
  const timers = new Set<Timer>()
  const machine = machineOn(folder, systems, simulated, timers, random)
  const source = options.source ?? fakeSource(machine.now)
  const composeHooked: NonNullable<DaemonInput['compose']> = (one) =>
    compose(one, async (...using) => {
      const sockets = await httpClientTo(...using)
      return {
        async send(request) {
          await beforeSend?.(request)
          return sockets.send(request)
        },
        close: () => sockets.close(),
      }
    })
  const start = () =>
    startDaemon({
      log: silentLog,
      attachments: [],
      ...input,
      configuration,
      machine,
      source,
      compose: (one, scope) => {
        // A client that waits before it tries again has no loop to wake it: its waits pass at once.
        const impatient = { ...one, machine: { ...one.machine, sleep: jump } }
        return (input.compose ?? composeHooked)(impatient, scope)
      },
    })
  const daemon = await start()
  const events: BoardEvent[] = []
  daemon.board.subscribe(onEvent ?? ((event) => void events.push(event)))
  async function jump(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    simulated.advance(ms)
  }

  async function settled(): Promise<void> {
    // Twice in a row: a loop that just ended its work may have woken another one.
    for (let quiet = 0; quiet < 5; ) {
      const isAtWork = daemon.working() > stuck()
      await (isAtWork ? setTimeout(1) : setImmediate())
      quiet = isAtWork ? 0 : quiet + 1
    }
  }

  async function advance(ms: number): Promise<void> {
    const until = simulated.now().getTime() + ms
    await settled()
    for (;;) {
      const next = [...timers].sort((a, b) => a.at - b.at)[0]
      if (!next || next.at > until) break
      simulated.advance(Math.max(0, next.at - simulated.now().getTime()))
      next.fire()
      await settled()
    }
    simulated.advance(Math.max(0, until - simulated.now().getTime()))
  }

  let stopping: Promise<boolean> | undefined
  const stop = () => {
    stopping ??= daemon.stop()
    return stopping
  }
  return {
    daemon,
    source,
    configuration,
    folder,
    stateDirectory: join(folder, 'state'),
    machine,
    events,
    standing(name) {
      const found = daemon.board.scope(name.includes('/') ? name : `organization/${name}`)
      if (!found) throw new Error(`${name} is not on the board`)
      return found
    },
    settled,
    advance,
    async fireTimers(ms) {
      simulated.advance(ms)
      const now = simulated.now().getTime()
      for (const timer of [...timers]) if (timer.at <= now) timer.fire()
      await setImmediate()
    },
    timers: () => timers.size,
    startAgain: start,
    async push(files, id) {
      const pushed = source.push(files, id)
      await settled()
      return pushed
    },
    stop,
    async close() {
      await stop()
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

function withState(text: string): string {
  return text.replace('"spec":{', '"spec":{"stateDirectory":"state",')
}

function machineOn(
  folder: string,
  systems: Systems,
  { now }: HarnessOptions['simulated'],
  timers: Set<Timer>,
  random: () => number = () => 0.5,
): Machine {
  const silent = { isTerminal: false, columns: () => Number.POSITIVE_INFINITY, write: () => undefined }
  return {
    workingDirectory: folder,
    get environment() {
      return secretsOf(systems)
    },
    output: silent,
    errors: silent,
    self: [],
    user: async () => 'keel@crm-7',
    now,
    random,
    newId() {
      ids += 1
      return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const timer = {
          at: now().getTime() + Math.max(0, ms),
          fire() {
            timers.delete(timer)
            signal?.removeEventListener('abort', onAbort)
            resolve()
          },
        }
        const onAbort = () => {
          timers.delete(timer)
          reject(signal?.reason)
        }
        if (signal?.aborted) {
          reject(signal.reason)
          return
        }
        timers.add(timer)
        signal?.addEventListener('abort', onAbort, { once: true })
      }),
    onInterrupt: () => () => undefined,
    onExit: () => () => undefined,
    exit(code) {
      throw new Error(`it ended itself with ${code}`)
    },
  }
}

// Replicas in one process: each with its own leases over the API server, its own wall clock, and timers that stand still while it is paused.
// Time moves only when the test says so; what was sent meanwhile is waited for.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kubernetesApi } from '../../../src/daemon/leases/kubernetes-api.ts'
import { kubernetesConfig } from '../../../src/daemon/leases/kubernetes-config.ts'
import { createKubernetesLeases } from '../../../src/daemon/leases/kubernetes-leases.ts'
import type { Leases } from '../../../src/daemon/leases/lease.ts'
import type { LeaseApi } from '../../../src/daemon/leases/lease-api.ts'
import { type ApiServer, kubeconfigTo, startApiServer } from './api-server.ts'

export const DURATION_MS = 30_000
export const MARGIN_MS = 10_000
export const NEVER = new AbortController().signal

/** One replica. */
export interface Replica {
  readonly leases: Leases
  readonly identity: string
  readonly troubles: string[]
  /** SIGSTOP: its clocks go on and its timers do not. */
  pause(): void
  resume(): Promise<void>
  /** Its wall clock is set. */
  setWall(byMs: number): void
  /** Its machine sleeps for so long: the wall clock goes on, the monotonic one does not. */
  suspend(ms: number): void
  /** It ends without a word. */
  die(): void
}

/** Replicas and their time. */
export interface Fleet {
  readonly server: ApiServer
  replica(name: string): Replica
  /** Moves the time, firing what is due, and waits until nobody waits for the server. */
  advance(ms: number): Promise<void>
  settle(): Promise<void>
  close(): Promise<void>
}

interface Timer {
  readonly at: number
  readonly process: { isPaused: boolean; isDead: boolean }
  readonly fire: () => void
}

/** An API server without leases, and no replica yet. `timeoutMs`: of one request, in real time. */
export async function startFleet({ timeoutMs = 20_000 } = {}): Promise<Fleet> {
  const server = await startApiServer()
  const folder = await mkdtemp(join(tmpdir(), 'mailkeel-leases-'))
  const kubeconfig = join(folder, 'config')
  await writeFile(kubeconfig, kubeconfigTo(server.url))
  const timers = new Set<Timer>()
  const replicas: Leases[] = []
  let [now, underWay] = [0, 0]

  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet = underWay === 0 ? quiet + 1 : 0) await new Promise(setImmediate)
  }

  function due(until: number): Timer | undefined {
    const all = [...timers].filter(({ at, process }) => at <= until && !process.isPaused && !process.isDead)
    return all.sort((one, other) => one.at - other.at)[0]
  }

  async function advance(ms: number): Promise<void> {
    const until = now + ms
    await settle()
    for (let timer = due(until); timer; timer = due(until)) {
      now = Math.max(now, timer.at)
      timers.delete(timer)
      timer.fire()
      await settle()
    }
    now = until
    await settle()
  }

  function counted(api: LeaseApi): LeaseApi {
    const count = async <T>(work: Promise<T>): Promise<T> => {
      underWay += 1
      return work.finally(() => {
        underWay -= 1
      })
    }
    return {
      list: (signal) => count(api.list(signal)),
      read: (name, signal) => count(api.read(name, signal)),
      create: (draft, signal) => count(api.create(draft, signal)),
      replace: (draft, version, signal) => count(api.replace(draft, version, signal)),
      remove: (record, signal) => count(api.remove(record, signal)),
    }
  }

  function replica(name: string): Replica {
    const process = { isPaused: false, isDead: false }
    const troubles: string[] = []
    let wall = 0
    const identity = `${name}_1`
    const leases = createKubernetesLeases({
      api: counted(
        kubernetesApi({
          namespace: 'mail',
          timeoutMs,
          connect: () => kubernetesConfig({ KUBECONFIG: kubeconfig }),
        }),
      ),
      identity,
      durationMs: DURATION_MS,
      marginMs: MARGIN_MS,
      clock: { monotonicMs: () => now, wallMs: () => Date.UTC(2026, 10, 23) + now + wall },
      sleep: (ms, signal) => sleeping(process, ms, signal),
      onTrouble: (subject, error) => troubles.push(`${subject}: ${error instanceof Error ? error.message : ''}`),
    })
    replicas.push(leases)
    return {
      leases,
      identity,
      troubles,
      pause() {
        process.isPaused = true
      },
      async resume() {
        process.isPaused = false
        await advance(0)
      },
      setWall(byMs) {
        wall += byMs
      },
      suspend(ms) {
        wall += ms
      },
      die() {
        process.isDead = true
      },
    }
  }

  function sleeping(process: Timer['process'], ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => {
        timers.delete(timer)
        reject(signal?.reason)
      }
      const fire = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const timer: Timer = { at: now + Math.max(0, ms), process, fire }
      timers.add(timer)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  return {
    server,
    replica,
    advance,
    settle,
    async close() {
      server.fault = () => undefined
      await Promise.all(replicas.map((leases) => leases.close()))
      await server.close()
      await rm(folder, { recursive: true })
    },
  }
}

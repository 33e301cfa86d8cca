// What the asynchronous services of a server run with. They load the certificate when they start, so the answer follows from when they
// started and from the marker that mailkeel leaves on the server before it changes what they must load anew.
import type { CrmService, ServerState } from '../../crm-server/deployment.ts'

const ASYNC_SERVICE = /^MSCRMAsyncService(?:\$|$)/i

/** The asynchronous services of a server, the one for maintenance included (Microsoft, connect to Exchange Online: restart both). */
export function asyncServices({ services }: Pick<ServerState, 'services'>): readonly CrmService[] {
  return services.filter(({ name }) => ASYNC_SERVICE.test(name))
}

/** Whether the running asynchronous services loaded what they should. `unknown`: one of them does not tell when it started. */
export function loadState(state: Pick<ServerState, 'services' | 'marker'>): 'loaded' | 'stale' | 'unknown' {
  const running = asyncServices(state).filter(({ isRunning }) => isRunning)
  const { marker } = state
  if (!marker) return 'loaded'
  const starts = running.map(({ startedAt }) => Date.parse(startedAt ?? ''))
  // Started within the same second: restarting once more does no harm, running with an old certificate does.
  if (starts.some((start) => start <= Date.parse(marker.at))) return 'stale'
  return starts.some(Number.isNaN) ? 'unknown' : 'loaded'
}

/** When an asynchronous service of these servers started last, ISO 8601; undefined where none says so. */
export function newestStart(states: readonly Pick<ServerState, 'services'>[]): string | undefined {
  return newest(states.flatMap((state) => asyncServices(state).flatMap(({ startedAt = [] }) => startedAt)))
}

/** The newest of some times, ISO 8601 in UTC with milliseconds; undefined where there is none. */
export function newest(times: readonly string[]): string | undefined {
  const known = times.map((time) => Date.parse(time)).filter((time) => !Number.isNaN(time))
  return known.length === 0 ? undefined : new Date(Math.max(...known)).toISOString()
}

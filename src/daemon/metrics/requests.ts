// Requests to remote systems, counted where every one of them passes: at the one HTTP client of a composition. Whoever composes a scope takes
// `connectFor(scope)` in place of `httpClientTo`, and `onEvent` for what holds requests back.
import type { ConnectionInput, httpClientTo } from '../../compose/connections.ts'
import type { OnEvent } from '../../crm/index.ts'
import { type HttpClient, NetworkError } from '../../network/http.ts'
import type { RuntimeConfiguration } from '../../spec/configuration/load.ts'
import type { Sample } from './sample.ts'

/** Makes the HTTP client of a composition. */
export type Connect = typeof httpClientTo

/** A remote system. `entra` is sign-in and Microsoft Graph. */
export type RemoteSystem = 'crm' | 'entra'

/** Counts requests by scope. */
export interface RequestMeter {
  /** A `connect` for `compose` whose client counts for the scope. */
  connectFor(scope: string, connect: Connect): Connect
  /** For `ComposeInput.onEvent`: what holds requests of an organization back. */
  onEvent(scope: string, event: Parameters<OnEvent>[0]): void
  /** Requests under way and how many may be. */
  gauges(): readonly Sample[]
  forget(scope: string): void
}

interface Load {
  readonly scope: string
  readonly system: RemoteSystem
  inFlight: number
  limit: number
}

/** A meter that adds to counters by `add`. */
export function createRequestMeter(add: (sample: Sample) => void): RequestMeter {
  const loads = new Map<string, Load>()
  const loadOf = (scope: string, system: RemoteSystem): Load => {
    const load = loads.get(`${scope} ${system}`) ?? { scope, system, inFlight: 0, limit: 0 }
    loads.set(`${scope} ${system}`, load)
    return load
  }
  return {
    connectFor: (scope, connect) => async (origins, input) => {
      const client = await connect(origins, input)
      const systemOf = systemsOf(input)
      const { maximumConcurrency } = input.configuration.spec.network
      return counted(client, (url) => {
        const load = loadOf(scope, systemOf(url))
        load.limit = maximumConcurrency
        load.inFlight += 1
        return (outcome) => {
          load.inFlight -= 1
          const labels = { scope, system: load.system, outcome }
          add({ metric: 'mailkeel_remote_requests_total', labels, value: 1 })
        }
      })
    },
    onEvent(scope, event) {
      if (event.kind !== 'waiting') return
      add({ metric: 'mailkeel_remote_waits_total', labels: { scope }, value: 1 })
      add({ metric: 'mailkeel_remote_wait_seconds_total', labels: { scope }, value: event.waitMs / 1000 })
    },
    gauges: () =>
      [...loads.values()].flatMap(({ scope, system, inFlight, limit }): readonly Sample[] => [
        { metric: 'mailkeel_remote_requests_in_flight', labels: { scope, system }, value: inFlight },
        { metric: 'mailkeel_remote_requests_limit', labels: { scope, system }, value: limit },
      ]),
    forget(scope) {
      for (const [id, load] of loads) if (load.scope === scope) loads.delete(id)
    },
  }
}

/** A client that tells of every request when it begins, and by the returned function how it ended. */
function counted(client: HttpClient, begin: (url: string) => (outcome: string) => void): HttpClient {
  return {
    async send(request) {
      const end = begin(request.url)
      try {
        const response = await client.send(request)
        end(outcomeOf(response.status))
        return response
      } catch (error) {
        end(error instanceof NetworkError ? error.failure : 'failed')
        throw error
      }
    },
    close: () => client.close(),
  }
}

/** The statuses that people look for by themselves, the others by their class. */
function outcomeOf(status: number): string {
  return [401, 403, 429, 503].includes(status) ? String(status) : `${Math.floor(status / 100)}xx`
}

/** Organizations are named by the configuration; every other address that we may speak to is of a tenant. */
function systemsOf({ configuration }: Pick<ConnectionInput, 'configuration'>): (url: string) => RemoteSystem {
  const origins = crmOrigins(configuration)
  return (url) => (URL.canParse(url) && origins.has(new URL(url).origin) ? 'crm' : 'entra')
}

function crmOrigins({ spec }: RuntimeConfiguration): ReadonlySet<string> {
  const urls = Object.values(spec.organizations).map(({ url }) => url)
  return new Set(urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).origin))
}

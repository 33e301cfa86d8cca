import type { LookupFunction } from 'node:net'
import { realSchedule, type Schedule } from './schedule.ts'

/**
 * A proxy for everything `noProxy` does not name. It is always asked for a tunnel (CONNECT), for plain HTTP too, so that it sees no request.
 * Credentials are sent to the proxy alone and printed nowhere.
 */
export interface ProxyOptions {
  /** `http:` or `https:`, without credentials and path. */
  readonly url: string
  readonly username?: string
  readonly password?: string
}

/** How the one HTTP client reaches the world. Verification of TLS cannot be switched off. */
export interface HttpClientOptions {
  /** Origins such as `https://crm.contoso.com`; a request to any other is NetworkError 'forbidden-host'. */
  readonly allowedOrigins: readonly string[]
  readonly userAgent: string
  readonly proxy?: ProxyOptions
  /** Host names (with their subdomains), addresses, networks (`10.0.0.0/8`), each with an optional port, or `*`. Loopback never needs a proxy. */
  readonly noProxy?: readonly string[]
  /** PEM of private certificate authorities, trusted beside the usual ones. */
  readonly caPem?: string
  /** Concurrent requests, so connections, per origin. 8 where absent. */
  readonly connectionsPerOrigin?: number
  /** For one exchange, headers and body, from the moment it has its connection slot. 120 s where absent. */
  readonly deadlineMs?: number
  /** For name resolution, TCP, proxy and TLS together. 15 s where absent. */
  readonly connectTimeoutMs?: number
  /** From the request's start on the wire to the last header. 60 s where absent. */
  readonly headersTimeoutMs?: number
  /** An idle connection is closed after this. 10 s where absent. */
  readonly keepAliveMs?: number
  /** Of the decoded body. 64 MiB where absent. */
  readonly maximumBodyBytes?: number
  /**
   * Asked at the last moment before the bytes of anything but a GET leave, when it has its connection: where it throws, nothing is sent and
   * the exchange is NetworkError 'fenced' with that message.
   */
  readonly fence?: () => void
  readonly schedule?: Schedule
  /** Resolves names; the system's resolver where absent. */
  readonly lookup?: LookupFunction
}

/** The options with every default filled in. */
export interface ClientSettings extends HttpClientOptions {
  readonly connectionsPerOrigin: number
  readonly deadlineMs: number
  readonly connectTimeoutMs: number
  readonly headersTimeoutMs: number
  readonly keepAliveMs: number
  readonly maximumBodyBytes: number
  readonly schedule: Schedule
}

/** Fills in the defaults. */
export function withDefaults(options: HttpClientOptions): ClientSettings {
  return {
    ...options,
    connectionsPerOrigin: options.connectionsPerOrigin ?? 8,
    deadlineMs: options.deadlineMs ?? 120_000,
    connectTimeoutMs: options.connectTimeoutMs ?? 15_000,
    headersTimeoutMs: options.headersTimeoutMs ?? 60_000,
    keepAliveMs: options.keepAliveMs ?? 10_000,
    maximumBodyBytes: options.maximumBodyBytes ?? 64 * 1024 * 1024,
    schedule: options.schedule ?? realSchedule,
  }
}

// Hosts that failed, as all scopes see them. Each scope has a back-off of its own; but where a host is down, or refuses a sign-in, a hundred
// scopes that come back each by itself are a storm, and a wrong password that is tried a hundred times locks an account. So after a failure
// the host is left alone for a time that grows, with full jitter; then one scope tries it, and the others wait for what that comes to.

/** What a gate is made with. `random` gives 0 up to, not including, 1. */
export interface HostGateOptions {
  readonly firstMs: number
  readonly maximumMs: number
  /** A host that served a scope within this time serves: scopes come by at least as often. */
  readonly servesMs: number
  readonly now: () => Date
  readonly random: () => number
}

/** Stands before hosts. A host is a text such as `crm.contoso.com`; the caller says what belongs together. */
export interface HostGate {
  /** How long a scope is to wait before it uses the host, in milliseconds: 0 is now, and the scope must report what came of it. */
  waitMs(host: string, scope: string): number
  /**
   * The host could not be reached, or refused the sign-in. Failures of one object are none of the host; nor are those of one scope while the
   * host serves another, as one address serves many organizations.
   */
  failed(host: string, scope: string): void
  succeeded(host: string, scope: string): void
  /** The scope ends, or came to know nothing about the host: another one may try. */
  forget(scope: string): void
}

interface Closed {
  readonly failures: number
  readonly until: number
  /** The scope that tries whether it is over, and since when. */
  readonly trying?: { readonly scope: string; readonly since: number }
}

/** Codes of failures that concern a host and whoever uses it with the same account, and not one object. */
const HOST_FAILURES: ReadonlySet<string> = new Set([
  'Unauthenticated',
  'Unreachable',
  'Unavailable',
  'TimedOut',
  'Throttled',
])

/** True where a failure is one of the host. */
export function isHostFailure({ code }: { readonly code: string }): boolean {
  return HOST_FAILURES.has(code)
}

/** Full jitter: a time between nothing and a ceiling that doubles with every failure. `failures` counts from 1. */
export function fullJitter(failures: number, firstMs: number, maximumMs: number, random: () => number): number {
  return Math.round(random() * Math.min(maximumMs, firstMs * 2 ** Math.min(failures - 1, 30)))
}

/** A gate that stands open. */
export function createHostGate({ firstMs, maximumMs, servesMs, now, random }: HostGateOptions): HostGate {
  const hosts = new Map<string, Closed>()
  /** By host and scope: when it last served. */
  const served = new Map<string, Map<string, number>>()
  return {
    waitMs(host, scope) {
      const closed = hosts.get(host)
      if (!closed) return 0
      const at = now().getTime()
      if (at < closed.until) return closed.until - at + spread()
      const { trying } = closed
      // Whoever tries and is never heard of again must not keep the others out for ever.
      if (trying && trying.scope !== scope && at < trying.since + maximumMs) return firstMs + spread()
      hosts.set(host, { ...closed, trying: { scope, since: at } })
      return 0
    },
    failed(host, scope) {
      const before = hosts.get(host)
      const at = now().getTime()
      const others = served.get(host)
      others?.delete(scope)
      if ([...(others?.values() ?? [])].some((last) => at - last < servesMs)) return
      // Those who were under way when it began to fail tell nothing new.
      if (before && at < before.until) return
      if (before?.trying && before.trying.scope !== scope) return
      const failures = (before?.failures ?? 0) + 1
      const pause = Math.max(LEAST_MS, fullJitter(failures, firstMs, maximumMs, random))
      hosts.set(host, { failures, until: at + pause })
    },
    succeeded(host, scope) {
      hosts.delete(host)
      served.set(host, (served.get(host) ?? new Map<string, number>()).set(scope, now().getTime()))
    },
    forget(scope) {
      for (const scopes of served.values()) scopes.delete(scope)
      for (const [host, { trying, ...closed }] of hosts) if (trying?.scope === scope) hosts.set(host, closed)
    },
  }

  /** Those who wait do not all return in the same moment. */
  function spread(): number {
    return Math.round(random() * firstMs)
  }
}

/** Full jitter may say "now"; a host that failed a moment ago gets a second. */
const LEAST_MS = 1_000

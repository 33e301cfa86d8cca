import type { Caller, CallerLookup, World } from '../world.ts'
import type { TestCounts } from './async-service.ts'
import type { Clock } from './clock.ts'
import type { CoreOptions } from './core.ts'
import type { Exchange } from './exchange.ts'
import type { WorldSnapshot } from './snapshot.ts'
import type { Conditions, TrustProblem, Truth } from './truth.ts'

/** How the simulated asynchronous service works. */
export interface ServiceOptions {
  /** Tests that run at the same time; default 10. */
  readonly concurrency?: number
  /** Time until a requested test is noticed, in simulated time, varied by half of it either way; default 2 s. */
  readonly pickupDelayMs?: number
  /** Length of a test in simulated time, varied by half of it either way; default 8 s, so that 300 tests take about 4 minutes. */
  readonly testDurationMs?: number
  /** Wait between two tries after a transient failure; default 5 minutes (Microsoft: troubleshooting server-side synchronization). */
  readonly retryAfterMs?: number
  /** Failures in a row after which a transient one counts as permanent; default 10 (same source). */
  readonly maximumTries?: number
}

/** How to start a simulated organization without people in it. */
export interface WorldOptions extends CoreOptions {
  readonly service?: ServiceOptions
}

/** Callers every simulated organization knows; each signs in with the bearer token `simulator-<name>`. */
export interface KnownCallers {
  /** Has every privilege. */
  readonly admin: Caller
  /** May read everything, and nothing else. */
  readonly reader: Caller
  /** Has every privilege but the one to approve addresses. */
  readonly limited: Caller
}

/** A simulated organization with what its control routes and tests need beside the requests. */
export interface SimulatedWorld extends World {
  readonly callers: KnownCallers
  /** Tells the caller from `Authorization: Bearer simulator-admin` and the like. */
  readonly callerOf: CallerLookup
  readonly conditions: Conditions
  setConditions(conditions: Partial<Conditions>): void
  /** Moves the simulated time forward and lets happen what is due. */
  advance(ms: number): void
  /** Lets happen what is due at the simulated time; every other method does so by itself. */
  settle(): void
  /** Advances until no test waits for its turn, runs or retries, at most `limitMs`; returns the simulated time that took. */
  advanceUntilIdle(limitMs: number): number
  /** Scheduled tests by what they are doing; one that cannot start (no profile, inactive, never picked up) or never ends is held. */
  tests(): TestCounts
  truthOf(mailboxId: string): Truth
  /** Replaces what is true about a mailbox outside CRM; `{}` heals it. A stuck test then ends. */
  setTruth(mailboxId: string, truth: Truth): void
  /** Ties the organization to a simulated trust, which every test then asks. */
  setTrust(trust: () => TrustProblem | undefined): void
  /** Someone changes up to `count` rows by hand; returns the ids. Kinds: DRIFT_KINDS. Throws an Error for another kind. */
  drift(kind: string, count: number): readonly string[]
  /** The asynchronous service writes up to `count` mailboxes as it does all the time; returns the ids. */
  idleWrites(count: number): readonly string[]
  /** To be given to other organizations that share time and mail server with this one. */
  readonly clock: Clock
  readonly exchange: Exchange
  /** Exchange stores this organization for every mailbox whose calendar it synchronizes, taking it from others; returns how many. */
  holdSynchronized(): number
  /** The same rows as another organization on the same clock and the same Exchange, as if a deployment had imported it twice. */
  copy(name: string): SimulatedWorld
  /** Everything there is, as plain JSON. */
  snapshot(): WorldSnapshot
  /** Becomes the world that was saved; version, switches and speed of the clock stay. Throws an Error where it cannot be read. */
  restore(data: unknown): void
}

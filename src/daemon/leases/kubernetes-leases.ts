// Leases of many scopes among many replicas, through one store of records. Three things happen here:
//   announcing   every replica holds a lease of its own that says that it lives
//   looking      one list of all records serves every scope that asks at about the same time
//   taking       a write that only succeeds on the version that was looked at, so that of two that reach for a scope one gets it
// A replica holds no more than its share for long: what is too much is given back when its loop asks for it before its next pass.
import { type LeaseClock, type Moment, momentOf, surelySince } from './clock.ts'
import { holdLease } from './held-lease.ts'
import type { Lease, LeaseAnswer, Leases } from './lease.ts'
import { type LeaseApi, LeaseConflict, type LeaseDraft, type LeaseRecord } from './lease-api.ts'
import { leaseName, replicaName, replicaSubject } from './names.ts'
import { shareOf, taking } from './share.ts'
import { LeaseView } from './view.ts'

/** What leases of replicas need. */
export interface KubernetesLeasesOptions {
  readonly api: LeaseApi
  /** Of this process and no other that ever was: name of the replica, `_`, something random. */
  readonly identity: string
  readonly durationMs: number
  /** How long what was handed to the network may take to arrive. */
  readonly marginMs: number
  readonly clock: LeaseClock
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly onTrouble?: (subject: string, error: unknown) => void
}

/** Looks per duration, while somebody asks for what others hold. */
const LOOKS = 5
/** A scope that was not asked for during so many durations is gone from the spec. */
const FORGOTTEN = 4
/** A scope that nobody took during so many durations is taken beyond the share. */
const ORPHANED = 2
/** An announcement is cleared away so many durations after it ended. */
const CLEARED = 10

/** Leases among replicas. Nothing is sent before the first question. */
export function createKubernetesLeases(options: KubernetesLeasesOptions): Leases {
  return new KubernetesLeases(options)
}

class KubernetesLeases implements Leases {
  readonly retryMs: number
  readonly #options: KubernetesLeasesOptions
  readonly #view: LeaseView
  readonly #closing = new AbortController()
  readonly #held = new Map<string, Lease>()
  /** Being reached for: they count as held, so that a share is not passed by asking for many at once. */
  readonly #reaching = new Set<string>()
  /** Held beyond the share because nobody else took them, until the replicas change. */
  readonly #orphans = new Set<string>()
  readonly #askedAt = new Map<string, Moment>()
  #announcement: Promise<Lease> | undefined
  #look: Promise<void> | undefined
  #lookedAt: Moment | undefined
  #replicas = ''
  #tooManySince: Moment | undefined

  constructor(options: KubernetesLeasesOptions) {
    this.#options = options
    this.#view = new LeaseView(options.clock)
    this.retryMs = options.durationMs / LOOKS
  }

  async acquire(scope: string, signal: AbortSignal): Promise<LeaseAnswer> {
    const either = AbortSignal.any([signal, this.#closing.signal])
    either.throwIfAborted()
    this.#askedAt.set(scope, momentOf(this.#options.clock))
    const held = this.#held.get(scope)
    if (held) return this.#keepOrGiveBack(scope, held, either)
    if (this.#reaching.has(scope)) return { granted: false, holder: this.#name(this.#options.identity) }
    await this.#announced()
    await this.#lookedRecently(either)
    return this.#reach(scope, either)
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('mailkeel ends'))
    await Promise.all([...this.#held.values()].map((lease) => lease.release()))
    const announcement = await this.#announcement?.catch(() => undefined)
    await announcement?.release()
  }

  /** What is held is granted again without asking the store: the lease says by itself when it is over. */
  async #keepOrGiveBack(scope: string, held: Lease, signal: AbortSignal): Promise<LeaseAnswer> {
    try {
      await this.#announced()
      await this.#lookedRecently(signal)
    } catch (error) {
      signal.throwIfAborted()
      this.#options.onTrouble?.(scope, error)
    }
    if (!this.#held.has(scope)) return this.#reach(scope, signal)
    if (!this.#isTooMany(scope)) return { granted: true, lease: held }
    await held.release()
    return { granted: false, holder: this.#name(this.#othersWithRoom()[0] ?? '') }
  }

  async #reach(scope: string, signal: AbortSignal): Promise<LeaseAnswer> {
    const name = leaseName(scope)
    const seen = this.#view.get(name)
    const { identity } = this.#options
    const holder = this.#view.holderOf(name)
    // A record in our own name that we do not hold is a request of ours whose answer was lost, or a lease that ended while we slept.
    if (holder !== undefined && holder !== identity) return this.#heldBy(holder, seen?.record)
    const decision = holder === identity ? ({ take: 'Share' } as const) : this.#decide(scope, name)
    if (!decision.take) return { granted: false, holder: this.#name(decision.expected) }
    this.#reaching.add(scope)
    try {
      const lease = await this.#take(scope, seen?.record, signal)
      if (decision.take === 'Orphan') this.#orphans.add(scope)
      return { granted: true, lease }
    } catch (error) {
      this.#lookedAt = undefined
      if (!(error instanceof LeaseConflict)) throw error
      return { granted: false, holder: 'another replica' }
    } finally {
      this.#reaching.delete(scope)
    }
  }

  #decide(scope: string, name: string) {
    const { identity, durationMs } = this.#options
    return taking({
      scope,
      self: identity,
      replicas: this.#living(),
      holdings: this.#holdings(),
      scopes: this.#scopes(),
      freeForMs: this.#view.get(name) ? this.#view.freeForMs(name) : this.#missingForMs(name),
      courtesyMs: durationMs / LOOKS,
      orphanedAfterMs: durationMs * ORPHANED,
    })
  }

  readonly #missingSince = new Map<string, Moment>()

  /** For how long we have looked for a record that was never there. */
  #missingForMs(name: string): number {
    const { clock } = this.#options
    const since = this.#missingSince.get(name) ?? momentOf(clock)
    this.#missingSince.set(name, since)
    return surelySince(clock, since)
  }

  #heldBy(holder: string, record: LeaseRecord | undefined): LeaseAnswer {
    const renewedAt = Date.parse(record?.renewedAt ?? '')
    const until = Number.isNaN(renewedAt) ? undefined : new Date(renewedAt + (record?.durationMs ?? 0)).toISOString()
    return { granted: false, holder: this.#name(holder), ...(until === undefined ? {} : { until }) }
  }

  async #take(subject: string, found: LeaseRecord | undefined, signal: AbortSignal): Promise<Lease> {
    const { api, clock, identity, durationMs } = this.#options
    const now = new Date(clock.wallMs()).toISOString()
    const draft: LeaseDraft = {
      name: leaseName(subject),
      subject,
      holder: identity,
      durationMs,
      acquiredAt: now,
      renewedAt: now,
      transitions: (found?.transitions ?? -1) + 1,
    }
    const before = momentOf(clock)
    const record = await (found ? api.replace(draft, found.version, signal) : api.create(draft, signal))
    const lease = holdLease(record, before, {
      ...this.#options,
      onEnd: () => {
        if (this.#held.get(subject) === lease) this.#held.delete(subject)
        this.#orphans.delete(subject)
      },
    })
    if (subject !== replicaSubject(identity)) this.#held.set(subject, lease)
    return lease
  }

  /** Says that we live, and says it again where that was lost. */
  async #announced(): Promise<void> {
    this.#announcement ??= this.#announce()
    const mine = this.#announcement
    try {
      const { signal } = await mine
      if (!signal.aborted) return
    } catch (error) {
      if (this.#announcement === mine) this.#announcement = undefined
      throw error
    }
    if (this.#announcement === mine) this.#announcement = undefined
    return this.#announced()
  }

  async #announce(): Promise<Lease> {
    const { api, identity } = this.#options
    const subject = replicaSubject(identity)
    const { signal } = this.#closing
    return this.#take(subject, await api.read(leaseName(subject), signal), signal)
  }

  async #lookedRecently(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    if (this.#lookedAt && surelySince(clock, this.#lookedAt) < this.retryMs) return
    this.#look ??= this.#lookNow().finally(() => {
      this.#look = undefined
    })
    await this.#look
    signal.throwIfAborted()
  }

  async #lookNow(): Promise<void> {
    const { api, clock, durationMs } = this.#options
    const before = momentOf(clock)
    this.#view.take(await api.list(this.#closing.signal))
    this.#lookedAt = before
    const replicas = [...this.#living()].sort().join('\n')
    if (replicas !== this.#replicas) this.#orphans.clear()
    this.#replicas = replicas
    for (const [scope, at] of this.#askedAt)
      if (!this.#held.has(scope) && surelySince(clock, at) > durationMs * FORGOTTEN) this.#askedAt.delete(scope)
    await this.#clearAway()
  }

  /** Replicas get a new name with every start, and some leave without a word. */
  async #clearAway(): Promise<void> {
    const { api, durationMs } = this.#options
    const [gone] = this.#view.longGone(durationMs * CLEARED)
    if (!gone) return
    await api.remove(gone, this.#closing.signal).catch((error: unknown) => {
      if (!(error instanceof LeaseConflict)) this.#options.onTrouble?.(gone.subject, error)
    })
  }

  #living(): readonly string[] {
    return [...new Set([...this.#view.replicas(), this.#options.identity])]
  }

  /** What others hold as it was seen, and what we hold as it is. */
  #holdings(): ReadonlyMap<string, number> {
    const ours = this.#held.size + this.#reaching.size - this.#orphans.size
    return new Map([...this.#view.holdings(), [this.#options.identity, ours]])
  }

  #scopes(): number {
    return new Set([...this.#askedAt.keys(), ...this.#held.keys()]).size
  }

  #othersWithRoom(): readonly string[] {
    const living = this.#living()
    const share = shareOf(this.#scopes(), living.length)
    const holdings = this.#holdings()
    return living.filter((one) => one !== this.#options.identity && (holdings.get(one) ?? 0) < share)
  }

  /** Whether to give this one back: we have had more than our share for a whole duration, and another one has room. */
  #isTooMany(scope: string): boolean {
    const { clock, identity, durationMs } = this.#options
    const share = shareOf(this.#scopes(), this.#living().length)
    const isOver = (this.#holdings().get(identity) ?? 0) > share
    if (!isOver) {
      this.#tooManySince = undefined
      return false
    }
    this.#tooManySince ??= momentOf(clock)
    if (this.#orphans.has(scope) || this.#othersWithRoom().length === 0) return false
    return surelySince(clock, this.#tooManySince) >= durationMs
  }

  #name(identity: string): string {
    return identity === '' ? 'another replica' : replicaName(identity)
  }
}

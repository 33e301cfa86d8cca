// A lease that we hold, as long as we can be sure of it. Its end is reckoned from before the request was sent that got or renewed it, and
// comes a margin earlier than others may take it: what was handed to the network just before has that time to arrive.
import { atMostSince, type LeaseClock, type Moment, momentOf } from './clock.ts'
import { type Lease, LeaseLostError } from './lease.ts'
import { type LeaseApi, LeaseConflict, type LeaseDraft, type LeaseRecord } from './lease-api.ts'

/** What holding a lease needs. */
export interface HoldOptions {
  readonly api: LeaseApi
  readonly clock: LeaseClock
  readonly durationMs: number
  /** How much earlier than its end it counts as over. */
  readonly marginMs: number
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Told of a renewal that failed; it is tried again while the lease lasts. */
  readonly onTrouble?: (subject: string, error: unknown) => void
  /** Told once, however it ends. */
  readonly onEnd: () => void
}

/** Holds and renews one lease from the record that was just written. `before` is the moment before that request was sent. */
export function holdLease(record: LeaseRecord, before: Moment, options: HoldOptions): Lease {
  const held = new HeldLease(record, before, options)
  held.start()
  return held
}

/** Renewals per duration. */
const RENEWALS = 3
/** After a renewal that failed, the next one comes after this part of the duration. */
const AGAIN = 15

class HeldLease implements Lease {
  readonly #options: HoldOptions
  readonly #over = new AbortController()
  #record: LeaseRecord
  #from: Moment
  #renewing: Promise<void> = Promise.resolve()

  constructor(record: LeaseRecord, before: Moment, options: HoldOptions) {
    this.#record = record
    this.#from = before
    this.#options = options
  }

  get signal(): AbortSignal {
    return this.#over.signal
  }

  start(): void {
    this.#renewing = this.#keepRenewing()
    void this.#watchEnd()
  }

  check(): void {
    if (this.#leftMs() <= 0) this.#end()
    if (this.#over.signal.aborted) throw new LeaseLostError(this.#record.subject)
  }

  async release(): Promise<void> {
    const isOurs = !this.#over.signal.aborted
    this.#end()
    await this.#renewing
    if (!isOurs) return
    try {
      await this.#giveBack()
    } catch (error) {
      // Others wait for its end then.
      this.#options.onTrouble?.(this.#record.subject, error)
    }
  }

  /** How long we may still write, in milliseconds. */
  #leftMs(): number {
    const { clock, durationMs, marginMs } = this.#options
    return durationMs - marginMs - atMostSince(clock, this.#from)
  }

  #end(): void {
    if (this.#over.signal.aborted) return
    this.#over.abort(new LeaseLostError(this.#record.subject))
    this.#options.onEnd()
  }

  /** Nothing but this tells those who wait for an answer that the time is over. */
  async #watchEnd(): Promise<void> {
    for (let leftMs = this.#leftMs(); !this.#over.signal.aborted; leftMs = this.#leftMs()) {
      if (leftMs <= 0) return this.#end()
      await this.#sleep(leftMs)
    }
  }

  async #keepRenewing(): Promise<void> {
    const { durationMs } = this.#options
    let waitMs = durationMs / RENEWALS
    for (;;) {
      await this.#sleep(waitMs)
      if (this.#leftMs() <= 0) this.#end()
      if (this.#over.signal.aborted) return
      waitMs = (await this.#renewed()) ? durationMs / RENEWALS : durationMs / AGAIN
    }
  }

  /** Whether it was renewed. */
  async #renewed(): Promise<boolean> {
    const { clock, onTrouble } = this.#options
    const before = momentOf(clock)
    try {
      this.#record = await this.#write({ ...this.#record, renewedAt: new Date(clock.wallMs()).toISOString() })
      this.#from = before
      return true
    } catch (error) {
      if (this.#over.signal.aborted) return false
      onTrouble?.(this.#record.subject, error)
      if (error instanceof LeaseConflict) await this.#lookAgain()
      return false
    }
  }

  #write(draft: LeaseRecord): Promise<LeaseRecord> {
    return this.#options.api.replace(draftOf(draft), this.#record.version, this.#over.signal)
  }

  /** Somebody wrote the object: a person who added a label, a renewal of ours whose answer was lost, or a new holder. */
  async #lookAgain(): Promise<void> {
    try {
      const found = await this.#options.api.read(this.#record.name, this.#over.signal)
      if (found && isSameHolding(found, this.#record)) this.#record = found
      else this.#end()
    } catch (error) {
      if (!this.#over.signal.aborted) this.#options.onTrouble?.(this.#record.subject, error)
    }
  }

  async #giveBack(): Promise<void> {
    const { api } = this.#options
    const anyhow = new AbortController().signal
    const { holder: _, ...rest } = this.#record
    try {
      await api.replace(draftOf(rest), rest.version, anyhow)
    } catch (error) {
      if (!(error instanceof LeaseConflict)) throw error
      // A renewal that was under way got there first.
      const found = await api.read(rest.name, anyhow)
      if (found && isSameHolding(found, this.#record)) await api.replace(draftOf(rest), found.version, anyhow)
    }
  }

  async #sleep(ms: number): Promise<void> {
    await this.#options.sleep(ms, this.#over.signal).catch((error: unknown) => {
      if (!this.#over.signal.aborted) throw error
    })
  }
}

/** The same holder may have got it once more, after this holding of it was over. */
function isSameHolding(found: LeaseRecord, ours: LeaseRecord): boolean {
  return found.holder === ours.holder && found.transitions === ours.transitions
}

function draftOf({ version: _, ...draft }: LeaseRecord): LeaseDraft {
  return draft
}

// The asynchronous service: it picks up scheduled tests, a few at a time, and ends them later. There is no timer. The service is asked to
// settle whenever the world is looked at, and then plays what is due in the order of its moments, each at its own moment. The queues hold
// only hints: whether a test really starts or ends is decided by the row at that moment, so nothing here has to be undone when a request is.
import type { Row } from '../world.ts'
import { dateText } from './clock.ts'
import { type Core, organizationOf, systemUser, touch } from './core.ts'
import { EventQueue } from './event-queue.ts'
import { referenceIn, textIn } from './row-values.ts'
import { disableAfterwards, finishTest } from './test-result.ts'
import type { ServiceOptions } from './types.ts'

/** A moment at which the service looks at a mailbox. */
export interface ServiceEvent {
  readonly atMs: number
  readonly order: number
  readonly kind: 'start' | 'finish' | 'disable'
  readonly mailboxId: string
}

/** The queues of the service as plain JSON. */
export interface ServiceState {
  readonly atMs: number
  readonly order: number
  readonly events: readonly ServiceEvent[]
}

const PROCESSING = 1
const HOST = 'CRMASYNC01'
/** How much longer a slow test takes: with the default duration some eleven minutes. */
const SLOW_FACTOR = 80

const DEFAULTS: Required<ServiceOptions> = {
  concurrency: 10,
  pickupDelayMs: 2000,
  testDurationMs: 8000,
  retryAfterMs: 300_000,
  maximumTries: 10,
}

/** How many tests wait for their turn (or for the next try), run, and cannot go on. */
export interface TestCounts {
  readonly waiting: number
  readonly running: number
  readonly held: number
}

/** The asynchronous service of one organization. */
export class AsyncService {
  readonly #core: Core
  readonly #options: Required<ServiceOptions>
  readonly #waiting = new EventQueue<ServiceEvent>()
  readonly #later = new EventQueue<ServiceEvent>()
  #running = 0
  #order = 0
  #atMs: number

  constructor(core: Core, options: ServiceOptions) {
    this.#core = core
    this.#options = { ...DEFAULTS, ...options }
    this.#atMs = core.clock.nowMs()
  }

  /** Looks at a mailbox whose test is scheduled, after the usual delay and as soon as there is a free place. */
  request(mailboxId: string): void {
    const nowMs = Math.max(this.#atMs, this.#core.clock.nowMs())
    this.#push('start', nowMs + this.#varied(this.#options.pickupDelayMs), mailboxId)
  }

  /** Ends the test of this mailbox now, where one hangs. */
  releaseStuck(mailboxId: string): void {
    if (!this.#core.running.has(mailboxId)) return
    this.#running += 1
    this.#push('finish', this.#core.clock.nowMs(), mailboxId)
  }

  /** Plays everything that is due at the simulated time, here and in the organizations that share the mail server. */
  settle(): void {
    const nowMs = this.#core.clock.nowMs()
    this.settleUntil(nowMs)
    this.#core.exchange.settleOthers(this.#core.participant, nowMs)
  }

  /** Plays everything that is due until this moment; never beyond the simulated time. */
  settleUntil(nowMs: number): void {
    while (this.#isWorking()) {
      const queue = this.#queueOfNext()
      const event = queue.peek()
      if (event === undefined || event.atMs > nowMs) break
      queue.pop()
      this.#core.exchange.settleOthers(this.#core.participant, event.atMs)
      this.#atMs = Math.max(this.#atMs, event.atMs)
      this.#core.clock.at(this.#atMs, () => this.#play(event))
    }
    this.#atMs = Math.max(this.#atMs, nowMs)
  }

  /** When the next test starts or ends; undefined where none will. */
  nextTestAtMs(): number | undefined {
    if (!this.#isWorking() || (this.#waiting.size === 0 && this.#running === 0)) return undefined
    return this.#queueOfNext().peek()?.atMs
  }

  /** Scheduled tests by what they are doing; one that cannot start or never ends counts as held. Looks at every mailbox. */
  counts(): TestCounts {
    let waiting = 0
    let held = 0
    for (const [id, row] of this.#core.store.rows('mailbox')) {
      if (row['testemailconfigurationscheduled'] !== true) continue
      if (isReady(this.#core, row, id)) waiting += 1
      else if (!isRunning(this.#core, id)) held += 1
    }
    return { waiting, running: this.#running, held }
  }

  save(): ServiceState {
    return { atMs: this.#atMs, order: this.#order, events: [...this.#waiting.toArray(), ...this.#later.toArray()] }
  }

  load(state: ServiceState): void {
    this.#waiting.clear()
    this.#later.clear()
    this.#atMs = state.atMs
    this.#order = state.order
    this.#running = state.events.filter((event) => event.kind === 'finish').length
    for (const event of state.events) (event.kind === 'start' ? this.#waiting : this.#later).push(event)
  }

  #isWorking(): boolean {
    return isProcessing(this.#core) && organizationOf(this.#core)['emailconnectionchannel'] === 0
  }

  #queueOfNext(): EventQueue<ServiceEvent> {
    const start = this.#running < this.#options.concurrency ? this.#waiting.peek() : undefined
    const later = this.#later.peek()
    return start !== undefined && (later === undefined || start.atMs <= later.atMs) ? this.#waiting : this.#later
  }

  #push(kind: ServiceEvent['kind'], atMs: number, mailboxId: string): void {
    this.#order += 1
    const queue = kind === 'start' ? this.#waiting : this.#later
    queue.push({ kind, atMs, order: this.#order, mailboxId })
  }

  #play({ kind, mailboxId }: ServiceEvent): void {
    switch (kind) {
      case 'start':
        this.#start(mailboxId)
        break
      case 'finish':
        this.#finish(mailboxId)
        break
      case 'disable':
        disableAfterwards(this.#core, mailboxId)
        break
    }
  }

  #start(mailboxId: string): void {
    const core = this.#core
    const row = core.store.get('mailbox', mailboxId)
    if (row === undefined || !isReady(core, row, mailboxId)) return
    const postponedUntilMs = Date.parse(textIn(row, 'postponetestemailconfigurationuntil'))
    if (postponedUntilMs > this.#atMs) {
      this.#push('start', postponedUntilMs, mailboxId)
      return
    }
    core.running.add(mailboxId)
    touch(core, systemUser(core), 'mailbox', mailboxId, {
      ...(core.switches.runningShown ? { processingstatecode: PROCESSING, hostid: HOST } : {}),
      processinglastattemptedon: dateText(this.#atMs),
    })
    const run = core.truths.get(mailboxId)?.run
    // A stuck test has lost its worker: it keeps the row, not the place.
    if (run === 'stuck') return
    const durationMs = this.#options.testDurationMs * (run === 'slow' ? SLOW_FACTOR : 1)
    this.#running += 1
    this.#push('finish', this.#atMs + this.#varied(durationMs), mailboxId)
  }

  /** The duration, by up to half of it shorter or longer. */
  #varied(durationMs: number): number {
    return Math.round(durationMs * (0.5 + this.#core.random.next()))
  }

  #finish(mailboxId: string): void {
    this.#running -= 1
    this.#core.running.delete(mailboxId)
    const next = finishTest(this.#core, this.#options, mailboxId, this.#atMs)
    if (next.retryAtMs !== undefined) this.#push('start', next.retryAtMs, mailboxId)
    if (next.disableAtMs !== undefined) this.#push('disable', next.disableAtMs, mailboxId)
  }
}

/**
 * Whether a scheduled test may start: one that runs already may not, nor one of an inactive mailbox or a mailbox without an active profile
 * (Microsoft: server-side synchronization entities). Changing what is in the way asks again.
 */
function isReady(core: Core, row: Readonly<Row>, mailboxId: string): boolean {
  if (row['testemailconfigurationscheduled'] !== true || core.running.has(mailboxId)) return false
  if (row['statecode'] !== 0 || core.truths.get(mailboxId)?.pickup === 'never') return false
  const profile = referenceIn(row, 'emailserverprofile')
  return profile !== undefined && core.store.get('emailserverprofile', profile.id)?.['statecode'] === 0
}

function isRunning(core: Core, mailboxId: string): boolean {
  return core.running.has(mailboxId) && core.truths.get(mailboxId)?.run !== 'stuck'
}

/** Whether anything runs in the background (Microsoft: administration mode). */
export function isProcessing({ conditions }: Core): boolean {
  return conditions.asynchronousService && conditions.backgroundOperations && !conditions.administrationMode
}

// The loop of one scope: wait for a trigger, ask whether it may write, pass, tell the board, come back. Triggers say nothing but that there may
// be something to do; what there is to do is seen by looking. There is never more than one pass over a scope.
import type { Machine } from '../machine.ts'
import { conditionsOf } from '../reconcile/conditions.ts'
import type { PassEvent, PassResult } from '../reconcile/contract.ts'
import { policyOf, type RuntimeConfiguration } from '../spec/configuration/load.ts'
import { suspensionReason } from '../stages/mailboxes/mailbox-policy.ts'
import type { BoardWriter, ScopeReport } from './board.ts'
import { type Compose, createConnections } from './connections.ts'
import { driftOf } from './drift.ts'
import { reasonFor } from './failure-reason.ts'
import { type Lease, LeaseLostError, type Leases } from './leases/lease.ts'
import type { Log } from './log.ts'
import { logPass } from './pass-log.ts'
import { heldBy, type Permission, permissionOf, type WindowState } from './permission.ts'
import { withoutDoneStops, withPendingStops } from './released.ts'
import { runwayOfWork } from './runway.ts'
import { afterFailure, FIRST_PACE, type LoopTimes, type Next, nextPass } from './schedule.ts'
import { passOverScope, type ScopePass } from './scope-pass.ts'
import { createStandingKeeper } from './standing.ts'
import type { StateHolder } from './state-holder.ts'
import { type Activity, createTrigger } from './trigger.ts'
import type { TrustBook } from './trust-book.ts'
import { isSameDesired, isSameWork, type ScopeWork } from './work.ts'

/** What all loops share. */
export interface WorkerInput {
  readonly configuration: RuntimeConfiguration
  readonly machine: Machine
  readonly board: BoardWriter
  readonly state: StateHolder
  readonly trusts: TrustBook
  readonly leases: Leases
  readonly times: LoopTimes
  /** Whether changes may be made now; of an organization by name, or of a trust. */
  readonly windowAt: (organization: string | undefined, now: Date) => WindowState
  readonly activity: Activity
  readonly log: Log
  /** Who does it, for the journal. */
  readonly by: string
  readonly compose?: Compose
}

/** The loop of one scope. */
export interface Worker {
  /** Works toward this from now on; a pass toward something else is broken off between two batches. */
  update(work: ScopeWork): void
  wake(): void
  /** Begins nothing more, breaks off what is under way between two batches, and resolves when all of it is over. */
  stop(): Promise<void>
}

/** Commits in a row that may break off a pass: a repository that never rests must not keep passes from coming to an end. */
const MOST_TAKEOVERS = 3

/** Starts the loop of a scope, once what worked on it before is over. */
export function startWorker(first: ScopeWork, input: WorkerInput, after?: Promise<void>): Worker {
  const { configuration, machine, board, state, trusts, leases, times, log } = input
  const { now, random } = machine
  const trigger = createTrigger(machine)
  const stopping = new AbortController()
  const standing = createStandingKeeper(board, first, policyOf(configuration, organizationOf(first)))
  let work = first
  let pace = FIRST_PACE
  let running: AbortController | undefined
  let takeovers = 0
  let lease: Lease | undefined
  /** Until when there is nothing to look at while another replica works on it, in milliseconds since 1970. */
  let elsewhereUntil = 0
  const connections = createConnections({ ...input, fence: { check: checkLease } })
  /** Of the last pass over the same wishes. */
  let before: ScopeReport | undefined
  const forgetNews =
    first.kind === 'organization' && first.trust
      ? trusts.onNews(first.trust.name, first.name, trigger.wake)
      : () => undefined
  const done = loop()
  return {
    update,
    wake: trigger.wake,
    stop() {
      stopping.abort()
      running?.abort()
      return done
    },
  }

  function update(next: ScopeWork): void {
    const carried = withStops(next)
    if (isSameWork(work, carried)) {
      work = { ...work, revision: carried.revision } as ScopeWork
      standing.set({ revision: work.revision })
      return
    }
    const isOther = !isSameDesired(work, carried)
    if (isOther) before = undefined
    work = isOther ? carried : ({ ...carried, desired: work.desired } as ScopeWork)
    standing.set({ revision: work.revision, desired: work.desired })
    if (isOther && running && takeovers < MOST_TAKEOVERS) {
      takeovers += 1
      running.abort()
    }
    trigger.wake()
  }

  function withStops(next: ScopeWork): ScopeWork {
    if (next.kind !== 'organization' || work.kind !== 'organization') return next
    return { ...next, desired: withPendingStops(next.desired, work.desired) }
  }

  async function loop(): Promise<void> {
    await after
    while (!stopping.signal.aborted) {
      const end = input.activity.begin()
      const delayMs = await turn().catch((error: unknown) => failed(error))
      end()
      await trigger.wait(delayMs, stopping.signal)
    }
    forgetNews()
    await connections.drop()
    await lease?.release()
  }

  /** One look; returns how long to wait for the next one. */
  async function turn(): Promise<number> {
    const around = work.kind === 'organization' && work.trust ? trusts.ask(work.trust.name, work.name) : undefined
    if (around && 'waitMs' in around) return around.waitMs
    const holder = await askForLease()
    if (holder !== undefined) {
      standing.set({ phase: 'Elsewhere', holder })
      // Whoever works on the trust tells organizations here nothing: how it is must be seen from here too.
      if (work.kind === 'organization' || now().getTime() < elsewhereUntil) return leases.retryMs
    }
    const policy = policyOf(configuration, organizationOf(work))
    const fault = await state.fault()
    const window = input.windowAt(organizationOf(work), now())
    const permission = permissionOf({ policy, fault, window, isElsewhere: holder !== undefined })
    const next = await pass(permission, around?.told, holder !== undefined)
    if (holder !== undefined) {
      // The lease is asked for more often than the servers are looked at.
      elsewhereUntil = now().getTime() + next.delayMs
      return Math.min(next.delayMs, leases.retryMs)
    }
    const opens = permission.until ? permission.until.getTime() - now().getTime() : Number.POSITIVE_INFINITY
    const delayMs = Math.max(0, Math.min(next.delayMs, opens))
    standing.set({
      phase: next.because === 'Failure' ? 'BackingOff' : 'Idle',
      nextPassAt: new Date(now().getTime() + delayMs).toISOString(),
    })
    return delayMs
  }

  /** Who works on the scope, where that is somebody else. */
  async function askForLease(): Promise<string | undefined> {
    const before = lease
    if (before?.signal.aborted) lease = undefined
    // Asked also for what is held: it may be another replica's turn.
    const answer = await leases.acquire(work.scope, stopping.signal)
    lease = answer.granted ? answer.lease : undefined
    if (!answer.granted) return answer.holder
    if (answer.lease === before) return undefined
    answer.lease.signal.addEventListener('abort', onLeaseLost, { once: true })
    elsewhereUntil = 0
    standing.set({ holder: undefined })
    return undefined
  }

  function checkLease(): void {
    if (!lease) throw new LeaseLostError(work.scope)
    lease.check()
  }

  function onLeaseLost(): void {
    running?.abort()
    trigger.wake()
  }

  async function pass(
    permission: Permission,
    told: Parameters<typeof passOverScope>[0]['told'],
    isElsewhere: boolean,
  ): Promise<Next> {
    const mine = work
    running = new AbortController()
    const { signal } = running
    if (stopping.signal.aborted) running.abort()
    if (!isElsewhere) standing.set({ phase: 'Reconciling', nextPassAt: undefined })
    try {
      const composition = await connections.of(mine, permission.mode === 'apply')
      const passed = await passOverScope({
        work: mine,
        composition,
        mode: permission.mode,
        ...(told ? { told } : {}),
        state: state.state(),
        machine,
        by: input.by,
        signal,
        onEvent: (event) => onEvent(event, permission),
      })
      return await tell(mine, passed, permission, signal.aborted, isElsewhere, composition.carried !== undefined)
    } finally {
      running = undefined
      standing.set({ progress: undefined })
    }
  }

  function onEvent(event: PassEvent, { mode }: Permission): void {
    if (mode === 'apply') standing.progress(event)
    board.tell({ type: 'progress', scope: work.scope, event })
    // Who closes a window means it: what is left waits for the next one.
    if (event.type === 'apply' && !input.windowAt(organizationOf(work), now()).open) running?.abort()
  }

  async function tell(
    mine: ScopeWork,
    { result, seen }: ScopePass,
    permission: Permission,
    wasAborted: boolean,
    isElsewhere: boolean,
    isCarried: boolean,
  ): Promise<Next> {
    logPass(log, result, permission, wasAborted)
    const isCurrent = mine.desired === work.desired
    if (mine.kind === 'trust' && isCurrent) trusts.publish(mine.name, result.failure ? undefined : seen)
    if (result.failure) state.suspect(result.failure)
    if (result.failure || isCarried) await connections.drop()
    const report = reportOf(mine, result)
    const next = wasAborted
      ? { delayMs: 0, pace, because: 'Interval' as const }
      : nextPass(result, report.conditions, pace, times, random)
    pace = next.pace
    if (!wasAborted) takeovers = 0
    if (isElsewhere) return next
    const suspended = mine.kind === 'organization' ? suspensionReason(mine.desired.suspend, now()) : undefined
    standing.passed(report, { held: heldBy(permission, result, suspended), wasAborted })
    if (!result.failure && isCurrent) {
      before = report
      if (work.kind === 'organization') work = { ...work, desired: withoutDoneStops(work.desired, result) }
    }
    return next
  }

  function reportOf(mine: ScopeWork, result: PassResult): ScopeReport {
    const drift = driftOf({ result, ...(before ? { before } : {}) })
    return {
      result,
      conditions: conditionsOf(result),
      runway: runwayOfWork(configuration, mine, result),
      drift,
      fights: [],
    }
  }

  /** There was no pass at all: nobody could be connected to, or something of ours is broken. */
  async function failed(error: unknown): Promise<number> {
    const reason = reasonFor(error)
    log.error({ scope: work.scope, code: reason.code, reason: reason.message }, 'a scope cannot be worked on')
    await connections.drop().catch(() => undefined)
    if (work.kind === 'trust') trusts.publish(work.name, undefined)
    const next = afterFailure(pace, times, random)
    pace = next.pace
    standing.failed(reason, now().toISOString())
    standing.set({ phase: 'BackingOff', nextPassAt: new Date(now().getTime() + next.delayMs).toISOString() })
    return next.delayMs
  }
}

function organizationOf(work: ScopeWork): string | undefined {
  return work.kind === 'organization' ? work.name : undefined
}

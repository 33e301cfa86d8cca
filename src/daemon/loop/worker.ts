// The loop of one scope: wait for a trigger, ask whether it may write, pass, tell the board, come back. Triggers say nothing but that there may
// be something to do; what there is to do is seen by looking. There is never more than one pass over a scope.
import type { Machine } from '../../machine.ts'
import { conditionsOf } from '../../reconcile/conditions.ts'
import type { PassEvent, PassResult } from '../../reconcile/contract.ts'
import { fightRule } from '../../reconcile/fights.ts'
import { policyOf, type RuntimeConfiguration } from '../../spec/configuration/load.ts'
import { suspensionReason } from '../../stages/mailboxes/mailbox-policy.ts'
import type { BoardWriter, ScopeReport } from '../board.ts'
import type { Leases } from '../leases/lease.ts'
import type { Log } from '../log.ts'
import type { HostGate } from './back-off.ts'
import { areOutworn, type Compose, createConnections } from './connections.ts'
import { driftOf, driftSuspects } from './drift.ts'
import { reasonFor } from './failure-reason.ts'
import { fightsOf } from './fights.ts'
import { hostUseOf } from './host-use.ts'
import { createLeaseHolder } from './lease-holder.ts'
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
  readonly hosts: HostGate
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

/** What a pass went through. `isCurrent`: it was over what is asked for now. */
interface Circumstances {
  readonly wasAborted: boolean
  readonly isElsewhere: boolean
  /** The connections it was made over are of no more use. */
  readonly areOutworn: boolean
  readonly isCurrent: boolean
}

/** Commits in a row that may break off a pass: a repository that never rests must not keep passes from coming to an end. */
const MOST_TAKEOVERS = 3

/** Starts the loop of a scope, once what worked on it before is over. */
export function startWorker(first: ScopeWork, input: WorkerInput, after?: Promise<void>): Worker {
  const { configuration, machine, board, state, trusts, leases, times, log } = input
  const { now, random } = machine
  const trigger = createTrigger(machine)
  const stopping = new AbortController()
  const lease = createLeaseHolder(leases, first.scope, () => {
    running?.abort()
    trigger.wake()
  })
  const connections = createConnections({ ...input, fence: lease })
  const host = hostUseOf(first, configuration, input.hosts)
  const standing = createStandingKeeper(board, first, policyOf(configuration, organizationOf(first)))
  let work = first
  /** Counts what was asked for, so that a pass knows whether it was over what is asked for now. */
  let asked = 0
  let pace = FIRST_PACE
  let running: AbortController | undefined
  let takeovers = 0
  /** Until when there is nothing to look at while another replica works on it, in milliseconds since 1970. */
  let elsewhereUntil = 0
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
    const isOther = !isSameDesired(work, carried)
    const hasNews = !isSameWork(work, carried)
    work = carried
    standing.set({ revision: work.revision, desired: work.desired })
    if (isOther) asked += 1
    if (isOther) {
      before = undefined
      elsewhereUntil = 0
    }
    if (isOther && running && takeovers < MOST_TAKEOVERS) {
      takeovers += 1
      running.abort()
    }
    if (hasNews) trigger.wake()
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
    await connections.drop().catch((error: unknown) => {
      log.warn({ scope: work.scope, reason: reasonFor(error).message }, 'connections were not closed')
    })
    host.tell(undefined)
    await lease.release()
  }

  /** One look; returns how long to wait for the next one. */
  async function turn(): Promise<number> {
    const around = work.kind === 'organization' && work.trust ? trusts.ask(work.trust.name, work.name) : undefined
    if (around && 'waitMs' in around) return around.waitMs
    const holder = await lease.ask(stopping.signal)
    const isElsewhere = holder !== undefined
    standing.set(isElsewhere ? { phase: 'Elsewhere', holder } : { holder })
    if (!isElsewhere) elsewhereUntil = 0
    // Whoever works on a trust tells organizations here nothing: how it is must be seen from here too.
    if (isElsewhere && (work.kind === 'organization' || now().getTime() < elsewhereUntil)) return leases.retryMs
    const hostWaitMs = host.waitMs()
    if (hostWaitMs > 0) {
      standing.set({ phase: 'BackingOff', nextPassAt: new Date(now().getTime() + hostWaitMs).toISOString() })
      return hostWaitMs
    }
    const policy = policyOf(configuration, organizationOf(work))
    const fault = await state.fault()
    const window = input.windowAt(organizationOf(work), now())
    const permission = permissionOf({ policy, fault, window, isElsewhere })
    const next = await pass(permission, around?.told, isElsewhere)
    if (isElsewhere) {
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

  async function pass(
    permission: Permission,
    told: Parameters<typeof passOverScope>[0]['told'],
    isElsewhere: boolean,
  ): Promise<Next> {
    const mine = work
    const mineAsked = asked
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
        fights: fightRule(configuration.spec),
        askWho: driftSuspects(before),
        by: input.by,
        signal,
        onEvent: (event) => onEvent(event, permission),
      })
      return await tell(mine, passed, permission, {
        wasAborted: signal.aborted,
        isElsewhere,
        areOutworn: areOutworn(composition, passed.result),
        isCurrent: mineAsked === asked,
      })
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
    { wasAborted, isElsewhere, areOutworn, isCurrent }: Circumstances,
  ): Promise<Next> {
    logPass(log, result, permission, wasAborted)
    if (mine.kind === 'trust' && isCurrent) trusts.publish(mine.name, result.failure ? undefined : seen)
    host.tell(wasAborted ? undefined : result)
    if (result.failure) state.suspect(result.failure)
    if (areOutworn) await connections.drop()
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
      fights: fightsOf(result),
    }
  }

  /** There was no pass at all: nobody could be connected to, or something of ours is broken. */
  async function failed(error: unknown): Promise<number> {
    host.tell(undefined)
    if (stopping.signal.aborted) return 0
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

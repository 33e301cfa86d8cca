// How one scope stands, kept on the board as its loop goes on.
import type { Reason } from '../../engine/index.ts'
import type { PassEvent } from '../../reconcile/contract.ts'
import type { BoardWriter, ScopeReport, ScopeStanding } from '../board.ts'
import type { ScopeWork } from './work.ts'

/** Fields to change; `undefined` takes one away. */
type Changes = { readonly [K in keyof ScopeStanding]?: ScopeStanding[K] | undefined }

/** Writes the standing of one scope. */
export interface StandingKeeper {
  set(changes: Changes): void
  progress(event: PassEvent): void
  /** A pass is over, however it ended. */
  passed(report: ScopeReport, how: { readonly held: Reason | undefined; readonly wasAborted: boolean }): void
  /** There could not even be a pass. */
  failed(reason: Reason, at: string): void
}

/** Puts a scope on the board. */
export function createStandingKeeper(
  board: BoardWriter,
  { scope, kind, name, desired, revision }: ScopeWork,
  policy: ScopeStanding['policy'],
): StandingKeeper {
  let current: ScopeStanding = { scope, kind, name, desired, policy, phase: 'Starting', revision }
  board.setScope(current)

  function set(changes: Changes): void {
    const merged = { ...current, ...changes }
    const present = Object.entries(merged).filter(([, value]) => value !== undefined)
    if (isUnchanged(changes)) return
    current = Object.fromEntries(present) as unknown as ScopeStanding
    board.setScope(current)
  }

  function isUnchanged(changes: Changes): boolean {
    return Object.entries(changes).every(([name, value]) => current[name as keyof ScopeStanding] === value)
  }

  return {
    set,
    progress(event) {
      if (event.type === 'planned') set({ progress: { done: 0, planned: event.changes.length } })
      if (event.type !== 'apply' || event.event.type !== 'outcomes' || !current.progress) return
      const { done, planned } = current.progress
      set({ progress: { done: done + event.event.outcomes.length, planned } })
    },
    passed(report, { held, wasAborted }) {
      const { result } = report
      const tookMs = Date.parse(result.finishedAt) - Date.parse(result.startedAt)
      if (wasAborted) set({ held })
      else if (result.failure) set({ failure: again(result.failure, result.finishedAt), held })
      else {
        const since = isInSync(report) ? (current.inSyncSince ?? result.finishedAt) : undefined
        set({ report, failure: undefined, held, inSyncSince: since, lastPassAt: result.finishedAt })
      }
      board.tell({ type: 'pass', scope, report, tookMs })
    },
    failed: (reason, at) => set({ failure: again(reason, at) }),
  }

  function again(reason: Reason, at: string) {
    const before = current.failure
    return before?.reason.code === reason.code
      ? { reason, since: before.since, attempts: before.attempts + 1 }
      : { reason, since: at, attempts: 1 }
  }
}

/** Everything that can be done is as the spec says. What waits for a mailbox in CRM, and what the spec itself holds, is no work left. */
function isInSync({ result: { plan, outcomes = [] } }: ScopeReport): boolean {
  const left = new Set(plan.steps.flatMap(({ changes }) => changes.map(({ id }) => id)))
  for (const { id, result: came } of outcomes) if (came === 'Applied' || came === 'AlreadyDone') left.delete(id)
  return (
    left.size === 0 &&
    plan.stages.every(({ incomplete }) => !incomplete) &&
    plan.exceptions.every(({ state, bySpec }) => state === 'Waiting' || bySpec === true)
  )
}

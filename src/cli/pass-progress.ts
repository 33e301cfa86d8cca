// What happens during passes, as progress that people can follow.
import type { CrmEvent } from '../crm/index.ts'
import type { ObjectConditions } from '../engine/index.ts'
import type { PassEvent, PassResult } from '../reconcile/contract.ts'
import { MAILBOX_KIND } from '../report/people.ts'
import { placeInWords } from '../report/rollouts.ts'
import { isTrustScope, scopeTitle } from '../report/scope-title.ts'
import { duration } from '../report/wording.ts'
import type { Progress } from './progress.ts'

/** Follows passes and tells a progress display. */
export interface PassProgress {
  readonly onPassEvent: (event: PassEvent) => void
  readonly onCrmEvent: (organization: string, event: CrmEvent) => void
  /** Between passes, where results of tests are awaited. */
  awaiting(result: PassResult, conditions: readonly ObjectConditions[]): void
}

/** Tells `progress` what passes do. */
export function followPasses(progress: Progress): PassProgress {
  const steps = new Map<string, { stage: string; changes: number; concluded: number; written: number }>()
  /** Organizations that were shown as awaiting: later passes over them only read, which is not worth a line. */
  const awaited = new Set<string>()
  const nameOf = scopeTitle
  const isApplying = (organization: string) => [...steps.keys()].some((scope) => nameOf(scope) === organization)
  return {
    onPassEvent(event) {
      const organization = nameOf(event.scope)
      if (event.type === 'observing' && !awaited.has(organization))
        progress.update({ organization, doing: 'reading', done: 0, total: 0 })
      if (event.type === 'finished') steps.delete(event.scope)
      if (event.type !== 'apply') return
      const { event: told } = event
      const step = steps.get(event.scope)
      if (told.type === 'step')
        steps.set(event.scope, { stage: told.stage, changes: told.changes, concluded: 0, written: 0 })
      else if (step && told.type === 'written') step.written = told.count
      else if (step && told.type === 'outcomes') step.concluded += told.outcomes.length
      const now = steps.get(event.scope)
      const done = now ? Math.max(now.concluded, now.written) : 0
      if (now) progress.update({ organization, doing: now.stage, done, total: now.changes })
    },
    onCrmEvent(organization, event) {
      // Looks between writes are not worth a line either.
      if (event.kind === 'page' && !awaited.has(organization) && !isApplying(organization)) {
        progress.update({ organization, doing: `reading ${event.table}, ${event.rowsSoFar} rows`, done: 0, total: 0 })
      }
      if (event.kind === 'waiting') {
        const doing = `waiting ${duration(event.waitMs)} (${event.reason})`
        progress.update({ organization, doing, done: 0, total: 0 })
      }
    },
    awaiting({ scope, rollouts }, conditions) {
      const organization = nameOf(scope)
      // No mailbox is tested in a trust: it waits for those of its organizations, which say how far they are.
      if (isTrustScope(scope)) {
        awaited.add(organization)
        return
      }
      const tested = conditions.filter(({ kind, synced }) => kind === MAILBOX_KIND && synced.status === 'True')
      const open = tested.filter(({ ready }) => ready.status === 'Unknown').length
      const failed = tested.filter(({ ready }) => ready.status === 'False').length
      awaited.add(organization)
      const waves = [...(rollouts?.values() ?? [])].map(placeInWords)
      const place = waves.length === 1 ? `${waves[0]}, ` : waves.length > 1 ? `${waves.length} rollouts, ` : ''
      const doing = `${place}${failed === 0 ? 'tested' : `${failed} failed, tested`}`
      progress.update({ organization, doing, done: tested.length - open, total: tested.length })
    },
  }
}

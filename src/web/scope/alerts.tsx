import type { ScopeShape } from '../../daemon/api/shapes.ts'
import { Ago } from '../parts/ago.tsx'
import { Notice } from '../parts/notice.tsx'
import { count, sentence } from '../words.ts'

/** What keeps a scope from being as its spec says: failure, hold, guards that object, and what else to know. */
export function Alerts({ scope }: { scope: ScopeShape }) {
  const { failure, held, plan, notices } = scope
  const objecting = scope.guards.filter(({ decision }) => decision !== 'allow')
  // Where a guard is what holds it, the guard says so.
  const isTold = objecting.some(({ message }) => message === held?.message)
  if (!failure && !held && objecting.length === 0 && notices.length === 0) return null
  return (
    <section class="alerts" aria-label="What needs attention">
      {failure && (
        <Notice tone="trouble" title="Passes do not come to an end">
          <p>
            {sentence(failure.reason.message)} Since <Ago at={failure.since} />,{' '}
            {count(failure.attempts, 'attempt', 'attempts')}. What is below is of the last pass that did.
          </p>
        </Notice>
      )}
      {held && !isTold && (
        <Notice tone="waiting" title="Nothing is written for now">
          <p>
            {sentence(held.message)}
            {plan && plan.changes > 0 && ` ${count(plan.changes, 'change waits', 'changes wait')}.`}
          </p>
        </Notice>
      )}
      {objecting.map(({ guard, decision, message }) => (
        <Notice
          key={guard}
          tone={decision === 'blocked' ? 'trouble' : 'waiting'}
          title={
            decision === 'blocked'
              ? `The guard "${guard}" blocks the plan`
              : `The guard "${guard}" waits for somebody to say yes`
          }
        >
          <p>
            {sentence(message)} Nothing is written meanwhile
            {plan && plan.changes > 0 ? `; ${count(plan.changes, 'change waits', 'changes wait')}.` : '.'}
          </p>
        </Notice>
      ))}
      {notices.map(({ code, message }) => (
        <Notice key={code} tone="waiting" title={message} />
      ))}
    </section>
  )
}

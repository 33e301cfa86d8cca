import type { ScopeShape } from '../../daemon/api/shapes.ts'
import { Said } from '../parts/said.tsx'
import { count, number } from '../words.ts'

/** So many sentences are read at a glance; the others are there on request. */
const AT_A_GLANCE = 8

/** What would be, or is being, changed; in the words of `mailkeel plan`. */
export function PlanCard({ scope }: { scope: ScopeShape }) {
  const { plan, policy } = scope
  const sentences = plan?.sentences ?? []
  return (
    <section aria-labelledby="plan" class="card">
      <div class="section-head">
        <h2 id="plan">Plan</h2>
        {plan && plan.changes > 0 && (
          <code class="revision" title={`digest of the plan: ${plan.digest}`}>
            {plan.digest.slice(0, 7)}
          </code>
        )}
      </div>
      {!plan && <p class="empty">There was no pass yet.</p>}
      {plan?.changes === 0 && !plan.incomplete && <p class="empty">Nothing is to be changed.</p>}
      {plan?.incomplete && (
        <p class="empty">
          {plan.changes === 0 ? 'What is to be changed is not known' : 'There may be more to change'}: not everything
          could be read.
        </p>
      )}
      {plan && plan.changes > 0 && (
        <>
          <p>
            {count(plan.changes, 'change', 'changes')}
            {policy === 'Observe' ? ', none of them made: this scope is observed only' : ''}
          </p>
          <Sentences sentences={sentences.slice(0, AT_A_GLANCE)} />
          {sentences.length > AT_A_GLANCE && (
            <details>
              <summary>{number(sentences.length - AT_A_GLANCE)} more</summary>
              <Sentences sentences={sentences.slice(AT_A_GLANCE)} />
            </details>
          )}
        </>
      )}
    </section>
  )
}

function Sentences({ sentences }: { sentences: readonly string[] }) {
  return (
    <ul class="sentences">
      {sentences.map((sentence) => (
        <li key={sentence}>
          <Said text={sentence} />
        </li>
      ))}
    </ul>
  )
}

import type { RevisionShape, ScopeShape } from '../../daemon/api/shapes.ts'
import { Ago } from '../parts/ago.tsx'
import { HealthBar } from '../parts/health-bar.tsx'
import { Mark } from '../parts/mark.tsx'
import { Revision } from '../parts/revision.tsx'
import { Said } from '../parts/said.tsx'
import { hrefOf } from '../place.ts'
import { count, day, number, sentence, TONE_WORDS } from '../words.ts'

/** One organization or trust in a few lines; all of it leads to its page. */
export function ScopeRow({ scope, enforced }: { scope: ScopeShape; enforced: RevisionShape | undefined }) {
  const { kind, name, tone, headline, mailboxes, stages } = scope
  return (
    <li class={`scope tone-${tone}`}>
      <Mark tone={tone} />
      <div class="scope-what">
        <h3>
          <a href={hrefOf({ view: 'scope', kind, name, filter: {} })}>
            <Said text={name} />
          </a>
          {kind === 'trust' && <span class="tag">trust</span>}
          {scope.policy === 'Observe' && <span class="tag">observes only</span>}
        </h3>
        <p class="headline">{headline}</p>
        <Remarks scope={scope} />
      </div>
      <div class="scope-health">
        {mailboxes && <HealthBar mailboxes={mailboxes} />}
        <ol class="stage-dots" aria-label="stages">
          {stages.map(({ stage, title, tone, evidence }) => (
            <li key={stage} class={`tone-${tone}`} title={`${title}: ${evidence}`}>
              <span class="unseen">
                {title}: {TONE_WORDS[tone]}
              </span>
            </li>
          ))}
        </ol>
      </div>
      <div class="scope-when">
        <Passes scope={scope} />
        {scope.revision !== enforced?.id && (
          <span>
            at <Revision id={scope.revision} />
          </span>
        )}
      </div>
    </li>
  )
}

function Remarks({ scope }: { scope: ScopeShape }) {
  const { held, holder, plan, runway } = scope
  const soon = runway.find(({ severity }) => severity === 'Critical' || severity === 'Over')
  return (
    <>
      {held && (
        <p class="remark tone-waiting">
          <b>Held</b> {sentence(held.message)}
          {plan && plan.changes > 0 && ` ${count(plan.changes, 'change waits', 'changes wait')}.`}
        </p>
      )}
      {soon && (
        <p class="remark tone-trouble">
          <b>Ends</b> {soon.label} {soon.daysLeft > 0 ? `in ${count(soon.daysLeft, 'day', 'days')}` : 'is over'} (
          {day(soon.on)})
        </p>
      )}
      {holder && (
        <p class="remark">
          <b>Elsewhere</b> worked on by <Said text={holder} />
        </p>
      )}
    </>
  )
}

/** What the loop of a scope does, and when it did and will. */
export function Passes({ scope }: { scope: ScopeShape }) {
  const { phase, progress, lastPassAt, nextPassAt } = scope
  if (phase === 'Reconciling' && progress && progress.planned > 0) {
    return (
      <span class="working">
        applying {number(progress.done)} of {number(progress.planned)}
        <progress value={progress.done} max={progress.planned} aria-label="changes applied" />
      </span>
    )
  }
  return (
    <>
      {phase === 'Reconciling' ? <span class="working">looking now</span> : <Last at={lastPassAt} />}
      {phase !== 'Reconciling' && nextPassAt && (
        <span class="dim">
          {phase === 'BackingOff' ? 'tries again' : 'next'} <Ago at={nextPassAt} />
        </span>
      )}
    </>
  )
}

function Last({ at }: { at: string | undefined }) {
  if (at === undefined) return <span class="dim">not looked at yet</span>
  return (
    <span>
      looked at <Ago at={at} />
    </span>
  )
}

import type { OverviewShape, ScopeShape } from '../../daemon/api/shapes.ts'
import { scopePath } from '../data/ask.ts'
import { useLive } from '../data/use-server.tsx'
import { Passes } from '../overview/scope-row.tsx'
import { Ago } from '../parts/ago.tsx'
import { Mark } from '../parts/mark.tsx'
import { Revision } from '../parts/revision.tsx'
import { Said } from '../parts/said.tsx'
import type { ScopePlace } from '../place.ts'
import { Alerts } from './alerts.tsx'
import { Causes } from './causes.tsx'
import { ExplainPanel } from './explain-panel.tsx'
import { History } from './history.tsx'
import { MailboxHealth } from './mailbox-health.tsx'
import { ObjectsTable } from './objects-table.tsx'
import { PlanCard } from './plan-card.tsx'
import { Rollouts } from './rollouts.tsx'
import { Runway } from './runway.tsx'
import { StageLine } from './stage-line.tsx'
import { Trends } from './trends.tsx'

/** What is true of a scope, from what to do first to what was. */
export function ScopePage({
  scope,
  place,
  overview,
}: {
  scope: ScopeShape
  place: ScopePlace
  overview: OverviewShape
}) {
  const version = useLive().versions.get(scope.scope) ?? 0
  const path = scopePath(scope)
  const isReader = overview.role === 'Reader'
  return (
    <>
      <ScopeHead scope={scope} source={overview.source} />
      <Alerts scope={scope} />
      <StageLine stages={scope.stages} />
      <div class="columns">
        <div class="column-main">
          {scope.mailboxes && <MailboxHealth mailboxes={scope.mailboxes} place={place} canFilter={isReader} />}
          <Causes causes={scope.causes} place={place} canFilter={isReader} />
          {scope.mailboxes && <Trends path={path} version={version} />}
        </div>
        <div class="column-side">
          <Rollouts rollouts={scope.rollouts} />
          <PlanCard scope={scope} />
          <Runway runway={scope.runway} />
        </div>
      </div>
      {isReader ? (
        <ObjectsTable path={path} version={version} place={place} isOrganization={scope.kind === 'organization'} />
      ) : (
        <p class="empty">Names are for the role Reader; you see numbers and causes.</p>
      )}
      <History path={path} version={version} />
      {isReader && place.object && <ExplainPanel path={path} version={version} place={place} object={place.object} />}
    </>
  )
}

function ScopeHead({ scope, source }: { scope: ScopeShape; source: OverviewShape['source'] }) {
  const { name, kind, tone, headline, policy, revision, inSyncSince, holder } = scope
  const enforced = source.enforced?.id === revision ? source.enforced : undefined
  return (
    <div class="scope-head">
      <div class="verdict">
        <Mark tone={tone} />
        <h1 tabIndex={-1}>
          <Said text={name} />
        </h1>
        {kind === 'trust' && <span class="tag">trust</span>}
        <span class="tag">{policy === 'Enforce' ? 'enforced' : 'observed only, nothing is written'}</span>
      </div>
      <p class="headline">{headline}</p>
      <p class="facts">
        <span>
          <Revision id={revision} />
          {enforced?.subject && (
            <>
              {' '}
              <Said class="subject" text={enforced.subject} />
            </>
          )}
          {enforced?.author && (
            <span class="dim">
              , <Said text={enforced.author} />
            </span>
          )}
        </span>
        {inSyncSince && (
          <span>
            in sync since <Ago at={inSyncSince} />
          </span>
        )}
        <Passes scope={scope} />
        {holder && (
          <span>
            worked on by <Said text={holder} />
          </span>
        )}
      </p>
    </div>
  )
}

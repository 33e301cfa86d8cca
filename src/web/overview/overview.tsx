import { useState } from 'preact/hooks'
import type { MailboxCounts, OverviewShape, ScopeShape, Tone } from '../../daemon/api/shapes.ts'
import { HealthBar } from '../parts/health-bar.tsx'
import { Mark } from '../parts/mark.tsx'
import { Said } from '../parts/said.tsx'
import { byTone, count, day, number, RUNWAY_TONES, worst } from '../words.ts'
import { ScopeRow } from './scope-row.tsx'
import { SourceStrip } from './source-strip.tsx'

/** From so many on, looking for one by eye takes too long. */
const MANY = 8

/** Everything at one glance, trouble first. */
export function Overview({ overview }: { overview: OverviewShape }) {
  const { scopes, source } = overview
  const [wanted, setWanted] = useState('')
  const matching = scopes.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()))
  const shown = [...matching].sort((a, b) => byTone(a.tone, b.tone))
  return (
    <>
      <div class="verdict">
        <Mark tone={worst([...scopes.map(({ tone }) => tone), ...sourceTones(source)])} label="" />
        <h1 tabIndex={-1}>{verdict(scopes, source)}</h1>
      </div>
      <Totals scopes={scopes} />
      <SourceStrip source={source} />
      <NextEnd scopes={scopes} />
      <section aria-labelledby="scopes">
        <div class="section-head">
          <h2 id="scopes">Organizations and trusts</h2>
          {scopes.length > MANY && (
            <input
              type="search"
              placeholder="Find by name"
              aria-label="Find an organization or trust by name"
              value={wanted}
              onInput={({ currentTarget }) => setWanted(currentTarget.value)}
            />
          )}
        </div>
        {scopes.length === 0 && <p class="empty">Nothing yet: no revision of the spec was enforced since the start.</p>}
        {scopes.length > 0 && shown.length === 0 && <p class="empty">None has this in its name.</p>}
        <ul class="scopes">
          {shown.map((scope) => (
            <ScopeRow key={scope.scope} scope={scope} enforced={source.enforced} />
          ))}
        </ul>
      </section>
    </>
  )
}

/** One sentence for who only has a second. */
function verdict(scopes: readonly ScopeShape[], { refused, failure }: OverviewShape['source']): string {
  const named = (tone: ScopeShape['tone']) => scopes.filter((scope) => scope.tone === tone).map(({ name }) => name)
  const [troubled, unknown, waiting] = [named('trouble'), named('unknown'), named('waiting')]
  if (scopes.length === 0) return 'Nothing is looked after yet'
  if (troubled.length > 0) return `${subject(troubled, scopes.length)} in trouble`
  if (unknown.length > 0) return `How ${subject(unknown, scopes.length)} is not known`
  // Not all is in order where what was committed last is not what holds.
  if (refused) return 'The newest revision is not enforced; what holds is the one before it'
  if (failure) return 'Newer revisions cannot be seen; nothing else is wrong'
  if (waiting.length > 0) return `Nothing is wrong; ${subject(waiting, scopes.length)} waiting`
  return scopes.length === 1 ? 'Everything is in order' : `All ${number(scopes.length)} are in order`
}

/** How it stands with the source, for the mark beside the sentence and for the icon of the tab. */
export function sourceTones({ refused, failure }: OverviewShape['source']): readonly Tone[] {
  return [...(refused ? (['trouble'] as const) : []), ...(failure ? (['unknown'] as const) : [])]
}

function subject(names: readonly string[], all: number): string {
  const [first = '', second = ''] = names
  if (names.length === 1) return `${first} is`
  return names.length === 2 ? `${first} and ${second} are` : `${number(names.length)} of ${number(all)} are`
}

/** What ends first, of all scopes: most of it is the same for all. */
function NextEnd({ scopes }: { scopes: readonly ScopeShape[] }) {
  const [first] = scopes.flatMap(({ runway }) => runway).sort((a, b) => a.daysLeft - b.daysLeft)
  if (!first) return null
  const { label, on, daysLeft, severity, source } = first
  return (
    <p class={`next-end tone-${RUNWAY_TONES[severity] ?? 'unknown'}`}>
      <span class="dim">Ends first</span> <b>{label}</b>{' '}
      {daysLeft > 0 ? `in ${count(daysLeft, 'day', 'days')}` : 'is over'}
      <span class="dim">
        , {day(on)}, <Said text={source} />
      </span>
    </p>
  )
}

function Totals({ scopes }: { scopes: readonly ScopeShape[] }) {
  const counts = scopes.flatMap(({ mailboxes }) => mailboxes ?? [])
  if (counts.length === 0) return null
  const sum = (part: keyof MailboxCounts) => counts.reduce((total, one) => total + one[part], 0)
  const all: MailboxCounts = {
    total: sum('total'),
    healthy: sum('healthy'),
    waiting: sum('waiting'),
    failing: sum('failing'),
    unknown: sum('unknown'),
    drifted: sum('drifted'),
    unmanaged: sum('unmanaged'),
  }
  const rest = (['failing', 'unknown', 'waiting', 'drifted'] as const).filter((part) => all[part] > 0)
  return (
    <div class="totals">
      <p>
        <strong>{number(all.healthy)}</strong> of {count(all.total, 'mailbox', 'mailboxes')} healthy
        {rest.map((part) => (
          <span key={part}>
            , <strong>{number(all[part])}</strong> {part}
          </span>
        ))}
      </p>
      <HealthBar mailboxes={all} />
    </div>
  )
}

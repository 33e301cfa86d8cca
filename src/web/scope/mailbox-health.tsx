import type { MailboxCounts, ObjectState } from '../../daemon/api/shapes.ts'
import { HealthBar } from '../parts/health-bar.tsx'
import { Mark } from '../parts/mark.tsx'
import { type Filter, hrefOf, type ScopePlace } from '../place.ts'
import { number, percent, STATE_TONES } from '../words.ts'

const STATES: readonly ObjectState[] = ['failing', 'unknown', 'waiting', 'healthy']

/** How the mailboxes stand; each number shows in the table who they are. */
export function MailboxHealth({
  mailboxes,
  place,
  canFilter,
}: {
  mailboxes: MailboxCounts
  place: ScopePlace
  canFilter: boolean
}) {
  const { total, drifted, unmanaged } = mailboxes
  const tile = (filter: Filter, isOn: boolean) =>
    canFilter ? { href: hrefOf({ ...place, filter: isOn ? { kind: 'Mailbox' } : filter }), isOn } : undefined
  return (
    <section aria-labelledby="mailboxes" class="card">
      <div class="section-head">
        <h2 id="mailboxes">Mailboxes</h2>
        <span class="dim">{number(total)} managed</span>
      </div>
      <HealthBar mailboxes={mailboxes} />
      <ul class="tiles">
        {STATES.map((state) => (
          <Tile
            key={state}
            label={state}
            value={mailboxes[state]}
            note={percent(mailboxes[state], total)}
            tone={STATE_TONES[state]}
            link={tile({ kind: 'Mailbox', state }, place.filter.state === state)}
          />
        ))}
        <Tile
          label="drifted"
          value={drifted}
          note="by others"
          link={tile({ kind: 'Mailbox', drifted: true }, place.filter.drifted === true)}
        />
        <Tile
          label="unmanaged"
          value={unmanaged}
          note="left alone"
          link={tile({ kind: 'Mailbox', unmanaged: true }, place.filter.unmanaged === true)}
        />
      </ul>
    </section>
  )
}

function Tile({
  label,
  value,
  note,
  tone,
  link,
}: {
  label: string
  value: number
  note: string
  tone?: (typeof STATE_TONES)[ObjectState]
  link?: { href: string; isOn: boolean } | undefined
}) {
  const inside = (
    <>
      <span class="tile-label">
        {tone && <Mark tone={value > 0 ? tone : 'calm'} label="" />}
        {label}
      </span>
      <strong>{number(value)}</strong>
      <span class="tile-note">{note}</span>
    </>
  )
  const className = `tile ${tone && value > 0 ? `tone-${tone}` : ''} ${value === 0 ? 'none' : ''}`
  if (!link || (value === 0 && !link.isOn)) return <li class={className}>{inside}</li>
  return (
    <li class={className}>
      <a href={link.href} aria-current={link.isOn ? 'true' : undefined}>
        {inside}
      </a>
    </li>
  )
}

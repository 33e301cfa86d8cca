import type { RunwayShape } from '../../daemon/api/shapes.ts'
import { Mark } from '../parts/mark.tsx'
import { Said } from '../parts/said.tsx'
import { day, exact, number, RUNWAY_TONES } from '../words.ts'

/** A bar is full at a year; what is farther away needs no look. */
const YEAR_DAYS = 365

/** What ends by itself, the earliest first. */
export function Runway({ runway }: { runway: readonly RunwayShape[] }) {
  if (runway.length === 0) return null
  return (
    <section aria-labelledby="runway" class="card">
      <h2 id="runway">Runway</h2>
      <ul class="runway">
        {[...runway]
          .sort((a, b) => a.daysLeft - b.daysLeft)
          .map((item) => (
            <RunwayRow key={`${item.label} ${item.on}`} item={item} />
          ))}
      </ul>
    </section>
  )
}

function RunwayRow({ item }: { item: RunwayShape }) {
  const { label, on, daysLeft, severity, source, confidence } = item
  const tone = RUNWAY_TONES[severity] ?? 'unknown'
  const left = Math.min(YEAR_DAYS, Math.max(0, daysLeft))
  return (
    <li class={`tone-${tone}`}>
      <Mark tone={tone} label={severity} />
      <span class="runway-label">{label}</span>
      <span class="runway-days">
        {daysLeft > 0 ? (
          <>
            <strong>{number(daysLeft)}</strong> {daysLeft === 1 ? 'day' : 'days'}
          </>
        ) : (
          <strong>over</strong>
        )}
      </span>
      <span class="runway-bar" aria-hidden="true">
        <span style={{ width: `${(100 * left) / YEAR_DAYS}%` }} />
      </span>
      <span class="dim runway-source">
        <time dateTime={on} title={exact(on)}>
          {day(on)}
        </time>
        , <Said text={source} />
        {confidence !== 'Certain' && ` (${confidence.toLowerCase()})`}
      </span>
    </li>
  )
}

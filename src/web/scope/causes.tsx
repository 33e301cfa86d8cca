import type { CauseShape, Tone } from '../../daemon/api/shapes.ts'
import { Mark } from '../parts/mark.tsx'
import { hrefOf, type ScopePlace } from '../place.ts'
import { number } from '../words.ts'

/** What sort of cause it is; whatever is not named here goes on by itself or when somebody says so. */
const HEADING_TONES: Readonly<Record<string, Tone>> = { failing: 'trouble', failed: 'trouble', unknown: 'unknown' }

/** Why what does not work does not, in the order in which `mailkeel status` tells it, each with what to do. */
export function Causes({
  causes,
  place,
  canFilter,
}: {
  causes: readonly CauseShape[]
  place: ScopePlace
  canFilter: boolean
}) {
  if (causes.length === 0) return null
  return (
    <section aria-labelledby="causes" class="card">
      <h2 id="causes">Causes, and what to do</h2>
      <ul class="causes">
        {causes.map(({ code, message, next, count, heading }) => {
          const isOn = place.filter.cause === code
          return (
            <li key={`${code} ${message}`} class={isOn ? 'on' : ''}>
              <span class="cause-count">
                {heading && <Mark tone={HEADING_TONES[heading] ?? 'waiting'} label={heading} />}
                {count > 0 && <strong>{number(count)}</strong>}
              </span>
              <div>
                <p>
                  {canFilter && count > 0 ? (
                    <a
                      href={hrefOf({ ...place, filter: isOn ? {} : { cause: code } })}
                      aria-current={isOn ? 'true' : undefined}
                    >
                      {message}
                    </a>
                  ) : (
                    message
                  )}
                </p>
                {next && (
                  <p class="next">
                    <b>Next</b> {next}
                  </p>
                )}
              </div>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

import type { CauseShape } from '../../daemon/api/shapes.ts'
import { hrefOf, type ScopePlace } from '../place.ts'
import { number } from '../words.ts'

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
        {causes.map(({ code, message, next, count }) => {
          const isOn = place.filter.cause === code
          return (
            <li key={`${code} ${message}`} class={isOn ? 'on' : ''}>
              <strong class="cause-count">{number(count)}</strong>
              <div>
                <p>
                  {canFilter ? (
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

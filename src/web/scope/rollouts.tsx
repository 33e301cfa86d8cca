import type { RolloutShape } from '../../daemon/api/shapes.ts'
import { Ago } from '../parts/ago.tsx'
import { Said } from '../parts/said.tsx'
import { number } from '../words.ts'

/** Waves that are on their way: one part of the people first, the others once its tests have passed. */
export function Rollouts({ rollouts }: { rollouts: readonly RolloutShape[] }) {
  if (rollouts.length === 0) return null
  return (
    <section aria-labelledby="rollouts" class="card">
      <h2 id="rollouts">In progress</h2>
      <ul class="rollouts">
        {rollouts.map(({ name, wave, waves, since }) => (
          <li key={name}>
            <p>
              <Said text={name} />
            </p>
            <ol class="waves" aria-hidden="true">
              {Array.from({ length: waves }, (_, index) => (
                <li key={String(index)} class={index + 1 < wave ? 'past' : index + 1 === wave ? 'present' : ''} />
              ))}
            </ol>
            <p class="dim">
              {wave === 0 ? 'the canary first' : `wave ${number(wave)} of ${number(waves)}`}, since <Ago at={since} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

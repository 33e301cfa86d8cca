import type { StageShape, Tone } from '../../daemon/api/shapes.ts'
import { Mark } from '../parts/mark.tsx'

const WORDS: Readonly<Record<Tone, string>> = {
  trouble: 'failing',
  unknown: 'unknown',
  waiting: 'waiting',
  calm: 'done',
}

/** The stages in the order of apply, as a line: up to where it holds, and where it is broken first. */
export function StageLine({ stages }: { stages: readonly StageShape[] }) {
  if (stages.length === 0) return null
  const broken = stages.find(({ tone }) => tone === 'trouble') ?? stages.find(({ tone }) => tone === 'unknown')
  return (
    <section aria-labelledby="stages" class="card">
      <h2 id="stages">Stages</h2>
      <ol class="stage-line">
        {stages.map(({ stage, title, tone, evidence }) => (
          <li key={stage} class={`tone-${tone}`} aria-current={stage === broken?.stage ? 'step' : undefined}>
            <Mark tone={tone} label={WORDS[tone]} />
            <span class="stage-title">{title}</span>
            <span class="stage-evidence">{evidence}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}

import type { Tone } from '../../daemon/api/shapes.ts'
import { TONE_WORDS } from '../words.ts'

/** Each tone has its own shape too, so that nobody needs to tell colours apart. */
const SHAPES: Readonly<Record<Tone, string>> = {
  trouble: 'M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8',
  unknown: 'M6.2 6.3a1.9 1.9 0 1 1 2.7 1.7q-.9.5-.9 1.4M8 11.6v.1',
  waiting: 'M8 4.6v3.6l2.4 1.4',
  calm: 'M4.9 8.2l2.2 2.2 4-4.6',
}

/** The sign of a tone, with its word for those who do not see it. `label` says it where the word would not do; '' where text beside it does. */
export function Mark({ tone, label = TONE_WORDS[tone] }: { tone: Tone; label?: string }) {
  return (
    <span class={`mark tone-${tone}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="7.25" />
        <path d={SHAPES[tone]} />
      </svg>
      {label !== '' && <span class="unseen">{label}</span>}
    </span>
  )
}

import type { MailboxCounts, Tone } from '../../daemon/api/shapes.ts'
import { count } from '../words.ts'

/** Parts of a bar from left to right: trouble first, as everywhere. */
const PARTS: readonly (readonly [keyof MailboxCounts, Tone])[] = [
  ['failing', 'trouble'],
  ['unknown', 'unknown'],
  ['waiting', 'waiting'],
  ['healthy', 'calm'],
]

/** How mailboxes stand, as one bar. A single failing mailbox of 50,000 still can be seen. */
export function HealthBar({ mailboxes }: { mailboxes: MailboxCounts }) {
  const told = PARTS.filter(([part]) => mailboxes[part] > 0)
  const text = told.map(([part]) => `${count(mailboxes[part], part, part)}`).join(', ')
  return (
    <div class="health-bar" role="img" aria-label={text === '' ? 'no mailboxes' : `mailboxes: ${text}`}>
      {told.map(([part, tone]) => (
        <span key={part} class={`tone-${tone}`} style={{ flexGrow: mailboxes[part] }} />
      ))}
    </div>
  )
}

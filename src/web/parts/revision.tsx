import { exact, shortRevision } from '../words.ts'

/** A revision of the spec by its short name. */
export function Revision({ id, seenAt }: { id: string; seenAt?: string }) {
  if (id === '') return <span class="dim">no revision yet</span>
  return (
    <code class="revision" title={seenAt ? `${id}, seen ${exact(seenAt)}` : id}>
      {shortRevision(id)}
    </code>
  )
}

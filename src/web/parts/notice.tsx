import type { ComponentChildren } from 'preact'
import type { Tone } from '../../daemon/api/shapes.ts'
import { Mark } from './mark.tsx'

/** Something to know before anything else on the page: what it is, and below it the details. */
export function Notice({
  tone,
  title,
  children,
}: {
  tone: Tone
  title: ComponentChildren
  children?: ComponentChildren
}) {
  return (
    <div class={`notice tone-${tone}`}>
      <Mark tone={tone} />
      <div>
        <p class="notice-title">{title}</p>
        {children}
      </div>
    </div>
  )
}

import { useRef } from 'preact/hooks'
import type { ObjectPage, ObjectRow } from '../../daemon/api/shapes.ts'
import { Mark } from '../parts/mark.tsx'
import { Said } from '../parts/said.tsx'
import { hrefOf, type ScopePlace } from '../place.ts'
import { STATE_TONES } from '../words.ts'

interface RowsOptions {
  readonly page: ObjectPage
  readonly place: ScopePlace
  readonly isLoading: boolean
  /** Called where somebody goes down from the last row. */
  readonly onPastEnd?: (() => void) | undefined
}

/** The rows of a page as a table. Each name leads to its explanation; arrows go from name to name. */
export function ObjectRows({ page, place, isLoading, onPastEnd }: RowsOptions) {
  const body = useRef<HTMLTableSectionElement>(null)
  const hasKinds = page.items.some(({ kind }) => kind !== 'Mailbox')
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined || !body.current) return
    event.preventDefault()
    if (!moveFocus(body.current, step) && step > 0) onPastEnd?.()
  }
  return (
    <table class="objects" aria-labelledby="objects" aria-busy={isLoading}>
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Name</th>
          {hasKinds && <th scope="col">Kind</th>}
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody ref={body} onKeyDown={onKeyDown}>
        {page.items.map((row) => (
          <Row key={`${row.kind}/${row.key}`} row={row} place={place} hasKinds={hasKinds} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ row, place, hasKinds }: { row: ObjectRow; place: ScopePlace; hasKinds: boolean }) {
  const { kind, key, label, state, drifted, unmanaged } = row
  // Nobody asked mailkeel to know how these are.
  const tone = unmanaged ? 'calm' : STATE_TONES[state]
  const isOpen = place.object?.kind === kind && place.object.key === key
  return (
    <tr class={`tone-${tone} ${isOpen ? 'open' : ''}`}>
      <td>
        <span class="state">
          <Mark tone={tone} label="" />
          {unmanaged ? 'left alone' : state}
        </span>
      </td>
      <th scope="row">
        <a href={hrefOf({ ...place, object: { kind, key } })} aria-haspopup="dialog">
          <Said text={label} />
        </a>
      </th>
      {hasKinds && <td class="kind">{kind}</td>}
      <td>
        <span class="why">
          {drifted && <span class="tag tag-drift">drifted</span>}
          <Said text={whyOf(row)} />
        </span>
      </td>
    </tr>
  )
}

/** What does not work counts more than what is not as the spec says; of what is well there is nothing to tell. */
function whyOf({ ready, synced }: ObjectRow): string {
  const tellsNothing = ready.reason === 'NotChecked' && synced.status !== 'True'
  if (ready.status !== 'True' && !tellsNothing) return ready.message
  return synced.status === 'True' ? '' : synced.message
}

/** Focuses the next or previous name; false where there is none. */
function moveFocus(body: HTMLElement, step: number): boolean {
  const names = [...body.querySelectorAll<HTMLElement>('th a')]
  const at = document.activeElement instanceof HTMLElement ? names.indexOf(document.activeElement) : -1
  const next = names[at + step]
  next?.focus()
  return next !== undefined
}

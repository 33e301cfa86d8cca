import { useEffect, useRef, useState } from 'preact/hooks'
import type { ObjectPage } from '../../daemon/api/shapes.ts'
import { objectsPath } from '../data/ask.ts'
import { useAnswer } from '../data/use-server.tsx'
import type { Filter, ScopePlace } from '../place.ts'
import { number } from '../words.ts'
import { ObjectRows } from './object-rows.tsx'
import { TableTools } from './table-tools.tsx'

/** So many rows are read at once; the server pages, so that 50,000 cost no more than 25. */
const PAGE_SIZE = 25

interface TableOptions {
  readonly path: string
  readonly version: number
  readonly place: ScopePlace
  readonly isOrganization: boolean
}

/** The objects of a scope: looked for, filtered and leafed through on the server. */
export function ObjectsTable({ path, version, place, isOrganization }: TableOptions) {
  const { filter } = place
  const { cursors, forward, back } = usePages(JSON.stringify(filter))
  const asked = objectsPath(path, withKind(filter, isOrganization), PAGE_SIZE, cursors.at(-1))
  const { value, failure, isLoading } = useAnswer<ObjectPage>(asked, version)
  const first = cursors.length * PAGE_SIZE + 1
  const next = value?.next
  const table = useShown(`${filter.state} ${filter.cause} ${filter.drifted} ${filter.unmanaged}`)
  return (
    <section ref={table} aria-labelledby="objects" class="card table-card">
      <TableTools place={place} isOrganization={isOrganization} />
      {failure && (
        <p class="empty">The rows could not be read: {failure.message}. They are asked for again with the next news.</p>
      )}
      {value && value.items.length === 0 && <p class="empty">{emptyWords(filter)}</p>}
      {value && value.items.length > 0 && (
        <ObjectRows
          page={value}
          place={place}
          isLoading={isLoading}
          onPastEnd={next ? () => forward(next) : undefined}
        />
      )}
      {value && (
        <nav class="pager" aria-label="Pages of the table">
          <span role="status">
            {value.total === 0
              ? 'no rows'
              : `${number(first)}–${number(first + value.items.length - 1)} of ${number(value.total)}`}
          </span>
          <button type="button" disabled={cursors.length === 0} onClick={back}>
            Previous
          </button>
          <button type="button" disabled={!next} onClick={() => next && forward(next)}>
            Next
          </button>
        </nav>
      )}
    </section>
  )
}

/** An organization is asked about for its mailboxes; its few other objects are there on request. */
function withKind(filter: Filter, isOrganization: boolean): Filter {
  const { kind, ...rest } = filter
  if (kind === 'all') return rest
  if (kind) return filter
  // A cause or a state may lie at a profile as well as at a mailbox.
  return isOrganization && !filter.cause ? { ...rest, kind: 'Mailbox' } : rest
}

function emptyWords({ q, state, cause, drifted, unmanaged }: Filter): string {
  if (q) return `Nothing here has "${q}" in its name.`
  return state || cause || drifted || unmanaged ? 'None any more.' : 'There is nothing of this kind.'
}

/** Whoever chooses a number far above the table sees what it shows. */
function useShown(choice: string) {
  const table = useRef<HTMLElement>(null)
  const before = useRef(choice)
  useEffect(() => {
    if (before.current === choice) return
    before.current = choice
    const top = table.current?.getBoundingClientRect().top ?? 0
    if (top > innerHeight / 2) table.current?.scrollIntoView({ block: 'start' })
  }, [choice])
  return table
}

/** The cursors of the pages that were left behind; another question begins anew. */
function usePages(question: string) {
  const [cursors, setCursors] = useState<readonly string[]>([])
  const before = useRef(question)
  useEffect(() => {
    if (before.current !== question) setCursors([])
    before.current = question
  }, [question])
  return {
    cursors: before.current === question ? cursors : [],
    forward: (next: string) => setCursors((all) => [...all, next]),
    back: () => setCursors((all) => all.slice(0, -1)),
  }
}

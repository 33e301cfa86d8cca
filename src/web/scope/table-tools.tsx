import { useEffect, useRef, useState } from 'preact/hooks'
import type { ObjectState } from '../../daemon/api/shapes.ts'
import { changePlace } from '../parts/use-place.ts'
import type { Filter, ScopePlace } from '../place.ts'

/** Whoever types is asked for once they pause. */
const PAUSE_MS = 150

const STATES: readonly (readonly [ObjectState | '', string])[] = [
  ['', 'any state'],
  ['failing', 'failing'],
  ['unknown', 'unknown'],
  ['waiting', 'waiting'],
  ['healthy', 'healthy'],
]

const KINDS: readonly (readonly [string, string])[] = [
  ['Mailbox', 'mailboxes'],
  ['all', 'everything'],
]

/** Search and filters over the table. `/` leads into the search from anywhere. */
export function TableTools({ place, isOrganization }: { place: ScopePlace; isOrganization: boolean }) {
  const { filter } = place
  const change = (next: Filter) => changePlace({ ...place, filter: next })
  const isFiltered = Boolean(filter.q || filter.state || filter.cause || filter.drifted || filter.unmanaged)
  return (
    <div class="section-head">
      <h2 id="objects">
        {isOrganization && filter.kind !== 'all' && !filter.cause ? 'Every mailbox' : 'Everything in it'}
      </h2>
      <search class="tools">
        <SearchField key={place.name} filter={filter} onChange={change} />
        <Choice
          label="State"
          value={filter.state ?? ''}
          options={STATES}
          onChoose={(value) => change(withState(filter, value))}
        />
        {isOrganization && (
          <Choice
            label="Kind"
            value={filter.kind === 'all' || filter.cause ? 'all' : 'Mailbox'}
            options={KINDS}
            onChoose={(kind) => change({ ...filter, kind })}
          />
        )}
        {filter.drifted && <span class="tag">drifted</span>}
        {filter.unmanaged && <span class="tag">unmanaged</span>}
        {filter.cause && <span class="tag">{filter.cause}</span>}
        {isFiltered && (
          <button type="button" class="quiet" onClick={() => change({})}>
            Clear
          </button>
        )}
      </search>
    </div>
  )
}

function withState({ state: _, ...rest }: Filter, value: string): Filter {
  const chosen = STATES.find(([state]) => state !== '' && state === value)?.[0]
  return chosen ? { ...rest, state: chosen } : rest
}

function SearchField({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const [text, setText] = useState(filter.q ?? '')
  const field = useRef<HTMLInputElement>(null)
  const latest = useRef({ filter, onChange })
  latest.current = { filter, onChange }
  useSlash(field)
  // The address leads: going back, or clearing the filter, empties the field too.
  useEffect(() => setText(filter.q ?? ''), [filter.q])
  useEffect(() => {
    const { q: before = '', ...rest } = latest.current.filter
    const wanted = text.trim()
    if (wanted === before) return
    const timer = setTimeout(() => latest.current.onChange(wanted ? { ...rest, q: wanted } : rest), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <input
      ref={field}
      type="search"
      class="search"
      placeholder="Search names and addresses"
      aria-label="Search names and addresses"
      aria-keyshortcuts="/"
      maxLength={320}
      value={text}
      onInput={({ currentTarget }) => setText(currentTarget.value)}
    />
  )
}

/** `/` leads into the field, unless somebody is writing something. */
function useSlash(field: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isWriting = event.target instanceof Element && event.target.closest('input[type=search], dialog') !== null
      if (event.key !== '/' || isWriting || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      field.current?.focus()
      field.current?.select()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [field])
}

function Choice({
  label,
  value,
  options,
  onChoose,
}: {
  label: string
  value: string
  options: readonly (readonly [string, string])[]
  onChoose: (value: string) => void
}) {
  return (
    <select aria-label={label} value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
      {options.map(([option, words]) => (
        <option key={option} value={option}>
          {words}
        </option>
      ))}
    </select>
  )
}

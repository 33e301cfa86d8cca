import { useEffect, useRef } from 'preact/hooks'
import type { ExplainShape, Tone } from '../../daemon/api/shapes.ts'
import { useAnswer } from '../data/use-server.tsx'
import { Mark } from '../parts/mark.tsx'
import { Said } from '../parts/said.tsx'
import { changePlace } from '../parts/use-place.ts'
import type { ScopePlace } from '../place.ts'

interface PanelOptions {
  readonly path: string
  readonly version: number
  readonly place: ScopePlace
  readonly object: { readonly kind: string; readonly key: string }
}

/** Why one object is as it is: the chain from the spec to the test, the broken link, the next step. Esc closes it. */
export function ExplainPanel({ path, version, place, object }: PanelOptions) {
  const dialog = useRef<HTMLDialogElement>(null)
  const { kind, key } = object
  const asked = `${path}/objects/${encodeURIComponent(key)}?kind=${encodeURIComponent(kind)}`
  const { value, failure } = useAnswer<ExplainShape>(asked, version)
  useEffect(() => {
    const panel = dialog.current
    // A click beside it closes it too; a browser that does not know this still has Esc and the button.
    panel?.setAttribute('closedby', 'any')
    if (panel && !panel.open) panel.showModal()
    return () => panel?.close()
  }, [])
  const leave = () => {
    const { object: _, ...rest } = place
    changePlace(rest)
  }
  return (
    <dialog ref={dialog} class="panel" aria-labelledby="explained" onClose={leave}>
      <div class="panel-inside">
        <div class="panel-head">
          {value && <Mark tone={value.tone} />}
          <h2 id="explained">
            <Said text={value?.title ?? key} />
          </h2>
          <button type="button" class="quiet" aria-label="Close" onClick={() => dialog.current?.close()}>
            ✕
          </button>
        </div>
        {!value && !failure && <p class="dim">Looking it up…</p>}
        {failure && <p class="empty">It cannot be explained now: {failure.message}</p>}
        {value && <Chain explained={value} />}
      </div>
    </dialog>
  )
}

function Chain({ explained }: { explained: ExplainShape }) {
  const { links, notes, next } = explained
  return (
    <>
      {next && (
        <p class="next next-box">
          <b>Next</b> {next}
        </p>
      )}
      <ol class="chain">
        {links.map(({ name, text, state, broken }) => (
          <li
            key={`${name} ${text}`}
            class={`tone-${toneOf(state)} ${broken ? 'broken' : ''}`}
            aria-current={broken ? 'step' : undefined}
          >
            {state === 'told' && !broken ? <span class="dot" /> : <Mark tone={toneOf(state)} label={state} />}
            <div>
              <span class="link-name">
                {name}
                {broken && (
                  <span class="broken-here">{state === 'broken' ? 'broken here' : 'not known from here on'}</span>
                )}
              </span>
              <Said class="link-text" text={text} />
            </div>
          </li>
        ))}
      </ol>
      {notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
    </>
  )
}

function toneOf(state: string): Tone {
  if (state === 'broken') return 'trouble'
  if (state === 'good') return 'calm'
  return state === 'unknown' ? 'unknown' : 'waiting'
}

import { useEffect, useRef } from 'preact/hooks'
import type { OverviewShape, Tone } from '../daemon/api/shapes.ts'
import { useLive } from './data/use-server.tsx'
import { Overview, sourceTones } from './overview/overview.tsx'
import { Announcer } from './parts/announcer.tsx'
import { LiveBadge, useIsStale } from './parts/live-badge.tsx'
import { Notice } from './parts/notice.tsx'
import { Said } from './parts/said.tsx'
import { ThemeSwitch } from './parts/theme.tsx'
import { usePlace } from './parts/use-place.ts'
import { hrefOf, type Place } from './place.ts'
import { ScopePage } from './scope/scope-page.tsx'
import { worst } from './words.ts'

/** The whole page: what is always there, and the view that the address names. */
export function App() {
  const place = usePlace()
  const { overview } = useLive()
  const isStale = useIsStale()
  const main = useRef<HTMLElement>(null)
  useTitle(place, overview)
  useFocusOnArrival(place, main)
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Head place={place} overview={overview} />
      <main ref={main} tabIndex={-1} class={isStale ? 'stale' : ''}>
        <Failure />
        {overview &&
          (place.view === 'overview' ? <Overview overview={overview} /> : <Scope overview={overview} place={place} />)}
      </main>
      <Foot overview={overview} />
      <Announcer overview={overview} />
    </>
  )
}

function Head({ place, overview }: { place: Place; overview: OverviewShape | undefined }) {
  return (
    <header class="head">
      <a class="brand" href="#/" aria-current={place.view === 'overview' ? 'page' : undefined}>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M2 7h20l-3.2 6.5q-1 2-3.3 2h-7q-2.300 0-3.300-2zM12 15.500v5M3.500 7l8.500 5 8.500-5" />
        </svg>
        mailkeel
      </a>
      {place.view === 'scope' && (
        <nav aria-label="Where you are">
          <span aria-hidden="true">/</span>
          <a href={hrefOf({ view: 'scope', kind: place.kind, name: place.name, filter: {} })} aria-current="page">
            <Said text={place.name} />
          </a>
        </nav>
      )}
      <div class="head-end">
        <LiveBadge />
        <ThemeSwitch />
        {overview?.viewer && (
          <span class="viewer" title={overview.role === 'Reader' ? 'sees everything' : 'sees numbers, no names'}>
            <Said text={overview.viewer} />
          </span>
        )}
      </div>
    </header>
  )
}

function Scope({ overview, place }: { overview: OverviewShape; place: Extract<Place, { view: 'scope' }> }) {
  const scope = overview.scopes.find(({ kind, name }) => kind === place.kind && name === place.name)
  if (scope) return <ScopePage key={scope.scope} scope={scope} place={place} overview={overview} />
  return (
    <>
      <h1 tabIndex={-1}>
        There is no {place.kind} <Said text={place.name} />
      </h1>
      <p>
        The spec that is enforced does not name it. <a href="#/">All organizations and trusts</a>
      </p>
    </>
  )
}

/** Why there is nothing, or nothing new, to show. */
function Failure() {
  const place = usePlace()
  const { connection, failure, overview } = useLive()
  if (connection === 'starting' && !overview) return <p class="dim">Asking the server…</p>
  if (connection !== 'lost' || !failure) return null
  if (failure.status === 401) {
    return (
      <Notice tone="unknown" title="You are not signed in any more">
        <p>
          <a href={`sign-in${hrefOf(place)}`}>Sign in</a> to go on. {overview && 'What is below may be old.'}
        </p>
      </Notice>
    )
  }
  const why = failure.status === 0 ? `mailkeel does not answer (${failure.message})` : failure.message
  return (
    <Notice tone="unknown" title={overview ? 'What is below may be old' : 'There is nothing to show yet'}>
      <p>
        {why}. The page asks again by itself; this page tells nothing about the mailboxes while mailkeel is away, and
        mail keeps flowing as it was.
      </p>
    </Notice>
  )
}

function Foot({ overview }: { overview: OverviewShape | undefined }) {
  if (!overview) return null
  return (
    <footer class="foot">
      <span>mailkeel {overview.version}, read-only</span>
      {overview.role === 'Overview' && <span>You see numbers and causes, no names</span>}
      <span>
        <kbd>/</kbd> search <kbd>↑</kbd> <kbd>↓</kbd> rows <kbd>Enter</kbd> explain <kbd>Esc</kbd> close
      </span>
      <a class="foot-link" href="api/v1/openapi.json">
        API
      </a>
    </footer>
  )
}

/** The tab tells how things are without being looked into: by its words and its icon. */
function useTitle(place: Place, overview: OverviewShape | undefined): void {
  useEffect(() => {
    const tones = overview?.scopes.map(({ tone }) => tone) ?? []
    const troubled = tones.filter((tone) => tone === 'trouble').length
    const where = place.view === 'scope' ? `${place.name} · ` : ''
    document.title = `${troubled > 0 ? `(${troubled}) ` : ''}${where}mailkeel`
    setIcon(overview ? worst([...tones, ...sourceTones(overview.source)]) : 'unknown')
  }, [place.view, place.view === 'scope' && place.name, overview])
}

function setIcon(tone: Tone): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  const href = `icon-${tone}.svg`
  if (icon && icon.getAttribute('href') !== href) icon.href = href
}

/** Whoever comes by a link begins to read at its heading; whoever opened the page is left alone. */
function useFocusOnArrival(place: Place, main: { readonly current: HTMLElement | null }): void {
  const view = place.view === 'overview' ? '' : `${place.kind}/${place.name}`
  const arrived = useRef(view)
  useEffect(() => {
    if (arrived.current === view) return
    arrived.current = view
    scrollTo(0, 0)
    main.current?.querySelector('h1')?.focus()
  }, [view, main])
}

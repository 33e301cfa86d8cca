// What the page knows and how fresh it is. News come as events that only name a scope; what is new is then asked for. Where events do not
// come, it asks by itself. Whatever happens, the page can say when it last heard of the server: a page that silently shows the state of an
// hour ago is worse than none.
import type { EventShape, OverviewShape, ScopeShape } from '../../daemon/api/shapes.ts'
import { AskError } from './ask.ts'

/** `live`: told of news. `asking`: not told, so it asks. `lost`: no answer. */
export type Connection = 'starting' | 'live' | 'asking' | 'lost'

/** All that is known at a moment; never changed afterwards. */
export interface LiveState {
  readonly connection: Connection
  readonly overview?: OverviewShape
  /** Why the last question had no answer. */
  readonly failure?: AskError
  /** When the server last answered, by the clock of the browser. */
  readonly seenAt?: number
  /** How far the clock of the server is ahead. */
  readonly skewMs: number
  /** By scope: grows with each pass, after which there is something new to ask for. */
  readonly versions: ReadonlyMap<string, number>
}

/** A line on which news come. */
export interface NewsLine {
  close(): void
}

/** What it needs of the browser. */
export interface LiveEnvironment {
  ask<T>(path: string): Promise<T>
  listen(on: { open(): void; news(event: EventShape): void; broken(): void }): NewsLine
  now(): number
  /** Calls back once after the time, until the returned function is called. */
  later(ms: number, callback: () => void): () => void
}

/** The knowledge of the page, with a lifetime. */
export interface Live {
  state(): LiveState
  subscribe(listener: () => void): () => void
  /** Asks for everything now. */
  refresh(): void
  close(): void
}

/** How often everything is asked for although news come: an open line may be dead. */
const CHECK_MS = 30_000
const ASKING_MS = 5_000
/** At most one question in this time, however many news come. */
const CALM_MS = 1_000
const LONGEST_WAIT_MS = 15_000
/** A line that breaks again within this time is not to be relied on. */
const OFTEN_MS = 60_000
/** From so many on, everything is one question. */
const MANY_SCOPES = 2

/** Begins to follow the server. */
export function followServer(env: LiveEnvironment): Live {
  const listeners = new Set<() => void>()
  let state: LiveState = { connection: 'starting', skewMs: 0, versions: new Map() }
  let line: NewsLine | undefined
  let isOpen = false
  let wasBroken = false
  let isClosed = false
  let isAsking = false
  let brokenAt = Number.NEGATIVE_INFINITY
  let failures = 0
  let news = new Set<string>()
  let wantsAll = true
  let askedAt = Number.NEGATIVE_INFINITY
  let askedAllAt = Number.NEGATIVE_INFINITY
  let cancel = () => {}

  function set(next: LiveState): void {
    state = next
    for (const listener of listeners) listener()
  }

  function connection(): Connection {
    if (failures > 0) return 'lost'
    if (isOpen) return 'live'
    return wasBroken ? 'asking' : 'starting'
  }

  function wake(ms: number): void {
    cancel()
    if (!isClosed && !isAsking) cancel = env.later(ms, () => void look())
  }

  function soon(): void {
    if (failures === 0) wake(Math.max(0, askedAt + CALM_MS - env.now()))
  }

  async function look(): Promise<void> {
    isAsking = true
    const scopes = news
    const isAll = wantsAll || scopes.size > MANY_SCOPES || env.now() >= askedAllAt + (isOpen ? CHECK_MS : ASKING_MS)
    news = new Set()
    wantsAll = false
    askedAt = env.now()
    try {
      const overview = isAll ? await env.ask<OverviewShape>('api/v1/overview') : await withNews(scopes)
      if (isAll) askedAllAt = askedAt
      failures = 0
      if (!isClosed) accept(overview, isAll)
      if (!line) openLine()
    } catch (cause) {
      failures += 1
      wantsAll = true
      const failure = cause instanceof AskError ? cause : new AskError(0, 'Unreadable', 'the answer could not be read')
      if (!isClosed) set({ ...state, connection: 'lost', failure })
    }
    isAsking = false
    if (news.size > 0 || wantsAll) soon()
    else wake(isOpen ? CHECK_MS : ASKING_MS)
    if (failures > 0) wake(Math.min(LONGEST_WAIT_MS, CALM_MS * 2 ** failures))
  }

  async function withNews(scopes: ReadonlySet<string>): Promise<OverviewShape> {
    const { overview } = state
    const known = (overview?.scopes ?? []).filter(({ scope }) => scopes.has(scope))
    if (!overview || known.length < scopes.size) return env.ask<OverviewShape>('api/v1/overview')
    const fresh = await Promise.all(
      known.map(({ kind, name }) => env.ask<ScopeShape>(`api/v1/scopes/${kind}/${encodeURIComponent(name)}`)),
    )
    return {
      ...overview,
      now: new Date(env.now() + state.skewMs).toISOString(),
      scopes: overview.scopes.map((one) => fresh.find(({ scope }) => scope === one.scope) ?? one),
    }
  }

  function accept(overview: OverviewShape, isAll: boolean): void {
    const versions = new Map(state.versions)
    for (const { scope, lastPassAt } of overview.scopes) {
      const before = state.overview?.scopes.find((one) => one.scope === scope)
      if (!before || before.lastPassAt !== lastPassAt) versions.set(scope, (versions.get(scope) ?? 0) + 1)
    }
    const skewMs = isAll ? Date.parse(overview.now) - env.now() : state.skewMs
    set({ connection: connection(), overview, seenAt: env.now(), skewMs, versions })
  }

  function openLine(): void {
    if (isClosed) return
    line = env.listen({
      open() {
        isOpen = true
        if (state.overview) set({ ...state, connection: connection() })
        // Whatever happened while nobody listened.
        wantsAll = true
        soon()
      },
      news({ scope }) {
        if (scope) news.add(scope)
        else wantsAll = true
        soon()
      },
      broken() {
        isOpen = false
        wasBroken = true
        const isOften = env.now() - brokenAt < OFTEN_MS
        brokenAt = env.now()
        line?.close()
        line = undefined
        if (failures > 0) return
        if (state.overview) set({ ...state, connection: 'asking' })
        // The server may be gone, which should be told at once; a line that breaks again and again only means that news do not come.
        wantsAll = true
        wake(isOften ? ASKING_MS : 0)
      },
    })
  }

  wake(0)
  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    refresh() {
      wantsAll = true
      wake(0)
    },
    close() {
      isClosed = true
      cancel()
      line?.close()
      listeners.clear()
    },
  }
}

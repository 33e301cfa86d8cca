// The knowledge of the page for whoever draws it.
import { type ComponentChildren, createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import { AskError, ask } from './ask.ts'
import type { Live, LiveState } from './live.ts'

const LiveContext = createContext<LiveState>({ connection: 'starting', skewMs: 0, versions: new Map() })
const NowContext = createContext(0)

/** How often times on the page are told anew. */
const TICK_MS = 5_000

/** Gives what is known, and the time by the server's clock, to everything inside. */
export function ServerKnowledge({ live, children }: { live: Live; children: ComponentChildren }) {
  const [state, setState] = useState(live.state())
  const [tick, setTick] = useState(() => Date.now())
  useEffect(() => live.subscribe(() => setState(live.state())), [live])
  useEffect(() => {
    const timer = setInterval(() => setTick(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  // News may be younger than the last tick; a time in the future would be told for what just happened.
  const now = Math.max(tick, state.seenAt ?? 0) + state.skewMs
  return (
    <LiveContext.Provider value={state}>
      <NowContext.Provider value={now}>{children}</NowContext.Provider>
    </LiveContext.Provider>
  )
}

/** What is known. */
export function useLive(): LiveState {
  return useContext(LiveContext)
}

/** The time by the server's clock, in milliseconds; told anew every few seconds. */
export function useNow(): number {
  return useContext(NowContext)
}

/** An answer, the one before while a newer is on its way, or why there is none. */
export interface Answer<T> {
  readonly value?: T
  readonly failure?: AskError
  readonly isLoading: boolean
}

/** Asks for `path`, and again whenever it or the version changes. What was asked before is given up. No path: nothing is asked. */
export function useAnswer<T>(path: string | undefined, version: number): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ isLoading: true })
  useEffect(() => {
    if (path === undefined) return
    const controller = new AbortController()
    setAnswer((before) => ({ ...before, isLoading: true }))
    // The version says only when to ask.
    void version
    ask<T>(path, controller.signal).then(
      (value) => setAnswer({ value, isLoading: false }),
      (cause) => {
        if (controller.signal.aborted) return
        const failure =
          cause instanceof AskError ? cause : new AskError(0, 'Unreadable', 'the answer could not be read')
        setAnswer((before) => ({ ...before, failure, isLoading: false }))
      },
    )
    return () => controller.abort()
  }, [path, version])
  return answer
}

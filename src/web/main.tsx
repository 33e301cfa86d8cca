// The status page. It reads and shows: what the server answers becomes text nodes, and nothing here can change anything.
import { render } from 'preact'
import type { EventShape } from '../daemon/api/shapes.ts'
import { App } from './app.tsx'
import { ask } from './data/ask.ts'
import { followServer, type LiveEnvironment } from './data/live.ts'
import { ServerKnowledge } from './data/use-server.tsx'
import { applyKeptTheme } from './parts/theme.tsx'

applyKeptTheme()

const leaving = new AbortController()
const live = followServer({
  ask: (path) => ask(path, leaving.signal),
  listen: listenToEvents,
  now: () => Date.now(),
  later(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
})

// A browser lets hidden pages sleep; what they show when they wake is old.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') live.refresh()
})
addEventListener('online', () => live.refresh())

const page = document.getElementById('page')
if (page) {
  render(
    <ServerKnowledge live={live}>
      <App />
    </ServerKnowledge>,
    page,
  )
}

function listenToEvents(on: Parameters<LiveEnvironment['listen']>[0]) {
  const events = new EventSource('api/v1/events')
  events.addEventListener('open', on.open)
  events.addEventListener('error', on.broken)
  for (const name of ['scope', 'source']) events.addEventListener(name, (event) => on.news(newsOf(event)))
  return events
}

function newsOf({ data }: MessageEvent<unknown>): EventShape {
  try {
    return JSON.parse(String(data)) as EventShape
  } catch {
    return {}
  }
}

import { useLive, useNow } from '../data/use-server.tsx'
import { exact, span } from '../words.ts'

/** How old what is shown may become before the page says so. */
const STALE_MS = 75_000

/** Whether the page is told of news, asks for them, or has lost the server; and when it last heard of it. */
export function LiveBadge() {
  const { connection, seenAt, skewMs } = useLive()
  const now = useNow()
  const seen = seenAt === undefined ? undefined : span(now - skewMs - seenAt)
  const words = {
    starting: 'connecting',
    live: 'live',
    asking: 'reconnecting',
    lost: seen === undefined ? 'not connected' : 'connection lost',
  }[connection]
  const title =
    seenAt === undefined ? undefined : `last heard of the server ${exact(new Date(seenAt + skewMs).toISOString())}`
  return (
    <span class={`live live-${connection}`} role="status" title={title}>
      <span class="live-dot" aria-hidden="true" />
      {words}
      {seen !== undefined && (connection === 'lost' || connection === 'asking') && <span>, last seen {seen} ago</span>}
    </span>
  )
}

/** True where what is shown may long be wrong. */
export function useIsStale(): boolean {
  const { connection, seenAt, skewMs } = useLive()
  const now = useNow()
  if (seenAt === undefined) return false
  return connection === 'lost' || now - skewMs - seenAt > STALE_MS
}

import { useNow } from '../data/use-server.tsx'
import { exact, relative } from '../words.ts'

/** A time as people say it, the exact one when pointed at. */
export function Ago({ at }: { at: string }) {
  const now = useNow()
  return (
    <time dateTime={at} title={exact(at)}>
      {relative(at, now)}
    </time>
  )
}

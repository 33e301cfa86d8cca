import { useEffect, useRef, useState } from 'preact/hooks'
import type { OverviewShape } from '../../daemon/api/shapes.ts'
import { TONE_WORDS } from '../words.ts'

/** More than this at once is noise. */
const MOST_TOLD = 3

/** Tells a screen reader which scopes changed their tone; everything else on the page changes silently. */
export function Announcer({ overview }: { overview: OverviewShape | undefined }) {
  const before = useRef(overview)
  const [words, setWords] = useState('')
  useEffect(() => {
    const changed = overview && before.current ? changes(before.current, overview) : []
    before.current = overview
    if (changed.length > 0) setWords(changed.slice(0, MOST_TOLD).join('; '))
  }, [overview])
  return (
    <p class="unseen" aria-live="polite" data-testid="news">
      {words}
    </p>
  )
}

function changes(before: OverviewShape, after: OverviewShape): readonly string[] {
  return after.scopes.flatMap(({ scope, name, tone, headline }) => {
    const old = before.scopes.find((one) => one.scope === scope)
    return old && old.tone !== tone ? [`${name} is ${TONE_WORDS[tone]}: ${headline}`] : []
  })
}

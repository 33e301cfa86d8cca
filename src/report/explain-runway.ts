import type { RunwayItem } from '../trust/runway.ts'
import type { Explanation } from './explain-view.ts'

const WHOLE: ReadonlySet<string> = new Set(['Organization', 'Trust'])

/** The explanation with what ends by itself: all of it for a whole organization or trust, and what is due soon for one of its objects. */
export function withRunway(told: Explanation, items: readonly RunwayItem[]): Explanation {
  const runway = WHOLE.has(told.subject.kind) ? items : items.filter(({ severity }) => severity !== 'Calm')
  return runway.length > 0 ? { ...told, runway } : told
}

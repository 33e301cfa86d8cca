// How long it takes until a commit is what the systems are, and since when a scope is away from that. The board tells only how a scope
// stands; what it took is remembered here.
import type { ScopeStanding, SourceStanding } from '../board.ts'

/** True where the last pass found the scope wholly as the revision in force says. */
export function isInSync(standing: ScopeStanding, { enforced }: SourceStanding): boolean {
  const { inSyncSince, revision, report, failure } = standing
  if (inSyncSince === undefined || failure !== undefined || enforced === undefined) return false
  return revision === enforced.id && report?.result.revision === enforced.id
}

/** What is remembered of all scopes. */
export interface ConvergenceBook {
  /** Notes how a scope stands. Returns the seconds it took to the revision in force, the first time it is seen there. */
  note(standing: ScopeStanding, source: SourceStanding, now: Date): number | undefined
  /** When the scope was last known to be as the revision in force said; when it was first seen where it never was. In milliseconds. */
  lastInSync(scope: string): number
  firstSeen(scope: string): number
  forget(scope: string): void
}

interface Entry {
  readonly firstSeen: number
  readonly lastInSync?: number
  /** The last revision it was in sync with. */
  readonly reached?: string
}

/** A book of nothing. Scopes that it does not know were first seen at `startedAt`. */
export function createConvergenceBook(startedAt: string): ConvergenceBook {
  const entries = new Map<string, Entry>()
  const started = Date.parse(startedAt)
  return {
    note(standing, source, now) {
      const { scope, report } = standing
      const entry = entries.get(scope) ?? { firstSeen: now.getTime() }
      entries.set(scope, entry)
      if (!isInSync(standing, source) || !report || !source.enforced) return undefined
      const { id, seenAt } = source.enforced
      const finished = Date.parse(report.result.finishedAt)
      entries.set(scope, { ...entry, lastInSync: finished, reached: id })
      return entry.reached === id ? undefined : Math.max(0, (finished - Date.parse(seenAt)) / 1000)
    },
    lastInSync: (scope) => entries.get(scope)?.lastInSync ?? entries.get(scope)?.firstSeen ?? started,
    firstSeen: (scope) => entries.get(scope)?.firstSeen ?? started,
    forget: (scope) => void entries.delete(scope),
  }
}

import type { SpecDocument } from '../document.ts'
import type { SetMember } from '../members.ts'
import type { Problem } from '../problem.ts'
import type { OrganizationScope } from '../scope.ts'
import type { Spec } from '../spec.ts'

/** One organization with its members, computed once for all checks. */
export interface CheckedOrganization extends OrganizationScope {
  readonly members: readonly SetMember[]
}

/** What a check looks at and where it reports. */
export interface CheckContext {
  readonly spec: Spec
  /** False where some files could not be read: then what is missing may stand in them. */
  readonly complete: boolean
  readonly organizations: ReadonlyMap<string, CheckedOrganization>
  report(problem: Problem): void
}

/** Reports a value that was already taken by an earlier document; remembers it otherwise. */
export function reportTaken<T extends SpecDocument>(
  context: CheckContext,
  documents: readonly T[],
  keyOf: (document: T) => string | undefined,
  explain: (document: T, first: T) => Problem,
): void {
  const seen = new Map<string, T>()
  for (const document of documents) {
    const key = keyOf(document)
    const first = key === undefined ? undefined : seen.get(key)
    if (first !== undefined) context.report(explain(document, first))
    else if (key !== undefined) seen.set(key, document)
  }
}

import { membersOf } from '../members.ts'
import type { Problem } from '../problem.ts'
import { scopeSpec } from '../scope.ts'
import type { Spec } from '../spec.ts'
import type { CheckContext, CheckedOrganization } from './context.ts'
import { checkDates } from './dates.ts'
import { checkMailboxes } from './mailboxes.ts'
import { checkMethods } from './methods.ts'
import { checkNames } from './names.ts'
import { checkProfiles } from './profiles.ts'
import { checkReferences } from './references.ts'
import { checkRollouts } from './rollouts.ts'
import { checkSettings } from './settings.ts'
import { checkSynchronization } from './synchronization.ts'
import { checkTrusts } from './trusts.ts'

const CHECKS: readonly ((context: CheckContext) => void)[] = [
  checkNames,
  checkReferences,
  checkTrusts,
  checkDates,
  checkProfiles,
  checkSettings,
  checkMailboxes,
  checkRollouts,
  checkMethods,
  checkSynchronization,
]

/**
 * What the schemas cannot see: names, references, combinations, addresses. `complete` is false where some files had problems of
 * their own; then nothing is said about what seems to be missing.
 */
export function checkSpec(spec: Spec, complete: boolean): Problem[] {
  const scopes = scopeSpec(spec)
  const problems: Problem[] = complete ? [...scopes.problems] : []
  const organizations = new Map<string, CheckedOrganization>()
  for (const [name, scope] of scopes.organizations)
    organizations.set(name, { ...scope, members: scope.sets.flatMap(membersOf) })
  const context: CheckContext = { spec, complete, organizations, report: (problem) => void problems.push(problem) }
  for (const check of CHECKS) check(context)
  return problems
}

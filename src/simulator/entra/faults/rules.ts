import { createRules, type Rules, type StrikingRules, type Target } from '../../faults/rules.ts'
import { ENTRA_FAULT_LAYERS, type EntraFaultRule, type EntraMatch, type EntraOperation } from './kinds.ts'

/** An operation as a rule or a hook sees it. */
export type EntraTarget = Target<EntraOperation>
/** The faults that are switched on. */
export type EntraFaults = Rules<EntraFaultRule>
/** As the server uses them. */
export type EntraFaultRules = StrikingRules<EntraFaultRule, EntraOperation>

/** What a match means that names no operation. */
export const USUAL_OPERATION = 'graph' satisfies EntraOperation

const SIGN_IN_ONLY: ReadonlySet<string> = new Set(['empty-token', 'sign-in-error'])

/** No rules yet; `random` gives numbers in [0, 1). */
export function createEntraFaults(random: () => number): EntraFaultRules {
  return createRules<EntraFaultRule, EntraOperation>(
    { layers: ENTRA_FAULT_LAYERS, usual: USUAL_OPERATION, matchOf },
    random,
  )
}

function matchOf({ kind, match = {} }: EntraFaultRule): EntraMatch {
  return SIGN_IN_ONLY.has(kind) ? { ...match, operation: 'sign-in' } : match
}

import { createRules, type StrikingRules, type Target } from '../../faults/rules.ts'
import { FAULT_LAYERS, type FaultMatch, type FaultRule, REQUIRED_FIELDS } from './kinds.ts'

type Operation = 'request' | 'part' | 'sign-in'

/** An operation as a rule sees it. */
export type FaultTarget = Target<Operation>
/** The faults that are switched on. */
export type FaultRules = StrikingRules<FaultRule, Operation>

/** No rules yet; `random` gives numbers in [0, 1). */
export function createFaultRules(random: () => number): FaultRules {
  return createRules<FaultRule, Operation>({ layers: FAULT_LAYERS, usual: 'request', matchOf }, random)
}

function matchOf(rule: FaultRule): FaultMatch {
  const [field = '', type = ''] = REQUIRED_FIELDS[rule.kind] ?? []
  if (field !== '' && typeof (rule as Readonly<Record<string, unknown>>)[field] !== type) {
    throw new Error(`a fault of kind '${rule.kind}' needs '${field}' (${type})`)
  }
  return rule.match ?? {}
}

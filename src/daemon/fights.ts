import type { PassResult } from '../reconcile/contract.ts'
import type { FightRule } from '../reconcile/fights.ts'
import { parseDuration } from '../spec/duration.ts'
import type { Configuration } from '../spec/generated/types.ts'
import type { Fight } from './board.ts'

/** When objects are left alone, as a configuration says it; for `PassEnvironment.fights`. */
export function fightRule({ fights }: Pick<Configuration['spec'], 'fights'>): FightRule {
  return { reversals: fights.reversals, withinMs: parseDuration(fights.within) }
}

/** The fights that a pass found, for the board. */
export function fightsOf({ fights = [] }: Pick<PassResult, 'fights'>): readonly Fight[] {
  return fights
}

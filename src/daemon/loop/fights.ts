import type { PassResult } from '../../reconcile/contract.ts'
import type { Fight } from '../board.ts'

/** The fights that a pass found, for the board. */
export function fightsOf({ fights = [] }: Pick<PassResult, 'fights'>): readonly Fight[] {
  return fights
}

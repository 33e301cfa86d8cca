import { canonicalAddress } from '../address.ts'
import type { DesiredRollout } from '../desired.ts'
import type { SpecDocument } from '../document.ts'
import type { MailboxSet } from '../generated/types.ts'

/** The rollouts of the sets that say something of it, by name of the set. */
export function compileRollouts(sets: readonly SpecDocument<'MailboxSet'>[]): ReadonlyMap<string, DesiredRollout> {
  const rollouts = new Map<string, DesiredRollout>()
  for (const { value } of sets) {
    const { rollout } = value.spec
    if (rollout !== undefined) rollouts.set(value.metadata.name, compileRollout(rollout))
  }
  return rollouts
}

function compileRollout({ canary = [], ...rest }: NonNullable<MailboxSet['spec']['rollout']>): DesiredRollout {
  return { ...rest, canary: [...new Set(canary.map(canonicalAddress))] }
}

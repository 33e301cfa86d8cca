import { canonicalAddress } from '../address.ts'
import type { SpecDocument } from '../document.ts'
import { suggestion } from '../explain/did-you-mean.ts'
import { membersOf, type SetMember } from '../members.ts'
import { printable, problemAt } from '../problem.ts'
import { wavesFault } from '../waves.ts'
import type { CheckContext } from './context.ts'

/** A canary is a member of its set, and waves rise. */
export function checkRollouts(context: CheckContext): void {
  for (const { sets, members } of context.organizations.values()) {
    for (const set of sets) {
      checkCanary(context, set, members)
      const fault = wavesFault(set.value.spec.rollout?.waves)
      if (fault) {
        context.report(problemAt(set.origin(['spec', 'rollout', 'waves', fault.index], 'value'), fault.message))
      }
    }
  }
}

function checkCanary(context: CheckContext, set: SpecDocument<'MailboxSet'>, all: readonly SetMember[]): void {
  const canary = set.value.spec.rollout?.canary ?? []
  if (canary.length === 0) return
  const own = new Set(membersOf(set).map(({ address }) => address))
  const seen = new Set<string>()
  for (const [index, written] of canary.entries()) {
    const address = canonicalAddress(written)
    const fault = seen.has(address) ? 'is named twice in the canary' : missing(address, own, set, all)
    seen.add(address)
    if (fault === undefined) continue
    const origin = set.origin(['spec', 'rollout', 'canary', index], 'value')
    context.report(problemAt(origin, `${printable(written)} ${fault}`))
  }
}

function missing(
  address: string,
  own: ReadonlySet<string>,
  set: SpecDocument<'MailboxSet'>,
  all: readonly SetMember[],
): string | undefined {
  if (own.has(address)) return undefined
  const other = all.find((member) => member.address === address)?.set.value.metadata.name
  const where = other === undefined ? suggestion(address, own) : `; it is in the set "${other}"`
  return `is no member of the set "${set.value.metadata.name}", so it cannot be its canary${where}`
}

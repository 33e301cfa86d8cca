// Members that left a set with `onRelease: Stop` are wished to stop by the revision that removed them, and by no other: the next commit may
// come before they were stopped. So such a wish is carried on until it is fulfilled; from then on mailkeel lets go of the mailbox.
import type { PassResult } from '../../reconcile/contract.ts'
import type { DesiredMailbox, DesiredOrganization } from '../../spec/desired.ts'

/** The next wishes, with the stops of those before that are not done and that the next ones do not speak of. */
export function withPendingStops(next: DesiredOrganization, before: DesiredOrganization): DesiredOrganization {
  const taken = new Set(
    [...next.mailboxes.values()].flatMap(({ address, previousAddress = address }) => [address, previousAddress]),
  )
  const pending = [...before.mailboxes.values()].filter(({ released, address }) => released && !taken.has(address))
  return pending.length === 0 ? next : withMailboxes(next, [...next.mailboxes.values(), ...pending])
}

/** The wishes without the stops that a pass found fulfilled. */
export function withoutDoneStops(desired: DesiredOrganization, result: PassResult): DesiredOrganization {
  const all = [...desired.mailboxes.values()]
  if (!all.some(({ released }) => released) || result.failure || result.decision !== 'allow') return desired
  if (result.plan.stages.some(({ incomplete }) => incomplete !== undefined)) return desired
  const open = new Set([
    ...result.plan.steps.flatMap(({ changes }) => changes.map(({ key }) => key)),
    ...result.plan.exceptions.map(({ key }) => key),
  ])
  const left = all.filter(({ released, address }) => !released || open.has(address))
  return left.length === all.length ? desired : withMailboxes(desired, left)
}

function withMailboxes(desired: DesiredOrganization, mailboxes: readonly DesiredMailbox[]): DesiredOrganization {
  return { ...desired, mailboxes: new Map(mailboxes.map((mailbox) => [mailbox.address, mailbox])) }
}

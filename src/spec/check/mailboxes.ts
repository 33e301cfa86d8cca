import { canonicalAddress, findAddressFault, findDisguise } from '../address.ts'
import { placeName } from '../document.ts'
import { fieldOrigin, memberOrigin, type SetMember } from '../members.ts'
import { printable, problemAt } from '../problem.ts'
import type { CheckContext } from './context.ts'

/** Addresses are what they look like, and a mailbox belongs to one set per organization. */
export function checkMailboxes(context: CheckContext): void {
  for (const { members } of context.organizations.values()) {
    const byAddress = new Map<string, SetMember>()
    for (const member of members) checkTaken(context, member, byAddress)
    for (const member of members) {
      if (!member.plain) checkAddress(context, member, byAddress)
    }
    checkPreviousAddresses(context, members, byAddress)
  }
}

function checkTaken(context: CheckContext, member: SetMember, byAddress: Map<string, SetMember>): void {
  const first = byAddress.get(member.address)
  if (first === undefined) {
    byAddress.set(member.address, member)
    return
  }
  // What is in disguise is reported as that.
  if (!member.plain && findDisguise(member.written) !== undefined) return
  const place = placeName(memberOrigin(first))
  const where =
    first.set === member.set ? `this set (${place})` : `the set "${first.set.value.metadata.name}" (${place})`
  context.report(
    problemAt(
      memberOrigin(member),
      `${printable(member.address)} is already in ${where}; a mailbox belongs to one set`,
    ),
  )
}

function checkAddress(context: CheckContext, member: SetMember, byAddress: ReadonlyMap<string, SetMember>): void {
  const disguise = findDisguise(member.written)
  if (disguise !== undefined) {
    const twin = byAddress.get(disguise.readsAs)
    const where =
      twin === undefined || twin === member
        ? ''
        : `; it looks like ${disguise.readsAs} (${placeName(memberOrigin(twin))})`
    context.report(problemAt(addressOrigin(member), `${printable(member.written)} ${disguise.message}${where}`))
    return
  }
  const fault = findAddressFault(member.address)
  if (fault !== undefined) {
    context.report(problemAt(addressOrigin(member), `${printable(member.written)} is no e-mail address: ${fault}`))
  }
}

function addressOrigin(member: SetMember) {
  return member.own === undefined ? memberOrigin(member) : fieldOrigin(member, 'address')
}

function checkPreviousAddresses(
  context: CheckContext,
  members: readonly SetMember[],
  byAddress: ReadonlyMap<string, SetMember>,
): void {
  const byPrevious = new Map<string, SetMember>()
  for (const member of members) {
    const written = member.own?.previousAddress
    if (written === undefined) continue
    const previous = canonicalAddress(written)
    const fault = previousFault(previous, written, member, byAddress, byPrevious)
    if (fault !== undefined) context.report(problemAt(fieldOrigin(member, 'previousAddress'), fault))
    else byPrevious.set(previous, member)
  }
}

function previousFault(
  previous: string,
  written: string,
  member: SetMember,
  byAddress: ReadonlyMap<string, SetMember>,
  byPrevious: ReadonlyMap<string, SetMember>,
): string | undefined {
  const shown = printable(written)
  if (previous === member.address) return 'previousAddress is the address itself; remove it when the change is done'
  const disguise = findDisguise(written)
  if (disguise !== undefined) return `${shown} ${disguise.message}`
  const fault = findAddressFault(previous)
  if (fault !== undefined) return `${shown} is no e-mail address: ${fault}`
  const holder = byAddress.get(previous)
  if (holder)
    return `${shown} is a mailbox of its own (${placeName(memberOrigin(holder))}); change the addresses in two steps`
  const other = byPrevious.get(previous)
  if (other)
    return `${shown} is the previous address of ${printable(other.address)} too (${placeName(memberOrigin(other))})`
  return undefined
}

// Exchange remembers one organization that synchronizes a mailbox; a second one that tries takes it over and silences the first. So
// the spec must not let two organizations want one address, and a test organization must say twice that it wants any.
import { placeName } from '../document.ts'
import type { EmailSettings } from '../generated/types.ts'
import { connectionOf, fieldOrigin, memberOrigin, type SetMember } from '../members.ts'
import { printable, problemAt } from '../problem.ts'
import type { CheckContext, CheckedOrganization } from './context.ts'

interface Synchronized {
  readonly organization: string
  readonly member: SetMember
}

/** One organization synchronizes an address, unless a declared move names both. */
export function checkSynchronization(context: CheckContext): void {
  for (const organization of context.organizations.values()) checkNonProduction(context, organization)
  if (context.organizations.size < 2) return
  const byAddress = new Map<string, Synchronized>()
  for (const organization of context.organizations.values()) {
    const settings = organization.settings[0]?.value.spec
    for (const member of organization.members) {
      if (connectionOf(member, 'appointmentsContactsTasks', settings) !== 'ServerSideSync') continue
      const first = byAddress.get(member.address)
      const second = { organization: organization.name, member }
      if (first === undefined) byAddress.set(member.address, second)
      else if (first.organization !== organization.name && !isMove(first, second)) reportSecond(context, first, second)
    }
  }
}

function isMove(a: Synchronized, b: Synchronized): boolean {
  return a.member.own?.movedFrom === b.organization || b.member.own?.movedFrom === a.organization
}

function reportSecond(context: CheckContext, first: Synchronized, second: Synchronized): void {
  const place = placeName(memberOrigin(first.member))
  const message = `${printable(second.member.address)} is synchronized by \`${first.organization}\` too (${place}); one organization may`
  const hint = `To move it, write \`primarySync: Claim\` and \`movedFrom\` with the other organization on the member that takes it over`
  context.report(problemAt(memberOrigin(second.member), message, hint))
}

function checkNonProduction(context: CheckContext, organization: CheckedOrganization): void {
  if (organization.document.value.spec.environment !== 'NonProduction') return
  const settings = organization.settings[0]?.value.spec
  const reported = new Set<unknown>()
  for (const member of organization.members) {
    if (member.set.value.spec.acknowledgeNonProduction === true || reported.has(member.set)) continue
    const field = synchronizingField(member, settings)
    if (field === undefined) continue
    reported.add(member.set)
    const message = `\`${organization.name}\` is NonProduction and would synchronize mailboxes; write None, or \`acknowledgeNonProduction: true\` in the set`
    context.report(problemAt(fieldOrigin(member, field), message))
  }
}

function synchronizingField(member: SetMember, settings: EmailSettings['spec'] | undefined) {
  if (member.own?.primarySync !== undefined) return 'primarySync'
  return (['incoming', 'outgoing', 'appointmentsContactsTasks'] as const).find(
    (field) => connectionOf(member, field, settings) === 'ServerSideSync',
  )
}

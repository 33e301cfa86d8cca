import type { Key, Permit } from '../engine/index.ts'
import type { DesiredOrganization, DesiredOverride } from '../spec/desired.ts'
import { type PassedBefore, passageId } from './journal-recent.ts'

/** The permits of an organization at a time: what its overrides allow then. */
export type PermitsAt = (now: Date) => readonly Permit[]

/**
 * The overrides of a spec as an organization sees them. `uncommitted` says, by file, why an override in it does not count. One that is for
 * another organization, has expired, or names a set without mailboxes does not count either, and says so.
 */
export function permitsOf(
  desired: DesiredOrganization,
  overrides: readonly DesiredOverride[],
  uncommitted: ReadonlyMap<string, string>,
): PermitsAt {
  return (now) => overrides.map((override) => permitOf(desired, override, uncommitted, now))
}

/** Permits with what they let pass before. Where the journal does not tell, none of them counts: its limit may be used up. */
export function withPassed(permits: readonly Permit[], passed: PassedBefore | undefined): readonly Permit[] {
  return permits.map((permit) => {
    if (passed === undefined) return { ...permit, fault: permit.fault ?? NOT_TOLD }
    const spent = passed.get(passageId({ guard: permit.guard, override: permit.name }))
    return spent ? { ...permit, spent } : permit
  })
}

const NOT_TOLD = 'the journal does not tell what it let pass before'

function permitOf(
  desired: DesiredOrganization,
  override: DesiredOverride,
  uncommitted: ReadonlyMap<string, string>,
  now: Date,
): Permit {
  const { name, guard, limit, reason, ticket, origin } = override
  const members = override.sets && membersOf(desired, override.sets)
  const fault = elsewhere(desired, override) ?? uncommitted.get(origin.file) ?? expired(override, now) ?? empty(members)
  return {
    name,
    guard,
    limit,
    reason,
    ...(ticket === undefined ? {} : { ticket }),
    origin,
    ...(members ? { objects: new Map([['Mailbox', new Set([...members.values()].flat())]]) } : {}),
    ...(fault === undefined ? {} : { fault }),
  }
}

function membersOf({ mailboxes }: DesiredOrganization, sets: readonly string[]): ReadonlyMap<string, readonly Key[]> {
  const members = new Map<string, Key[]>(sets.map((set) => [set, []]))
  for (const { address, set } of mailboxes.values()) members.get(set)?.push(address)
  return members
}

function elsewhere({ name }: DesiredOrganization, { organization }: DesiredOverride): string | undefined {
  return organization === name ? undefined : `it is for the organization ${organization}`
}

/** A time that cannot be read is over. */
function expired({ expires }: DesiredOverride, now: Date): string | undefined {
  return Date.parse(expires) > now.getTime() ? undefined : `it expired on ${expires}`
}

function empty(members: ReadonlyMap<string, readonly Key[]> | undefined): string | undefined {
  const [set] = [...(members ?? [])].find(([, keys]) => keys.length === 0) ?? []
  return set === undefined ? undefined : `no mailbox is in the set ${set} that it names`
}

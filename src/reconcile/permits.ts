import type { Key, Permit } from '../engine/index.ts'
import type { DesiredOrganization, DesiredOverride, DesiredTrust } from '../spec/desired.ts'
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
  return (now) =>
    overrides.map((override) => {
      const members = override.sets && membersOf(desired, override.sets)
      const objects = members && new Map([['Mailbox', new Set([...members.values()].flat())]])
      return permitOf(
        override,
        { objects, fault: elsewhere([desired.name], override) },
        uncommitted,
        now,
        empty(members),
      )
    })
}

/**
 * The overrides of a spec as a trust sees them: those of its organizations. A tenant id passes for the organization of the override only,
 * everything else belongs to all of them. Sets hold mailboxes, and a trust has none.
 */
export function trustPermitsOf(
  { organizations }: Pick<DesiredTrust, 'organizations'>,
  overrides: readonly DesiredOverride[],
  uncommitted: ReadonlyMap<string, string>,
): PermitsAt {
  const members = [...organizations.keys()]
  return (now) =>
    overrides.map((override) => {
      const own = override.guard === 'tenant-id' ? new Map([['TenantId', new Set([override.organization])]]) : undefined
      const objects = override.sets ? new Map([['Mailbox', new Set<Key>()]]) : own
      return permitOf(override, { objects, fault: elsewhere(members, override) }, uncommitted, now)
    })
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
  override: DesiredOverride,
  about: { readonly objects: Permit['objects'] | undefined; readonly fault: string | undefined },
  uncommitted: ReadonlyMap<string, string>,
  now: Date,
  unfit?: string,
): Permit {
  const { name, guard, limit, reason, ticket, origin } = override
  const fault = about.fault ?? uncommitted.get(origin.file) ?? expired(override, now) ?? unfit
  return {
    name,
    guard,
    limit,
    reason,
    ...(ticket === undefined ? {} : { ticket }),
    origin,
    ...(about.objects ? { objects: about.objects } : {}),
    ...(fault === undefined ? {} : { fault }),
  }
}

function membersOf({ mailboxes }: DesiredOrganization, sets: readonly string[]): ReadonlyMap<string, readonly Key[]> {
  const members = new Map<string, Key[]>(sets.map((set) => [set, []]))
  for (const { address, set } of mailboxes.values()) members.get(set)?.push(address)
  return members
}

function elsewhere(names: readonly string[], { organization }: DesiredOverride): string | undefined {
  return names.includes(organization) ? undefined : `it is for the organization ${organization}`
}

/** A time that cannot be read is over. */
function expired({ expires }: DesiredOverride, now: Date): string | undefined {
  return Date.parse(expires) > now.getTime() ? undefined : `it expired on ${expires}`
}

function empty(members: ReadonlyMap<string, readonly Key[]> | undefined): string | undefined {
  const [set] = [...(members ?? [])].find(([, keys]) => keys.length === 0) ?? []
  return set === undefined ? undefined : `no mailbox is in the set ${set} that it names`
}

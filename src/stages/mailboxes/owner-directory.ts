// Who owns a profile or a forward mailbox, in words that can be compared: `user:ann@contoso.com`, `user:contoso\ann` or `team:sales`.
// CRM knows owners by identifier; the spec may name one and the same user by address or by account name, so an owner is told in the words
// of the wish where it is the one meant.
import type { OrganizationReader } from '../../crm/organization.ts'
import type { HolderRow, Listing, TeamRow } from '../../crm/rows.ts'
import type { Reason } from '../../engine/index.ts'
import { canonicalAddress } from '../../spec/address.ts'
import type { DesiredOrganization, Owner } from '../../spec/desired.ts'

/** An owner as CRM refers to it. */
export interface OwnerRef {
  readonly type: 'User' | 'Team'
  readonly id: string
}

/** Owners in words and by identifier. */
export interface OwnerDirectory {
  /** The owner meant by these words, or why there is none to be had. */
  resolve(words: string): OwnerRef | Reason
  /** The words for an owner: those of the wish where it is the one meant. */
  tell(ownerId: string, wished: string | undefined): string
}

/** What an owner directory is to know. */
export interface OwnerQuestion {
  readonly reader: OrganizationReader
  readonly desired: DesiredOrganization
  /** Words of all wished owners. */
  readonly wished: ReadonlySet<string>
  /** Identifiers of owners to be told. */
  readonly actual: ReadonlySet<string>
  readonly signal: AbortSignal
}

const remembered = new WeakMap<DesiredOrganization, Map<string, OwnerRef>>()
const NOTHING: Listing<never> = { rows: new Map<string, never>(), unknown: new Map() }

/** A wished owner in words. */
export function ownerInWords(owner: Owner): string {
  return owner.user === undefined ? `team:${owner.team}` : `user:${canonicalAddress(owner.user)}`
}

/** True where `resolve` found an owner. */
export function isOwner(found: OwnerRef | Reason): found is OwnerRef {
  return 'id' in found
}

/** Reads what is needed to tell these owners. Users are read whole only where one is wished that was not found before. */
export async function ownerDirectory(question: OwnerQuestion): Promise<OwnerDirectory> {
  const { reader, desired, wished, actual, signal } = question
  if (wished.size === 0) return directoryOf(NOTHING, NOTHING)
  const teams = [...wished].some((words) => words.startsWith('team:')) ? await reader.teams(signal) : NOTHING
  const known = remembered.get(desired) ?? new Map<string, OwnerRef>()
  const names = [...wished].filter((words) => words.startsWith('user:'))
  if (names.every((words) => known.has(words))) {
    const ids = new Set([...actual, ...names.map((words) => known.get(words)?.id ?? '')])
    const some = directoryOf(await reader.users(ids, signal), teams)
    if (names.every((words) => isOwner(some.resolve(words)))) return some
  }
  const directory = directoryOf(await reader.users('all', signal), teams)
  remembered.set(desired, found(directory, names))
  return directory
}

function found(directory: OwnerDirectory, names: readonly string[]): Map<string, OwnerRef> {
  const refs = new Map<string, OwnerRef>()
  for (const words of names) {
    const owner = directory.resolve(words)
    if (isOwner(owner)) refs.set(words, owner)
  }
  return refs
}

function directoryOf(users: Listing<HolderRow>, teams: Listing<TeamRow>): OwnerDirectory {
  const index = new Map<string, OwnerRef | Reason>()
  for (const user of users.rows.values()) {
    const ref = user.active ? ({ type: 'User', id: user.id } as const) : disabled()
    if (user.address) note(index, `user:${canonicalAddress(user.address)}`, ref)
    if (user.domainName) note(index, `user:${canonicalAddress(user.domainName)}`, ref)
  }
  for (const team of teams.rows.values()) note(index, `team:${team.name}`, { type: 'Team', id: team.id })
  return {
    resolve: (words) => index.get(words) ?? notFound(words),
    tell(ownerId, wished) {
      const meant = wished === undefined ? undefined : index.get(wished)
      if (wished !== undefined && meant && isOwner(meant) && meant.id === ownerId) return wished
      const user = users.rows.get(ownerId)
      if (user) return `user:${canonicalAddress(user.address ?? user.name)}`
      return `team:${teams.rows.get(ownerId)?.name ?? ownerId}`
    },
  }
}

/** Two who answer to the same words are none. An active user goes before a disabled one. */
function note(index: Map<string, OwnerRef | Reason>, words: string, ref: OwnerRef | Reason): void {
  const known = index.get(words)
  if (known === undefined || (!isOwner(known) && known.code === 'OwnerDisabled')) index.set(words, ref)
  else if (isOwner(ref) && isOwner(known) && known.id !== ref.id) index.set(words, ambiguous(words))
}

/** An owner for people: `ann@contoso.com` or `team Sales`. */
export function ownerForPeople(words: string): string {
  return words.startsWith('team:') ? `team ${words.slice('team:'.length)}` : words.slice('user:'.length)
}

function notFound(words: string): Reason {
  const message = `its owner ${ownerForPeople(words)} is not in CRM; create the owner there or name another one`
  return { code: 'OwnerNotFound', message }
}

function disabled(): Reason {
  return { code: 'OwnerDisabled', message: 'its owner is disabled in CRM; enable the owner there or name another one' }
}

function ambiguous(words: string): Reason {
  const message = `several in CRM answer to the owner ${ownerForPeople(words)}; name the owner in another way`
  return { code: 'OwnerAmbiguous', message }
}

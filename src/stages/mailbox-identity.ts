// Who a mailbox is: that a forward mailbox exists, what it is called and who owns it, and which address a mailbox has. It comes before
// approval, because a changed address has to be approved again.
import type { MailboxPatch, OrganizationReader, OrganizationWriter } from '../crm/organization.ts'
import type { Assignment, FieldRule, Key, Observed, Reason, Stage, Wish } from '../engine/index.ts'
import type { DesiredMailbox, DesiredOrganization, MailboxType } from '../spec/desired.ts'
import { type MailboxEntry, mailboxDirectory, readOf, wishedKeys } from './mailbox-directory.ts'
import { NOT_IN_CRM } from './mailbox-waiting.ts'
import { isOwner, type OwnerDirectory, ownerDirectory, ownerForPeople, ownerInWords } from './owner-directory.ts'
import { forwardMailboxId } from './stable-id.ts'
import { STAGE_NAMES } from './stage-names.ts'
import { type Prepared, write } from './write.ts'

type Identity = {
  readonly type: MailboxType
  /** Canonical. */
  readonly address: string
  /** Forward mailboxes only. */
  readonly name?: string
  /** Forward mailboxes only; see `ownerInWords`. */
  readonly owner?: string
}

type IdentityStage = Stage<DesiredOrganization, Identity, OrganizationReader, OrganizationWriter, MailboxEntry>

/** Existence, names, owners and addresses of mailboxes. */
export const mailboxIdentity: IdentityStage = {
  name: STAGE_NAMES.mailboxIdentity,
  kind: 'Mailbox',
  noun: { one: 'mailbox', many: 'mailboxes' },
  scope: 'organization',
  mode: 'writes',
  gate: 'advises',
  fields: {
    type: typeRule(),
    address: addressRule(),
    name: { ...nameRule(), keepsProof: true },
    owner: { ...ownerRule(), keepsProof: true },
  },
  async observe(context) {
    const { reader, desired, signal } = context
    const directory = await mailboxDirectory(context)
    const keys = [...wishedKeys(context)]
    const owners = await ownerDirectory({ reader, desired, ...ownersAsked(desired, keys, directory.entries), signal })
    const unresolved = unresolvedOwners(desired, keys, owners)
    const read = readOf(directory, keys, (entry, key) => observed(entry, desired.mailboxes.get(key), owners))
    return { ...read, unknown: new Map([...unresolved, ...read.unknown]) }
  },
  desire: wishesOf,
  absent: (wish) => (wish.fields.type === 'Forward' ? 'create' : NOT_IN_CRM),
  words: () => ({ group: 'create', one: 'is created as a forward mailbox', many: 'are created as forward mailboxes' }),
  async *apply({ writer, reader, desired, signal }, assignments) {
    const wished = new Set(assignments.flatMap(({ fields }) => (fields.owner === undefined ? [] : [fields.owner])))
    const [owners, organization] = await Promise.all([
      ownerDirectory({ reader, desired, wished, actual: new Set(), signal }),
      reader.organization(signal),
    ])
    const prepared = assignments.map((assignment) => prepare(assignment, owners, organization.id))
    yield* write(writer, prepared, signal)
  },
}

/** A released mailbox keeps the identity it has. */
function* wishesOf(desired: DesiredOrganization): Generator<readonly [Key, Wish<Identity>]> {
  for (const [key, member] of desired.mailboxes) if (!member.released) yield [key, wishOf(member)]
}

function wishOf({ type, address, name, owner, origin }: DesiredMailbox): Wish<Identity> {
  const fields: Identity =
    type === 'Forward'
      ? { type, address, ...(name !== undefined && { name }), ...(owner && { owner: ownerInWords(owner) }) }
      : { type, address }
  return { ensure: 'present', fields, label: address, origin }
}

function observed(
  entry: MailboxEntry,
  member: DesiredMailbox | undefined,
  owners: OwnerDirectory,
): Observed<Identity, MailboxEntry> {
  const { mailbox, hold } = entry
  const fields = mailbox.type === 'Forward' ? forwardIdentity(entry, member, owners) : identityOf(entry)
  const label = mailbox.name
  return hold ? { fields, ref: entry, label, hold } : { fields, ref: entry, label }
}

function identityOf({ mailbox, address }: MailboxEntry): Identity {
  return { type: mailbox.type, address }
}

function forwardIdentity(entry: MailboxEntry, member: DesiredMailbox | undefined, owners: OwnerDirectory): Identity {
  const { name, ownerId } = entry.mailbox
  const wished = member?.owner && ownerInWords(member.owner)
  return { ...identityOf(entry), name, owner: ownerId === null ? '' : owners.tell(ownerId, wished) }
}

function ownersAsked(desired: DesiredOrganization, keys: readonly Key[], entries: ReadonlyMap<Key, MailboxEntry>) {
  const wished = new Set<string>()
  const actual = new Set<string>()
  for (const key of keys) {
    const owner = desired.mailboxes.get(key)?.owner
    if (!owner) continue
    wished.add(ownerInWords(owner))
    const ownerId = entries.get(key)?.mailbox.ownerId
    if (ownerId) actual.add(ownerId)
  }
  return { wished, actual }
}

function unresolvedOwners(
  desired: DesiredOrganization,
  keys: readonly Key[],
  owners: OwnerDirectory,
): ReadonlyMap<Key, Reason> {
  const unresolved = new Map<Key, Reason>()
  for (const key of keys) {
    const member = desired.mailboxes.get(key)
    if (member?.type !== 'Forward' || !member.owner) continue
    const found = owners.resolve(ownerInWords(member.owner))
    if (!isOwner(found)) unresolved.set(key, found)
  }
  return unresolved
}

function prepare(
  { change, fields, row }: Assignment<Identity, MailboxEntry>,
  owners: OwnerDirectory,
  organizationId: string,
): Prepared {
  const owner = fields.owner === undefined ? undefined : owners.resolve(fields.owner)
  if (owner && !isOwner(owner)) return { ref: change.id, refused: owner }
  const patch: MailboxPatch = {
    ...(fields.name !== undefined && { name: fields.name }),
    ...(fields.address !== undefined && { address: fields.address }),
    ...(owner && { owner }),
  }
  if (!row) {
    const id = forwardMailboxId(organizationId, change.key)
    return { ref: change.id, kind: 'create-mailbox', id, patch: { name: change.key, ...patch } }
  }
  const { mailbox, holder } = row.ref
  if (!holder || fields.address === undefined) return { ref: change.id, kind: 'update-mailbox', id: mailbox.id, patch }
  const kind = holder.type === 'Queue' ? 'update-queue' : 'update-user'
  return { ref: change.id, kind, id: holder.id, patch: { address: fields.address } }
}

function typeRule(): FieldRule<MailboxType> {
  const words = (to: string) => ({ group: 'create', one: `is of type ${to}`, many: `are of type ${to}` })
  return { effect: () => 'create', words: (_from, to) => words(to) }
}

/** Mailbox, user and queue share one address, and a changed one needs approval again (Microsoft, connect to Exchange Online). */
function addressRule(): FieldRule<string> {
  return {
    effect: () => 'rename',
    words: (from, to) => ({
      group: 'address',
      one: `changes its address from ${from || 'none'} to ${to}; its approval is lost by that and must be given again`,
      many: 'change their address; their approval is lost by that and must be given again',
    }),
  }
}

function nameRule(): FieldRule<string> {
  return {
    effect: () => 'rename',
    words: (from, to) => ({
      group: 'rename',
      one: `is called "${to}" instead of "${from ?? ''}"`,
      many: 'get another name',
    }),
  }
}

function ownerRule(): FieldRule<string> {
  return {
    effect: () => 'adjust',
    words: (_from, to) => ({
      group: 'adjust',
      one: `belongs to ${ownerForPeople(to)}`,
      many: `belong to ${ownerForPeople(to)}`,
    }),
  }
}

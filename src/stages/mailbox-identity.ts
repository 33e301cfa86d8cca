// Who a mailbox is: that a forward mailbox exists, what it is called and who owns it, and which address a mailbox has. It comes before
// approval, because a changed address has to be approved again.
import type { MailboxPatch, OrganizationReader, OrganizationWriter } from '../crm/organization.ts'
import type {
  Assignment,
  Consequence,
  ConsequenceContext,
  FieldRule,
  Key,
  Observed,
  Projection,
  Reason,
  Stage,
  Wish,
} from '../engine/index.ts'
import type { DesiredMailbox, DesiredOrganization, MailboxType } from '../spec/desired.ts'
import { approvalOf, needsApproval } from './mailboxes/mailbox-approval.ts'
import { holderRecord, type MailboxEntry, mailboxDirectory, readOf, wishedKeys } from './mailboxes/mailbox-directory.ts'
import { createPolicy } from './mailboxes/mailbox-policy.ts'
import { NOT_IN_CRM } from './mailboxes/mailbox-waiting.ts'
import {
  isOwner,
  type OwnerDirectory,
  ownerDirectory,
  ownerForPeople,
  ownerInWords,
} from './mailboxes/owner-directory.ts'
import { forwardMailboxId } from './stable-id.ts'
import { STAGE_NAMES } from './stage-names.ts'
import { usesServerSide } from './testing/test-state.ts'
import { type ProfileReference, trustNeeded } from './trust-dependence.ts'
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

/** A mailbox, and whether CRM requires an approval of it now. Absent: not asked, or it cannot be told. */
type Ref = MailboxEntry & { readonly requiresApproval?: boolean }
type IdentityStage = Stage<DesiredOrganization, Identity, OrganizationReader, OrganizationWriter, Ref>

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
    const unresolved = unresolvedOwners(context, keys, owners)
    const renames = context.keys === 'all' && keys.some((key) => directory.entries.get(key)?.address !== key)
    const organization = renames ? await approvalsRequired(reader, signal) : undefined
    const read = readOf(directory, keys, (entry, key) =>
      observed(
        organization ? { ...entry, requiresApproval: needsApproval(entry, organization) } : entry,
        desired.mailboxes.get(key),
        owners,
      ),
    )
    return { ...read, unknown: new Map([...unresolved, ...read.unknown]) }
  },
  desire: wishesOf,
  absent: ({ fields }) => (fields.type === 'Forward' && fields.address !== undefined ? 'create' : NOT_IN_CRM),
  // CRM stops a mailbox whose address changes until a test passes, and none could.
  needs: (key, { address }, projection) =>
    address === undefined ? [] : trustNeeded(testedProfileOf(key, projection), projection),
  record: ({ ref }) => ref && holderRecord(ref),
  consequences: lostApproval,
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
function* wishesOf(
  desired: DesiredOrganization,
  projection: Projection,
  now: Date,
): Generator<readonly [Key, Wish<Identity>]> {
  const read = projection.read(STAGE_NAMES.mailboxIdentity)
  const policy = createPolicy(now)
  for (const [key, member] of desired.mailboxes) {
    if (member.released) continue
    // What is left alone in a mailbox that is there is still needed to create one that is not.
    const isThere = read?.complete === true && read.rows.has(key)
    yield [key, policy.held(wishOf(isThere ? policy.managed(member) : member), member)]
  }
}

function wishOf({ type, address, name, owner, manage, origin }: DesiredMailbox): Wish<Identity> {
  const isManaged = manage?.includes('settings') ?? true
  const fields: Partial<Identity> =
    type === 'Forward' && isManaged
      ? { type, address, ...(name !== undefined && { name }), ...(owner && { owner: ownerInWords(owner) }) }
      : { type, ...(isManaged && { address }) }
  return { ensure: 'present', fields, label: address, origin }
}

/** The profile of a mailbox that is there and synchronizes by server; none else. */
function testedProfileOf(key: Key, projection: Projection): ProfileReference {
  const read = projection.read(STAGE_NAMES.mailboxIdentity)
  const entry = read?.complete ? (read.rows.get(key)?.ref as Ref | undefined) : undefined
  return { id: entry && usesServerSide(entry.mailbox) ? entry.mailbox.profileId : null }
}

/** What CRM requires approval of. Where that cannot be told, it is taken to be required of everybody. */
async function approvalsRequired(reader: OrganizationReader, signal: AbortSignal) {
  try {
    return await reader.organization(signal)
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

/** That a new address ends somebody's mail: it was approved, an approval is required, and this plan does not give it again. */
function lostApproval(
  key: Key,
  { address }: Partial<Identity>,
  _wish: Wish<Identity>,
  row: Observed<Identity, Ref> | undefined,
  { desired, now, isChosen }: ConsequenceContext<DesiredOrganization>,
): readonly Consequence[] {
  const { ref } = row ?? {}
  if (address === undefined || !ref || ref.mailbox.type === 'Forward' || approvalOf(ref) !== 'Approved') return []
  const { users, queues } = desired.settings?.requireApproval ?? {}
  const willBeRequired = (ref.mailbox.type === 'Queue' ? queues : users) === true
  if (ref.requiresApproval === false && !willBeRequired) return []
  const member = desired.mailboxes.get(key)
  const policy = createPolicy(now)
  const isGivenAgain = member && policy.managed(member).approval === 'Approved' && policy.heldBy(member) === undefined
  return isGivenAgain && isChosen(STAGE_NAMES.approval) ? [] : [LOST_APPROVAL]
}

const LOST_APPROVAL: Consequence = {
  effect: 'unapprove',
  phrase: { group: 'reject', one: 'loses its approval', many: 'lose their approval' },
}

function observed(entry: Ref, member: DesiredMailbox | undefined, owners: OwnerDirectory): Observed<Identity, Ref> {
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

/** An owner that is not written does not have to be found. */
function unresolvedOwners(
  { desired, now }: { readonly desired: DesiredOrganization; readonly now: Date },
  keys: readonly Key[],
  owners: OwnerDirectory,
): ReadonlyMap<Key, Reason> {
  const unresolved = new Map<Key, Reason>()
  const policy = createPolicy(now)
  for (const key of keys) {
    const member = desired.mailboxes.get(key)
    if (member?.type !== 'Forward' || member.manage?.includes('settings') === false) continue
    const { owner } = policy.managed(member)
    if (!owner) continue
    const found = owners.resolve(ownerInWords(owner))
    if (!isOwner(found)) unresolved.set(key, found)
  }
  return unresolved
}

function prepare(
  { change, fields, row }: Assignment<Identity, Ref>,
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

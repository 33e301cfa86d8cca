// A set of 50,000 members becomes 50,000 small objects of one shape: what a set says is laid under each member as it is, by
// reference, and where a member was written is worked out when somebody asks.
import { canonicalAddress } from '../address.ts'
import type { DesiredMailbox, DesiredSettings } from '../desired.ts'
import type { SpecDocument } from '../document.ts'
import type { MailboxSet } from '../generated/types.ts'
import {
  type DefaultedField,
  type MemberFields,
  memberOrigin,
  membersOf,
  type SetMember,
  usesDefaults,
} from '../members.ts'
import { asManaged, layPolicy } from './policy.ts'
import { ownerOf } from './profile.ts'

type Writable = { -readonly [F in keyof DesiredMailbox]: DesiredMailbox[F] }
/** What a mailbox has from its set alone. */
type SetPart = Omit<DesiredMailbox, 'address' | 'origin'>

const CONNECTION = ['profile', 'incoming', 'outgoing', 'appointmentsContactsTasks'] as const satisfies DefaultedField[]
const SHARED = ['approval', 'processEmailFrom', 'processAndDelete', 'manage', 'policy'] as const
const OWN = ['primarySync', 'movedFrom', 'name', 'useCredentials', 'userName', 'password'] as const

/** The mailboxes of an organization by canonical address. */
export function compileMailboxes(
  sets: readonly SpecDocument<'MailboxSet'>[],
  settings: DesiredSettings | undefined,
): Map<string, DesiredMailbox> {
  const mailboxes = new Map<string, DesiredMailbox>()
  for (const set of sets) {
    const shared = setPart(set, settings)
    const plain = asManaged(shared)
    for (const member of membersOf(set)) {
      mailboxes.set(member.address, compileMember(member, member.own ? shared : plain, settings))
    }
  }
  return mailboxes
}

function compileMember(member: SetMember, shared: SetPart, settings: DesiredSettings | undefined): DesiredMailbox {
  const mailbox: Writable = { address: member.address, ...shared, origin: memberOrigin(member) }
  if (member.own === undefined) return mailbox
  layOwn(mailbox, member, member.own, settings)
  return asManaged(mailbox)
}

function setPart(set: SpecDocument<'MailboxSet'>, settings: DesiredSettings | undefined): SetPart {
  const { spec, metadata } = set.value
  const part: Writable = {
    address: '',
    type: spec.type ?? 'User',
    set: metadata.name,
    useDefaults: spec.useDefaults ?? false,
    testAndEnable: spec.testAndEnable ?? false,
    onRelease: spec.onRelease ?? 'Keep',
    origin: set.origin(),
  }
  lay(part, spec, CONNECTION)
  lay(part, spec, SHARED)
  layPolicy(part, spec)
  if (part.useDefaults) layDefaults(part, settings)
  const { address: _, origin: __, ...shared } = part
  return shared
}

function layOwn(mailbox: Writable, member: SetMember, own: MemberFields, settings: DesiredSettings | undefined): void {
  const useDefaults = usesDefaults(member)
  if (useDefaults !== mailbox.useDefaults) {
    // The member goes another way than its set: nothing of the set's profile and methods holds for it.
    for (const field of CONNECTION) delete mailbox[field]
    mailbox.useDefaults = useDefaults
    if (useDefaults) layDefaults(mailbox, settings)
    else lay(mailbox, member.set.value.spec, CONNECTION)
  }
  lay(mailbox, own, CONNECTION)
  lay(mailbox, own, SHARED)
  layPolicy(mailbox, own)
  lay(mailbox, own, OWN)
  if (own.type !== undefined) mailbox.type = own.type
  if (own.testAndEnable !== undefined) mailbox.testAndEnable = own.testAndEnable
  if (own.onRelease !== undefined) mailbox.onRelease = own.onRelease
  if (own.previousAddress !== undefined) mailbox.previousAddress = canonicalAddress(own.previousAddress)
  if (own.owner !== undefined) mailbox.owner = ownerOf(own.owner)
}

function layDefaults(mailbox: Writable, settings: DesiredSettings | undefined): void {
  if (settings === undefined) return
  if (settings.defaultProfile !== undefined) mailbox.profile = settings.defaultProfile
  lay(mailbox, settings, ['incoming', 'outgoing', 'appointmentsContactsTasks'])
}

type Layer = Pick<MailboxSet['spec'], DefaultedField | (typeof SHARED)[number]> &
  Pick<MemberFields, (typeof OWN)[number]>

/** Copies the fields that are there. */
function lay<F extends keyof Layer & keyof Writable>(
  mailbox: Writable,
  fields: Pick<Layer, F>,
  names: readonly F[],
): void {
  for (const name of names) {
    if (fields[name] !== undefined) Object.assign(mailbox, { [name]: fields[name] })
  }
}

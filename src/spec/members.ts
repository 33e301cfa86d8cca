// What a member of a mailbox set is after its set and the defaults of its organization were laid under its own fields. Checks and
// compilation both ask here, so that what is checked is what is compiled.
import { canonicalAddress, isPlainAddress } from './address.ts'
import type { Origin } from './desired.ts'
import type { SpecDocument } from './document.ts'
import type { EmailSettings, MailboxMember, MailboxSet } from './generated/types.ts'

/** A member written as an object. */
export type MemberFields = Exclude<MailboxMember, string>
type SetFields = MailboxSet['spec']
type SettingsFields = EmailSettings['spec']

/** Fields that a member may have from its set. */
export type SharedField = Extract<keyof MemberFields, keyof SetFields>
/** Fields that a member may have from the EmailSettings of its organization. */
export type DefaultedField = 'profile' | 'incoming' | 'outgoing' | 'appointmentsContactsTasks'

/** One entry of a set. */
export interface SetMember {
  readonly set: SpecDocument<'MailboxSet'>
  readonly index: number
  readonly written: string
  /** Canonical. */
  readonly address: string
  /** True where the address needs no further look. */
  readonly plain: boolean
  /** Its own fields; undefined where only the address was written. */
  readonly own: MemberFields | undefined
}

/** Checking and compiling ask for the same members: a set of 50,000 is gone through once. */
const MEMBERS = new WeakMap<SpecDocument<'MailboxSet'>, readonly SetMember[]>()

/** The members of a set in the order they were written, without those that are told as wrong. */
export function membersOf(set: SpecDocument<'MailboxSet'>): readonly SetMember[] {
  const known = MEMBERS.get(set)
  if (known !== undefined) return known
  const members = set.value.spec.mailboxes.flatMap((entry, index): readonly SetMember[] => {
    if (set.wrong.has(index)) return []
    const own = typeof entry === 'string' ? undefined : entry
    const written = typeof entry === 'string' ? entry : entry.address
    const plain = isPlainAddress(written)
    return [{ set, index, written, address: plain ? written : canonicalAddress(written), plain, own }]
  })
  MEMBERS.set(set, members)
  return members
}

/** Where a member was written. */
export function memberOrigin({ set, index }: SetMember): Origin {
  return set.itemOrigin(set.value.spec.mailboxes, index)
}

/** Where a field of a member was written: on itself, else on its set; the member's own place where on neither. */
export function fieldOrigin(member: SetMember, field: SharedField | keyof MemberFields): Origin {
  const { set, index, own } = member
  if (own?.[field] !== undefined) return set.origin(['spec', 'mailboxes', index, field])
  return field in set.value.spec ? set.origin(['spec', field]) : memberOrigin(member)
}

/** A field of a member: its own, else that of its set. */
export function fieldOf<F extends SharedField>({ own, set }: SetMember, field: F): SetFields[F] {
  return (own?.[field] as SetFields[F]) ?? set.value.spec[field]
}

/** Tells whether profile and methods come from the EmailSettings of the organization. */
export function usesDefaults(member: SetMember): boolean {
  return fieldOf(member, 'useDefaults') ?? false
}

/** Profile or a method of a member: its own, else by `useDefaults` that of the settings, else that of its set. */
export function connectionOf<F extends DefaultedField>(
  member: SetMember,
  field: F,
  settings: SettingsFields | undefined,
): SetFields[F] {
  if (!usesDefaults(member)) return fieldOf(member, field)
  const fallback = field === 'profile' ? settings?.defaultProfile : settings?.[field as Exclude<F, 'profile'>]
  return (member.own?.[field] ?? fallback) as SetFields[F]
}

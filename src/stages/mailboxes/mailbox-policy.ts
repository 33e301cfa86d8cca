// How far the spec lets a mailbox be written. Everything here depends on the time: what ended counts no more, without a change of the spec.
import type { Reason, Wish } from '../../engine/index.ts'
import type { DesiredMailbox, Suspension } from '../../spec/desired.ts'

/** What the spec says about writing mailboxes, at one moment. */
export interface MailboxPolicy {
  /** The member without the fields that are left alone now; the member itself where there are none. */
  managed(member: DesiredMailbox): DesiredMailbox
  /** Why the spec holds a mailbox back now; undefined where it does not. */
  heldBy(member: DesiredMailbox): Reason | undefined
  /** The wish, held back where the mailbox is suspended or only observed now. */
  held<W extends Wish>(wish: W, member: DesiredMailbox): W
}

/** True where something that ends at `until`, a day or a time, still stands. A day ends it as that day begins, in UTC. */
export function stands({ until }: { readonly until: string }, now: Date): boolean {
  return Date.parse(until) > now.getTime()
}

/** Why nothing is written during a suspension; undefined where there is none or it is over. */
export function suspensionReason(suspension: Suspension | undefined, now: Date): Reason | undefined {
  if (suspension === undefined || !stands(suspension, now)) return undefined
  const { owner, reason, until } = suspension
  return { code: 'Suspended', message: `suspended until ${until} by ${owner}: ${reason}` }
}

const OBSERVED: Reason = { code: 'ObserveOnly', message: 'only observed, because the spec says `policy: Observe`' }

/** The policy of mailboxes at a moment. Mailboxes of one set share the reason that holds them. */
export function createPolicy(now: Date): MailboxPolicy {
  const known = new Map<DesiredMailbox['suspensions'], Reason | undefined>()
  const suspended = (suspensions: DesiredMailbox['suspensions']) => {
    if (suspensions === undefined) return undefined
    if (!known.has(suspensions)) known.set(suspensions, longestOf(suspensions, now))
    return known.get(suspensions)
  }
  const heldBy = ({ suspensions, policy }: DesiredMailbox) =>
    suspended(suspensions) ?? (policy === 'Observe' ? OBSERVED : undefined)
  return {
    managed: (member) => managedAt(member, now),
    heldBy,
    held(wish, member) {
      const hold = heldBy(member)
      return hold ? { ...wish, hold } : wish
    },
  }
}

/** Of several suspensions the last to end is told: until then nothing is written. */
function longestOf(suspensions: readonly Suspension[], now: Date): Reason | undefined {
  const [last] = suspensions.toSorted((a, b) => Date.parse(b.until) - Date.parse(a.until))
  return suspensionReason(last, now)
}

/** The member without the fields that are left alone at a moment; the member itself where there are none. */
export function managedAt(member: DesiredMailbox, now: Date): DesiredMailbox {
  return member.ignore === undefined ? member : withoutIgnored(member, now)
}

function withoutIgnored(member: DesiredMailbox, now: Date): DesiredMailbox {
  const fields = new Set((member.ignore ?? []).filter((one) => stands(one, now)).map(({ field }) => field))
  if (fields.size === 0) return member
  const left: { -readonly [F in keyof DesiredMailbox]: DesiredMailbox[F] } = { ...member }
  for (const field of fields) {
    if (field === 'test') left.testAndEnable = false
    else delete left[field]
  }
  return left
}

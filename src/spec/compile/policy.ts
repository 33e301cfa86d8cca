// How far a mailbox is managed: what its set says, with its own laid over.
import type { DesiredMailbox, IgnoredField, ManagedPart, Suspension } from '../desired.ts'

/** What a set or a member says about how far mailboxes are managed. */
interface Policy {
  readonly ignore?: readonly IgnoredField[]
  readonly suspend?: Suspension
}

type Laid = { -readonly [F in 'ignore' | 'suspensions']?: DesiredMailbox[F] }

/**
 * Lays exceptions over those that are there already. They add up: a member must neither begin to write what its set leaves alone, nor end
 * a suspension that is not its own.
 */
export function layPolicy(onto: Laid, { ignore = [], suspend }: Policy): void {
  if (ignore.length > 0) onto.ignore = [...ignore, ...(onto.ignore ?? [])]
  if (suspend !== undefined) onto.suspensions = [...(onto.suspensions ?? []), suspend]
}

const BY_PART: Readonly<Record<ManagedPart, readonly (keyof DesiredMailbox)[]>> = {
  settings: [
    'profile',
    'incoming',
    'outgoing',
    'appointmentsContactsTasks',
    'primarySync',
    'movedFrom',
    'processEmailFrom',
    'processAndDelete',
    'useCredentials',
    'userName',
    'password',
  ],
  approval: ['approval'],
  test: [],
}

/** The mailbox without what is not managed. Who owns a forward mailbox and what it is called stays, for telling; `manage` says that it is not written. */
export function asManaged<M extends Pick<DesiredMailbox, 'manage' | 'testAndEnable' | 'useDefaults'>>(mailbox: M): M {
  const { manage } = mailbox
  if (manage === undefined) return mailbox
  const left: M = { ...mailbox }
  for (const part of ['settings', 'approval', 'test'] as const) {
    if (manage.includes(part)) continue
    for (const field of BY_PART[part]) if (field in left) delete left[field as keyof M]
    if (part === 'test') Object.assign(left, { testAndEnable: false })
    if (part === 'settings') Object.assign(left, { useDefaults: false })
  }
  return left
}

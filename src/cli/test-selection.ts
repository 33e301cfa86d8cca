// Which mailboxes `mailkeel test` is about, and the desired state that asks for their tests and for nothing else.

import { UsageError } from '../compose/usage-error.ts'
import type { Key, ObjectConditions } from '../engine/index.ts'
import { MAILBOX_KIND } from '../report/people.ts'
import { canonicalAddress } from '../spec/address.ts'
import type { DesiredMailbox, DesiredOrganization } from '../spec/desired.ts'
import { suggestion } from '../spec/explain/did-you-mean.ts'
import { type Invocation, isGiven, listOf } from './verb.ts'

/** What was said on the command line. */
export interface Selection {
  /** Canonical. */
  readonly addresses: readonly string[]
  readonly sets: readonly string[]
  readonly profiles: readonly string[]
  readonly failed: boolean
  readonly stale: boolean
}

/** The selection of a command line. Throws UsageError where it selects nothing: testing everything must be meant. */
export function selectionOf(invocation: Invocation): Selection {
  const selection = {
    addresses: (invocation.rest ?? []).map(canonicalAddress),
    sets: listOf(invocation, 'set'),
    profiles: listOf(invocation, 'profile'),
    failed: isGiven(invocation, 'failed'),
    stale: isGiven(invocation, 'stale'),
  }
  const { addresses, sets, profiles, failed, stale } = selection
  if (addresses.length + sets.length + profiles.length > 0 || failed || stale) return selection
  throw new UsageError('say what to test: addresses, --set, --profile, --failed or --stale', { helpHelps: true })
}

/** Codes of `Ready` where there is no result, or one that says nothing about the settings of now. */
const STALE: ReadonlySet<string> = new Set(['TestNotRun', 'TestStale', 'TestTimedOut'])

/** The members of an organization that are named, whatever their state. */
export function namedIn(
  { addresses, sets, profiles }: Selection,
  { mailboxes }: DesiredOrganization,
): ReadonlySet<Key> {
  const isNamed = ({ address, set, profile }: DesiredMailbox) =>
    addresses.includes(address) || sets.includes(set) || (profile !== undefined && profiles.includes(profile))
  const all = addresses.length + sets.length + profiles.length === 0
  return new Set([...mailboxes.values()].filter((one) => all || isNamed(one)).map(({ address }) => address))
}

/** Of the named members those in the state that was asked for. */
export function inState(
  { failed, stale }: Selection,
  named: ReadonlySet<Key>,
  conditions: readonly ObjectConditions[],
): ReadonlySet<Key> {
  if (!failed && !stale) return named
  const isMeant = ({ kind, key, ready }: ObjectConditions) =>
    kind === MAILBOX_KIND &&
    named.has(key) &&
    ((failed && ready.status === 'False') || (stale && STALE.has(ready.code)))
  return new Set(conditions.filter(isMeant).map(({ key }) => key))
}

/** Throws UsageError for what the spec does not name: what is not managed is not touched, not even by a test. */
export function checkNames(
  { addresses, sets, profiles }: Selection,
  organizations: readonly DesiredOrganization[],
): void {
  const members = organizations.flatMap(({ mailboxes }) => [...mailboxes.values()])
  const known = new Set(members.map(({ address }) => address))
  const stranger = addresses.find((address) => !known.has(address))
  if (stranger !== undefined) {
    throw new UsageError(
      `${stranger} is not in the spec, and mailkeel touches nothing that is not; \`mailkeel explain ${stranger}\` tells how it is${suggestion(stranger, known)}`,
    )
  }
  const setNames = new Set(members.map(({ set }) => set))
  const unknownSet = sets.find((set) => !setNames.has(set))
  if (unknownSet !== undefined)
    throw new UsageError(`the spec has no set "${unknownSet}"${suggestion(unknownSet, setNames)}`)
  const profileNames = new Set(organizations.flatMap(({ profiles: all }) => [...all.keys()]))
  const unknownProfile = profiles.find((profile) => !profileNames.has(profile))
  if (unknownProfile !== undefined)
    throw new UsageError(`the spec has no profile "${unknownProfile}"${suggestion(unknownProfile, profileNames)}`)
}

/** The desired state in which these members ask for a test and for nothing else. The others stay as they are, and are left out by the pass. */
export function askingForTests(desired: DesiredOrganization, keys: ReadonlySet<Key>): DesiredOrganization {
  const asking = [...desired.mailboxes].map(([key, member]): [Key, DesiredMailbox] => [
    key,
    keys.has(key) ? { ...member, testRequested: true } : member,
  ])
  return { ...desired, mailboxes: new Map(asking) }
}

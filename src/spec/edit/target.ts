import { canonicalAddress } from '../address.ts'
import type { Suspension } from '../desired.ts'
import type { SpecDocument } from '../document.ts'
import { membersOf } from '../members.ts'
import { scopeSpec } from '../scope.ts'
import type { Spec } from '../spec.ts'

/** Something that can be suspended: a mailbox, a set or an organization, where it is written. */
export interface Target {
  readonly organization: string
  /** What it is, in words: `ann@contoso.com`, `the set "sales"`. */
  readonly label: string
  readonly document: SpecDocument<'MailboxSet'> | SpecDocument<'Organization'>
  /** Which member of the set it is. */
  readonly index?: number
  /** Its own suspension, as it is written. */
  readonly own?: Suspension
  /** Other suspensions that hold it too, by whose they are. */
  readonly others: ReadonlyMap<string, Suspension>
  /** A rollout of the set that a person paused. */
  readonly isPaused: boolean
}

/** What a person may mean by a name: mailboxes with that address, else sets, else organizations of that name; one for each organization. */
export function findTargets(spec: Spec, name: string, organizations: readonly string[]): readonly Target[] {
  const scopes = [...scopeSpec(spec).organizations.values()].filter(
    (scope) => organizations.length === 0 || organizations.includes(scope.name),
  )
  if (name.includes('@')) return scopes.flatMap((scope) => mailboxesIn(scope, canonicalAddress(name)))
  const sets = scopes.flatMap((scope) => setsIn(scope).filter(({ document }) => document.name === name))
  return sets.length > 0 ? sets : scopes.filter((scope) => scope.name === name).map(organizationTarget)
}

/** Every name that `findTargets` knows, for suggestions. */
export function targetNames(spec: Spec): readonly string[] {
  return [...scopeSpec(spec).organizations.values()].flatMap(({ name, sets }) => [
    ...sets.flatMap((set) => [set.value.metadata.name, ...membersOf(set).map(({ address }) => address)]),
    name,
  ])
}

type Scope = Parameters<typeof organizationTarget>[0]

function mailboxesIn(scope: Scope, address: string): readonly Target[] {
  return setsIn(scope).flatMap((set) =>
    membersOf(set.document)
      .filter((member) => member.address === address)
      .map(({ index, own }): Target => {
        const others = set.own ? new Map([...set.others, [set.label, set.own]]) : set.others
        const suspend = own?.suspend
        const target = { ...set, label: address, index, others, isPaused: false }
        const { own: _, ...rest } = target
        return suspend ? { ...rest, own: suspend } : rest
      }),
  )
}

function setsIn(scope: Scope): readonly (Target & { readonly document: SpecDocument<'MailboxSet'> })[] {
  const { name, own } = organizationTarget(scope)
  return scope.sets.map((document) => {
    const { spec, metadata } = document.value
    return {
      organization: scope.name,
      label: `the set "${metadata.name}"`,
      document,
      ...(spec.suspend ? { own: spec.suspend } : {}),
      others: new Map(own ? [[`the organization "${name}"`, own]] : []),
      isPaused: spec.rollout?.paused !== undefined,
    }
  })
}

function organizationTarget({
  name,
  document,
}: {
  readonly name: string
  readonly document: SpecDocument<'Organization'>
  readonly sets: readonly SpecDocument<'MailboxSet'>[]
}): Target & { readonly name: string } {
  const { suspend } = document.value.spec
  return {
    name,
    organization: name,
    label: `the organization "${name}"`,
    document,
    ...(suspend ? { own: suspend } : {}),
    others: new Map(),
    isPaused: false,
  }
}

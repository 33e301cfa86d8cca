// What a word on the command line means: an address, a profile, a set, the e-mail settings, in any of the organizations.

import { canonicalAddress } from '../spec/address.ts'
import type { DesiredMailbox, DesiredOrganization, Origin } from '../spec/desired.ts'
import { suggestion } from '../spec/explain/did-you-mean.ts'
import { SETTINGS_KEY } from '../stages/stage-names.ts'
import { UsageError } from './usage-error.ts'

/** One thing somebody asked about, in one organization. */
export type Asked = { readonly organization: string } & (
  | {
      readonly sort: 'address' | 'profile' | 'settings'
      readonly key: string
      readonly label: string
      readonly origin: Origin
    }
  | { readonly sort: 'set'; readonly set: string; readonly members: readonly DesiredMailbox[] }
)

const SORTS = ['address', 'set', 'profile', 'settings'] as const
type Sort = (typeof SORTS)[number]

/**
 * What a word means in these organizations; empty for an address that no spec names. A name that means several sorts of things is told
 * apart as `set:sales`. Empty too for a word that is near nothing in the spec: it may name a profile in CRM. Throws UsageError for a slip,
 * and for the name of several things.
 */
export function askedFor(word: string, organizations: readonly DesiredOrganization[]): readonly Asked[] {
  const sort = SORTS.find((one) => word.startsWith(`${one}:`))
  const name = sort ? word.slice(sort.length + 1) : word
  const bySort = (sort ? [sort] : SORTS).map((one) => organizations.flatMap((desired) => find(one, name, desired)))
  const found = bySort.filter((all) => all.length > 0)
  const [only = []] = found
  if (found.length > 1) {
    const told = found.map(([one]) => `${one?.sort}:${name}`).join(' or ')
    throw new UsageError(`${word} is the name of several things; say ${told}`)
  }
  if (only.length === 0 && !(name.includes('@') && (sort === undefined || sort === 'address'))) {
    if (name === SETTINGS_KEY)
      throw new UsageError('the spec has no EmailSettings, so mailkeel leaves the e-mail settings alone')
    const near = suggestion(name, namesIn(organizations))
    // What the spec does not name may be a profile in CRM; a slip is told without asking there.
    if (near === '' && (sort === undefined || sort === 'profile')) return only
    throw new UsageError(`nothing in the spec is called ${word}${near}`)
  }
  return only
}

function find(sort: Sort, name: string, desired: DesiredOrganization): readonly Asked[] {
  const organization = desired.name
  if (sort === 'address') {
    const address = canonicalAddress(name)
    const member =
      desired.mailboxes.get(address) ??
      [...desired.mailboxes.values()].find(({ previousAddress }) => previousAddress === address)
    return member ? [{ organization, sort, key: member.address, label: member.address, origin: member.origin }] : []
  }
  if (sort === 'set') {
    const members = [...desired.mailboxes.values()].filter(({ set }) => set === name)
    return members.length > 0 ? [{ organization, sort, set: name, members }] : []
  }
  if (sort === 'profile') {
    const profiles = [...desired.profiles.values()]
    const profile = profiles.find((one) => one.name === name) ?? profiles.find((one) => one.displayName === name)
    if (!profile) return []
    return [{ organization, sort, key: profile.name, label: `"${profile.displayName}"`, origin: profile.origin }]
  }
  const { settings } = desired
  if (!settings || (name !== SETTINGS_KEY && name !== settings.name)) return []
  return [{ organization, sort, key: SETTINGS_KEY, label: 'e-mail settings', origin: settings.origin }]
}

/** Everything in a spec that has a name. */
export function namesIn(organizations: readonly DesiredOrganization[]): readonly string[] {
  const names = organizations.flatMap(({ profiles, mailboxes }) => [
    ...profiles.keys(),
    ...mailboxes.keys(),
    ...[...mailboxes.values()].map(({ set }) => set),
  ])
  return [...new Set(names)]
}

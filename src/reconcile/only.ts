// `--only`: what people name (a stage, a set, an address, a profile, a trust) as a rule over changes.
import type { Change } from '../engine/index.ts'
import { canonicalAddress } from '../spec/address.ts'
import type { DesiredOrganization, DesiredTrust } from '../spec/desired.ts'
import { suggestion } from '../spec/explain/did-you-mean.ts'
import type { PassOptions } from './contract.ts'

/** A value of `--only` that names nothing, or several things. */
export class OnlyError extends Error {
  readonly code = 'OnlyUnknown'

  constructor(message: string) {
    super(message)
    this.name = 'OnlyError'
  }
}

/** What a value can name. */
const SORTS = ['stage', 'set', 'address', 'profile', 'settings', 'trust'] as const
type Sort = (typeof SORTS)[number]

/** An organization of the spec with the scope its changes are in. */
export interface Place {
  readonly scope: string
  readonly desired: DesiredOrganization
}

/** A trust of the spec with the scope its changes are in. */
export interface TrustPlace {
  readonly scope: string
  readonly desired: Pick<DesiredTrust, 'name' | 'tenants' | 'deployments'>
}

type Rule = NonNullable<PassOptions['only']>

/**
 * Keeps the changes that at least one of the values names: a stage by its name, a set or a profile by metadata.name, a mailbox by address
 * (also the previous one), a trust by its name or that of a tenant or deployment in it. A name that means several of these is told apart as `set:sales`. Throws an OnlyError for a value that names
 * nothing in any of the organizations.
 */
export function onlyRule(
  values: readonly string[],
  places: readonly Place[],
  stages: readonly string[],
  trusts: readonly TrustPlace[] = [],
): Rule {
  const index = new Index(places, stages, trusts)
  const rules = values.map((value) => index.ruleOf(value))
  return (change, scope) => rules.some((rule) => rule(change, scope))
}

class Index {
  readonly #places: readonly Place[]
  readonly #stages: readonly string[]
  readonly #trusts: readonly TrustPlace[]

  constructor(places: readonly Place[], stages: readonly string[], trusts: readonly TrustPlace[]) {
    this.#places = places
    this.#stages = stages
    this.#trusts = trusts
  }

  ruleOf(value: string): Rule {
    const sort = SORTS.find((candidate) => value.startsWith(`${candidate}:`))
    const name = sort ? value.slice(sort.length + 1) : value
    const found = (sort ? [sort] : SORTS).flatMap((one) => this.#find(one, name) ?? [])
    const [rule, ...others] = found
    if (!rule) throw new OnlyError(`${notFound(value)}${suggestion(value, this.#names())}`)
    if (others.length === 0) return rule.rule
    const told = found.map((one) => `--only ${one.sort}:${name}`).join(' or ')
    throw new OnlyError(`${value} is the name of several things; say ${told}`)
  }

  #find(sort: Sort, name: string): { readonly sort: Sort; readonly rule: Rule } | undefined {
    if (sort === 'stage') return this.#stages.includes(name) ? { sort, rule: ({ stage }) => stage === name } : undefined
    if (sort === 'settings') {
      const scopes = new Set(
        this.#places.filter(({ desired }) => desired.settings?.name === name).map(({ scope }) => scope),
      )
      if (scopes.size === 0) return undefined
      return { sort, rule: ({ kind }, scope) => kind === 'EmailSettings' && scopes.has(scope) }
    }
    if (sort === 'trust') {
      const scopes = new Set(this.#trusts.filter(({ desired }) => isCalled(desired, name)).map(({ scope }) => scope))
      return scopes.size === 0 ? undefined : { sort, rule: (_change, scope) => scopes.has(scope) }
    }
    const keys = new Map(this.#places.map(({ scope, desired }) => [scope, keysOf(sort, name, desired)]))
    if ([...keys.values()].every(({ size }) => size === 0)) return undefined
    const kind = sort === 'profile' ? 'EmailServerProfile' : 'Mailbox'
    return { sort, rule: (change, scope) => change.kind === kind && (keys.get(scope)?.has(change.key) ?? false) }
  }

  #names(): readonly string[] {
    const named = this.#places.flatMap(({ desired }) => [
      ...desired.profiles.keys(),
      ...desired.mailboxes.keys(),
      ...[...desired.mailboxes.values()].map(({ set }) => set),
    ])
    const trusted = this.#trusts.flatMap(({ desired }) => namesOf(desired))
    return [...new Set([...this.#stages, ...named, ...trusted])]
  }
}

/** Names by which people mean a trust: its own, and those of its tenants and deployments. */
function namesOf({ name, tenants, deployments }: TrustPlace['desired']): readonly string[] {
  return [name, ...tenants.keys(), ...deployments.keys()]
}

/** True where a name means this trust. */
export function isCalled(desired: TrustPlace['desired'], name: string): boolean {
  return namesOf(desired).includes(name)
}

function notFound(value: string): string {
  if (!value.includes('@')) return `nothing is called ${value}`
  return `${value} is not in the spec; \`mailkeel explain ${value}\` tells how it is`
}

function keysOf(
  sort: Exclude<Sort, 'stage' | 'settings' | 'trust'>,
  name: string,
  desired: DesiredOrganization,
): ReadonlySet<Change['key']> {
  if (sort === 'profile') return new Set(desired.profiles.has(name) ? [name] : [])
  const address = canonicalAddress(name)
  const wanted = [...desired.mailboxes.values()].filter((mailbox) =>
    sort === 'set' ? mailbox.set === name : mailbox.address === address || mailbox.previousAddress === address,
  )
  return new Set(wanted.map((mailbox) => mailbox.address))
}

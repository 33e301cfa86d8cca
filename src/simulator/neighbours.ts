// Other organizations beside the first one: on the same clock, with the same Exchange. A mailbox has one organization that synchronizes its
// calendar, so what one of them claims another loses.
import { type SeedOptions, type SimulatedWorld, seedWorld } from './world/index.ts'

/** Another organization: with the same people as the first one, as far as it has as many, or a copy of its rows. */
export interface NeighbourOptions extends Partial<Omit<SeedOptions, 'clock' | 'exchange' | 'organizationName'>> {
  readonly name: string
  /** Rows of the first organization under a new organization id; the other options but `name` then say nothing. */
  readonly copy?: boolean
  /** Takes the mailboxes it synchronizes from the first organization; default true. A copy takes nothing. */
  readonly holds?: boolean
}

/** Makes the world of another organization. Throws an Error for an unknown kind of mess. */
export function neighbourOf(first: SimulatedWorld, options: NeighbourOptions): SimulatedWorld {
  const { name, copy = false, holds = true, ...described } = options
  if (copy) return first.copy(name)
  first.holdSynchronized()
  const { clock, exchange, version, language } = first
  const shared = { clock, exchange, organizationName: name }
  const world = seedWorld({ version, language, mailboxes: 20, queues: 5, mess: ['none'], ...described, ...shared })
  if (holds) world.holdSynchronized()
  return world
}

/** Options from the body of a control request. Throws an Error where it names no organization. */
export function neighbourFrom(body: Readonly<Record<string, unknown>>): NeighbourOptions {
  const { name, copy, holds, mailboxes, queues, mess } = body
  if (typeof name !== 'string' || !/^[a-z0-9-]+$/i.test(name)) {
    throw new Error("'name' must be letters, digits and hyphens")
  }
  return {
    name,
    ...(typeof copy === 'boolean' ? { copy } : {}),
    ...(typeof holds === 'boolean' ? { holds } : {}),
    ...(typeof mailboxes === 'number' ? { mailboxes } : {}),
    ...(typeof queues === 'number' ? { queues } : {}),
    ...(Array.isArray(mess) ? { mess: mess.map(String) } : {}),
  }
}

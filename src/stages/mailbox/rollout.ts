// Which member of a set is changed in which wave. It follows from the spec alone, so every pass, on every machine, comes to the same
// waves: the canary as it is named, then the others by a hash of their address, which mixes departments and does not move when one joins.
import type { Key } from '../../engine/index.ts'
import type { DesiredRollout } from '../../spec/desired.ts'

/** What holds for sets that do not say it themselves. */
export type RolloutDefault = Omit<DesiredRollout, 'canary'>

/** A rollout with nothing left open. */
export type Rollout = DesiredRollout &
  Required<Pick<DesiredRollout, 'waves' | 'maximumFailurePercent'>> & {
    /** The pause is that of all sets, not its own. */
    readonly isPausedForAll?: true
  }

/** Some members of a set that are changed together. */
export interface Wave {
  /** `canary`, `wave 1`, `rest`. */
  readonly name: string
  readonly isCanary: boolean
  readonly members: readonly Key[]
}

const WAVES = [1, 10, 25]
const MAXIMUM_FAILURE_PERCENT = 10

/** The rollout of a set: what it says itself, else what holds for all; undefined where neither says anything. */
export function rolloutOf(own: DesiredRollout | undefined, fallback: RolloutDefault | undefined): Rollout | undefined {
  if (own === undefined && fallback === undefined) return undefined
  const paused = own?.paused ?? fallback?.paused
  return {
    canary: own?.canary ?? [],
    waves: own?.waves ?? fallback?.waves ?? WAVES,
    maximumFailurePercent: own?.maximumFailurePercent ?? fallback?.maximumFailurePercent ?? MAXIMUM_FAILURE_PERCENT,
    ...(paused ? { paused } : {}),
    ...(paused && !own?.paused ? { isPausedForAll: true as const } : {}),
  }
}

/** The waves of a set, in order; none is empty. A share of the members is rounded up. */
export function wavesOf(
  members: readonly Key[],
  { canary, waves }: Pick<Rollout, 'canary' | 'waves'>,
): readonly Wave[] {
  const known = new Set(members)
  const first = canary.filter((address) => known.delete(address))
  const order = [...first, ...mixed([...known])]
  const found: Wave[] = first.length === 0 ? [] : [{ name: 'canary', isCanary: true, members: first }]
  let begin = first.length
  let count = 0
  for (const percent of waves) {
    const end = Math.ceil((percent * order.length) / 100)
    if (end <= begin) continue
    count += 1
    found.push({ name: `wave ${count}`, isCanary: false, members: order.slice(begin, end) })
    begin = end
  }
  if (begin < order.length) found.push({ name: 'rest', isCanary: false, members: order.slice(begin) })
  return found
}

function mixed(addresses: readonly Key[]): readonly Key[] {
  return addresses
    .map((address) => ({ address, place: placeOf(address) }))
    .sort((a, b) => a.place - b.place || (a.address < b.address ? -1 : 1))
    .map(({ address }) => address)
}

/** FNV-1a with the finish of MurmurHash3: neighbours in the alphabet land far apart. */
function placeOf(address: Key): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < address.length; index += 1) {
    hash = Math.imul(hash ^ address.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Draws that come again with the same seed. */
export interface Draws {
  /** In [0, 1). */
  next(): number
  /** From 0 to below `below`. */
  below(below: number): number
  /** One of a list. Throws where it is empty. */
  one<T>(list: readonly T[]): T
  /** True so often. */
  chance(probability: number): boolean
}

/** Mulberry32. */
export function createDraws(seed: number): Draws {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    one(list) {
      const found = list[below(list.length)]
      if (found === undefined) throw new Error('nothing to draw from')
      return found
    },
    chance: (probability) => next() < probability,
  }
}

// Seeded randomness (mulberry32): the same seed gives the same world, so that a failure can be repeated.

/** A stream of random numbers; `state` can be saved and set to continue the same stream later. */
export interface Random {
  state: number
  /** In [0, 1). */
  next(): number
  /** An integer in [0, below). */
  below(limit: number): number
}

/** A stream that depends on nothing but `seed`. */
export function createRandom(seed: number): Random {
  return {
    state: seed >>> 0,
    next() {
      this.state = (this.state + 0x6d2b79f5) >>> 0
      let mixed = this.state
      mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
    },
    below(limit) {
      return Math.floor(this.next() * limit)
    },
  }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A version 4 GUID drawn from the stream, lower case. */
export function randomGuid(random: Random): string {
  const hex: string[] = []
  for (let word = 0; word < 4; word += 1) {
    const bits = random.below(4294967296)
    for (let shift = 24; shift >= 0; shift -= 8) hex.push(HEX[(bits >>> shift) & 255] ?? '00')
  }
  const digits = hex.join('')
  const variant = '89ab'[Number.parseInt(digits[16] ?? '0', 16) & 3]
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`
}

/** A GUID that depends on nothing but `text`, for things whose id is the same in every organization. */
export function guidOfText(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return randomGuid(createRandom(hash))
}

/** The same members in an order drawn from the stream (Fisher-Yates). */
export function shuffled<T>(members: readonly T[], random: Random): T[] {
  const result = [...members]
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1)
    const moved = result[last] as T
    result[last] = result[other] as T
    result[other] = moved
  }
  return result
}

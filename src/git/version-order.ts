/**
 * Compares two names by the versions in them: numbers by value, a name that ends in `-something` before the one without (as in
 * Semantic Versioning), the rest letter by letter. Negative where the first is older.
 */
export function compareVersions(one: string, other: string): number {
  const left = partsOf(one)
  const right = partsOf(other)
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = compareParts(left[index], right[index])
    if (order !== 0) return order
  }
  return one < other ? -1 : one > other ? 1 : 0
}

function partsOf(name: string): readonly string[] {
  return name.match(/\d+|[^\d]+/g) ?? []
}

function compareParts(one: string | undefined, other: string | undefined): number {
  if (one === undefined) return other === undefined ? 0 : other.startsWith('-') ? 1 : -1
  if (other === undefined) return -compareParts(other, one)
  if (/^\d/.test(one) && /^\d/.test(other)) return compareNumbers(one, other)
  // `v1-rc1` and `v1.1` part at `-` and `.`: the first is before v1, the second after it.
  if (one.startsWith('-') !== other.startsWith('-')) return one.startsWith('-') ? -1 : 1
  return one < other ? -1 : one > other ? 1 : 0
}

/** Numbers of any length, so that a long one loses no digit. */
function compareNumbers(one: string, other: string): number {
  const left = one.replace(/^0+(?=\d)/, '')
  const right = other.replace(/^0+(?=\d)/, '')
  if (left.length !== right.length) return left.length - right.length
  return left < right ? -1 : left > right ? 1 : 0
}

// Whether two revisions wish for the same. Where something is written down is no part of what is wished: a commit that only moves lines about
// gives nobody anything to do.

/** True where two values are the same but for the places that they come from. Plain objects, maps, lists and simple values. */
export function isSameWish(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  // They only tell where a part of a document is written.
  if (typeof one === 'function' && typeof other === 'function') return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (one instanceof Map) return other instanceof Map && one.size === other.size && hasSameEntries(one, other)
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((value, at) => isSameWish(value, other[at]))
  }
  return hasSameFields(one as Fields, other as Fields)
}

type Fields = Readonly<Record<string, unknown>>

function hasSameEntries(one: ReadonlyMap<unknown, unknown>, other: ReadonlyMap<unknown, unknown>): boolean {
  for (const [key, value] of one) if (!other.has(key) || !isSameWish(value, other.get(key))) return false
  return true
}

function hasSameFields(one: Fields, other: Fields): boolean {
  const [names, otherNames] = [one, other].map((fields) => Object.keys(fields).filter((name) => name !== 'origin'))
  if (!names || names.length !== otherNames?.length) return false
  return names.every((name) => Object.hasOwn(other, name) && isSameWish(one[name], other[name]))
}

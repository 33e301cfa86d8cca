/** The candidate a misspelt word most likely stands for, or undefined where none is near enough. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const [wanted, domain] = partsOf(word.slice(0, 100).toLowerCase())
  const allowed = Math.max(1, Math.floor(wanted.length / 3))
  let best: string | undefined
  let bestDistance = allowed + 1
  for (const candidate of candidates) {
    const [name, itsDomain] = partsOf(candidate.toLowerCase())
    const isBeside = domain !== undefined && domain === itsDomain
    const [from, to] = isBeside ? [wanted, name] : [whole(wanted, domain), whole(name, itsDomain)]
    const distance = editDistance(from, to, bestDistance)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** An address as its name and its domain: of two addresses of one domain only the names can be a slip of each other. */
function partsOf(word: string): readonly [name: string, domain?: string] {
  const at = word.lastIndexOf('@')
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at)]
}

function whole(name: string, domain = ''): string {
  return name + domain
}

/** ` did you mean …?` behind a semicolon, or nothing. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const found = nearest(word, candidates)
  return found === undefined ? '' : `; did you mean \`${found}\`?`
}

/** Insertions, deletions, replacements and swaps of neighbours between two words; `limit` or more counts as `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1)
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return Math.min(limit, last[b.length] ?? limit)
}

// When faults strike, for every HTTP server of the simulator. What kinds there are, and what each does, is the server's own matter.

/** Where a fault acts: it answers instead, changes the answer, acts on the connection, or lets a read or write lie. */
export type FaultLayer = 'instead' | 'reshape' | 'delivery' | 'lie'

/** An operation as a rule sees it. */
export interface Target<Operation extends string> {
  readonly operation: Operation
  readonly method: string
  /** Path and query below the root of the service, decoded. */
  readonly path: string
}

/** Which operations a rule meets. Everything left out matches all; `any` is every operation but a sign-in. */
export interface Match<Operation extends string> {
  readonly method?: string
  /** A prefix, or a regular expression between slashes. */
  readonly path?: string
  readonly operation?: Operation | 'any'
}

/** A fault with when it strikes. */
export interface Rule<Operation extends string> {
  readonly kind: string
  readonly match?: Match<Operation>
  /** How often; default 1. */
  readonly times?: number | 'always'
  /** How many matching operations go well first; default 0. */
  readonly after?: number
  /** Chance per matching operation; default 1. */
  readonly probability?: number
}

/** A rule and how often it has struck. */
export interface ActiveRule<R> {
  readonly id: number
  readonly rule: R
  readonly hits: number
}

/** The faults that are switched on. */
export interface Rules<R> {
  /** Adds a rule and returns its id. Throws an Error for an unknown kind or a rule that cannot work. */
  add(rule: R): number
  remove(id: number): void
  clear(): void
  list(): readonly ActiveRule<R>[]
}

/** As the server uses them. */
export interface StrikingRules<R, Operation extends string> extends Rules<R> {
  /** The faults that strike this operation; counts them. At most one answers instead, and at most one acts on the connection. */
  take(target: Target<Operation>): readonly R[]
}

/** What a server says of its faults. */
export interface FaultLaws<R extends Rule<Operation>, Operation extends string> {
  /** The place where each kind acts; also the list of all kinds. */
  readonly layers: Readonly<Record<R['kind'], FaultLayer>>
  /** The operation that a rule meets where it names none. */
  readonly usual: Operation
  /** Which operations a rule of a known kind meets. Throws an Error where it cannot work. */
  matchOf(rule: R): Match<Operation>
}

/** No rules yet; `random` gives numbers in [0, 1). */
export function createRules<R extends Rule<Operation>, Operation extends string>(
  laws: FaultLaws<R, Operation>,
  random: () => number,
): StrikingRules<R, Operation> {
  const active = new Map<number, Counted<R, Operation>>()
  let lastId = 0
  return {
    add(rule) {
      const matches = matcherOf(checked(rule, laws), laws.usual)
      lastId += 1
      active.set(lastId, { id: lastId, rule, matches, hits: 0, seen: 0 })
      return lastId
    },
    remove: (id) => void active.delete(id),
    clear: () => active.clear(),
    list: () => [...active.values()].map(({ id, rule, hits }) => ({ id, rule, hits })),
    take(target) {
      const taken: R[] = []
      for (const counted of active.values()) {
        if (strikes(counted, target, taken, laws, random)) taken.push(counted.rule)
      }
      return taken
    },
  }
}

/** Whether an operation is one of those that a match describes; `usual` where it names none. */
export function matcherOf<Operation extends string>(
  { method, path, operation }: Match<Operation>,
  usual: Operation,
): (target: Target<Operation>) => boolean {
  const wanted = operation ?? usual
  const pattern = path !== undefined && /^\/.*\/$/s.test(path) ? new RegExp(path.slice(1, -1)) : undefined
  return (target) => {
    if (wanted === 'any' ? target.operation === 'sign-in' : target.operation !== wanted) return false
    if (method !== undefined && method !== target.method) return false
    if (path === undefined) return true
    return pattern === undefined ? target.path.startsWith(path) : pattern.test(target.path)
  }
}

interface Counted<R, Operation extends string> {
  readonly id: number
  readonly rule: R
  readonly matches: (target: Target<Operation>) => boolean
  hits: number
  seen: number
}

function strikes<R extends Rule<Operation>, Operation extends string>(
  counted: Counted<R, Operation>,
  target: Target<Operation>,
  taken: readonly R[],
  { layers }: FaultLaws<R, Operation>,
  random: () => number,
): boolean {
  const { rule } = counted
  const times = rule.times ?? 1
  if (times !== 'always' && counted.hits >= times) return false
  const layer = layers[rule.kind as R['kind']]
  if (layer === 'delivery' && target.operation === 'part') return false
  if (!counted.matches(target)) return false
  const isExclusive = layer === 'instead' || layer === 'delivery'
  if (isExclusive && taken.some((other) => layers[other.kind as R['kind']] === layer)) return false
  counted.seen += 1
  if (counted.seen <= (rule.after ?? 0)) return false
  if (rule.probability !== undefined && random() >= rule.probability) return false
  counted.hits += 1
  return true
}

function checked<R extends Rule<Operation>, Operation extends string>(
  rule: R,
  { layers, matchOf }: FaultLaws<R, Operation>,
): Match<Operation> {
  if (!Object.hasOwn(layers, rule.kind)) {
    throw new Error(`unknown fault kind '${String(rule.kind)}'; known: ${Object.keys(layers).join(', ')}`)
  }
  if (rule.match?.operation === 'part' && layers[rule.kind as R['kind']] === 'delivery') {
    throw new Error(`a fault of kind '${rule.kind}' acts on the connection and cannot strike a part of a batch`)
  }
  return matchOf(rule)
}

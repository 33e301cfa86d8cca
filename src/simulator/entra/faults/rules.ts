import {
  ENTRA_FAULT_LAYERS,
  type EntraFault,
  type EntraFaultRule,
  type EntraMatch,
  type EntraOperation,
} from './kinds.ts'

/** An operation as a rule or a hook sees it. */
export interface EntraTarget {
  readonly operation: EntraOperation
  readonly method: string
  /** Path and query below the version of Graph, or of the sign-in, decoded. */
  readonly path: string
}

/** A rule and how often it has struck. */
export interface ActiveEntraFault {
  readonly id: number
  readonly rule: EntraFaultRule
  readonly hits: number
}

/** The faults that are switched on. */
export interface EntraFaults {
  /** Adds a rule and returns its id. Throws an Error for an unknown kind or a rule that cannot work. */
  add(rule: EntraFaultRule): number
  remove(id: number): void
  clear(): void
  list(): readonly ActiveEntraFault[]
}

/** As the server uses them. */
export interface EntraFaultRules extends EntraFaults {
  /** The faults that strike this operation; counts them. At most one answers instead, and at most one acts on the connection. */
  take(target: EntraTarget): readonly EntraFault[]
}

/** No rules yet; `random` gives numbers in [0, 1). */
export function createEntraFaults(random: () => number): EntraFaultRules {
  const active = new Map<number, Counted>()
  let lastId = 0
  return {
    add(rule) {
      const matches = matcherOf(checked(rule))
      lastId += 1
      active.set(lastId, { id: lastId, rule, matches, hits: 0, seen: 0 })
      return lastId
    },
    remove: (id) => void active.delete(id),
    clear: () => active.clear(),
    list: () => [...active.values()].map(({ id, rule, hits }) => ({ id, rule, hits })),
    take(target) {
      const taken: EntraFault[] = []
      for (const counted of active.values()) {
        if (strikes(counted, target, taken, random)) taken.push(counted.rule)
      }
      return taken
    },
  }
}

/** Whether an operation is one of those that a match describes. */
export function matcherOf(match: EntraMatch): (target: EntraTarget) => boolean {
  const { method, path, operation = 'graph' } = match
  const pattern = path !== undefined && /^\/.*\/$/s.test(path) && path.length > 1 ? path.slice(1, -1) : undefined
  const expression = pattern === undefined ? undefined : new RegExp(pattern)
  return (target) => {
    if (operation === 'any' ? target.operation === 'sign-in' : target.operation !== operation) return false
    if (method !== undefined && method !== target.method) return false
    if (path === undefined) return true
    return expression === undefined ? target.path.startsWith(path) : expression.test(target.path)
  }
}

interface Counted {
  readonly id: number
  readonly rule: EntraFaultRule
  readonly matches: (target: EntraTarget) => boolean
  hits: number
  seen: number
}

function strikes(counted: Counted, target: EntraTarget, taken: readonly EntraFault[], random: () => number): boolean {
  const { rule } = counted
  const times = rule.times ?? 1
  if (times !== 'always' && counted.hits >= times) return false
  const layer = ENTRA_FAULT_LAYERS[rule.kind]
  if (layer === 'delivery' && target.operation === 'part') return false
  if (!counted.matches(target)) return false
  const isExclusive = layer === 'instead' || layer === 'delivery'
  if (isExclusive && taken.some((other) => ENTRA_FAULT_LAYERS[other.kind] === layer)) return false
  counted.seen += 1
  if (counted.seen <= (rule.after ?? 0)) return false
  if (rule.probability !== undefined && random() >= rule.probability) return false
  counted.hits += 1
  return true
}

const SIGN_IN_ONLY: ReadonlySet<string> = new Set(['empty-token', 'sign-in-error'])

function checked(rule: EntraFaultRule): EntraMatch {
  if (!Object.hasOwn(ENTRA_FAULT_LAYERS, rule.kind)) {
    const known = Object.keys(ENTRA_FAULT_LAYERS).join(', ')
    throw new Error(`unknown fault kind '${String(rule.kind)}'; known: ${known}`)
  }
  const operation = rule.match?.operation
  if (ENTRA_FAULT_LAYERS[rule.kind] === 'delivery' && operation === 'part') {
    throw new Error(`a fault of kind '${rule.kind}' acts on the connection and cannot strike a part of a batch`)
  }
  if (!SIGN_IN_ONLY.has(rule.kind)) return rule.match ?? {}
  return { ...rule.match, operation: 'sign-in' }
}

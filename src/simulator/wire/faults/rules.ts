import { FAULT_LAYERS, type Fault, type FaultMatch, type FaultRule, REQUIRED_FIELDS } from './kinds.ts'

/** An operation as a rule sees it. */
export interface FaultTarget {
  readonly method: string
  /** Path and query below the service root, decoded. */
  readonly path: string
  readonly operation: 'request' | 'part' | 'sign-in'
}

/** A rule and how often it has struck. */
export interface ActiveFault {
  readonly id: number
  readonly rule: FaultRule
  readonly hits: number
}

/** The faults that are switched on. */
export interface FaultRules {
  /** Adds a rule and returns its id. Throws an Error for an unknown kind or a rule that cannot work. */
  add(rule: FaultRule): number
  remove(id: number): void
  clear(): void
  list(): readonly ActiveFault[]
  /** The faults that strike this operation; counts them. At most one of each place that can act only once. */
  take(target: FaultTarget): readonly Fault[]
}

/** No rules yet; `random` gives numbers in [0, 1). */
export function createFaultRules(random: () => number): FaultRules {
  const active = new Map<number, Counted>()
  let lastId = 0
  return {
    add(rule) {
      const matches = compileMatch(checked(rule))
      lastId += 1
      active.set(lastId, { id: lastId, rule, matches, hits: 0, seen: 0 })
      return lastId
    },
    remove: (id) => void active.delete(id),
    clear: () => active.clear(),
    list: () => [...active.values()].map(({ id, rule, hits }) => ({ id, rule, hits })),
    take(target) {
      const taken: Fault[] = []
      for (const counted of active.values()) {
        if (strikes(counted, target, taken, random)) taken.push(counted.rule)
      }
      return taken
    },
  }
}

interface Counted {
  readonly id: number
  readonly rule: FaultRule
  readonly matches: (target: FaultTarget) => boolean
  hits: number
  seen: number
}

function strikes(counted: Counted, target: FaultTarget, taken: readonly Fault[], random: () => number): boolean {
  const { rule } = counted
  const times = rule.times ?? 1
  if (times !== 'always' && counted.hits >= times) return false
  const layer = FAULT_LAYERS[rule.kind]
  if (layer === 'delivery' && target.operation === 'part') return false
  if (!counted.matches(target)) return false
  const exclusive = layer === 'instead' || layer === 'delivery'
  if (exclusive && taken.some((other) => FAULT_LAYERS[other.kind] === layer)) return false
  counted.seen += 1
  if (counted.seen <= (rule.after ?? 0)) return false
  if (rule.probability !== undefined && random() >= rule.probability) return false
  counted.hits += 1
  return true
}

function compileMatch(match: FaultMatch): (target: FaultTarget) => boolean {
  const { method, path, operation = 'request' } = match
  const pattern = path !== undefined && /^\/.*\/$/s.test(path) ? new RegExp(path.slice(1, -1)) : undefined
  return (target) => {
    if (target.operation !== operation && (operation !== 'any' || target.operation === 'sign-in')) return false
    if (method !== undefined && method !== target.method) return false
    if (path === undefined) return true
    return pattern === undefined ? target.path.startsWith(path) : pattern.test(target.path)
  }
}

function checked(rule: FaultRule): FaultMatch {
  if (!Object.hasOwn(FAULT_LAYERS, rule.kind)) {
    throw new Error(`unknown fault kind '${String(rule.kind)}'; known: ${Object.keys(FAULT_LAYERS).join(', ')}`)
  }
  if (rule.match?.operation === 'part' && FAULT_LAYERS[rule.kind] === 'delivery') {
    throw new Error(`a fault of kind '${rule.kind}' acts on the connection and cannot strike a part of a batch`)
  }
  const [field = '', type = ''] = REQUIRED_FIELDS[rule.kind] ?? []
  if (field !== '' && typeof (rule as Readonly<Record<string, unknown>>)[field] !== type) {
    throw new Error(`a fault of kind '${rule.kind}' needs '${field}' (${type})`)
  }
  return rule.match ?? {}
}

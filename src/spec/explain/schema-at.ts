import type { JsonSchema } from '../schemas.ts'
import type { Path } from '../yaml/positions.ts'

/** Steps of a JSON pointer (RFC 6901); steps into lists are numbers where the value has a list. */
export function pathOf(pointer: string, root: unknown): (string | number)[] {
  const path: (string | number)[] = []
  let node = root
  for (const raw of pointer.split('/').slice(1)) {
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(Array.isArray(node) ? Number(step) : step)
    node = typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[step] : undefined
  }
  return path
}

/** What a path leads to. */
export function valueAt(root: unknown, path: Path): unknown {
  let node = root
  for (const step of path) {
    if (typeof node !== 'object' || node === null) return undefined
    node = (node as Record<string | number, unknown>)[step]
  }
  return node
}

/** The part of a self-contained schema that a path leads to, with references followed; what stands beside a reference wins. */
export function schemaAt(root: JsonSchema, path: Path): JsonSchema {
  let node = follow(root, root)
  for (const step of path) {
    const next = typeof step === 'number' ? node.items : (node.properties?.[step] ?? node.additionalProperties)
    if (typeof next !== 'object') return {}
    node = follow(next, root)
  }
  return node
}

function follow(node: JsonSchema, root: JsonSchema): JsonSchema {
  if (node.$ref === undefined) return node
  const { $ref, ...beside } = node
  const target = root.$defs?.[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {}
  return follow({ ...target, ...beside }, root)
}

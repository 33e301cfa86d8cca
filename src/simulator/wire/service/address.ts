import type { EntityDefinition, World } from '../../world.ts'
import { badRequest, unknownSegment } from '../errors.ts'
import { decode } from '../query/options.ts'

/** What a path below the service root names. Ids are lower case. */
export type Address =
  | { readonly kind: 'root' }
  | { readonly kind: 'set'; readonly definition: EntityDefinition }
  | { readonly kind: 'count'; readonly definition: EntityDefinition }
  | { readonly kind: 'row'; readonly definition: EntityDefinition; readonly id: string }
  /** A property, a navigation property or, with `rest`, what stands behind it: `$ref`, `$value`, `$count`, a bound function. */
  | {
      readonly kind: 'member'
      readonly definition: EntityDefinition
      readonly id: string
      readonly member: string
      readonly rest: readonly string[]
    }
  | { readonly kind: 'function'; readonly name: string; readonly argument: string | undefined }
  | { readonly kind: 'metadata'; readonly logicalName: string | undefined; readonly rest: readonly string[] }

/** Functions that may be called without an object. */
const FUNCTIONS: ReadonlySet<string> = new Set(['WhoAmI', 'RetrieveVersion', 'RetrieveCurrentOrganization'])

/** Parses a percent-encoded path below the service root, such as `mailboxes(…)/emailserverprofile/$ref`. Throws 404 or 400. */
export function parseAddress(world: World, path: string): Address {
  const segments = path.split('/').map(decode)
  if (segments.at(-1) === '') segments.pop()
  const [first = '', second, ...rest] = segments
  if (first === '') return { kind: 'root' }
  const { name, argument } = splitArgument(first)
  if (FUNCTIONS.has(name) && second === undefined) return { kind: 'function', name, argument }
  if (name === 'EntityDefinitions') return metadataAddress(argument, second === undefined ? [] : [second, ...rest])
  const definition = definitionOfSet(world, name)
  if (argument === undefined) {
    if (second === undefined) return { kind: 'set', definition }
    if (second === '$count' && rest.length === 0) return { kind: 'count', definition }
    throw unknownSegment(second)
  }
  const id = keyArgument(definition, argument)
  if (second === undefined) return { kind: 'row', definition, id }
  return { kind: 'member', definition, id, member: second, rest }
}

function metadataAddress(argument: string | undefined, rest: readonly string[]): Address {
  if (argument === undefined) return { kind: 'metadata', logicalName: undefined, rest }
  const logicalName = /^\s*LogicalName\s*=\s*'([a-z0-9_]+)'\s*$/.exec(argument)?.[1]
  if (logicalName === undefined)
    throw badRequest('Only the alternate key LogicalName of EntityDefinitions is simulated.')
  return { kind: 'metadata', logicalName, rest }
}

/** The table of an entity set; sets are told apart by case, as in OData. */
export function definitionOfSet(world: World, entitySet: string): EntityDefinition {
  for (const definition of world.definitions.values()) {
    if (definition.entitySet === entitySet) return definition
  }
  throw unknownSegment(entitySet)
}

function splitArgument(segment: string): { readonly name: string; readonly argument: string | undefined } {
  const open = segment.indexOf('(')
  if (open < 0) return { name: segment, argument: undefined }
  if (!segment.endsWith(')')) throw badRequest('Bad Request - Error in query syntax.')
  return { name: segment.slice(0, open), argument: segment.slice(open + 1, -1) }
}

function keyArgument(definition: EntityDefinition, argument: string): string {
  const bare = argument.startsWith(`${definition.primaryId}=`)
    ? argument.slice(definition.primaryId.length + 1)
    : argument
  if (!GUID.test(bare)) throw badRequest('Bad Request - Error in query syntax.')
  return bare.toLowerCase()
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

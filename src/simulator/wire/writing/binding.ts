import type { EntityDefinition, Reference } from '../../world.ts'
import { badRequest } from '../errors.ts'
import { definitionOfSet } from '../service/address.ts'
import type { Call } from '../service/call.ts'
import { invalid } from './body.ts'

/**
 * The column and reference that `"<navigation>@odata.bind": "<uri>"` sets. Throws 400 for an undeclared navigation property, a URI that
 * is none, or a row of another table. Whether the target exists is for the world to say.
 */
export function boundReference(
  call: Call,
  definition: EntityDefinition,
  navigation: string,
  uri: unknown,
): readonly [column: string, reference: Reference] {
  const hop = definition.navigation.get(navigation)
  if (hop === undefined) {
    throw invalid(
      `An undeclared property '${navigation}' which only has property annotations in the payload but no property value was found in the payload. In OData, only declared navigation properties and declared named streams can be represented as properties without values.`,
    )
  }
  if (typeof uri !== 'string') throw invalid(`The value of '${navigation}@odata.bind' must be an entity reference URI.`)
  const reference = referenceOf(call, uri)
  const fits = hop.target === 'principal' ? PRINCIPALS.has(reference.entity) : hop.target === reference.entity
  if (!fits) throw invalid(`The entity set of '${uri}' does not fit the navigation property '${navigation}'.`)
  return [hop.column, reference]
}

/** The row a URI names: with and without a leading slash, absolute, or `$<Content-ID>` inside a change set. Throws 400. */
export function referenceOf(call: Call, uri: string): Reference {
  if (uri.startsWith('$')) {
    const created = call.created.get(uri.slice(1))
    if (created === undefined) throw badRequest(`Content-ID Reference: '${uri}' does not exist in the batch context.`)
    return referenceOf(call, created)
  }
  const relative = uri.startsWith(call.root) ? uri.slice(call.root.length) : uri.replace(/^\//, '')
  const match = REFERENCE.exec(relative)
  if (match?.[1] === undefined || match[2] === undefined) throw invalid(`'${uri}' is not an entity reference URI.`)
  return { entity: definitionOfSet(call.world, match[1]).name, id: match[2].toLowerCase() }
}

const PRINCIPALS: ReadonlySet<string> = new Set(['systemuser', 'team'])
const REFERENCE = /^(?:.*\/api\/data\/v\d+\.\d+\/)?([a-z]+)\(([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\)$/i

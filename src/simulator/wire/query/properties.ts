import type { AttributeDefinition, EntityDefinition } from '../../world.ts'
import { badRequest } from '../errors.ts'

/** A property of the Web API: a column under the name the wire uses. `lookup` values are `_x_value`. */
export interface Property {
  readonly name: string
  readonly column: string
  readonly attribute: AttributeDefinition
  readonly lookup: boolean
}

/** Tells lookup columns (references) from plain ones. */
export function isLookup(attribute: AttributeDefinition): boolean {
  return attribute.type === 'Lookup' || attribute.type === 'Owner' || attribute.type === 'Customer'
}

/**
 * Readable properties of a table by wire name, the same map for the same definition. Write-only columns are no properties at all, and
 * neither are the EntityName companions of lookups, unless the definition says what they tell.
 */
export function propertiesOf(definition: EntityDefinition): ReadonlyMap<string, Property> {
  const known = CACHE.get(definition)
  if (known !== undefined) return known
  const properties = new Map<string, Property>()
  for (const attribute of definition.attributes.values()) {
    const { companionOf } = attribute
    if (!attribute.read || (attribute.type === 'EntityName' && companionOf === undefined)) continue
    const lookup = isLookup(attribute)
    const name = lookup ? `_${attribute.name}_value` : attribute.name
    properties.set(name, { name, column: companionOf ?? attribute.name, attribute, lookup })
  }
  CACHE.set(definition, properties)
  return properties
}

/** The property of that name, or the refusal the server gives (a lookup column without `_…_value` is unknown too). */
export function propertyNamed(definition: EntityDefinition, name: string): Property {
  const property = propertiesOf(definition).get(name)
  if (property !== undefined) return property
  throw badRequest(`Could not find a property named '${name}' on type 'Microsoft.Dynamics.CRM.${definition.name}'.`)
}

const CACHE = new WeakMap<EntityDefinition, ReadonlyMap<string, Property>>()

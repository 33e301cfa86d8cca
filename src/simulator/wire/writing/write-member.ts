import { badRequest, methodNotAllowed, rowMissing, unknownSegment } from '../errors.ts'
import { type Answer, noContent, type Operation } from '../http.ts'
import { isLookup } from '../query/properties.ts'
import type { Address } from '../service/address.ts'
import { type Call, existingRow, refuseHidden } from '../service/call.ts'
import { boundReference } from './binding.ts'
import { jsonBody } from './body.ts'
import { attributeNamed, columnValue } from './columns.ts'
import { checkConditions } from './conditions.ts'
import { requireMessage } from './write-row.ts'

/** PUT and DELETE of one property, and of `nav/$ref` (Microsoft, Web API: update and delete table rows). */
export function writeMember(call: Call, address: Address & { kind: 'member' }, operation: Operation): Answer {
  const { definition, id, member, rest } = address
  requireMessage(definition, 'Update', operation)
  refuseHidden(call, definition, id)
  const row = existingRow(call.world, definition.name, id, () => rowMissing(definition.name, id))
  checkConditions(call, definition, id, row, operation)
  if (rest.length === 1 && rest[0] === '$ref') return writeReference(call, address, operation)
  if (rest.length > 0) throw unknownSegment(rest[0] ?? member)
  const attribute = definition.attributes.get(member)
  if (definition.navigation.has(member) || attribute === undefined || isLookup(attribute)) {
    if (attribute === undefined && !definition.navigation.has(member)) throw unknownSegment(member)
    throw methodNotAllowed(`The method '${operation.method}' is not supported for the navigation property '${member}'.`)
  }
  const value = operation.method === 'DELETE' ? null : singleValue(operation)
  const column = { [member]: columnValue(attributeNamed(definition, member), value) }
  call.world.update(call.caller, definition.name, id, column)
  return noContent()
}

function writeReference(call: Call, address: Address & { kind: 'member' }, operation: Operation): Answer {
  const { definition, id, member } = address
  const hop = definition.navigation.get(member)
  if (hop === undefined) throw unknownSegment(member)
  if (!hop.bindable) throw methodNotAllowed(`The navigation property '${member}' is read-only.`)
  if (operation.method === 'DELETE') {
    call.world.update(call.caller, definition.name, id, { [hop.column]: null })
    return noContent()
  }
  const [column, reference] = boundReference(call, definition, member, jsonBody(operation)['@odata.id'])
  call.world.update(call.caller, definition.name, id, { [column]: reference })
  return noContent()
}

function singleValue(operation: Operation): unknown {
  const body = jsonBody(operation)
  if (!('value' in body)) throw badRequest("The body of a PUT to a property must have the member 'value'.")
  return body['value']
}

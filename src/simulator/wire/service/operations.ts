import { badRequest, methodNotAllowed, unknownSegment } from '../errors.ts'
import { type Answer, jsonAnswer, type Operation } from '../http.ts'
import { readMember, readRow } from '../reading/read-row.ts'
import { countSet, readSet } from '../reading/read-set.ts'
import { writeMember } from '../writing/write-member.ts'
import { createRow, deleteRow, upsertRow } from '../writing/write-row.ts'
import { type Address, parseAddress } from './address.ts'
import type { Call } from './call.ts'
import { callFunction, retrieveUserPrivileges } from './functions.ts'
import { readMetadata } from './metadata.ts'

/** Serves one operation below a service root. Throws CrmFault for every refusal. */
export function serveOperation(call: Call, operation: Operation): Answer {
  const address = parseAddress(call.world, operation.path)
  switch (operation.method) {
    case 'GET':
      return read(call, address, operation)
    case 'POST':
      if (address.kind === 'set') return createRow(call, address.definition, operation)
      break
    case 'PATCH':
      if (address.kind === 'row') return upsertRow(call, address.definition, address.id, operation)
      break
    case 'DELETE':
      if (address.kind === 'row') return deleteRow(call, address.definition, address.id, operation)
      if (address.kind === 'member') return writeMember(call, address, operation)
      break
    case 'PUT':
      if (address.kind === 'member') return writeMember(call, address, operation)
      break
  }
  throw methodNotAllowed(`The requested resource does not support http method '${operation.method}'.`)
}

function read(call: Call, address: Address, operation: Operation): Answer {
  switch (address.kind) {
    case 'root':
      return serviceDocument(call)
    case 'set':
      return readSet(call, { definition: address.definition, path: operation.path }, operation)
    case 'count':
      return countSet(call, { definition: address.definition, path: operation.path }, operation)
    case 'row':
      return readRow(call, address.definition, address.id, operation)
    case 'member':
      return readBehindRow(call, address, operation)
    case 'function':
      return callFunction(call, address, operation)
    case 'metadata':
      return readMetadata(call, address, operation)
  }
}

function readBehindRow(call: Call, address: Address & { kind: 'member' }, operation: Operation): Answer {
  const name = /^Microsoft\.Dynamics\.CRM\.(\w+)(?:\(\))?$/.exec(address.member)?.[1]
  if (name === undefined) return readMember(call, address, operation)
  if (name !== 'RetrieveUserPrivileges' || address.definition.name !== 'systemuser')
    throw unknownSegment(address.member)
  if (address.rest.length > 0 || operation.query !== '') throw badRequest('Bad Request - Error in query syntax.')
  return retrieveUserPrivileges(call, address.id)
}

function serviceDocument(call: Call): Answer {
  const value = [...call.world.definitions.values()].map(({ entitySet }) => ({
    name: entitySet,
    kind: 'EntitySet',
    url: entitySet,
  }))
  return jsonAnswer(200, JSON.stringify({ '@odata.context': `${call.root}$metadata`, value }))
}

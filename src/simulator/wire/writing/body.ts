import { CrmFault } from '../../world.ts'
import { badRequest } from '../errors.ts'
import type { Operation } from '../http.ts'

/** The JSON object in a request's body. Throws 415 for another content type and 400 for what is not a JSON object. */
export function jsonBody(operation: Operation): Readonly<Record<string, unknown>> {
  const type = operation.headers['content-type'] ?? ''
  if (!/^application\/json\s*(?:;|$)/i.test(type)) {
    throw new CrmFault(415, '0x80060888', `The content type '${type}' is not supported. Use application/json.`)
  }
  const value = parse(operation.body)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('A JSON object was expected in the request payload.')
  }
  return value as Readonly<Record<string, unknown>>
}

/** A refusal of the payload, worded as the OData library of the 9.0 era words it. */
export function invalid(message: string): CrmFault {
  return new CrmFault(400, '0x80048d19', `Error identified in Payload provided by the user: ${message}`)
}

function parse(text: string): unknown {
  if (text.trim() === '') throw badRequest('A request body was expected.')
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw invalid('Invalid JSON. An unexpected token was found in the payload.')
  }
}

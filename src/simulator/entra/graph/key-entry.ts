import type { GraphContext } from './operation.ts'
import { badRequest } from './refusal.ts'

/** An entry of the collection, its members still unchecked. */
export type KeyEntry = Readonly<Record<string, unknown>>

const MEMBERS: ReadonlySet<string> = new Set([
  'customKeyIdentifier',
  'displayName',
  'endDateTime',
  'key',
  'keyId',
  'startDateTime',
  'type',
  'usage',
])
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const LONGEST_IDENTIFIER = 32

/** Base64 as Graph takes it, decoded; undefined for any other text. */
export function decodedBase64(value: unknown): Buffer | undefined {
  return typeof value === 'string' && BASE64.test(value) ? Buffer.from(value, 'base64') : undefined
}

/** An entry with members that make sense by themselves. Throws GraphRefusal. */
export function entryOf(value: unknown, { switches }: GraphContext): KeyEntry {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('A keyCredential must be an object.')
  }
  const entry = value as KeyEntry
  const unknown = Object.keys(entry).find((name) => !MEMBERS.has(name))
  if (unknown !== undefined && switches.unknownProperty === 'refuse') {
    throw badRequest(`The property '${unknown}' does not exist on type 'microsoft.graph.keyCredential'.`)
  }
  const { keyId, usage } = entry
  if (isGiven(keyId) && !(typeof keyId === 'string' && GUID.test(keyId))) {
    throw badRequest("Cannot convert the literal of 'keyId' to the expected type 'Edm.Guid'.")
  }
  if (usage !== 'Verify' && usage !== 'Sign') {
    throw badRequest(
      'The value for the property "usage" in one of your credentials is invalid. Acceptable values are Sign, Verify.',
    )
  }
  if (typeof entry['type'] !== 'string') {
    throw badRequest('The value for the property "type" in one of your credentials is invalid.')
  }
  checkIdentifier(entry['customKeyIdentifier'])
  return entry
}

function checkIdentifier(value: unknown): void {
  if (!isGiven(value)) return
  const bytes = decodedBase64(value)
  if (bytes === undefined) throw badRequest("Cannot convert the literal of 'customKeyIdentifier' to 'Edm.Binary'.")
  if (bytes.length > LONGEST_IDENTIFIER) {
    throw badRequest(`The customKeyIdentifier is longer than ${LONGEST_IDENTIFIER} bytes.`)
  }
}

/** Neither absent nor null. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

// What a PATCH makes of the keys of a principal (Microsoft Graph, update servicePrincipal and keyCredential; the refusals are those of public
// reports). The list replaces the stored one. An entry that names a stored key keeps it and may not change it; any other entry is a new one.
import type { SimulatedKey } from '../../trust/model.ts'
import { entryOf, isGiven, type KeyEntry } from './key-entry.ts'
import { newKey } from './new-key.ts'
import type { GraphContext } from './operation.ts'
import { badRequest } from './refusal.ts'

/** The keys after the PATCH. Throws GraphRefusal where one entry is refused: then nothing is written. */
export function keysAfterPatch(
  stored: readonly SimulatedKey[],
  wanted: unknown,
  context: GraphContext,
): SimulatedKey[] {
  if (!Array.isArray(wanted))
    throw badRequest("Invalid value specified for property 'keyCredentials' of resource 'ServicePrincipal'.")
  const byId = new Map(stored.map((key) => [key.keyId.toLowerCase(), key]))
  const seen = new Set<string>()
  return wanted.map((value: unknown) => {
    const entry = entryOf(value, context)
    const keyId = typeof entry['keyId'] === 'string' ? entry['keyId'].toLowerCase() : undefined
    if (keyId !== undefined && seen.has(keyId)) throw badRequest(`Duplicate KeyId '${keyId}' in the keyCredentials.`)
    if (keyId !== undefined) seen.add(keyId)
    const survivor = keyId === undefined ? undefined : byId.get(keyId)
    return survivor === undefined ? newKey(entry, context) : kept(survivor, entry, context)
  })
}

function kept(stored: SimulatedKey, entry: KeyEntry, { switches }: GraphContext): SimulatedKey {
  const isSame =
    entry['type'] === stored.type &&
    entry['usage'] === stored.usage &&
    isSameInstant(entry['startDateTime'], stored.startDateTime) &&
    isSameInstant(entry['endDateTime'], stored.endDateTime) &&
    (entry['customKeyIdentifier'] ?? null) === stored.customKeyIdentifier &&
    (!isGiven(entry['key']) || entry['key'] === stored.key) &&
    isNameUnchanged(entry['displayName'], stored.displayName)
  if (!isSame) throw badRequest(`Update to existing credential with KeyId '${stored.keyId}' is not allowed.`)
  return entry['displayName'] === undefined && switches.unsaidDisplayName === 'lost'
    ? { ...stored, displayName: null }
    : stored
}

/** A name with special characters counts as changed even where it is the same. */
function isNameUnchanged(sent: unknown, stored: string | null): boolean {
  if (sent === undefined) return true
  return sent === stored && (stored === null || /^[\w .-]*$/.test(stored))
}

function isSameInstant(sent: unknown, stored: string): boolean {
  return typeof sent === 'string' && Date.parse(sent) === Date.parse(stored)
}

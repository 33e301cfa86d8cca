// One service principal. Its certificates come only with a request for this one object that selects `keyCredentials`; lists and plain
// requests leave them out ("keyCredential resource type", Microsoft Graph).
import { isGuid } from './clouds.ts'
import { malformed } from './failure.ts'
import { fieldsOf, textsOf } from './fields.ts'
import type { Graph } from './graph.ts'
import { type KeyEntry, readKeys } from './keys.ts'
import { EntraError } from './tenant.ts'

/** The principal without its keys. */
export interface PrincipalIdentity {
  readonly id: string
  readonly appId: string
  readonly names: readonly string[]
}

const DOING = 'reading the service principal'
/** What reading a principal needs. */
export const READ_PERMISSION = 'Application.Read.All'

/** The principal of an application, undefined where the tenant has none. Throws EntraError. */
export async function readPrincipal(
  graph: Graph,
  appId: string,
  signal: AbortSignal,
): Promise<PrincipalIdentity | undefined> {
  if (!isGuid(appId)) throw new EntraError('Invalid', 'the application id of the service principal is not a GUID')
  const path = `/servicePrincipals(appId='${appId}')?$select=id,appId,servicePrincipalNames`
  const json = await graph
    .json({ method: 'GET', path, doing: DOING, needs: READ_PERMISSION }, signal)
    .catch((error: unknown) => {
      if (error instanceof EntraError && error.code === 'NotFound') return undefined
      throw error
    })
  if (json === undefined) return undefined
  const fields = fieldsOf(json, DOING)
  const id = fields.text('id')
  const found = fields.text('appId')
  if (!isGuid(id)) throw malformed(DOING, 'its id is not a GUID')
  if (found.toLowerCase() !== appId.toLowerCase()) throw malformed(DOING, 'another application was answered')
  return { id, appId: found, names: readNames(json, DOING) }
}

/** `servicePrincipalNames` of an answer. */
export function readNames(json: unknown, doing: string): readonly string[] {
  return textsOf(fieldsOf(json, doing).list('servicePrincipalNames'), 'servicePrincipalNames', doing)
}

/** The address of one collection of a principal, behind the version. */
export function collectionPath(id: string, property: 'keyCredentials' | 'servicePrincipalNames'): string {
  return `/servicePrincipals/${id}?$select=${property}`
}

/** The keys of a principal by its object id, with their certificates. */
export async function readPrincipalKeys(graph: Graph, id: string, signal: AbortSignal): Promise<readonly KeyEntry[]> {
  const doing = 'reading the keys of the service principal'
  const path = collectionPath(id, 'keyCredentials')
  return readKeys(await graph.json({ method: 'GET', path, doing, needs: READ_PERMISSION }, signal), doing)
}

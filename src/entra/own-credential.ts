import type { OwnCredential } from './credential.ts'
import { type Fields, fieldsOf } from './fields.ts'
import type { Graph } from './graph.ts'
import { readKeys } from './keys.ts'
import { READ_PERMISSION } from './principal.ts'
import { EntraError } from './tenant.ts'

const DOING = 'reading our own application'

/**
 * When the credential we sign in with ends, as our application says it; undefined where that cannot be told: the application is in another
 * tenant or may not be read, the credential is a federated one, or it is not exactly one of those listed.
 */
export async function readOwnCredentialEnd(graph: Graph, signal: AbortSignal): Promise<string | undefined> {
  const { own, clientId } = graph.options.source
  if (own.type === 'FederatedToken') return undefined
  const path = `/applications(appId='${clientId}')?$select=passwordCredentials,keyCredentials`
  const json = await graph
    .json({ method: 'GET', path, doing: DOING, needs: READ_PERMISSION }, signal)
    .catch((error: unknown) => {
      if (error instanceof EntraError && (error.code === 'Forbidden' || error.code === 'NotFound')) return undefined
      throw error
    })
  if (json === undefined) return undefined
  const ends = new Set(own.type === 'Certificate' ? certificateEnds(json, own.sha256) : secretEnds(json, own))
  return ends.size === 1 ? [...ends][0] : undefined
}

function certificateEnds(json: unknown, sha256: string): readonly string[] {
  return readKeys(json, DOING)
    .filter(({ seen }) => seen.sha256 === sha256)
    .map(({ seen }) => seen.endDateTime)
}

function secretEnds(json: unknown, own: OwnCredential & { type: 'Secret' }): readonly string[] {
  const isOwn = (fields: Fields) => own.hasHint(fields.optionalText('hint') ?? '')
  return fieldsOf(json, DOING)
    .objects('passwordCredentials')
    .filter(isOwn)
    .map((fields) => fields.text('endDateTime'))
}

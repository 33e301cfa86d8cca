import type { OwnCredential } from './credential.ts'
import { fieldsOf } from './fields.ts'
import type { Graph } from './graph.ts'
import { readKeys } from './keys.ts'
import { READ_PERMISSION } from './principal.ts'
import { EntraError } from './tenant.ts'

const DOING = 'reading our own application'

/** A credential of the application. `isOwn` is undefined where it cannot be told, because the directory left out what tells it. */
interface Listed {
  readonly isOwn: boolean | undefined
  readonly endDateTime: string
}

/**
 * When the credential we sign in with ends, as our application says it; undefined where that cannot be told: the application is in another
 * tenant or may not be read, the credential is a federated one, or more than one of those listed may be it.
 */
export async function readOwnCredentialEnd(graph: Graph, signal: AbortSignal): Promise<string | undefined> {
  const { source, now } = graph.options
  const { own, clientId } = source
  if (own.type === 'FederatedToken') return undefined
  const property = own.type === 'Certificate' ? 'keyCredentials' : 'passwordCredentials'
  const path = `/applications(appId='${clientId}')?$select=${property}`
  const json = await graph
    .json({ method: 'GET', path, doing: DOING, needs: READ_PERMISSION }, signal)
    .catch((error: unknown) => {
      if (error instanceof EntraError && (error.code === 'Forbidden' || error.code === 'NotFound')) return undefined
      throw error
    })
  if (json === undefined) return undefined
  const listed = own.type === 'Certificate' ? certificates(json, own.sha256) : secrets(json, own)
  // We signed in, so ours has not ended.
  const running = listed.filter(({ endDateTime }) => !(Date.parse(endDateTime) <= now().getTime()))
  const sure = running.filter(({ isOwn }) => isOwn === true)
  const possible = sure.length > 0 ? sure : running.filter(({ isOwn }) => isOwn === undefined)
  const ends = new Set(possible.map(({ endDateTime }) => endDateTime))
  return ends.size === 1 ? [...ends][0] : undefined
}

function certificates(json: unknown, sha256: string): readonly Listed[] {
  return readKeys(json, DOING).map(({ seen }) => ({
    isOwn: seen.sha256 === undefined ? undefined : seen.sha256 === sha256,
    endDateTime: seen.endDateTime,
  }))
}

function secrets(json: unknown, own: OwnCredential & { type: 'Secret' }): readonly Listed[] {
  return fieldsOf(json, DOING)
    .objects('passwordCredentials')
    .map((fields) => {
      const hint = fields.optionalText('hint')
      return { isOwn: hint === undefined ? undefined : own.hasHint(hint), endDateTime: fields.text('endDateTime') }
    })
}

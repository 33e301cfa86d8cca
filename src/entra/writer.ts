import { isDeepStrictEqual } from 'node:util'
import { createBackOff } from '../network/back-off.ts'
import { bringTo, WRITE_PERMISSION } from './collection.ts'
import { afterWrite, asEntraError } from './failure.ts'
import type { Graph } from './graph.ts'
import { GraphError } from './graph-faults.ts'
import { type KeyEntry, readKeys } from './keys.ts'
import { type PrincipalIdentity, readNames, readPrincipal } from './principal.ts'
import { EntraError, type TenantWriter } from './tenant.ts'
import { tenantOf } from './token-claims.ts'
import { keyWish, nameWish } from './wish.ts'

const LOOK_AGAIN = { baseMs: 1000, maximumMs: 15_000 } as const

/** Creates a writer for this tenant. It refuses to write with a token that says it is of another. */
export function createWriter(graph: Graph, tenantId: string): TenantWriter {
  async function checkTenant(signal: AbortSignal): Promise<void> {
    const { value } = await graph.options.source.token(signal)
    const found = tenantOf(value).tenantId
    if (found === undefined || found === tenantId.toLowerCase()) return
    throw new EntraError('Invalid', `nothing is written: the sign-in is of tenant ${found}, not of ${tenantId}`)
  }

  async function existing(appId: string, signal: AbortSignal): Promise<PrincipalIdentity> {
    await checkTenant(signal)
    const principal = await readPrincipal(graph, appId, signal)
    if (principal) return principal
    throw new EntraError(
      'NotFound',
      `the tenant has no service principal of the application ${appId}; it is created first`,
    )
  }

  return {
    async createServicePrincipal(appId, signal) {
      await checkTenant(signal)
      if (await readPrincipal(graph, appId, signal)) return
      await create(graph, appId, signal)
    },
    async changeKeys(appId, change, signal) {
      const wish = keyWish(change, graph.options.now())
      const { id } = await existing(appId, signal)
      const called = 'the keys of the service principal'
      await bringTo({ graph, id, property: 'keyCredentials', called, parse: readKeys, isSame: sameKeys }, wish, signal)
    },
    async addNames(appId, names, signal) {
      const { id } = await existing(appId, signal)
      const called = 'the names of the service principal'
      await bringTo(
        { graph, id, property: 'servicePrincipalNames', called, parse: readNames, isSame: isDeepStrictEqual },
        nameWish(names),
        signal,
      ).catch((error: unknown) => {
        throw isConflict(error) ? conflict(error, names) : error
      })
    },
  }
}

function sameKeys(one: readonly KeyEntry[], other: readonly KeyEntry[]): boolean {
  const ids = (entries: readonly KeyEntry[]) => entries.map(({ keyId }) => keyId).sort()
  return isDeepStrictEqual(ids(one), ids(other))
}

async function create(graph: Graph, appId: string, signal: AbortSignal): Promise<void> {
  const doing = { doing: 'creating the service principal', needs: WRITE_PERMISSION, isWrite: true }
  const { now, random, wait, patienceMs } = graph.options
  await graph
    .send({ ...doing, method: 'POST', path: '/servicePrincipals', body: { appId } }, signal)
    .catch((error: unknown) => {
      // Somebody else created it since we looked.
      if (error instanceof GraphError && error.status === 409) return
      throw error
    })
  const backOff = createBackOff({ ...LOOK_AGAIN, random })
  const startedAt = now().getTime()
  try {
    for (let attempt = 1; !(await readPrincipal(graph, appId, signal)); attempt += 1) {
      const waitMs = backOff(attempt)
      if (now().getTime() - startedAt + waitMs > patienceMs) {
        throw new EntraError(
          'NotVisible',
          `${doing.doing}: it was created and cannot be seen yet; a later pass looks again`,
        )
      }
      await wait(waitMs, signal)
    }
  } catch (error) {
    throw afterWrite(asEntraError(error, doing.doing, signal))
  }
}

/**
 * Which refusal of a PATCH says that a name is on another object: 409 is documented for creating, 400 `Request_BadRequest` was reported for
 * updating; both are taken for it.
 */
function isConflict(error: unknown): error is GraphError {
  return error instanceof GraphError && (error.status === 409 || error.graphCode === 'Request_BadRequest')
}

function conflict(error: GraphError, names: readonly string[]): EntraError {
  const message = `${error.message}; one of these may belong to another object of the tenant: ${names.slice(0, 5).join(', ')}`
  return new EntraError('Refused', message, { effect: error.effect, requestId: error.requestId, cause: error })
}

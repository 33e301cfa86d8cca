import type { SimulatedPrincipal } from '../../trust/model.ts'
import type { GraphContext } from './operation.ts'
import { badRequest, GraphRefusal } from './refusal.ts'

/** The names of a principal after a PATCH: the list replaces the stored one (Microsoft Graph, servicePrincipal). Throws GraphRefusal. */
export function namesAfterPatch(
  principal: SimulatedPrincipal,
  wanted: unknown,
  context: GraphContext,
): readonly string[] {
  if (!Array.isArray(wanted) || !wanted.every((name) => typeof name === 'string' && name.trim() !== '')) {
    throw badRequest("Invalid value specified for property 'servicePrincipalNames' of resource 'ServicePrincipal'.")
  }
  const names = wanted as readonly string[]
  const folded = names.map((name) => name.toLowerCase())
  if (new Set(folded).size < names.length) {
    throw badRequest("The property 'servicePrincipalNames' contains the same value twice.")
  }
  checkBareName(principal, folded, context)
  const taken = [...context.tenant.principals.values()].some(
    (other) => other.id !== principal.id && other.names.some((name) => folded.includes(name.toLowerCase())),
  )
  if (!taken) return names
  const message = 'Another object with the same value for property servicePrincipalNames already exists.'
  throw context.switches.nameConflict === 'conflict'
    ? new GraphRefusal(409, 'Request_MultipleObjectsWithSameKeyValue', message)
    : badRequest(message)
}

function checkBareName(
  { names, appId }: SimulatedPrincipal,
  wanted: readonly string[],
  { switches }: GraphContext,
): void {
  const isBare = (name: string) => name.toLowerCase() === appId.toLowerCase()
  const isLost = names.some(isBare) && !wanted.some(isBare)
  if (!isLost || switches.bareNameRemoval === 'allow') return
  throw badRequest("The application id cannot be removed from the property 'servicePrincipalNames'.")
}

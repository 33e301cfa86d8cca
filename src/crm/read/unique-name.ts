import { type Exchange, jsonOf } from '../exchange.ts'
import { asObject } from '../wire/body.ts'

const CALL = "RetrieveCurrentOrganization(AccessType=Microsoft.Dynamics.CRM.EndpointAccessType'Default')"
/** How a server says that it does not know this function, or not in this form. */
const NOT_OFFERED: ReadonlySet<number> = new Set([400, 404, 405, 501])

/**
 * Question: what is the unique name of the organization behind this URL? The function is documented (Microsoft, RetrieveCurrentOrganization),
 * the members of its `Detail` are not: where there is no `UniqueName`, or no such function, the answer is undefined and proves nothing.
 * Throws CrmError where the server could not be asked.
 */
export async function readUniqueName(
  exchange: Exchange,
  segment: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const doing = `asking ${exchange.options.root.host} for the name of the organization`
  const answer = await exchange.read({ method: 'GET', path: `${segment}/${CALL}` }, doing, signal)
  if (NOT_OFFERED.has(answer.status)) return undefined
  const name = asObject(asObject(jsonOf(answer, doing))?.['Detail'])?.['UniqueName']
  return typeof name === 'string' && name !== '' ? name : undefined
}

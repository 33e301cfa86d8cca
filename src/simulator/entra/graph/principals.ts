import type { SimulatedPrincipal } from '../../trust/model.ts'
import { ACS_APP_ID, CRM_APP_ID, EXCHANGE_APP_ID, GRAPH_APP_ID, SHAREPOINT_APP_ID } from '../clouds.ts'
import { filterClauses } from './filter.ts'
import { keysAfterPatch } from './key-credentials.ts'
import { isGiven } from './key-entry.ts'
import type { GraphContext, GraphOperation, GraphResult } from './operation.ts'
import { paged, single } from './page.ts'
import { namesAfterPatch } from './principal-names.ts'
import { projected } from './query.ts'
import { badRequest, GraphRefusal, resourceNotFound } from './refusal.ts'
import { snapshotOf } from './replication.ts'

const TYPE = { type: 'servicePrincipal' }
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Names of applications that Microsoft owns. Only these, and applications of the tenant, can get a principal. */
const FIRST_PARTY: Readonly<Record<string, string>> = {
  [CRM_APP_ID]: 'Dynamics CRM',
  [EXCHANGE_APP_ID]: 'Office 365 Exchange Online',
  [SHAREPOINT_APP_ID]: 'Office 365 SharePoint Online',
  [GRAPH_APP_ID]: 'Microsoft Graph',
  [ACS_APP_ID]: 'Microsoft.Azure.AccessControl',
}

/** GET of the set: keys come without their bytes, and a principal that is missing is an empty list. */
export function listPrincipals(context: GraphContext, { query, effects }: GraphOperation): GraphResult {
  const clauses = query.filter === undefined ? undefined : filterClauses(query.filter)
  const seen = [...context.tenant.principals.keys()].flatMap((appId) => {
    const principal = context.replication.read(appId, effects.staleRead)
    return principal === undefined ? [] : [principal]
  })
  const found = seen.filter(
    (principal) => clauses === undefined || clauses.some((clause) => isMatch(principal, clause)),
  )
  const entities = found.map((principal) => projected(entityOf(principal, false), query.select, TYPE))
  return { status: 200, body: paged(context, 'servicePrincipals', entities, query) }
}

/** GET of one, by its id or its application id. */
export function getPrincipal(context: GraphContext, operation: GraphOperation, keys: readonly string[]): GraphResult {
  const { query, effects } = operation
  const found = context.replication.read(appIdOf(context, keys), effects.staleRead)
  if (found === undefined) throw resourceNotFound(keyOf(keys))
  const entity = projected(entityOf(found, showsKeyBytes(context, operation)), query.select, TYPE)
  return { status: 200, body: single(context, 'servicePrincipals', entity, query) }
}

/** PATCH: everything that is named is checked first, so that a refusal changes nothing. */
export function patchPrincipal(context: GraphContext, operation: GraphOperation, keys: readonly string[]): GraphResult {
  const appId = appIdOf(context, keys)
  const principal = context.tenant.principals.get(appId)
  if (principal === undefined) throw resourceNotFound(keyOf(keys))
  const body = objectBody(operation.body)
  if (isGiven(body['passwordCredentials'])) {
    throw badRequest('New password credentials must be generated using service actions.')
  }
  checkMembers(body, PATCHABLE, context)
  const wantedKeys = body['keyCredentials']
  const wantedNames = body['servicePrincipalNames']
  const newKeys = wantedKeys === undefined ? principal.keys : keysAfterPatch(principal.keys, wantedKeys, context)
  const names = wantedNames === undefined ? principal.names : namesAfterPatch(principal, wantedNames, context)
  if (!operation.effects.lyingWrite) {
    const before = snapshotOf(principal)
    Object.assign(principal, { keys: newKeys, names })
    context.replication.written(appId, before)
  }
  return { status: 204 }
}

/** POST: makes the principal of an application that exists. */
export function createPrincipal(context: GraphContext, operation: GraphOperation): GraphResult {
  const body = objectBody(operation.body)
  checkMembers(body, CREATABLE, context)
  const appId = String(body['appId'] ?? '').toLowerCase()
  if (!GUID.test(appId))
    throw badRequest("Invalid value specified for property 'appId' of resource 'ServicePrincipal'.")
  if (context.tenant.principals.has(appId)) {
    const message = `The service principal cannot be created, updated, or restored because the service principal name ${appId} is already in use.`
    throw new GraphRefusal(409, 'Request_MultipleObjectsWithSameKeyValue', message)
  }
  const displayName = FIRST_PARTY[appId] ?? context.tenant.applications.get(appId)?.displayName
  if (displayName === undefined) {
    const message = `The appId '${appId}' of the service principal does not reference a valid application object.`
    throw badRequest(message, 'NoBackingApplicationObject')
  }
  const names = context.switches.createdNames === 'bare' ? [appId] : []
  const principal: SimulatedPrincipal = { id: context.newId(), appId, displayName, names, keys: [] }
  if (!operation.effects.lyingWrite) {
    context.tenant.principals.set(appId, principal)
    context.replication.written(appId, undefined)
  }
  return { status: 201, body: single(context, 'servicePrincipals', entityOf(principal, false)) }
}

const PATCHABLE: ReadonlySet<string> = new Set(['keyCredentials', 'servicePrincipalNames', 'passwordCredentials'])
const CREATABLE: ReadonlySet<string> = new Set(['appId'])

function checkMembers(body: object, known: ReadonlySet<string>, { switches }: GraphContext): void {
  const unknown = Object.keys(body).find((name) => !known.has(name) && !name.startsWith('@odata.'))
  if (unknown === undefined || switches.unknownProperty === 'ignore') return
  throw badRequest(`Invalid property '${unknown}'.`)
}

function objectBody(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>
  throw badRequest('Empty Payload. JSON content expected.', 'BadRequest')
}

/** The two ways to address one: `(appId='…')` is captured first, `/{id}` second. */
function appIdOf({ tenant }: GraphContext, [appId, id]: readonly string[]): string {
  if (appId !== undefined && appId !== '') return appId.toLowerCase()
  const found = [...tenant.principals].find(([, principal]) => principal.id.toLowerCase() === id?.toLowerCase())
  return found?.[0] ?? ''
}

function keyOf([appId, id]: readonly string[]): string {
  return appId || id || ''
}

/** Whether the bytes of keys are in the answer: one object, and keyCredentials selected. */
function showsKeyBytes({ switches }: GraphContext, { query, isPart, effects }: GraphOperation): boolean {
  if (effects.hidesKeyBytes || (isPart && !switches.keyInBatch)) return false
  const { select = [] } = query
  return select.includes('keyCredentials') && (select.length === 1 || switches.keyBesideOthers)
}

function entityOf(principal: SimulatedPrincipal, withBytes: boolean): Readonly<Record<string, unknown>> {
  return {
    id: principal.id,
    accountEnabled: true,
    appId: principal.appId,
    appDisplayName: principal.displayName,
    displayName: principal.displayName,
    servicePrincipalNames: principal.names,
    servicePrincipalType: 'Application',
    keyCredentials: principal.keys.map((key) => ({
      customKeyIdentifier: key.customKeyIdentifier,
      displayName: key.displayName,
      endDateTime: key.endDateTime,
      key: withBytes ? key.key : null,
      keyId: key.keyId,
      startDateTime: key.startDateTime,
      type: key.type,
      usage: key.usage,
    })),
    passwordCredentials: [],
  }
}

function isMatch(
  principal: SimulatedPrincipal,
  clause: { property: string; isCollection: boolean; values: readonly string[] },
) {
  const own = ownValues(principal, clause.property, clause.isCollection)
  return clause.values.some((value) => own.includes(value.toLowerCase()))
}

function ownValues(principal: SimulatedPrincipal, property: string, isCollection: boolean): readonly string[] {
  if (isCollection && property === 'servicePrincipalNames') return principal.names.map((name) => name.toLowerCase())
  if (!isCollection && property === 'appId') return [principal.appId.toLowerCase()]
  if (!isCollection && property === 'id') return [principal.id.toLowerCase()]
  if (!isCollection && property === 'displayName') return [principal.displayName.toLowerCase()]
  const message = `Unsupported or invalid query filter clause specified for property '${property}' of resource 'ServicePrincipal'.`
  throw badRequest(message, 'Request_UnsupportedQuery')
}

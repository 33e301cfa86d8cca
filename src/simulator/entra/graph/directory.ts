import { createHash, X509Certificate } from 'node:crypto'
import type { SimulatedApplication } from '../../trust/model.ts'
import { guidOfText } from '../../world/random.ts'
import { filterClauses } from './filter.ts'
import type { GraphContext, GraphOperation, GraphResult } from './operation.ts'
import { paged, single } from './page.ts'
import { projected } from './query.ts'
import { badRequest, resourceNotFound } from './refusal.ts'

/** GET of the organization: always exactly one (Microsoft Graph, list organizations). */
export function listOrganization(context: GraphContext, { query }: GraphOperation): GraphResult {
  const { tenantId, displayName, domains } = context.tenant
  const verifiedDomains = domains.map(({ name, isInitial, isDefault }) => {
    return { capabilities: 'Email, OfficeCommunicationsOnline', isDefault, isInitial, name, type: 'Managed' }
  })
  const entity = { id: tenantId, displayName, countryLetterCode: 'DE', tenantType: 'AAD', verifiedDomains }
  const projection = projected(entity, query.select, { type: 'organization' })
  return { status: 200, body: paged(context, 'organization', [projection], query) }
}

/** GET of the domains (Microsoft Graph, list domains). */
export function listDomains(context: GraphContext, { query }: GraphOperation): GraphResult {
  const entities = context.tenant.domains.map(({ name, isInitial, isDefault }) => {
    const facts = { id: name, authenticationType: 'Managed', isDefault, isInitial, isRoot: true, isVerified: true }
    return projected({ ...facts, supportedServices: ['Email'] }, query.select, { type: 'domain' })
  })
  return { status: 200, body: paged(context, 'domains', entities, query) }
}

/** GET of the applications that may sign in, with the ends of their credentials. */
export function listApplications(context: GraphContext, { query }: GraphOperation): GraphResult {
  const clauses = query.filter === undefined ? undefined : filterClauses(query.filter)
  if (clauses?.some(({ property, isCollection }) => property !== 'appId' || isCollection) === true) {
    const message = `Unsupported or invalid query filter clause specified for property '${clauses[0]?.property}' of resource 'Application'.`
    throw badRequest(message, 'Request_UnsupportedQuery')
  }
  const wanted = clauses?.flatMap(({ values }) => values.map((value) => value.toLowerCase()))
  const entities = [...context.tenant.applications.values()]
    .filter(({ clientId }) => wanted === undefined || wanted.includes(clientId.toLowerCase()))
    .map((application) => projected(entityOf(application), query.select, { type: 'application' }))
  return { status: 200, body: paged(context, 'applications', entities, query) }
}

/** GET of one application by its application id. */
export function getApplication(context: GraphContext, { query }: GraphOperation, keys: readonly string[]): GraphResult {
  const [appId = '', id = ''] = keys
  const found = [...context.tenant.applications.values()].find(
    ({ clientId }) => clientId.toLowerCase() === appId.toLowerCase() || guidOfText(clientId) === id.toLowerCase(),
  )
  if (found === undefined) throw resourceNotFound(appId || id)
  const entity = projected(entityOf(found), query.select, { type: 'application' })
  return { status: 200, body: single(context, 'applications', entity, query) }
}

function entityOf(application: SimulatedApplication): Readonly<Record<string, unknown>> {
  const { clientId, displayName, secrets, certificates } = application
  return {
    id: guidOfText(clientId),
    appId: clientId,
    displayName,
    passwordCredentials: secrets.map(({ value, endDateTime }, at) => ({
      customKeyIdentifier: null,
      displayName: null,
      endDateTime,
      hint: value.slice(0, 3),
      keyId: guidOfText(`${clientId} secret ${at}`),
      secretText: null,
      startDateTime: null,
    })),
    keyCredentials: certificates.map((certificate) => registered(certificate)),
  }
}

function registered(certificate: string): Readonly<Record<string, unknown>> {
  const der = Buffer.from(certificate, 'base64')
  const { subject, validFrom, validTo } = new X509Certificate(der)
  const thumbprint = createHash('sha1').update(der).digest('hex').toUpperCase()
  return {
    customKeyIdentifier: thumbprint,
    displayName: subject,
    endDateTime: iso(validTo),
    key: null,
    keyId: guidOfText(thumbprint),
    startDateTime: iso(validFrom),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
  }
}

function iso(text: string): string {
  return `${new Date(text).toISOString().slice(0, 19)}Z`
}

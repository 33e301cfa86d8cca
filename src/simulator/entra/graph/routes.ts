import { getApplication, listApplications, listDomains, listOrganization } from './directory.ts'
import type { GraphContext, GraphOperation, GraphResult, Serve } from './operation.ts'
import { createPrincipal, getPrincipal, listPrincipals, patchPrincipal } from './principals.ts'
import { badRequest, GraphRefusal } from './refusal.ts'
import { getMailboxSettings, getUser, getUserPurpose, listUsers } from './users.ts'

interface Route {
  readonly method: string
  readonly path: RegExp
  /** Any of these application permissions is enough (Microsoft Graph permissions reference). */
  readonly roles: readonly string[]
  readonly serve: Serve
}

const READ_APPLICATIONS = [
  'Application.Read.All',
  'Application.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
]
const WRITE_APPLICATIONS = ['Application.ReadWrite.All', 'Directory.ReadWrite.All']
const READ_USERS = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All']
const READ_MAILBOXES = ['MailboxSettings.Read', 'MailboxSettings.ReadWrite']
const PRINCIPAL = /^servicePrincipals(?:\(appId='([^']+)'\)|\/([^/()]+))$/
const USER = String.raw`^users(?:\('([^']+)'\)|\/([^/()]+))`

const ROUTES: readonly Route[] = [
  { method: 'GET', path: /^servicePrincipals$/, roles: READ_APPLICATIONS, serve: listPrincipals },
  { method: 'POST', path: /^servicePrincipals$/, roles: WRITE_APPLICATIONS, serve: createPrincipal },
  { method: 'GET', path: PRINCIPAL, roles: READ_APPLICATIONS, serve: getPrincipal },
  { method: 'PATCH', path: PRINCIPAL, roles: WRITE_APPLICATIONS, serve: patchPrincipal },
  {
    method: 'GET',
    path: /^organization$/,
    roles: ['Organization.Read.All', 'Organization.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
    serve: listOrganization,
  },
  {
    method: 'GET',
    path: /^domains$/,
    roles: ['Domain.Read.All', 'Domain.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
    serve: listDomains,
  },
  { method: 'GET', path: /^applications$/, roles: READ_APPLICATIONS, serve: listApplications },
  {
    method: 'GET',
    path: /^applications(?:\(appId='([^']+)'\)|\/([^/()]+))$/,
    roles: READ_APPLICATIONS,
    serve: getApplication,
  },
  { method: 'GET', path: /^users$/, roles: READ_USERS, serve: listUsers },
  { method: 'GET', path: new RegExp(`${USER}$`), roles: READ_USERS, serve: getUser },
  { method: 'GET', path: new RegExp(`${USER}/mailboxSettings$`), roles: READ_MAILBOXES, serve: getMailboxSettings },
  {
    method: 'GET',
    path: new RegExp(`${USER}/mailboxSettings/userPurpose$`),
    roles: READ_MAILBOXES,
    serve: getUserPurpose,
  },
]

/** Serves an operation by what its path names, where the token has the permission. Throws GraphRefusal. */
export function serveGraph(context: GraphContext, operation: GraphOperation): GraphResult {
  const fitting = ROUTES.filter(({ path }) => path.test(operation.path))
  const [first] = fitting
  if (first === undefined) {
    const [segment = ''] = operation.path.split(/[/(]/)
    throw badRequest(`Resource not found for the segment '${segment}'.`, 'BadRequest')
  }
  const route = fitting.find(({ method }) => method === operation.method)
  if (route === undefined) {
    throw new GraphRefusal(405, 'BadRequest', 'Specified HTTP method is not allowed for the request target.')
  }
  if (!route.roles.some((role) => operation.subject.roles.has(role))) throw missingPermission(route)
  return route.serve(context, operation, route.path.exec(operation.path)?.slice(1) ?? [])
}

/** Exchange refuses in its own words. */
function missingPermission({ roles }: Route): GraphRefusal {
  return roles === READ_MAILBOXES
    ? new GraphRefusal(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.')
    : new GraphRefusal(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.')
}

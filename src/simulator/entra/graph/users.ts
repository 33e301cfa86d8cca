import type { SimulatedUser } from '../../trust/model.ts'
import { guidOfText } from '../../world/random.ts'
import { type FilterClause, filterClauses } from './filter.ts'
import type { GraphContext, GraphOperation, GraphResult } from './operation.ts'
import { paged, single } from './page.ts'
import { projected } from './query.ts'
import { badRequest, GraphRefusal, resourceNotFound } from './refusal.ts'

/** What comes without $select; addresses and plans do not (Microsoft Graph, user resource type). */
const BY_DEFAULT = ['id', 'displayName', 'mail', 'userPrincipalName']
const TYPE = { type: 'user', byDefault: BY_DEFAULT }

/** GET of the set. A count, and a filter on addresses, are advanced queries (Microsoft Graph, advanced query capabilities). */
export function listUsers(context: GraphContext, { query, headers }: GraphOperation): GraphResult {
  const isEventual = headers['consistencylevel']?.toLowerCase() === 'eventual'
  if (query.count && !isEventual) {
    throw badRequest('$count is only supported with the header ConsistencyLevel: eventual.', 'Request_UnsupportedQuery')
  }
  const clauses = query.filter === undefined ? undefined : filterClauses(query.filter)
  const asksAddresses = clauses?.some(({ property }) => property === 'proxyAddresses') === true
  if (asksAddresses && context.switches.addressFilterAdvanced && !(isEventual && query.count)) {
    throw unsupported('proxyAddresses')
  }
  const found = [...context.tenant.users.values()].filter(
    (user) => clauses === undefined || clauses.some((clause) => isMatch(user, clause, context)),
  )
  const entities = found.map((user) => projected(entityOf(user), query.select, TYPE))
  return { status: 200, body: paged(context, 'users', entities, query) }
}

/** GET of one, by id or user principal name. */
export function getUser(context: GraphContext, { query }: GraphOperation, keys: readonly string[]): GraphResult {
  const user = userOf(context, keys)
  if (user === undefined) throw resourceNotFound(keyOf(keys))
  return { status: 200, body: single(context, 'users', projected(entityOf(user), query.select, TYPE), query) }
}

/** GET of the settings of a mailbox: only Exchange Online has some (Microsoft Graph, get user mailbox settings). */
export function getMailboxSettings(
  context: GraphContext,
  { query }: GraphOperation,
  keys: readonly string[],
): GraphResult {
  const settings = { archiveFolder: '', timeZone: 'UTC', delegateMeetingMessageDeliveryOptions: 'sendToDelegateOnly' }
  const entity = { ...settings, userPurpose: purposeOf(context, keys) }
  const marker = { '@odata.context': `${context.contextRoot}/v1.0/$metadata#users('${keyOf(keys)}')/mailboxSettings` }
  return { status: 200, body: { ...marker, ...projected(entity, query.select, { type: 'mailboxSettings' }) } }
}

/** GET of nothing but the purpose of a mailbox. */
export function getUserPurpose(context: GraphContext, _: GraphOperation, keys: readonly string[]): GraphResult {
  const marker = `${context.contextRoot}/v1.0/$metadata#users('${keyOf(keys)}')/mailboxSettings/userPurpose`
  return { status: 200, body: { '@odata.context': marker, value: purposeOf(context, keys) } }
}

function purposeOf(context: GraphContext, keys: readonly string[]): string {
  const user = userOf(context, keys)
  if (user === undefined) throw unknownMailbox(context, keyOf(keys))
  if (user.mailbox !== undefined) return user.mailbox.purpose
  const message = 'The mailbox is either inactive, soft-deleted, or is hosted on-premise.'
  throw new GraphRefusal(404, 'MailboxNotEnabledForRESTAPI', message)
}

function unknownMailbox({ switches }: GraphContext, key: string): GraphRefusal {
  const code = switches.unknownMailbox
  return code === 'Request_ResourceNotFound'
    ? resourceNotFound(key)
    : new GraphRefusal(404, code, 'The requested user is invalid.')
}

/** The two ways to address one: `('…')` is captured first, `/…` second. A name that begins with $ is no segment. */
function userOf({ tenant }: GraphContext, keys: readonly string[]): SimulatedUser | undefined {
  const [quoted = '', plain = ''] = keys
  if (plain.startsWith('$')) throw badRequest(`Resource not found for the segment '${plain}'.`, 'BadRequest')
  const wanted = (quoted === '' ? plain : quoted).toLowerCase()
  return [...tenant.users.values()].find(
    (user) => user.userPrincipalName.toLowerCase() === wanted || idOf(user) === wanted,
  )
}

function keyOf([quoted, plain]: readonly string[]): string {
  return quoted || plain || ''
}

function idOf({ userPrincipalName }: SimulatedUser): string {
  return guidOfText(userPrincipalName.toLowerCase())
}

function mailOf({ proxyAddresses }: SimulatedUser): string | null {
  return proxyAddresses.find((address) => address.startsWith('SMTP:'))?.slice('SMTP:'.length) ?? null
}

function entityOf(user: SimulatedUser): Readonly<Record<string, unknown>> {
  const plan = { assignedDateTime: '2026-01-01T00:00:00Z', service: 'exchange', capabilityStatus: 'Enabled' }
  const servicePlanId = 'efb87545-963c-4e0d-99df-69c6916d9eb0'
  return {
    id: idOf(user),
    displayName: user.userPrincipalName.split('@')[0] ?? '',
    mail: mailOf(user),
    userPrincipalName: user.userPrincipalName,
    accountEnabled: true,
    onPremisesSyncEnabled: null,
    proxyAddresses: user.proxyAddresses,
    assignedPlans: user.hasPlan ? [{ ...plan, servicePlanId }] : [],
    provisionedPlans: user.hasPlan
      ? [{ capabilityStatus: 'Enabled', provisioningStatus: 'Success', service: 'exchange' }]
      : [],
  }
}

function isMatch(
  user: SimulatedUser,
  { property, isCollection, values }: FilterClause,
  { switches }: GraphContext,
): boolean {
  if (isCollection && property === 'proxyAddresses') {
    const folded = (text: string) => (switches.addressFilterExact ? withPrefixAsIs(text) : text.toLowerCase())
    return user.proxyAddresses.some((address) => values.some((value) => folded(value) === folded(address)))
  }
  const own = isCollection ? undefined : ownValue(user, property)
  if (own === undefined) throw unsupported(property)
  return values.some((value) => value.toLowerCase() === own?.toLowerCase())
}

/** The address in one case, as mail has none; its `SMTP:` or `smtp:` stays. */
function withPrefixAsIs(proxy: string): string {
  return proxy.replace(/:.*$/, (address) => address.toLowerCase())
}

function ownValue(user: SimulatedUser, property: string): string | null | undefined {
  switch (property) {
    case 'id':
      return idOf(user)
    case 'mail':
      return mailOf(user)
    case 'userPrincipalName':
      return user.userPrincipalName
    default:
      return undefined
  }
}

function unsupported(property: string): GraphRefusal {
  const message = `Unsupported or invalid query filter clause specified for property '${property}' of resource 'User'.`
  return badRequest(message, 'Request_UnsupportedQuery')
}

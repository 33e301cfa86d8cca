import type { WireVersion, World } from '../../world.ts'
import { badRequest, rowMissing, unknownSegment } from '../errors.ts'
import { type Answer, jsonAnswer, type Operation } from '../http.ts'
import { allowOnly, parseOptions } from '../query/options.ts'
import type { Address } from './address.ts'
import { type Call, existingRow } from './call.ts'

/** GET of an unbound function (Microsoft, Web API: use functions). */
export function callFunction(call: Call, address: Address & { kind: 'function' }, operation: Operation): Answer {
  const { name, argument } = address
  if (argument === undefined && !call.world.switches.functionsWithoutParentheses) throw unknownSegment(name)
  allowOnly(parseOptions(operation.query), name === 'RetrieveCurrentOrganization' ? ['@p1', '@AccessType'] : [])
  switch (name) {
    case 'WhoAmI':
      requireNoArgument(name, argument)
      return answer(call, 'WhoAmIResponse', {
        BusinessUnitId: call.caller.businessUnitId,
        UserId: call.caller.userId,
        OrganizationId: call.world.organizationId,
      })
    case 'RetrieveVersion':
      requireNoArgument(name, argument)
      return answer(call, 'RetrieveVersionResponse', { Version: BUILDS[call.world.version] })
    default:
      return currentOrganization(call, argument ?? '', operation)
  }
}

/** GET of `systemusers(id)/Microsoft.Dynamics.CRM.RetrieveUserPrivileges`, with names from 9.0 on and ids only before. */
export function retrieveUserPrivileges(call: Call, userId: string): Answer {
  existingRow(call.world, 'systemuser', userId, () => rowMissing('systemuser', userId))
  const held = call.caller.userId === userId ? call.caller.privileges : new Set<string>()
  const rows: Record<string, unknown>[] = []
  for (const [id, row] of call.world.rows('privilege')) {
    const name = String(row['name'])
    if (!held.has(name)) continue
    const plain = { Depth: 'Global', PrivilegeId: id, BusinessUnitId: call.caller.businessUnitId }
    rows.push(call.world.version === '8.2' ? plain : { ...plain, PrivilegeName: name })
  }
  return answer(call, 'RetrieveUserPrivilegesResponse', { RolePrivileges: rows })
}

/** Full build numbers, as RetrieveVersion gives them. */
const BUILDS: Readonly<Record<WireVersion, string>> = {
  '8.2': '8.2.26.15',
  '9.0': '9.0.51.6',
  '9.1': '9.1.37.6',
  online: '9.2.24102.197',
}

const DEFAULT_ACCESS = /^AccessType=(?:Microsoft\.Dynamics\.CRM\.EndpointAccessType'Default'|@p1|@AccessType)$/
const DEFAULT_VALUE = "Microsoft.Dynamics.CRM.EndpointAccessType'Default'"

function currentOrganization(call: Call, argument: string, operation: Operation): Answer {
  const options = parseOptions(operation.query)
  const alias = options.get('@p1') ?? options.get('@AccessType')
  const isShort = call.world.switches.shortAccessType && argument === "AccessType='Default'"
  if (!isShort && (!DEFAULT_ACCESS.test(argument) || (argument.includes('@') && alias !== DEFAULT_VALUE))) {
    throw badRequest("The argument of RetrieveCurrentOrganization must be an EndpointAccessType, such as 'Default'.")
  }
  if (call.world.switches.organizationDetail === 'bare') {
    return answer(call, 'RetrieveCurrentOrganizationResponse', {
      Detail: { OrganizationId: call.world.organizationId },
    })
  }
  const name = organizationName(call.world)
  const services = call.root.replace(/api\/data\/v[\d.]+\/$/, '')
  return answer(call, 'RetrieveCurrentOrganizationResponse', {
    Detail: {
      OrganizationId: call.world.organizationId,
      FriendlyName: name,
      OrganizationVersion: BUILDS[call.world.version],
      UrlName: call.service.organizationPath.slice(1) || name,
      // In a URL without claims the path says the unique name.
      UniqueName: call.service.organizationPath.slice(1) || name,
      State: 'Enabled',
      Endpoints: {
        Count: 3,
        IsReadOnly: false,
        Keys: ['WebApplication', 'OrganizationService', 'OrganizationDataService'],
        Values: [
          services,
          `${services}XRMServices/2011/Organization.svc`,
          `${services}XRMServices/2011/OrganizationData.svc`,
        ],
      },
    },
  })
}

function organizationName(world: World): string {
  const name = world.rows('organization').get(world.organizationId)?.['name']
  return typeof name === 'string' ? name : ''
}

function requireNoArgument(name: string, argument: string | undefined): void {
  if (argument !== undefined && argument !== '') throw badRequest(`The function '${name}' takes no parameters.`)
}

function answer(call: Call, type: string, members: Readonly<Record<string, unknown>>): Answer {
  const context = `${call.root}$metadata#Microsoft.Dynamics.CRM.${type}`
  return jsonAnswer(200, JSON.stringify({ '@odata.context': context, ...members }))
}

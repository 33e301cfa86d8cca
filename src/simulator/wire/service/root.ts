import { CrmFault, type World } from '../../world.ts'
import { badRequest, unknownSegment } from '../errors.ts'
import type { Operation, WireRequest } from '../http.ts'
import { splitTarget } from '../query/options.ts'
import type { Service } from './call.ts'

/** Path of the Web API below the organization. */
const API = '/api/data/'

/** Whether a target lies below the organization's Web API at all; everything else is IIS's business. */
export function isServiceTarget(service: Service, target: string): boolean {
  return target.startsWith(`${service.organizationPath}${API}`)
}

/** A request under its service root: the version segment, and what stands below it. Throws 404 or 501 for the version. */
export interface Rooted {
  readonly version: string
  readonly operation: Operation
}

/** Parts a target into version segment and path. Throws 501 for a version that is not served and 404 for what is none. */
export function rootedOperation(service: Service, request: WireRequest): Rooted {
  const { path, query } = splitTarget(request.target)
  const below = path.slice(service.organizationPath.length + API.length)
  const slash = below.indexOf('/')
  const version = slash < 0 ? below : below.slice(0, slash)
  requireVersion(service.world, version)
  return { version, operation: { ...request, path: slash < 0 ? '' : below.slice(slash + 1), query } }
}

/** Absolute root of links for a version, on the origin that links name. */
export function linkRoot(service: Service, origin: string, version: string): string {
  return `${service.linkOrigin ?? origin}${service.organizationPath}${API}${version}/`
}

/** Refuses OData versions and formats the server does not speak (Microsoft, Web API: compose HTTP requests). */
export function checkHeaders(request: WireRequest): void {
  const { 'odata-version': version = '4.0', 'odata-maxversion': most = '4.0', accept = '*/*' } = request.headers
  if (version !== '4.0') throw badRequest(`The OData-Version '${version}' is not supported. Use 4.0.`)
  if (!(Number(most) >= 4)) throw badRequest(`The OData-MaxVersion '${most}' is not supported. Use 4.0.`)
  if (!/application\/(?:json|\*)|\*\/\*|text\/plain/i.test(accept)) {
    throw new CrmFault(415, '0x80060888', `None of the acceptable MIME types '${accept}' is supported.`)
  }
}

/** Versions each installation serves: older ones stay (Microsoft, Web API versions). */
function servedVersions(world: World): readonly string[] {
  const served = ['v8.0', 'v8.1', 'v8.2']
  if (world.version !== '8.2') served.push('v9.0')
  if (world.version === '9.1' || world.version === 'online') served.push('v9.1')
  if (world.switches.v92) served.push('v9.2')
  return served
}

function requireVersion(world: World, version: string): void {
  if (servedVersions(world).includes(version)) return
  if (!/^v\d+\.\d+$/.test(version)) throw unknownSegment(version)
  throw new CrmFault(501, '', `The Web API version '${version}' is not supported by this organization.`)
}

import { dayFault } from '../dates.ts'
import type { Configuration, ServerEndpoint } from '../generated/types.ts'
import type { Path } from '../yaml/positions.ts'
import { identityOf, type Report } from './check-identities.ts'
import { isLoopback } from './loopback.ts'

type Fields = Configuration['spec']

/** How tenants and servers are reached, and what is counted down. */
export function checkTrust(spec: Fields, report: Report): void {
  checkTenants(spec, report)
  for (const [name, { servers }] of Object.entries(spec.deployments)) {
    const path = ['deployments', name, 'servers']
    for (const [index, server] of servers.entries()) checkServer(spec, server, [...path, index], report)
    checkRepeats(servers, path, report)
  }
  checkRunway(spec, report)
}

function checkTenants(spec: Fields, report: Report): void {
  for (const [name, tenant] of Object.entries(spec.tenants)) {
    const path = ['tenants', name]
    for (const purpose of ['reading', 'writing'] as const)
      identityOf(spec, tenant[purpose], [...path, purpose], ['Entra'], report)
    for (const [field, address] of Object.entries(tenant.endpoints ?? {}))
      checkEndpoint(address, [...path, 'endpoints', field], report)
  }
}

/** A real tenant is reached as its cloud says: a file that could name another host could send our credentials there. */
function checkEndpoint(address: string, path: Path, report: Report): void {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined) report(path, 'this is no address, such as http://127.0.0.1:8443')
  else if (!isLoopback(url.hostname)) {
    const message = `endpoints are for a simulated tenant on loopback, and ${url.hostname} is not; leave \`endpoints\` out, the \`cloud\` of the Tenant decides the hosts`
    report(path, message)
  } else if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    report(path, 'an endpoint is scheme, host, port and path, and nothing else')
}

const OF_SSH = ['hostKeySha256', 'identity', 'writingIdentity'] as const satisfies readonly (keyof ServerEndpoint)[]

function checkServer(spec: Fields, server: ServerEndpoint, path: Path, report: Report): void {
  const { host, offline, hostKeySha256, identity, writingIdentity } = server
  if (offline) {
    for (const field of OF_SSH) {
      if (server[field] !== undefined)
        report([...path, field], `nobody connects to ${host}, because \`offline\` is true; take \`${field}\` out`)
    }
    return
  }
  if (identity === undefined) {
    const message = `${host} is reached by SSH, so \`identity\` is required; or say \`offline: true\`, and a person carries the scripts there`
    report(path, message)
  }
  if (hostKeySha256 === undefined) {
    const message = `${host} is reached by SSH, so \`hostKeySha256\` is required; \`ssh-keygen -lf\` prints it from the public host key on the server`
    report(path, message)
  }
  identityOf(spec, identity, [...path, 'identity'], ['Ssh'], report)
  identityOf(spec, writingIdentity, [...path, 'writingIdentity'], ['Ssh'], report)
}

/** One server under two entries would be written twice at once. */
function checkRepeats(servers: readonly ServerEndpoint[], path: Path, report: Report): void {
  const seen = new Set<string>()
  for (const [index, { host, port }] of servers.entries()) {
    const address = `${host.toLowerCase()} ${port}`
    if (seen.has(address)) report([...path, index], `${host} stands here twice; keep one`)
    seen.add(address)
  }
}

function checkRunway({ runway }: Fields, report: Report): void {
  const seen = new Set<string>()
  for (const [index, { name, on }] of runway.dates.entries()) {
    const path = ['runway', 'dates', index]
    const fault = dayFault(on)
    if (fault !== undefined) report([...path, 'on'], fault)
    if (seen.has(name)) report([...path, 'name'], `\`${name}\` has a date already; keep one`)
    seen.add(name)
  }
}

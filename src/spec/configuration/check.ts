import type { Origin } from '../desired.ts'
import { suggestion } from '../explain/did-you-mean.ts'
import type { Configuration, Identity } from '../generated/types.ts'
import { type Problem, problemAt } from '../problem.ts'
import { wavesFault } from '../waves.ts'
import type { Path } from '../yaml/positions.ts'

type Fields = Configuration['spec']
type Report = (path: Path, message: string) => void

/** What the schema cannot see: identities that exist and fit, and nothing secret over an open line. */
export function checkConfiguration(spec: Fields, originOf: (path: Path) => Origin): Problem[] {
  const problems: Problem[] = []
  const report: Report = (path, message) => problems.push(problemAt(originOf(['spec', ...path]), message))
  checkIdentities(spec, report)
  checkOrganizations(spec, report)
  checkOthers(spec, report)
  checkNetwork(spec, report)
  checkRollout(spec, report)
  return problems
}

const FIELDS: Readonly<Record<Identity['type'], readonly (keyof Identity)[]>> = {
  Bearer: ['token'],
  Entra: ['clientId', 'certificate', 'clientSecret'],
  Ssh: ['userName', 'privateKey', 'passphrase', 'password'],
  None: [],
}

function checkIdentities(spec: Fields, report: Report): void {
  for (const [name, identity] of Object.entries(spec.identities)) {
    const path = ['identities', name]
    const foreign = Object.keys(identity).filter(
      (field) => field !== 'type' && !(FIELDS[identity.type] as string[]).includes(field),
    )
    for (const field of foreign) report([...path, field], `an identity of type ${identity.type} has no ${field}`)
    if (identity.type !== 'Entra') continue
    const { certificate, clientSecret } = identity
    if ((certificate === undefined) === (clientSecret === undefined)) {
      report(path, 'an identity of type Entra needs one of `certificate` and `clientSecret`')
    }
    if (certificate !== undefined && !Object.hasOwn(spec.certificates, certificate)) {
      const message = `there is no certificate \`${certificate}\`${suggestion(certificate, Object.keys(spec.certificates))}`
      report([...path, 'certificate'], message)
    }
  }
}

function checkOrganizations(spec: Fields, report: Report): void {
  for (const [name, endpoint] of Object.entries(spec.organizations)) {
    const path = ['organizations', name]
    const url = URL.canParse(endpoint.url) ? new URL(endpoint.url) : undefined
    if (url === undefined) {
      report([...path, 'url'], 'this is no address, such as https://crm.contoso.com/ContosoSales')
      continue
    }
    checkUrl(url, [...path, 'url'], report)
    for (const purpose of ['reading', 'writing'] as const) {
      const identity = identityOf(spec, endpoint[purpose], [...path, purpose], ['Bearer', 'None'], report)
      if (identity?.type === 'None' && !isLoopback(url.hostname)) {
        report([...path, purpose], `an identity of type None works on loopback only, and ${url.hostname} is not`)
      }
    }
  }
}

function checkUrl(url: URL, path: Path, report: Report): void {
  if (url.username !== '' || url.password !== '')
    report(path, 'an address must not hold a user name or password; use an identity')
  if (url.search !== '' || url.hash !== '') report(path, 'an address ends before ? and #')
  if (/\/api\/data\b/i.test(url.pathname)) report(path, 'the address of the organization ends before /api/data')
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    report(path, 'http:// is not encrypted and works on loopback only; write https://')
}

function checkOthers(spec: Fields, report: Report): void {
  for (const [name, tenant] of Object.entries(spec.tenants)) {
    for (const purpose of ['reading', 'writing'] as const) {
      identityOf(spec, tenant[purpose], ['tenants', name, purpose], ['Entra', 'Bearer'], report)
    }
  }
  for (const [name, deployment] of Object.entries(spec.deployments)) {
    for (const [index, server] of deployment.servers.entries()) {
      identityOf(spec, server.identity, ['deployments', name, 'servers', index, 'identity'], ['Ssh'], report)
    }
  }
  identityOf(spec, spec.source.git?.identity, ['source', 'git', 'identity'], ['Bearer', 'Ssh'], report)
}

/** The identity of a name, after reporting one that is missing or of a type that does not fit. */
function identityOf(
  spec: Fields,
  name: string | undefined,
  path: Path,
  types: readonly Identity['type'][],
  report: Report,
): Identity | undefined {
  if (name === undefined) return undefined
  const identity = Object.hasOwn(spec.identities, name) ? spec.identities[name] : undefined
  if (identity === undefined) {
    report(path, `there is no identity \`${name}\`${suggestion(name, Object.keys(spec.identities))}`)
  } else if (!types.includes(identity.type)) {
    report(
      path,
      `the identity \`${name}\` is of type ${identity.type}; here one of type ${types.join(' or ')} is needed`,
    )
  }
  return identity
}

function checkNetwork(spec: Fields, report: Report): void {
  const { proxy } = spec.network
  const url = proxy !== undefined && URL.canParse(proxy.url) ? new URL(proxy.url) : undefined
  if (proxy !== undefined && url === undefined)
    report(['network', 'proxy', 'url'], 'this is no address, such as http://proxy.contoso.com:8080')
  if (url !== undefined && (url.username !== '' || url.password !== '')) {
    report(
      ['network', 'proxy', 'url'],
      'an address must not hold a user name or password; use `userName` and `password` beside it',
    )
  }
  if (spec.listener !== undefined && spec.listener.token === undefined && !isLoopback(spec.listener.address)) {
    report(['listener'], `a listener at ${spec.listener.address} needs a \`token\`, because others can reach it`)
  }
  if (spec.leases.type === 'Kubernetes' && spec.leases.namespace === undefined) {
    report(['leases'], 'type is Kubernetes, so namespace is required')
  }
}

function checkRollout({ rollout }: Fields, report: Report): void {
  const fault = wavesFault(rollout?.waves)
  if (fault) report(['rollout', 'waves', fault.index], fault.message)
}

/** Tells whether a host is this machine whatever the network says. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '')
  return bare === 'localhost' || bare === '::1' || /^127(?:\.[0-9]{1,3}){3}$/.test(bare)
}

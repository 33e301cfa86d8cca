import type { Origin } from '../desired.ts'
import { parseDuration } from '../duration.ts'
import type { Configuration } from '../generated/types.ts'
import { type Problem, problemAt } from '../problem.ts'
import { wavesFault } from '../waves.ts'
import type { Path } from '../yaml/positions.ts'
import { checkGit } from './check-git.ts'
import { checkIdentities, identityOf, type Report } from './check-identities.ts'
import { checkListener } from './check-listener.ts'
import { checkNotifications } from './check-notifications.ts'
import { checkTrust } from './check-trust.ts'
import { isLoopback } from './loopback.ts'

type Fields = Configuration['spec']

/** What the schema cannot see: identities that exist and fit, and nothing secret over an open line. */
export function checkConfiguration(spec: Fields, originOf: (path: Path) => Origin): Problem[] {
  const problems: Problem[] = []
  const report: Report = (path, message) => problems.push(problemAt(originOf(['spec', ...path]), message))
  checkIdentities(spec, report)
  checkOrganizations(spec, report)
  checkTrust(spec, report)
  checkGit(spec, report)
  checkListener(spec, report)
  checkNotifications(spec, report)
  checkNetwork(spec, report)
  checkRollout(spec, report)
  return problems
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

/** Kubernetes: a lease is renewed three times in its duration, and a margin of a third is kept. */
const SHORTEST_LEASE_MS = 3_000

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
  if (spec.leases.type === 'Kubernetes' && spec.leases.namespace === undefined) {
    report(['leases'], 'type is Kubernetes, so namespace is required')
  }
  if (parseDuration(spec.leases.duration) < SHORTEST_LEASE_MS) {
    report(['leases', 'duration'], 'a lease of less than 3s would be lost by any delay; 30s is a good value')
  }
}

function checkRollout({ rollout }: Fields, report: Report): void {
  const fault = wavesFault(rollout?.waves)
  if (fault) report(['rollout', 'waves', fault.index], fault.message)
}

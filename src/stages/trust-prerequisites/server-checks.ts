import type { ServerState } from '../../crm-server/deployment.ts'
import type { Key, Verdict } from '../../engine/index.ts'
import type { DesiredDeployment } from '../../spec/desired.ts'
import { asyncServices } from '../trust/async-services.ts'
import { type CheckName, checkKey } from '../trust/check-keys.ts'
import { type Asking, deploymentFact, issuerRows, reachableDeployments, serversOf } from '../trust/facts.ts'
import { wrongKeySpec } from '../trust/key-spec.ts'
import { serverLabel } from '../trust/members.ts'
import { isSameSubject, listed, shortName } from '../trust/names.ts'
import { type Check, no, unread, yes } from './check.ts'
import { supportVerdict } from './support.ts'

/** Every server by itself. One that cannot be read has one verdict only. */
export async function serverChecks(asking: Asking): Promise<readonly Check[]> {
  const facts = await serversOf(asking, 'all')
  return facts.flatMap(({ key, deployment, server, state }) => {
    const label = serverLabel(asking.desired, deployment.name, server)
    if (state.reason) return [check('server', key, label, unread(state.reason))]
    return checksOf(state.value, deployment, key, label)
  })
}

function checksOf(state: ServerState, deployment: DesiredDeployment, key: Key, label: string): readonly Check[] {
  const { certificate } = deployment
  return [
    check('server', key, label, yes(answersInWords(state))),
    check('powershell', key, `PowerShell of ${label}`, powershellVerdict(state, label)),
    check('administrator', key, `administrator of ${label}`, administratorVerdict(state)),
    check('services', key, `services of ${label}`, servicesVerdict(state, label)),
    check('clock', key, `clock of ${label}`, clockVerdict(state.clockSkewMs, label)),
    ...(certificate ? [check('key-spec', key, `key on ${label}`, keyVerdict(state, certificate.sha256, label))] : []),
  ]
}

function check(name: CheckName, key: Key, label: string, verdict: Verdict): Check {
  return { key: checkKey(name, key), label, verdict }
}

function answersInWords({ version, roles, hasSnapIn }: ServerState): string {
  const what = [version && `CRM ${version}`, roles && roles.length > 0 && roles.join(', ')].filter(Boolean)
  return ['answers', ...what, hasSnapIn ? 'with the deployment tools' : 'without the deployment tools'].join(', ')
}

/** Snap-ins exist in Windows PowerShell only (Microsoft, differences between Windows PowerShell and PowerShell). */
function powershellVerdict({ powershellVersion }: ServerState, label: string): Verdict {
  if (/^5\.1(?:\.|$)/.test(powershellVersion)) return yes(`Windows PowerShell ${powershellVersion}`)
  const message = `${label} runs PowerShell ${powershellVersion}; CRM needs Windows PowerShell 5.1 (Windows Management Framework 5.1)`
  return no('PowerShellVersion', message)
}

function administratorVerdict({ isLocalAdministrator }: ServerState): Verdict {
  if (isLocalAdministrator) return yes('the account is a local administrator')
  const message = `the account is no local administrator, so it can neither import a certificate nor restart a service; run there \`net localgroup Administrators <account> /add\``
  return no('NotAdministrator', message)
}

function servicesVerdict(state: ServerState, label: string): Verdict {
  const services = asyncServices(state)
  if (services.length === 0) return yes('no asynchronous service is installed here')
  const stopped = services.filter(({ isRunning }) => !isRunning).map(({ name }) => name)
  const accounts = [...new Set(services.map(({ account }) => account))]
  if (stopped.length === 0) return yes(`${listed(services.map(({ name }) => name))} run as ${listed(accounts)}`)
  const command = `Start-Service ${stopped.map((name) => `'${name}'`).join(', ')}`
  const message = `${listed(stopped)} ${stopped.length === 1 ? 'does' : 'do'} not run on ${label}, so mail waits; run there \`${command}\``
  return no('ServiceStopped', message)
}

const MAXIMUM_SKEW_MS = 60_000

function clockVerdict(skewMs: number, label: string): Verdict {
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  const where = skewMs > 0 ? 'ahead of' : 'behind'
  if (Math.abs(skewMs) <= MAXIMUM_SKEW_MS) {
    return yes(seconds === 0 ? 'the clocks agree' : `the clock is ${seconds} s ${where} ours`)
  }
  const message = `the clock of ${label} is ${seconds} s ${where} ours; set both by a time server, or tokens are refused`
  return no('ClockSkew', message)
}

function keyVerdict({ certificates }: ServerState, sha256: string, label: string): Verdict {
  const found = certificates.find((one) => one.sha256 === sha256)
  const called = `certificate ${shortName(sha256)}`
  if (!found) return yes(`${called} is not there yet`)
  const other = certificates.find((one) => one !== found && isSameSubject(one.subject, found.subject))
  const wrong = wrongKeySpec(found, label)
  if (wrong) return no(wrong.code, wrong.message)
  if (other) {
    const message = `${label} holds ${called} and ${shortName(other.sha256)} of the same subject, and CRM may find either; remove the one that nothing uses from LocalMachine\\My`
    return no('SameSubject', message)
  }
  return yes(found.keySpec === 1 ? 'KeySpec 1' : `the KeySpec of ${called} could not be told`)
}

/** What belongs to all servers of a deployment: the tools answer, one certificate row, and how long it is supported. */
export async function deploymentChecks(asking: Asking, now: Date): Promise<readonly Check[]> {
  const servers = await serversOf(asking, 'all')
  const all = reachableDeployments(asking).map(async ({ deployment: { name } }): Promise<readonly Check[]> => {
    const fact = await deploymentFact(asking, name)
    const label = `deployment tools of ${name}`
    if (!fact?.value) {
      const reason = fact?.reason ?? { code: 'NotRead', message: 'not read' }
      return [check('deployment', name, label, toolsVerdict(reason.code, reason.message))]
    }
    const versions = servers.flatMap((one) => (one.deployment.name === name ? (one.state.value?.version ?? []) : []))
    const support = supportVerdict(versions[0], now)
    return [
      check('deployment', name, label, yes(`read through ${fact.value.through}`)),
      check('issuer', name, `certificate row of ${name}`, issuerVerdict(issuerRows(fact.value).length)),
      ...(support ? [check('support', name, `support of ${name}`, support)] : []),
    ]
  })
  return (await Promise.all(all)).flat()
}

/** Rights are a matter for a person; everything else may be different the next time. */
function toolsVerdict(code: string, message: string): Verdict {
  const rights = ['NotDeploymentAdministrator', 'SnapInMissing', 'OrganizationUnknown']
  return rights.includes(code) ? no(code, message) : unread({ code, message })
}

function issuerVerdict(count: number): Verdict {
  if (count === 0) return yes('no certificate row yet')
  if (count === 1) return yes('one certificate row')
  const message = `there are ${count} rows of type S2STokenIssuer where there must be one; find the wrong one with Get-CrmCertificate and remove it with Remove-CrmCertificate -Id <id> -Confirm:$false`
  return no('SeveralRows', message)
}

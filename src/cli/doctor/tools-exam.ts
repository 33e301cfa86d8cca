// What belongs to a deployment as a whole, asked through whichever of its servers can tell.
import type { DeploymentReader } from '../../crm-server/deployment.ts'
import type { Finding } from '../../report/doctor.ts'
import { organizationsOn } from '../../stages/trust/members.ts'
import { deploymentChecks } from '../../stages/trust-prerequisites/server-checks.ts'
import type { EndsSeen, Examination } from './examine.ts'
import { bad, findingOf, good, type Question } from './finding.ts'
import type { Patient } from './patient.ts'
import { CHECK_NAMES } from './server-check-names.ts'
import { askingServers, caseOf, type ServerPlace } from './server-place.ts'
import { type ServerCase, serverRemedy } from './server-remedies.ts'

/** One examination of what belongs to all servers. */
export function toolsExamination(place: ServerPlace, patient: Patient): Examination {
  const { deployment, role, endpoint } = place
  const account = endpoint.credential?.userName
  const as = account === undefined ? `as the SSH user ${role.identity}` : `as ${account}`
  const words = role.purpose === 'both' ? '' : ` (${role.purpose})`
  const tried = `asking one of its servers after the other for settings and certificate rows, ${as}`
  const question = { subject: `deployment ${deployment.name}`, check: `deployment tools${words}`, tried }
  return {
    question,
    look: (signal) =>
      place.servers.use(async (client) => {
        const asking = askingServers(place, client, client.servers, signal)
        const checks = await deploymentChecks(asking, patient.machine.now())
        const first = client.servers[0] ?? deployment.name
        const about = caseOf(first, place, patient, undefined)
        const findings = checks.map(({ key, label, verdict }) => {
          const check = `${CHECK_NAMES[key.split('/')[0] ?? ''] ?? label}${words}`
          return findingOf({ ...question, check }, verdict, toolsRemedy(verdict.code, about))
        })
        const settings = await settingFindings({ ...question, check: `settings${words}` }, place, client, signal)
        return { findings: [...findings, ...settings], ends: await endsOf(place, client, signal) }
      }),
  }
}

/** Whether every setting of the trust can be read; what it is, plans tell. That the tools do not answer has a finding of its own. */
async function settingFindings(
  question: Question,
  { trust, deployment }: ServerPlace,
  client: DeploymentReader,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const members = organizationsOn(trust, deployment.name)
  const uniqueNames = members.map(({ uniqueName }) => uniqueName)
  const state = await client.deployment(uniqueNames, signal).catch(() => undefined)
  if (!state) return []
  const all = [state.authorizationServer, state.metadataUrl, ...state.tenantIds.values()]
  const whys = [...new Set(all.flatMap((setting) => (setting.state === 'Unknown' ? [setting.why] : [])))]
  if (whys.length === 0) return [good(question, `all ${all.length} can be read`)]
  return whys.map((why) => {
    const isName = why.startsWith('OrganizationUnknown')
    const words = isName
      ? `Compare uniqueName of the organizations (${uniqueNames.join(', ')}) with what CRM says.`
      : 'Look whether the account may read the settings of the deployment.'
    const command = isName
      ? 'Get-CrmOrganization'
      : 'Get-CrmAdvancedSetting -ConfigurationEntityName ServerSettings -Setting S2SDefaultAuthorizationServerPrincipalId'
    const where = `on ${state.through}, Windows PowerShell, behind Add-PSSnapin Microsoft.Crm.PowerShell`
    return bad(question, isName ? 'Broken' : 'Unknown', isName ? 'OrganizationUnknown' : 'SettingUnknown', why, {
      words,
      commands: [{ where, command }],
    })
  })
}

/** That no server answers is told at each of them. */
function toolsRemedy(code: string, about: ServerCase) {
  return ['NotDeploymentAdministrator', 'SnapInMissing'].includes(code) ? serverRemedy(code, about) : undefined
}

async function endsOf({ deployment }: ServerPlace, client: DeploymentReader, signal: AbortSignal): Promise<EndsSeen> {
  const states = await Promise.all(client.servers.map((name) => client.server(name, signal).catch(() => undefined)))
  const version = states.flatMap((state) => state?.version ?? [])[0]
  return {
    deployment: deployment.name,
    ...(version === undefined ? {} : { crmMajor: Number.parseInt(version, 10) }),
    ...(deployment.certificate ? { warnBeforeMs: deployment.certificate.warnBeforeMs } : {}),
  }
}

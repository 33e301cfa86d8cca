// What people may write down and nothing acts on. Silence would look as if it were done.
import { basename } from 'node:path'
import type { Reason } from '../engine/index.ts'
import { sentenceList } from '../report/wording.ts'
import { deploymentEndpoint, type RuntimeConfiguration, tenantEndpoint } from '../spec/configuration/load.ts'
import type { DesiredOrganization, DesiredState } from '../spec/desired.ts'

/** Notices about one organization: parts of its trust that nobody can reach. */
export function notAppliedNotices(
  desired: DesiredOrganization,
  state: Pick<DesiredState, 'tenants' | 'deployments'>,
  configuration: Pick<RuntimeConfiguration, 'spec' | 'file'>,
): readonly Reason[] {
  const unreached = unreachedInWords(desired, state, configuration)
  return unreached === undefined ? [] : [{ code: 'SpecNotApplied', message: unreached }]
}

/** `mailkeel.yaml does not say how to sign in to tenant contoso, so its trust is neither checked nor written`; undefined where all is reached. */
export function unreachedInWords(
  { tenant, deployment }: Pick<DesiredOrganization, 'tenant' | 'deployment'>,
  { tenants, deployments }: Pick<DesiredState, 'tenants' | 'deployments'>,
  configuration: Pick<RuntimeConfiguration, 'spec' | 'file'>,
): string | undefined {
  const hasTenant = tenant !== undefined && tenants.has(tenant)
  const hasServers = deployment !== undefined && deployments.has(deployment)
  const noTenant = hasTenant && !tenantEndpoint(configuration, tenant)
  const noServers = hasServers && !deploymentEndpoint(configuration, deployment)
  const missing = [
    noTenant ? `how to sign in to tenant ${tenant}` : '',
    noServers ? `how to reach the servers of deployment ${deployment}` : '',
  ].filter((words) => words !== '')
  if (missing.length === 0) return undefined
  const isAll = (noTenant || !hasTenant) && (noServers || !hasServers)
  const what = isAll ? 'its trust' : 'that part of its trust'
  return `${basename(configuration.file)} does not say ${sentenceList(missing)}, so ${what} is neither checked nor written`
}

/** A set that says nothing of how its mailboxes are connected may have lost the line that did. */
export function unconnectedNotices({ mailboxes }: DesiredOrganization): readonly Reason[] {
  const sets = new Map<string, boolean>()
  for (const { set, profile, incoming, outgoing, appointmentsContactsTasks, useDefaults } of mailboxes.values()) {
    const said = profile ?? incoming ?? outgoing ?? appointmentsContactsTasks
    sets.set(set, (sets.get(set) ?? false) || useDefaults || said !== undefined)
  }
  return [...sets].flatMap(([set, says]) =>
    says
      ? []
      : [
          {
            code: 'NothingManaged',
            message: `the set "${set}" names neither a profile nor a method, so mailkeel leaves both as they are`,
          },
        ],
  )
}

/** Where somebody's set says `onRelease: Stop` and nobody said what the spec was before, nothing that left is stopped. */
export function releaseNotices({ mailboxes }: DesiredOrganization): readonly Reason[] {
  if (![...mailboxes.values()].some(({ onRelease }) => onRelease === 'Stop')) return []
  const message = '`onRelease: Stop`: members that left are only stopped with --previous <folder of the spec before>'
  return [{ code: 'PreviousNotNamed', message }]
}

// What people may write down and this version does not act on. Silence would look as if it were done.
import type { Reason } from '../engine/index.ts'
import { sentenceList } from '../report/wording.ts'
import type { RuntimeConfiguration } from '../spec/configuration/load.ts'
import type { DesiredOrganization, DesiredState } from '../spec/desired.ts'

/** Notices about one organization: documents of its spec and sections of the configuration that change nothing yet. */
export function notAppliedNotices(
  desired: DesiredOrganization,
  state: DesiredState,
  { spec }: Pick<RuntimeConfiguration, 'spec'>,
): readonly Reason[] {
  const documents = documentsIn(desired, state)
  const sections = [
    spec.listener === undefined ? '' : 'listener',
    spec.notifications.length === 0 ? '' : 'notifications',
    spec.leases.type === 'Kubernetes' ? 'leases' : '',
  ].filter((name) => name !== '')
  return [
    ...notice('SpecNotApplied', documents, 'in the spec'),
    ...notice(
      'ConfigurationNotUsed',
      sections.map((name) => `\`${name}\``),
      'in the configuration',
    ),
  ]
}

function documentsIn(desired: DesiredOrganization, { tenants, deployments }: DesiredState): string[] {
  const isNamed = (name: string | undefined, known: ReadonlyMap<string, unknown>) =>
    name !== undefined && known.has(name)
  return [
    isNamed(desired.tenant, tenants) ? 'Tenant' : '',
    isNamed(desired.deployment, deployments) ? 'Deployment' : '',
  ].filter((name) => name !== '')
}

function notice(code: string, what: readonly string[], where: string): readonly Reason[] {
  if (what.length === 0) return []
  const [are, them] = what.length === 1 && !/^\d/.test(what[0] ?? '') ? ['is', 'it'] : ['are', 'them']
  return [{ code, message: `${sentenceList(what)} ${are} ${where}; this version does not apply ${them} yet` }]
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

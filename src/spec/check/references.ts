import type { SpecDocument } from '../document.ts'
import { suggestion } from '../explain/did-you-mean.ts'
import { listed } from '../explain/words.ts'
import { fieldOrigin } from '../members.ts'
import { problemAt } from '../problem.ts'
import { documentsOf } from '../spec.ts'
import type { CheckContext, CheckedOrganization } from './context.ts'

/** What a document names exists. Skipped where files could not be read: what is missing may stand there. */
export function checkReferences(context: CheckContext): void {
  if (!context.complete) return
  const tenants = [...new Set(documentsOf(context.spec, 'Tenant').map(({ value }) => value.metadata.name))]
  const deployments = [...new Set(documentsOf(context.spec, 'Deployment').map(({ value }) => value.metadata.name))]
  for (const organization of documentsOf(context.spec, 'Organization')) {
    checkOwner(context, organization, 'tenant', tenants)
    checkOwner(context, organization, 'deployment', deployments)
  }
  for (const organization of context.organizations.values()) {
    checkProfiles(context, organization)
    checkSets(context, organization)
  }
}

function checkOwner(
  context: CheckContext,
  organization: SpecDocument<'Organization'>,
  field: 'tenant' | 'deployment',
  names: readonly string[],
): void {
  const named = organization.value.spec[field]
  const kind = field === 'tenant' ? 'Tenant' : 'Deployment'
  if (named !== undefined && !names.includes(named)) {
    const message = `there is no ${kind} \`${named}\`${suggestion(named, names)}`
    context.report(organization.problem(['spec', field], message, { part: 'value' }))
  } else if (named === undefined && names.length > 1) {
    context.report(organization.problem(['spec'], `\`${field}\` is missing: there are several, ${listed(names)}`))
  }
}

/** Settings and sets name profiles of their own organization that are not to be deleted. */
function checkProfiles(context: CheckContext, organization: CheckedOrganization): void {
  const settings = organization.settings[0]
  const byDefault = settings?.value.spec.defaultProfile
  if (settings && byDefault !== undefined) {
    const fault = profileFault(context, organization, byDefault, 'is the default profile')
    if (fault) context.report(settings.problem(['spec', 'defaultProfile'], fault, { part: 'value' }))
  }
  for (const set of organization.sets) {
    const profile = set.value.spec.profile
    const fault = profile === undefined ? undefined : profileFault(context, organization, profile, 'is used here')
    if (fault) context.report(set.problem(['spec', 'profile'], fault, { part: 'value' }))
  }
  for (const member of organization.members) {
    const profile = member.own?.profile
    const fault = profile === undefined ? undefined : profileFault(context, organization, profile, 'is used here')
    if (fault) context.report(problemAt(fieldOrigin(member, 'profile'), fault))
  }
}

function profileFault(
  context: CheckContext,
  organization: CheckedOrganization,
  name: string,
  use: string,
): string | undefined {
  const profile = organization.profiles.find((document) => document.value.metadata.name === name)
  if (profile) {
    const absent = profile.value.spec.ensure === 'absent'
    return absent
      ? `the profile \`${name}\` ${use} and is \`ensure: absent\`; a profile in use cannot be deleted`
      : undefined
  }
  const names = organization.profiles.map((document) => document.value.metadata.name)
  const byDisplayName = organization.profiles.find((document) => document.value.spec.displayName === name)
  if (byDisplayName)
    return `write \`${byDisplayName.value.metadata.name}\`: a profile is named by its metadata.name, not by its displayName`
  const elsewhere = [...context.organizations.values()].find(
    (other) => other !== organization && other.profiles.some((document) => document.value.metadata.name === name),
  )
  const also = elsewhere ? `; the one of \`${elsewhere.name}\` cannot be used here` : suggestion(name, names)
  return `there is no EmailServerProfile \`${name}\` in \`${organization.name}\`${also}`
}

function checkSets(context: CheckContext, organization: CheckedOrganization): void {
  const names = organization.sets.map((set) => set.value.metadata.name)
  for (const override of organization.overrides) {
    for (const [index, name] of (override.value.spec.scope?.sets ?? []).entries()) {
      if (names.includes(name)) continue
      const message = `there is no MailboxSet \`${name}\` in \`${organization.name}\`${suggestion(name, names)}`
      context.report(override.problem(['spec', 'scope', 'sets', index], message))
    }
  }
  for (const member of organization.members) {
    const from = member.own?.movedFrom
    if (from === undefined || (context.organizations.has(from) && from !== organization.name)) continue
    const others = [...context.organizations.keys()].filter((name) => name !== organization.name)
    const message =
      from === organization.name
        ? '`movedFrom` names the organization itself; name the one that synchronizes the mailbox until now'
        : `there is no Organization \`${from}\`${suggestion(from, others)}`
    context.report(problemAt(fieldOrigin(member, 'movedFrom'), message))
  }
}

import { inUtc } from '../dates.ts'
import type {
  DesiredDeployment,
  DesiredMailbox,
  DesiredOrganization,
  DesiredOverride,
  DesiredState,
  DesiredTenant,
} from '../desired.ts'
import type { SpecDocument } from '../document.ts'
import { parseDuration } from '../duration.ts'
import { type OrganizationScope, scopeSpec } from '../scope.ts'
import { documentsOf, type Spec } from '../spec.ts'
import { compileMailboxes } from './mailbox.ts'
import { compileProfile, compileSettings } from './profile.ts'
import { releasedMailboxes } from './release.ts'
import { compileRollouts } from './rollout.ts'
import { trustsOf } from './trust.ts'

/**
 * Compiles a spec that was loaded without problems. Pure: the same spec gives the same state. With the previous revision, mailboxes
 * that are gone since and were to be stopped on release come back as wishes for None, flagged `released`.
 */
export function compile(spec: Spec, previous?: Spec): DesiredState {
  const tenants = new Map(documentsOf(spec, 'Tenant').map((document) => named(compileTenant(document))))
  const deployments = new Map(documentsOf(spec, 'Deployment').map((document) => named(compileDeployment(document))))
  const before = previous === undefined ? undefined : compile(previous).organizations
  const organizations = new Map<string, DesiredOrganization>()
  const overrides: DesiredOverride[] = []
  for (const scope of scopeSpec(spec).organizations.values()) {
    const organization = compileOrganization(scope, onlyKey(tenants), onlyKey(deployments))
    const gone = releasedMailboxes(before?.get(scope.name)?.mailboxes ?? new Map(), organization.mailboxes)
    organizations.set(scope.name, withReleased(organization, gone))
    for (const document of scope.overrides) overrides.push(compileOverride(document, scope.name))
  }
  return { organizations, tenants, deployments, trusts: trustsOf(organizations, tenants, deployments), overrides }
}

function named<T extends { readonly name: string }>(item: T): [string, T] {
  return [item.name, item]
}

/** A reference may be left out where only one document could be meant. */
function onlyKey(map: ReadonlyMap<string, unknown>): string | undefined {
  const [only, second] = map.keys()
  return second === undefined ? only : undefined
}

function compileOrganization(
  scope: OrganizationScope,
  onlyTenant: string | undefined,
  onlyDeployment: string | undefined,
): DesiredOrganization {
  const { spec } = scope.document.value
  const tenant = spec.tenant ?? onlyTenant
  const deployment = spec.deployment ?? onlyDeployment
  const [document] = scope.settings
  const settings = document === undefined ? undefined : compileSettings(document)
  const rollouts = compileRollouts(scope.sets)
  return {
    name: scope.name,
    uniqueName: spec.uniqueName,
    environment: spec.environment,
    ...(tenant === undefined ? {} : { tenant }),
    ...(deployment === undefined ? {} : { deployment }),
    external: spec.external,
    ...(spec.suspend === undefined ? {} : { suspend: spec.suspend }),
    origin: scope.document.origin(),
    profiles: new Map(scope.profiles.map((profile) => named(compileProfile(profile)))),
    ...(settings === undefined ? {} : { settings }),
    mailboxes: compileMailboxes(scope.sets, settings),
    ...(rollouts.size === 0 ? {} : { rollouts }),
  }
}

function withReleased(organization: DesiredOrganization, gone: readonly DesiredMailbox[]): DesiredOrganization {
  if (gone.length === 0) return organization
  const mailboxes = new Map(organization.mailboxes)
  for (const mailbox of gone) mailboxes.set(mailbox.address, mailbox)
  return { ...organization, mailboxes }
}

function compileTenant(document: SpecDocument<'Tenant'>): DesiredTenant {
  const { metadata, spec } = document.value
  const tenantId = spec.tenantId.toLowerCase()
  return { ...spec, name: metadata.name, tenantId, origin: document.origin() }
}

function compileDeployment(document: SpecDocument<'Deployment'>): DesiredDeployment {
  const { metadata, spec } = document.value
  const { certificate, external } = spec
  const origin = document.origin()
  if (certificate === undefined) return { name: metadata.name, external, origin }
  const { warnBefore, keepPreviousFor, sha256, ...rest } = certificate
  return {
    name: metadata.name,
    certificate: {
      ...rest,
      sha256: sha256.toLowerCase(),
      warnBeforeMs: parseDuration(warnBefore),
      keepPreviousForMs: parseDuration(keepPreviousFor),
    },
    external,
    origin,
  }
}

function compileOverride(document: SpecDocument<'Override'>, organization: string): DesiredOverride {
  const { metadata, spec } = document.value
  return {
    name: metadata.name,
    organization,
    guard: spec.guard,
    ...(spec.scope?.sets === undefined ? {} : { sets: spec.scope.sets }),
    limit: spec.limit,
    reason: spec.reason,
    ...(spec.ticket === undefined ? {} : { ticket: spec.ticket }),
    expires: inUtc(spec.expires),
    origin: document.origin(),
  }
}

import { inUtc } from '../dates.ts'
import type { DesiredProfile, DesiredSettings, Origin, Owner } from '../desired.ts'
import type { SpecDocument } from '../document.ts'
import type { EmailServerProfile } from '../generated/types.ts'

/** Compiles one profile. Fields that were not written stay away. */
export function compileProfile(document: SpecDocument<'EmailServerProfile'>): DesiredProfile {
  const { ensure, owner, processEmailFrom, exchangeOnlineTenantId, ...fields } = document.value.spec
  return {
    ...fields,
    name: document.value.metadata.name,
    ensure: ensure ?? 'present',
    ...(owner === undefined ? {} : { owner: ownerOf(owner) }),
    ...(processEmailFrom === undefined ? {} : { processEmailFrom: inUtc(processEmailFrom) }),
    ...(exchangeOnlineTenantId === undefined ? {} : { exchangeOnlineTenantId: exchangeOnlineTenantId.toLowerCase() }),
    origin: document.origin(),
    originOf: (field) => fieldOrigin(document, [field]),
  }
}

/** Compiles the settings of an organization. */
export function compileSettings(document: SpecDocument<'EmailSettings'>): DesiredSettings {
  const { acknowledgeNonProduction: _, ...fields } = document.value.spec
  return {
    ...fields,
    ...(document.name === undefined ? {} : { name: document.name }),
    origin: document.origin(),
    originOf: (field) => fieldOrigin(document, field.split('.')),
  }
}

/** A valid owner names exactly one of the two. */
export function ownerOf(owner: NonNullable<EmailServerProfile['spec']['owner']>): Owner {
  return owner.user === undefined ? { team: owner.team ?? '' } : { user: owner.user.toLowerCase() }
}

function fieldOrigin(document: SpecDocument, path: readonly string[]): Origin {
  let node: unknown = document.value.spec
  for (const step of path) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, step)) return document.origin()
    node = (node as Record<string, unknown>)[step]
  }
  return document.origin(['spec', ...path])
}

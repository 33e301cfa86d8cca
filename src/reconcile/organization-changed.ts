import type { Guard } from '../engine/index.ts'
import type { OrganizationFingerprint } from './memory-file.ts'

/**
 * Objects when the organization is not the one that was seen before: restored, copied and upgraded organizations have other identifiers and
 * mailboxes that were reset, and everything in them looks like drift. Servicing updates (the last parts of the version) are no change.
 */
export function organizationChangedGuard(
  before: OrganizationFingerprint | undefined,
  now: OrganizationFingerprint | undefined,
): Guard {
  return {
    name: 'organization-changed',
    judge({ plan }) {
      const change = before && now ? changeInWords(before, now) : undefined
      if (change === undefined) return { decision: 'allow', message: '' }
      if (plan.steps.length === 0)
        return { decision: 'allow', message: `${change}: allowed, because nothing would be written` }
      return {
        decision: 'override',
        message: `${change}: a restored, copied or upgraded organization looks like that; if that is meant, say --allow organization-changed`,
      }
    },
  }
}

function changeInWords(before: OrganizationFingerprint, now: OrganizationFingerprint): string | undefined {
  if (before.organizationId !== now.organizationId) {
    return `this is organization ${now.organizationId}, the one seen before was ${before.organizationId}`
  }
  const [was, is] = [release(before.version), release(now.version)]
  return was === is ? undefined : `the organization is of version ${is} now, before it was ${was}`
}

function release(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

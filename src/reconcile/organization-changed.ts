import type { Guard, Subject } from '../engine/index.ts'
import type { OrganizationFingerprint } from './memory-file.ts'

/** Name of the guard. */
export const ORGANIZATION_CHANGED = 'organization-changed'

/**
 * Objects when the organization is not the one that was seen before: restored, copied and upgraded organizations have other identifiers and
 * mailboxes that were reset, and everything in them looks like drift. Servicing updates (the last parts of the version) are no change.
 */
export function organizationChangedGuard(
  before: OrganizationFingerprint | undefined,
  now: OrganizationFingerprint | undefined,
): Guard {
  return {
    name: ORGANIZATION_CHANGED,
    counted: () => (now ? [subjectOf(now)] : []),
    judge({ plan, passed }) {
      const change = changeInWords(before, now)
      if (change === undefined) return { decision: 'allow', message: '' }
      if (now && passed?.(subjectOf(now))) return { decision: 'allow', message: `${change}: allowed` }
      if (plan.steps.length === 0)
        return { decision: 'allow', message: `${change}: allowed, because nothing would be written` }
      return {
        decision: 'override',
        message: `${change}: a restored, copied or upgraded organization looks like that`,
        condition: 'if that is meant',
      }
    },
  }
}

function subjectOf({ organizationId }: OrganizationFingerprint): Subject {
  return { kind: 'Organization', key: organizationId }
}

/** True where this is the organization that was seen before, or none was. */
export function isSameOrganization(before: OrganizationFingerprint | undefined, now: OrganizationFingerprint): boolean {
  return changeInWords(before, now) === undefined
}

/** What tells that this is another organization than before, or undefined where nothing does. */
function changeInWords(
  before: OrganizationFingerprint | undefined,
  now: OrganizationFingerprint | undefined,
): string | undefined {
  if (!before || !now) return undefined
  if (before.organizationId !== now.organizationId) {
    return `this is organization ${now.organizationId}, the one seen before was ${before.organizationId}`
  }
  const [was, is] = [release(before.version), release(now.version)]
  return was === is ? undefined : `the organization is of version ${is} now, before it was ${was}`
}

function release(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

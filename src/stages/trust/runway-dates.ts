import type { Read } from '../../engine/index.ts'
import type { Attestation, DesiredTrust } from '../../spec/desired.ts'
import { factsOf } from './view-facts.ts'

/** What ends by itself, as far as it was read. Times are ISO 8601. */
export interface TrustDates {
  /** Of the certificate that CRM signs in with. */
  readonly certificateEnd?: string
  /** Of its credentials: the newest end, as an older one beside it does no harm. */
  readonly credentialEnds: readonly string[]
  /** Of what we ourselves sign in to the tenant with. */
  readonly ownCredentialEnd?: string
  /** Major version of CRM; the lowest of the servers. */
  readonly crmMajor?: number
  readonly attestations: Readonly<Record<string, Attestation | undefined>>
}

/** The dates of the trust of one organization, from what was observed. Pure. */
export function runwayDatesOf(
  reads: ReadonlyMap<string, Read>,
  desired: DesiredTrust,
  organization: string,
): TrustDates {
  const facts = factsOf({ reads, desired, organization })
  if (!facts) return { credentialEnds: [], attestations: {} }
  const { certificate, servers, credential, tenantCheck, tenant } = facts
  const stored = servers
    .flatMap(({ ref }) => ref?.state.certificates ?? [])
    .find(({ sha256 }) => sha256 === certificate)
  const ends = credential?.ref?.keys.map(({ endDateTime }) => endDateTime).sort() ?? []
  const own = tenantCheck?.ref?.ownCredentialEnd
  const majors = servers.flatMap(({ ref }) => majorOf(ref?.state.version))
  return {
    ...(stored && { certificateEnd: stored.notAfter }),
    credentialEnds: ends.slice(-1),
    ...(own !== undefined && { ownCredentialEnd: own }),
    ...(majors.length > 0 && { crmMajor: Math.min(...majors) }),
    attestations: tenant?.attestations ?? {},
  }
}

/** Empty where it is not known. */
function majorOf(version = ''): readonly number[] {
  const major = Number.parseInt(version, 10)
  return Number.isNaN(major) ? [] : [major]
}

// What a person must know before CRM is connected for the first time: it may be in vain.
import type { Read, Reason } from '../../engine/index.ts'
import type { DesiredTrust } from '../../spec/desired.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { attestedInWords } from './attestations.ts'
import { certifiedDeployments, tenantsOf } from './members.ts'

/** The last day but one on which a tenant could be enabled (Microsoft, connect Dynamics 365 (on-premises) to Exchange Online). */
const NO_NEW_TENANT_SINCE = '2025-10-01'

/**
 * One note for each tenant of a deployment that is to sign in and has no certificate row yet. Whether Microsoft enabled a tenant before no
 * interface tells, so what people attest is told with it. Pure.
 */
export function firstConnectionNotes({
  reads,
  desired,
}: {
  readonly reads: ReadonlyMap<string, Read>
  readonly desired: DesiredTrust
}): readonly Reason[] {
  const read = reads.get(STAGE_NAMES.certificateSwitch)
  if (!read?.complete) return []
  const unconnected = certifiedDeployments(desired).filter(({ name }) => {
    const row = read.rows.get(name)
    return row !== undefined && row.hold === undefined && row.fields['certificate'] === null
  })
  const tenants = new Set(unconnected.flatMap(({ name }) => tenantsOf(desired, name)))
  return [...tenants].map(({ name, attestations: { exchangeSupportEnabled: given } }) => {
    const before = given
      ? `that ${name} was enabled before is ${attestedInWords(given)}`
      : `nobody attests that ${name} was enabled before (\`attestations.exchangeSupportEnabled\`)`
    const message = `this is a first connection, and Microsoft enables no further tenant since ${NO_NEW_TENANT_SINCE}; ${before}. Where it was not, mailbox tests fail with 401, whatever is done here.`
    return { code: 'FirstConnection', message }
  })
}

import type { Link } from '../../engine/index.ts'
import type { DesiredTenant } from '../../spec/desired.ts'
import { ATTESTATIONS, attestedInWords, notAttested, type ToAttest } from './attestations.ts'
import { groupBy } from './group-by.ts'
import { listed } from './names.ts'

/** What people attest of a tenant. Nothing here breaks a trust; a failed test makes people look at it. */
export function attestationLink(tenant: DesiredTenant): Link {
  const name = 'attested'
  const missing = notAttested(tenant)
  const given = ATTESTATIONS.flatMap((one) => {
    const attestation = tenant.attestations[one.field]
    return attestation ? [{ one, words: attestedInWords(attestation) }] : []
  })
  // Who looked at several on one day says so once.
  const groups = groupBy(given, ({ words }) => words)
  const told = [...groups].map(([words, some]) => `${labels(some.map(({ one }) => one))} ${words}`)
  if (missing.length === 0) return { name, state: 'good', words: told.join(', ') }
  const nobody = `no interface tells ${labels(missing)} of ${tenant.name}, and nobody attests ${missing.length === 1 ? 'it' : 'them'}`
  return {
    name,
    state: 'told',
    words: [nobody, ...told].join('; '),
    evidence: missing.map(({ field, ask }) => `\`attestations.${field}\`: ${ask}`).join('. '),
  }
}

function labels(all: readonly ToAttest[]): string {
  return listed(all.map(({ label }) => label))
}

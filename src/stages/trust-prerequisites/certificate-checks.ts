import type { LocalCertificate } from '../../certificate/certificate.ts'
import type { Verdict } from '../../engine/index.ts'
import { minute } from '../minute.ts'
import { checkKey } from '../trust/check-keys.ts'
import { type Asking, factOf, reachableDeployments } from '../trust/facts.ts'
import { reviewedCertificate } from '../trust/local-certificate.ts'
import { type CertifiedDeployment, certifiedDeployments, tenantsOf } from '../trust/members.ts'
import { nameWith } from '../trust/names.ts'
import { type Check, no, yes } from './check.ts'

const DAY_MS = 86_400_000

/** The file of every certificate that is to be written somewhere: it can be read, and it is the one that was reviewed. */
export async function certificateChecks(asking: Asking, now: Date): Promise<readonly Check[]> {
  const reachable = new Set(reachableDeployments(asking).map(({ deployment }) => deployment.name))
  const used = certifiedDeployments(asking.desired).filter(
    ({ name }) =>
      reachable.has(name) || tenantsOf(asking.desired, name).some((tenant) => asking.reader.tenant(tenant.name)),
  )
  return Promise.all(
    used.map(async (deployment) => {
      const { value, reason } = await factOf(() => reviewedCertificate(asking.reader, deployment), asking.signal)
      const verdict = value ? verdictOf(value, deployment, now) : no(reason.code, reason.message)
      const { name } = deployment.certificate
      return { key: checkKey('certificate', deployment.name), label: `certificate ${name}`, verdict, ref: value }
    }),
  )
}

/** What the file itself says against its use. */
function verdictOf(local: LocalCertificate, { certificate }: CertifiedDeployment, now: Date): Verdict {
  const { name, notBefore, notAfter, isSelfSigned, rsaBits, keySpec } = local
  const called = `certificate ${name}, ${nameWith(local.sha256, local.subject)},`
  if (rsaBits === undefined) return no('NotRsa', `${called} has no RSA key; CRM can use no other`)
  if (rsaBits < 2048)
    return no('KeyTooShort', `${called} has a key of ${rsaBits} bits; have one of 2048 or more issued`)
  if (keySpec === 'Cng' || keySpec === 'Signature') {
    const why = keySpec === 'Cng' ? 'asks for a CNG provider' : 'has a key that can only sign'
    return no(
      'WrongKeySpec',
      `${called} ${why}; export it with KeySpec 1 (certutil -importpfx <file> AT_KEYEXCHANGE, then export)`,
    )
  }
  if (isSelfSigned && !certificate.evaluation) {
    return no(
      'SelfSigned',
      `${called} is self-signed; use one of a trusted authority, or write \`evaluation: true\` for a trial`,
    )
  }
  if (Date.parse(notBefore) > now.getTime())
    return no('NotYetValid', `${called} is not valid before ${minute(notBefore)}; wait until then`)
  const days = Math.floor((Date.parse(notAfter) - now.getTime()) / DAY_MS)
  if (days < 0) return no('Expired', `${called} ended ${minute(notAfter)}; have a new one issued and reviewed`)
  return yes(`${nameWith(local.sha256, local.subject)} as reviewed, valid for ${days} more days`)
}

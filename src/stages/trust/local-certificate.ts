import type { LocalCertificate } from '../../certificate/certificate.ts'
import type { TrustReader } from '../../trust/contract.ts'
import { Refusal } from './attempt.ts'
import { type Asking, factOf } from './facts.ts'
import { type CertifiedDeployment, certifiedDeployments } from './members.ts'
import { shortName } from './names.ts'

/** The certificate of a deployment, which must be the one that was reviewed. Throws CertificateError, or a refusal where it is another. */
export async function reviewedCertificate(
  reader: Pick<TrustReader, 'certificate'>,
  { certificate: { name, sha256 }, origin }: CertifiedDeployment,
): Promise<LocalCertificate> {
  const local = await reader.certificate(name)
  if (local.sha256 === sha256) return local
  const message = `certificate ${name} of mailkeel.yaml is ${shortName(local.sha256)} (sha256 ${local.sha256}), and ${shortName(sha256)} was reviewed (${origin.file}:${origin.line}); put the reviewed file there, or have this one reviewed`
  throw new Refusal('NotReviewed', message)
}

/** The certificates of the spec that can be read, by SHA-256. What is wrong with the others their own check says. */
export async function knownCertificates({
  reader,
  desired,
  signal,
}: Asking): Promise<ReadonlyMap<string, LocalCertificate>> {
  const facts = await Promise.all(
    certifiedDeployments(desired).map(({ certificate }) => factOf(() => reader.certificate(certificate.name), signal)),
  )
  return new Map(facts.flatMap(({ value }) => (value ? [[value.sha256, value] as const] : [])))
}

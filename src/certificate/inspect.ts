// Judging a certificate before anything is done with it.
import type { X509Certificate } from 'node:crypto'
import type { CertificateFault, LocalCertificate } from './certificate.ts'
import { authoritiesIn, type Chain, chainOf, systemAuthorities } from './chain.ts'
import { localCertificate } from './local-certificate.ts'
import { type OpenedPfx, readPfx } from './pfx.ts'
import { type Judged, VERDICTS, type Verdict } from './verdicts.ts'
import { windowsName } from './windows-name.ts'

/** What a certificate is held against. */
export interface CertificateExpectation {
  /** SHA-256 that was reviewed, 64 hexadecimal digits. */
  readonly sha256?: string
  /** Self-signed is allowed. */
  readonly evaluation: boolean
  readonly now: Date
  /** PEM of authorities to trust beside those of Node. */
  readonly trustedCaPem?: readonly string[]
}

/** A reason not to use a certificate. */
export interface Fault {
  readonly code: CertificateFault
  readonly message: string
}

/** A certificate and what there is to say of it. */
export interface Inspection {
  readonly certificate: LocalCertificate
  /** Everything that was looked at, in the order of causes. Empty where nothing was expected. */
  readonly verdicts: readonly Verdict[]
  /** The verdicts that keep it from being used. */
  readonly faults: readonly Fault[]
  /** Subjects from the certificate to the root, as Windows shows them. */
  readonly chain: readonly string[]
  readonly chainState?: Chain['state']
}

/** Opens and judges a PFX. Throws CertificateError where it cannot be opened; what can be opened comes back with its faults. */
export async function inspectCertificate(input: {
  readonly name: string
  readonly bytes: Uint8Array
  readonly password: string
  readonly expected?: CertificateExpectation
}): Promise<Inspection> {
  const opened = await readPfx(input.bytes, input.password)
  return judgeOpened(input.name, opened, input.expected)
}

/** Judges a PFX that is open. */
export async function judgeOpened(
  name: string,
  opened: OpenedPfx,
  expected?: CertificateExpectation,
): Promise<Inspection> {
  const certificate = localCertificate(name, opened)
  if (expected === undefined) return { certificate, verdicts: [], faults: [], chain: [certificate.subject] }
  const { maySign } = await import('./key-usage.ts')
  const chain = chainOf(opened.leaf, opened.others, await trustedFor(certificate, expected), expected.now)
  const judged: Judged = { certificate, expected, chain, maySign: maySign(opened.leaf) }
  const verdicts = VERDICTS.flatMap((verdictOn) => verdictOn(judged) ?? [])
  return {
    certificate,
    verdicts,
    faults: verdicts.flatMap(({ outcome, fault, message }) =>
      outcome === 'Bad' && fault !== undefined ? [{ code: fault, message }] : [],
    ),
    chain: chain.certificates.map(({ subject }) => windowsName(subject)),
    chainState: chain.state,
  }
}

/** Node's own authorities are many, and read only where one of them may count. */
async function trustedFor(
  { isSelfSigned }: LocalCertificate,
  { trustedCaPem = [] }: CertificateExpectation,
): Promise<readonly X509Certificate[]> {
  const configured = authoritiesIn(trustedCaPem)
  return isSelfSigned ? configured : [...configured, ...(await systemAuthorities())]
}

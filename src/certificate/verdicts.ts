// What is asked of a certificate that CRM shall sign with: one function per question, each with what to do where the answer is no.
import type { CertificateFault, LocalCertificate } from './certificate.ts'
import type { Chain } from './chain.ts'
import type { CertificateExpectation } from './inspect.ts'
import { windowsName } from './windows-name.ts'

/** The answer to one question. */
export interface Verdict {
  readonly check: 'Key' | 'KeySpec' | 'KeyUsage' | 'Validity' | 'Chain' | 'Reviewed'
  /** `Warning`: it may work, and the servers have the last word. */
  readonly outcome: 'Good' | 'Warning' | 'Bad'
  /** What is wrong, where it is not good. */
  readonly fault?: CertificateFault
  /** One line: what was found, and what to do where it is not good. */
  readonly message: string
}

/** What is judged. */
export interface Judged {
  readonly certificate: LocalCertificate
  readonly expected: CertificateExpectation
  readonly chain: Chain
  /** Whether the certificate allows signatures; undefined where it does not say. */
  readonly maySign: boolean | undefined
}

type Question = (judged: Judged) => Verdict | undefined

/** Keys that are shorter are refused by everybody today (NIST SP 800-57). */
const SHORTEST_KEY = 2048
const DAY_MS = 86_400_000

const key: Question = ({ certificate: { rsaBits } }) => {
  if (rsaBits === undefined) {
    const message = 'the key is not RSA; CRM signs with plain RSA keys only: request a certificate with an RSA key'
    return { check: 'Key', outcome: 'Bad', fault: 'NotRsa', message }
  }
  if (rsaBits >= SHORTEST_KEY) return good('Key', `RSA with ${rsaBits} bits`)
  const message = `the RSA key has ${rsaBits} bits; request a certificate with at least ${SHORTEST_KEY}`
  return { check: 'Key', outcome: 'Bad', fault: 'KeyTooShort', message }
}

const keySpec: Question = ({ certificate }) => {
  const fault = 'WrongKeySpec'
  switch (certificate.keySpec) {
    case 'KeyExchange':
      return good('KeySpec', 'made for key exchange (KeySpec 1), as CRM needs it')
    case 'Signature':
      return {
        check: 'KeySpec',
        outcome: 'Warning',
        fault,
        message: `made for signatures only (KeySpec 2); ${REIMPORT}`,
      }
    case 'Cng':
      return { check: 'KeySpec', outcome: 'Warning', fault, message: `kept in a CNG provider (KeySpec 0); ${REIMPORT}` }
    default:
      return good('KeySpec', 'the file does not say; the servers tell it after the import')
  }
}

// Microsoft, AD FS and KeySpec: changing it needs no new certificate.
const REIMPORT =
  'CRM needs KeySpec 1. No new certificate is needed: `certutil -importpfx <file> AT_KEYEXCHANGE` imports it so, or export it again from there'

const keyUsage: Question = ({ maySign }) => {
  if (maySign !== false) return undefined
  const message =
    'its key usage does not allow digital signatures, and CRM signs with it; request a certificate whose key usage has them'
  return { check: 'KeyUsage', outcome: 'Warning', message }
}

const validity: Question = ({ certificate: { notBefore, notAfter }, expected: { now } }) => {
  const [from, to] = [notBefore.slice(0, 10), notAfter.slice(0, 10)]
  if (now.getTime() < Date.parse(notBefore)) {
    const message = `not valid before ${notBefore}; wait until then, or check the clock of this machine`
    return { check: 'Validity', outcome: 'Bad', fault: 'NotYetValid', message }
  }
  if (now.getTime() > Date.parse(notAfter)) {
    const message = `expired on ${to}; request a new one, with a new subject, and name it in the spec`
    return { check: 'Validity', outcome: 'Bad', fault: 'Expired', message }
  }
  const days = daysUntil(notAfter, now)
  return good('Validity', `valid from ${from} to ${to}, ${days} ${days === 1 ? 'day' : 'days'} left`)
}

const chain: Question = ({ chain: { state, certificates }, certificate, expected }) => {
  const top = certificates.at(-1)
  const end = top === undefined ? certificate.issuer : windowsName(top.subject)
  if (state === 'Trusted') return good('Chain', `leads to the trusted authority ${end}`)
  if (state === 'SelfSigned') {
    if (expected.evaluation) return good('Chain', 'self-signed, which is allowed for evaluation')
    const message =
      'self-signed; request one from a trusted authority. For evaluation only, `certificate.evaluation: true` in the Deployment allows it'
    return { check: 'Chain', outcome: 'Bad', fault: 'SelfSigned', message }
  }
  const missing = top === undefined ? certificate.issuer : windowsName(top.issuer)
  const message = `the issuer ${missing} is neither in the PFX file nor trusted here; export with the whole chain, or name the authority in \`network.caFile\``
  return { check: 'Chain', outcome: 'Bad', fault: 'UntrustedChain', message }
}

const reviewed: Question = ({ certificate: { sha256 }, expected }) => {
  if (expected.sha256 === undefined) return undefined
  if (expected.sha256.replaceAll(':', '').toLowerCase() === sha256)
    return good('Reviewed', 'it is the one that was reviewed')
  const message = `it is not the one that was reviewed: its sha256 is ${sha256}; put the right file in its place, or have this sha256 reviewed`
  return { check: 'Reviewed', outcome: 'Bad', fault: 'NotReviewed', message }
}

/** All questions, in the order of causes. */
export const VERDICTS: readonly Question[] = [reviewed, key, keySpec, keyUsage, validity, chain]

/** Days until a moment; a day that has begun counts, so that 1 is the last one and 0 is over. */
export function daysUntil(moment: string, now: Date): number {
  return Math.ceil((Date.parse(moment) - now.getTime()) / DAY_MS) + 0
}

function good(check: Verdict['check'], message: string): Verdict {
  return { check, outcome: 'Good', message }
}

// Certificates as a Windows server sees them: told by their bytes, named in the form of .NET.
import { createHash, X509Certificate } from 'node:crypto'

/** What a server tells of a certificate. */
export interface CertificateFacts {
  /** SHA-256 of the DER, lower-case hexadecimal. */
  readonly sha256: string
  /** SHA-1 of the DER, upper-case hexadecimal. */
  readonly thumbprint: string
  /** As `X509Certificate2.Subject` shows it: the last part first, parts with commas or quotes in quotes. */
  readonly subject: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

const known = new Map<string, CertificateFacts>()

/** The facts of a certificate in base64 of its DER, or undefined where these bytes are none. */
export function certificateFacts(der: string): CertificateFacts | undefined {
  const before = known.get(der)
  if (before !== undefined) return before
  const bytes = Buffer.from(der, 'base64')
  const parsed = parsedFrom(bytes)
  if (parsed === undefined) return undefined
  const facts = {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    thumbprint: createHash('sha1').update(bytes).digest('hex').toUpperCase(),
    subject: dotNetName(parsed.subject),
    notBeforeMs: Date.parse(parsed.validFrom),
    notAfterMs: Date.parse(parsed.validTo),
  }
  known.set(der, facts)
  return facts
}

/** SHA-256 of bytes in base64, lower-case hexadecimal. */
export function sha256Of(base64: string): string {
  return createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex')
}

function parsedFrom(bytes: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes)
  } catch {
    return undefined
  }
}

/** Node writes one part per line in the order of the encoding, with escapes; .NET shows the last one first. */
function dotNetName(subject: string): string {
  const parts = subject.split('\n').map((part) => {
    const at = part.indexOf('=')
    const value = part.slice(at + 1).replaceAll(/\\(.)/g, '$1')
    return `${part.slice(0, at)}=${/[,+"=<>#;]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value}`
  })
  return parts.reverse().join(', ')
}

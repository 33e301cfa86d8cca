import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { CertificateError } from './certificate.ts'
import { wrongPassword } from './pfx-contents.ts'

/**
 * Opens a PFX with the reader inside Node. It proves that password and file fit and shows the leaf and its issuer, but neither the private
 * key nor what the file says of it. Throws CertificateError.
 */
export function readByPlatform(
  bytes: Uint8Array,
  password: string,
): { readonly leaf: X509Certificate; readonly others: readonly X509Certificate[] } {
  const inner = openContext(bytes, password)
  const leaf = certificateOf(inner, 'getCertificate')
  const issuer = certificateOf(inner, 'getIssuer')
  if (leaf === undefined) {
    throw new CertificateError(
      'Unreadable',
      'the PFX file can be opened, but this version of Node does not show what is in it',
    )
  }
  return { leaf, others: issuer === undefined ? [] : [issuer] }
}

function openContext(bytes: Uint8Array, password: string): unknown {
  try {
    return createSecureContext({ pfx: Buffer.from(bytes), passphrase: password }).context
  } catch (error) {
    throw inOurWords(error)
  }
}

/** The methods are Node's own and in no documentation; where one is missing or says nothing there is no certificate. */
function certificateOf(inner: unknown, method: 'getCertificate' | 'getIssuer'): X509Certificate | undefined {
  const holder = inner as Partial<Record<typeof method, () => unknown>> | undefined
  const der = typeof holder?.[method] === 'function' ? holder[method]() : undefined
  return der instanceof Uint8Array ? new X509Certificate(der) : undefined
}

/** OpenSSL tells its failures only in texts; they may hold anything and are kept as cause, for debugging. */
function inOurWords(cause: unknown): CertificateError {
  const text = cause instanceof Error ? cause.message : ''
  if (/mac verify/i.test(text)) return wrongPassword(cause)
  if (/unsupported|mac absent/i.test(text)) {
    const message =
      'the PFX file is locked in a way that cannot be read here; export it again with TripleDES or AES encryption'
    return new CertificateError('Unreadable', message, { cause })
  }
  return new CertificateError('Unreadable', UNREADABLE, { cause })
}

const UNREADABLE =
  'this is no PFX file (PKCS#12), or it was cut off; check that the whole file was copied, and that it is not PEM or Base64'

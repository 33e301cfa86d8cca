import { X509Certificate } from 'node:crypto'
import * as tls from 'node:tls'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g

/**
 * The TLS settings that every connection uses: the usual roots, and beside them the given authorities. Throws TypeError when the PEM
 * holds no certificate or one that does not parse; the message quotes nothing of it.
 */
export function createTrust(caPem: string | undefined): tls.SecureContextOptions {
  if (caPem === undefined) return { minVersion: 'TLSv1.2' }
  return { minVersion: 'TLSv1.2', ca: [...usualRoots(), ...ownAuthorities(caPem)] }
}

/** The same authorities as PEM, for a program that makes connections of its own. Throws as `createTrust` does. */
export function authoritiesPem(caPem: string | undefined): string {
  const own = caPem === undefined ? [] : ownAuthorities(caPem)
  return `${[...usualRoots(), ...own].map((pem) => pem.trim()).join('\n')}\n`
}

function ownAuthorities(caPem: string): readonly string[] {
  const own = caPem.match(CERTIFICATE) ?? []
  if (own.length === 0) throw new TypeError('the file of certificate authorities holds no PEM certificate')
  own.forEach(assertCertificate)
  return own
}

function assertCertificate(pem: string, index: number): void {
  try {
    new X509Certificate(pem)
  } catch (cause) {
    throw new TypeError(`certificate ${index + 1} of the file of certificate authorities cannot be read`, { cause })
  }
}

/** Naming authorities replaces the usual ones, so these are named too; newer Node versions also know those of NODE_EXTRA_CA_CERTS. */
function usualRoots(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] }
  return getCACertificates?.('default') ?? tls.rootCertificates
}

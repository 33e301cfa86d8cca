// A certificate for a server on this machine that lives as long as one process, such as the git server of the demo.
import { generateKeyPair, randomBytes, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import { selfSigned } from './self-signed.ts'

/** A certificate and its key, both as PEM. The key is a secret. */
export interface LoopbackCertificate {
  readonly certificate: string
  readonly privateKey: string
}

/** Makes a certificate of 127.0.0.1 that vouches for itself, valid from an hour ago for a week: whoever asks there trusts just this one. */
export async function createLoopbackCertificate(now: Date): Promise<LoopbackCertificate> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const der = selfSigned({
    subject: [{ type: 'CN', value: '127.0.0.1' }],
    privateKey,
    serial: randomBytes(16),
    now: new Date(now.getTime() - 3_600_000),
    days: 7,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: IP_ADDRESS, ip: '127.0.0.1' }] },
      { name: 'subjectKeyIdentifier' },
    ],
  })
  return {
    certificate: new X509Certificate(der).toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** The kind of a name that is an address (RFC 5280, GeneralName). */
const IP_ADDRESS = 7

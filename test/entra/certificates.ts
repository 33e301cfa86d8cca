import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto'
import forge from 'node-forge'

/** A certificate that signed itself, with its key. */
export interface TestCertificate {
  readonly certificatePem: string
  readonly privateKeyPem: string
  readonly der: Buffer
  readonly base64: string
  /** Lower case. */
  readonly sha256: string
  /** SHA-1, upper case. */
  readonly thumbprint: string
}

let pair: { readonly publicKey: string; readonly privateKey: string } | undefined

/** Makes a certificate. All of one file share a key, which is what takes the time. */
export function makeCertificate(
  name: string,
  from = '2026-01-01T00:00:00Z',
  until = '2027-01-01T00:00:00Z',
): TestCertificate {
  pair ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey)
  certificate.serialNumber = `00${Buffer.from(name).toString('hex').slice(0, 30)}`
  certificate.validity.notBefore = new Date(from)
  certificate.validity.notAfter = new Date(until)
  const subject = [{ name: 'commonName', value: name }]
  certificate.setSubject(subject)
  certificate.setIssuer(subject)
  certificate.sign(forge.pki.privateKeyFromPem(pair.privateKey), forge.md.sha256.create())
  const certificatePem = forge.pki.certificateToPem(certificate)
  const der = new X509Certificate(certificatePem).raw
  return {
    certificatePem,
    privateKeyPem: pair.privateKey,
    der,
    base64: der.toString('base64'),
    sha256: createHash('sha256').update(der).digest('hex'),
    thumbprint: createHash('sha1').update(der).digest('hex').toUpperCase(),
  }
}

import type { KeyObject } from 'node:crypto'
import forge from 'node-forge'
import type { NamePart } from './subject.ts'

const DAY_MS = 86_400_000

/** The names node-forge has for the parts. */
const FORGE_TYPES = { CN: '2.5.4.3', O: '2.5.4.10', OU: '2.5.4.11', L: '2.5.4.7', ST: '2.5.4.8', C: '2.5.4.6' } as const

/** An extension as the library takes it, which has no type for them. */
export type Extension = Readonly<Record<string, unknown>>

/** Of a certificate that signs in: not an authority, good for signing and for exchanging keys. */
const SIGN_IN_EXTENSIONS: readonly Extension[] = [
  { name: 'basicConstraints', cA: false, critical: true },
  { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
  { name: 'subjectKeyIdentifier' },
]

/** Signs a certificate with its own key, with SHA-256, from now for so many days. The result is DER. */
export function selfSigned(input: {
  readonly subject: readonly NamePart[]
  readonly privateKey: KeyObject
  readonly serial: Uint8Array
  readonly now: Date
  readonly days: number
  /** Others than those of a certificate that signs in. */
  readonly extensions?: readonly Extension[]
}): Buffer {
  const key = forge.pki.privateKeyFromPem(input.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString())
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.setRsaPublicKey(key.n, key.e)
  // A leading zero bit keeps the number positive.
  certificate.serialNumber = `4d${Buffer.from(input.serial).toString('hex')}`.slice(0, 32)
  certificate.validity.notBefore = input.now
  certificate.validity.notAfter = new Date(input.now.getTime() + input.days * DAY_MS)
  // Encoded from the general to the special: Windows shows names the other way round.
  const name = input.subject.toReversed().map(attributeOf)
  certificate.setSubject(name)
  certificate.setIssuer(name)
  certificate.setExtensions([...(input.extensions ?? SIGN_IN_EXTENSIONS)])
  certificate.sign(key, forge.md.sha256.create())
  return Buffer.from(forge.asn1.toDer(forge.pki.certificateToAsn1(certificate)).getBytes(), 'latin1')
}

function attributeOf({ type, value }: NamePart): forge.pki.CertificateField {
  const { PRINTABLESTRING, UTF8 } = forge.asn1.Type
  // The types of the library ask for another list of numbers than its code does.
  const valueTagClass = Number(type === 'C' ? PRINTABLESTRING : UTF8) as forge.asn1.Class
  return { type: FORGE_TYPES[type], value: type === 'C' ? value.toUpperCase() : value, valueTagClass }
}

// Files of keys as Windows imports them. What the file says of the provider of its key decides about KeySpec: a CNG provider has none.
import { generateKeyPairSync } from 'node:crypto'
import forge from 'node-forge'
import { sha256Of } from './certificate.ts'

/** A certificate made for a simulated deployment, with its private key in a file as an administrator would have it. */
export interface MadeCertificate {
  /** Base64 of the DER certificate. */
  readonly der: string
  /** Of the certificate, lower-case hexadecimal. */
  readonly sha256: string
  readonly pfx: Uint8Array
  readonly password: string
  /** PEM of the certificate alone. */
  readonly pem: string
}

/** What to make. */
export interface CertificateOptions {
  /** Common name; other parts of the subject are fixed. */
  readonly commonName: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly password: string
}

/** Makes a self-signed certificate with an RSA key. The file is 3DES, which every Windows reads. */
export function makeCertificate({
  commonName,
  notBeforeMs,
  notAfterMs,
  password,
}: CertificateOptions): MadeCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const key = forge.pki.privateKeyFromPem(privateKey)
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey)
  certificate.serialNumber = `01${forge.md.sha256.create().update(publicKey).digest().toHex().slice(0, 30)}`
  certificate.validity.notBefore = new Date(notBeforeMs)
  certificate.validity.notAfter = new Date(notAfterMs)
  const name = [
    { name: 'organizationName', value: 'Contoso' },
    { name: 'commonName', value: commonName },
  ]
  certificate.setSubject(name)
  certificate.setIssuer(name)
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
  ])
  certificate.sign(key, forge.md.sha256.create())
  const file = forge.pkcs12.toPkcs12Asn1(key, [certificate], password, { algorithm: '3des', generateLocalKeyId: true })
  const der = base64(forge.asn1.toDer(forge.pki.certificateToAsn1(certificate)).getBytes())
  return {
    der,
    sha256: sha256Of(der),
    pfx: Buffer.from(forge.asn1.toDer(file).getBytes(), 'binary'),
    password,
    pem: forge.pki.certificateToPem(certificate),
  }
}

/** What came out of a file of keys. */
export type Imported =
  | {
      readonly der: string
      readonly hasPrivateKey: boolean
      /** As the file names it; undefined where it names none. */
      readonly provider?: string
      /** What the file says of its key. */
      readonly usage?: 'exchange' | 'signature'
    }
  | { readonly failure: 'WrongPassword' | 'NotAFile' | 'NoCertificate' }

/** Opens a file of keys as the import of Windows does. Passwords beyond ASCII are not understood here. */
export function openPfx(base64OfFile: string, password: string): Imported {
  let file: forge.pkcs12.Pkcs12Pfx
  try {
    file = forge.pkcs12.pkcs12FromAsn1(asn1From(base64OfFile), false, password)
  } catch (error) {
    return { failure: /password|MAC|decrypt/i.test(String(error)) ? 'WrongPassword' : 'NotAFile' }
  }
  const [key] = bagsOf(file, 'pkcs8ShroudedKeyBag', 'keyBag').flatMap((bag) => bag.key ?? [])
  const certificates = bagsOf(file, 'certBag').flatMap((bag) => bag.cert ?? [])
  const leaf = certificates.find((certificate) => key !== undefined && belongs(certificate, key))
  const chosen = leaf ?? certificates[0]
  if (chosen === undefined) return { failure: 'NoCertificate' }
  const der = base64(forge.asn1.toDer(forge.pki.certificateToAsn1(chosen)).getBytes())
  return { der, hasPrivateKey: leaf !== undefined, ...keyAttributes(asn1From(base64OfFile), password) }
}

function bagsOf(file: forge.pkcs12.Pkcs12Pfx, ...names: readonly string[]): readonly forge.pkcs12.Bag[] {
  return names.flatMap((name) => {
    const bagType = forge.pki.oids[name]
    return bagType === undefined ? [] : (file.getBags({ bagType })[bagType] ?? [])
  })
}

function belongs(certificate: forge.pki.Certificate, key: forge.pki.PrivateKey): boolean {
  const { publicKey } = certificate
  return 'n' in publicKey && 'n' in key && publicKey.n.equals(key.n)
}

function asn1From(base64OfFile: string): forge.asn1.Asn1 {
  return forge.asn1.fromDer(Buffer.from(base64OfFile, 'base64').toString('binary'))
}

function base64(bytes: string): string {
  return Buffer.from(bytes, 'binary').toString('base64')
}

/** Attribute of a bag: the provider that held the key. */
const PROVIDER = '1.3.6.1.4.1.311.17.1'
/** Attribute inside a private key: what it is for. */
const KEY_USAGE = '2.5.29.15'
const SHROUDED_KEY = '1.2.840.113549.1.12.10.1.2'

/** What the file says of its key beside the key; the bags of the library do not show it. */
function keyAttributes(
  root: forge.asn1.Asn1,
  password: string,
): { provider?: string; usage?: 'exchange' | 'signature' } {
  const provider = valueAfter(root, PROVIDER)
  const shrouded = siblingsOf(root, SHROUDED_KEY)
  const info = shrouded === undefined ? undefined : decrypted(childOf(shrouded[1]), password)
  const bits = info && firstByteOfBits(siblingsOf(info, KEY_USAGE)?.[1])
  return {
    ...(provider === undefined ? {} : { provider }),
    ...(bits === undefined ? {} : { usage: (bits & 0x10) === 0 ? 'signature' : 'exchange' }),
  }
}

function decrypted(encrypted: forge.asn1.Asn1 | undefined, password: string): forge.asn1.Asn1 | undefined {
  try {
    return encrypted && (forge.pki.decryptPrivateKeyInfo(encrypted, password) as forge.asn1.Asn1 | undefined)
  } catch {
    return undefined
  }
}

function childOf(node: forge.asn1.Asn1 | undefined): forge.asn1.Asn1 | undefined {
  return node === undefined ? undefined : childrenOf(node)[0]
}

/** The members of the sequence that begins with this object identifier. */
function siblingsOf(node: forge.asn1.Asn1, oid: string): readonly forge.asn1.Asn1[] | undefined {
  const children = childrenOf(node)
  const [first] = children
  if (first?.type === forge.asn1.Type.OID && forge.asn1.derToOid(String(first.value)) === oid) return children
  for (const child of children) {
    const found = siblingsOf(child, oid)
    if (found !== undefined) return found
  }
  return undefined
}

/** The first text behind an object identifier. */
function valueAfter(root: forge.asn1.Asn1, oid: string): string | undefined {
  let node = siblingsOf(root, oid)?.[1]
  while (node !== undefined && childrenOf(node).length > 0) node = childrenOf(node)[0]
  return node === undefined ? undefined : String(node.value)
}

function firstByteOfBits(set: forge.asn1.Asn1 | undefined): number | undefined {
  const bits = childOf(set)
  return bits === undefined || typeof bits.value !== 'string' ? undefined : bits.value.charCodeAt(1)
}

/** Members of a structure; a text of bytes that holds a structure is opened too. */
function childrenOf({ value, type }: forge.asn1.Asn1): readonly forge.asn1.Asn1[] {
  if (typeof value !== 'string') return value
  if (type !== forge.asn1.Type.OCTETSTRING) return []
  try {
    return [forge.asn1.fromDer(value)]
  } catch {
    return []
  }
}

/** What a certificate says. */
export interface CertificateContent {
  /** Common name of subject and issuer. */
  readonly name: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly serial: Buffer
  /** DER of the public key as a SubjectPublicKeyInfo. */
  readonly publicKey: Buffer
  /** Signs with SHA-256 and RSA what the certificate says. */
  readonly sign: (content: Buffer) => Buffer
}

const OID_COMMON_NAME = Buffer.from('550403', 'hex')
const OID_RSA = Buffer.from('2a864886f70d010101', 'hex')
const OID_SHA256_RSA = Buffer.from('2a864886f70d01010b', 'hex')

/** DER of a self-signed certificate without extensions (RFC 5280). */
export function certificateDer(content: CertificateContent): Buffer {
  const name = sequence(tlv(0x31, sequence(tlv(0x06, OID_COMMON_NAME), tlv(0x0c, Buffer.from(content.name)))))
  const algorithm = sequence(tlv(0x06, OID_SHA256_RSA), tlv(0x05))
  const body = sequence(
    tlv(0xa0, integer(Buffer.from([2]))),
    integer(content.serial),
    algorithm,
    name,
    sequence(time(content.notBefore), time(content.notAfter)),
    name,
    content.publicKey,
  )
  return sequence(body, algorithm, bitString(content.sign(body)))
}

/**
 * DER of a certificate whose key nobody holds: modulus and signature are drawn bytes. It looks like the key of somebody else, costs no time
 * to make, and is the same for the same seed.
 */
export function certificateOfNobody(
  content: Pick<CertificateContent, 'name' | 'notBefore' | 'notAfter'>,
  random: () => number,
): Buffer {
  const modulus = drawn(256, random)
  modulus[0] = (modulus[0] ?? 0) | 0x80
  modulus[255] = (modulus[255] ?? 0) | 1
  const key = sequence(integer(modulus), integer(Buffer.from([1, 0, 1])))
  const publicKey = sequence(sequence(tlv(0x06, OID_RSA), tlv(0x05)), bitString(key))
  const serial = drawn(16, random)
  return certificateDer({ ...content, serial, publicKey, sign: () => drawn(256, random) })
}

function drawn(length: number, random: () => number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, ...parts)
}

/** A positive one: a leading bit would be a sign. */
function integer(bytes: Buffer): Buffer {
  return tlv(0x02, ((bytes[0] ?? 0) & 0x80) === 0 ? bytes : Buffer.concat([Buffer.from([0]), bytes]))
}

function bitString(bytes: Buffer): Buffer {
  return tlv(0x03, Buffer.from([0]), bytes)
}

/** UTCTime until 2049, GeneralizedTime after. */
function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')}Z`
  return date.getUTCFullYear() < 2050 ? tlv(0x17, Buffer.from(digits.slice(2))) : tlv(0x18, Buffer.from(digits))
}

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const hex = length.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

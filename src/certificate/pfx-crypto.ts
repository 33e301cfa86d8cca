// How a PFX is locked. The password goes into it in two ways: as UTF-16 where PKCS#12 itself derives the key and the integrity check, as
// UTF-8 where PBKDF2 does. node-forge hands PBKDF2 the characters as they are and so cannot open modern files with a password that is not
// ASCII; that is why its parts are put together here, and its own reader is not used.
import { createDecipheriv, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import forge from 'node-forge'
import { CertificateError } from './certificate.ts'
import { childrenOf, type DerNode, nodeAt, numberOf, octetsOf, oidOf, UnknownFormat } from './der.ts'
import { CIPHERS, DIGESTS, HMACS, OID, OLD_CIPHERS } from './pfx-oids.ts'

/** More rounds than anybody uses would only keep us busy; those of PKCS#12 are counted in script, which is slower. */
const MOST_ROUNDS = { native: 5_000_000, script: 500_000 } as const

/** A number of rounds. Throws CertificateError where it is out of reason: the reader of Node would count to the end. */
function roundsOf(node: DerNode, where: keyof typeof MOST_ROUNDS): number {
  const rounds = numberOf(node)
  if (rounds <= MOST_ROUNDS[where]) return rounds
  const message = `the PFX file asks for ${rounds} rounds of key derivation, more than any exporter uses; export it again`
  throw new CertificateError('Unreadable', message)
}

/** Whether the password fits: true, false, or undefined for a file without an integrity check. Throws UnknownFormat. */
export function checkIntegrity(pfx: DerNode, content: Uint8Array, password: string): boolean | undefined {
  const mac = childrenOf(pfx)[2]
  if (mac === undefined) return undefined
  const counted = childrenOf(mac)[2]
  const rounds = counted === undefined ? 1 : roundsOf(counted, 'script')
  const digest = DIGESTS.get(oidOf(nodeAt(mac, 0, 0, 0)))
  if (digest === undefined) throw new UnknownFormat('this integrity check')
  const expected = octetsOf(nodeAt(mac, 0, 1))
  const key = pkcs12Key({
    password,
    salt: octetsOf(nodeAt(mac, 1)),
    purpose: 3,
    rounds,
    bytes: expected.length,
    digest,
  })
  const actual = createHmac(digest, key).update(content).digest()
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}

/** Opens what was locked in the way `algorithm` says. Throws an Error where the password does not, UnknownFormat where the way is unknown. */
export async function decrypt(algorithm: DerNode, locked: Uint8Array, password: string): Promise<Buffer> {
  const name = oidOf(nodeAt(algorithm, 0))
  if (name === OID.pbes2) return decryptModern(nodeAt(algorithm, 1), locked, password)
  const cipher = OLD_CIPHERS.get(name)
  if (cipher === undefined) throw new UnknownFormat('this encryption')
  const salt = octetsOf(nodeAt(algorithm, 1, 0))
  const rounds = roundsOf(nodeAt(algorithm, 1, 1), 'script')
  const derive = (purpose: 1 | 2, bytes: number) =>
    pkcs12Key({ password, salt, purpose, rounds, bytes, digest: 'sha1' })
  const [key, start] = [derive(1, cipher.keyBytes), derive(2, 8)]
  if (cipher.name === 'rc2') return decryptRc2(key, start, locked)
  return open(createDecipheriv(cipher.name, key, start), locked)
}

async function decryptModern(parameters: DerNode, locked: Uint8Array, password: string): Promise<Buffer> {
  if (oidOf(nodeAt(parameters, 0, 0)) !== OID.pbkdf2) throw new UnknownFormat('this derivation of keys')
  const [salt, rounds, ...rest] = childrenOf(nodeAt(parameters, 0, 1))
  const cipher = CIPHERS.get(oidOf(nodeAt(parameters, 1, 0)))
  // The length of the key may stand before the digest; where no digest stands it is SHA-1.
  const prf = rest.find(({ value }) => Array.isArray(value))
  const digest = prf === undefined ? 'sha1' : HMACS.get(oidOf(nodeAt(prf, 0)))
  if (!salt || !rounds || !cipher || digest === undefined) throw new UnknownFormat('this encryption')
  const count = roundsOf(rounds, 'native')
  const derive = promisify(pbkdf2)
  const key = await derive(Buffer.from(password, 'utf8'), octetsOf(salt), count, cipher.keyBytes, digest)
  return open(createDecipheriv(cipher.name, key, octetsOf(nodeAt(parameters, 1, 1))), locked)
}

function open(cipher: ReturnType<typeof createDecipheriv>, locked: Uint8Array): Buffer {
  return Buffer.concat([cipher.update(locked), cipher.final()])
}

function decryptRc2(key: Buffer, start: Buffer, locked: Uint8Array): Buffer {
  const cipher = forge.rc2.createDecryptionCipher(key.toString('latin1'), key.length * 8)
  cipher.start(start.toString('latin1'))
  cipher.update(forge.util.createBuffer(Buffer.from(locked).toString('latin1')))
  if (!cipher.finish()) throw new Error('the padding is wrong')
  return Buffer.from(cipher.output.getBytes(), 'latin1')
}

/** What a key of PKCS#12 is derived from. `purpose`: 1 a key, 2 a start vector, 3 an integrity check (RFC 7292, appendix B). */
export interface Pkcs12Derivation {
  readonly password: string
  readonly salt: Uint8Array
  readonly purpose: 1 | 2 | 3
  readonly rounds: number
  readonly bytes: number
  readonly digest: 'sha1' | 'sha256' | 'sha384' | 'sha512'
}

/** Derives a key as PKCS#12 does. */
export function pkcs12Key({ password, salt, purpose, rounds, bytes, digest }: Pkcs12Derivation): Buffer {
  const buffer = forge.util.createBuffer(Buffer.from(salt).toString('latin1'))
  const key = forge.pkcs12.generateKey(password, buffer, purpose, rounds, bytes, forge.md[digest].create())
  return Buffer.from(key.getBytes(), 'latin1')
}

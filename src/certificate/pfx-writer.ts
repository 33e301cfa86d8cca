// Writing a PFX by its parts, because the library's own writer knows neither of the two notes that Windows reads KeySpec from.
import { createCipheriv, createHmac, type KeyObject, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import {
  bits,
  type DerNode,
  derOf,
  integer,
  nothing,
  octets,
  oid,
  parseDer,
  sequence,
  set,
  tagged,
  wideText,
} from './der.ts'
import { pkcs12Key } from './pfx-crypto.ts'
import { OID } from './pfx-oids.ts'

/** A provider that knows KeySpec (Microsoft, Cryptographic Provider Names: RSA and AES, type 24). */
const PROVIDER = 'Microsoft Enhanced RSA and AES Cryptographic Provider'
/** What Windows notes for key exchange. */
const KEY_EXCHANGE = 0x10
const LOCAL_KEY_ID = Buffer.from([1, 0, 0, 0])
const ROUNDS = { TripleDes: 2000, Aes: 100_000 } as const
/** The integrity check is derived in script; more rounds would be felt. */
const MAC_ROUNDS = 2000

/** What to put into a PFX, and how to lock it. */
export interface PfxRequest {
  readonly privateKey: KeyObject
  /** DER. */
  readonly certificate: Uint8Array
  readonly password: string
  readonly encryption: 'TripleDes' | 'Aes'
  readonly random: (bytes: number) => Uint8Array
}

/** Writes a PFX with one key and its certificate. */
export async function writePfx(request: PfxRequest): Promise<Uint8Array> {
  const { certificate, password, encryption, random } = request
  const identity = attribute(OID.localKeyId, octets(LOCAL_KEY_ID))
  const locked = await lock(derOf(keyWithUsage(request.privateKey)), request)
  const key = bag(OID.shroudedKeyBag, locked, identity, attribute(OID.provider, wideText(PROVIDER)))
  const bare = bag(OID.certificateBag, sequence(oid(OID.x509), tagged(0, octets(certificate))), identity)
  const content = derOf(sequence(contentOf(sequence(key)), contentOf(sequence(bare))))
  const digest = encryption === 'Aes' ? 'sha256' : 'sha1'
  const salt = random(16)
  const bytes = digest === 'sha256' ? 32 : 20
  const macKey = pkcs12Key({ password, salt, purpose: 3, rounds: MAC_ROUNDS, bytes, digest })
  const mac = createHmac(digest, macKey).update(content).digest()
  const check = sequence(
    sequence(sequence(oid(OID[digest]), nothing()), octets(mac)),
    octets(salt),
    integer(MAC_ROUNDS),
  )
  return derOf(sequence(integer(3), sequence(oid(OID.data), tagged(0, octets(content))), check))
}

function keyWithUsage(privateKey: KeyObject): DerNode {
  const pkcs8 = parseDer(privateKey.export({ type: 'pkcs8', format: 'der' }))
  const members = Array.isArray(pkcs8.value) ? pkcs8.value : []
  return sequence(...members, tagged(0, attribute(OID.keyUsage, bits(KEY_EXCHANGE))))
}

function contentOf(bags: DerNode): DerNode {
  return sequence(oid(OID.data), tagged(0, octets(derOf(bags))))
}

function bag(type: string, value: DerNode, ...attributes: readonly DerNode[]): DerNode {
  return sequence(oid(type), tagged(0, value), set(...attributes))
}

function attribute(type: string, value: DerNode): DerNode {
  return sequence(oid(type), set(value))
}

async function lock(key: Buffer, { password, encryption, random }: PfxRequest): Promise<DerNode> {
  const salt = random(16)
  const rounds = ROUNDS[encryption]
  if (encryption === 'TripleDes') {
    const derive = (purpose: 1 | 2, bytes: number) =>
      pkcs12Key({ password, salt, purpose, rounds, bytes, digest: 'sha1' })
    const locked = seal(createCipheriv('des-ede3-cbc', derive(1, 24), derive(2, 8)), key)
    return sequence(sequence(oid(OID.tripleDes), sequence(octets(salt), integer(rounds))), octets(locked))
  }
  const start = random(16)
  const derived = await promisify(pbkdf2)(Buffer.from(password, 'utf8'), salt, rounds, 32, 'sha256')
  const derivation = sequence(octets(salt), integer(rounds), sequence(oid(OID.hmacSha256), nothing()))
  const scheme = sequence(sequence(oid(OID.pbkdf2), derivation), sequence(oid(OID.aes256), octets(start)))
  const locked = seal(createCipheriv('aes-256-cbc', derived, start), key)
  return sequence(sequence(oid(OID.pbes2), scheme), octets(locked))
}

function seal(cipher: ReturnType<typeof createCipheriv>, plain: Buffer): Buffer {
  return Buffer.concat([cipher.update(plain), cipher.final()])
}

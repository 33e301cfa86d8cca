// What lies in a PFX, read by its parts: bags of keys and certificates with the bytes they were written with, and the two places where
// Windows notes what a key is for.
import { CertificateError, type KeySpec } from './certificate.ts'
import {
  childrenOf,
  type DerNode,
  derOf,
  firstBitsOf,
  isTagged,
  nodeAt,
  octetsOf,
  oidOf,
  parseDer,
  UnknownFormat,
} from './der.ts'
import { checkIntegrity, decrypt } from './pfx-crypto.ts'
import { OID } from './pfx-oids.ts'

/** A private key of a PFX, PKCS#8 in DER. A secret. */
export interface KeyBag {
  readonly der: Buffer
  /** By which it names its certificate; hexadecimal. */
  readonly localKeyId?: string
  /** What the file asks the importer for. */
  readonly keySpec?: KeySpec
}

/** A certificate of a PFX, in the bytes it was signed with. */
export interface CertificateBag {
  readonly der: Buffer
  readonly localKeyId?: string
}

/** Everything a PFX holds that we look at. */
export interface PfxContents {
  readonly keys: readonly KeyBag[]
  readonly certificates: readonly CertificateBag[]
}

/**
 * Opens a PFX. Throws CertificateError where the password does not fit; UnknownFormat, or an Error of a library, where it is built in a way
 * that another reader may know.
 */
export async function readContents(bytes: Uint8Array, password: string): Promise<PfxContents> {
  const pfx = parseDer(bytes)
  if (oidOf(nodeAt(pfx, 1, 0)) !== OID.data) throw new UnknownFormat('a file that is signed in place of locked')
  const content = octetsOf(nodeAt(pfx, 1, 1, 0))
  const fits = checkIntegrity(pfx, content, password)
  if (fits === false) throw wrongPassword()
  const unlock = async (algorithm: DerNode, locked: Uint8Array) => {
    try {
      return await decrypt(algorithm, locked, password)
    } catch (error) {
      if (fits === true || error instanceof UnknownFormat || error instanceof CertificateError) throw error
      throw wrongPassword(error)
    }
  }
  const found = { keys: [] as KeyBag[], certificates: [] as CertificateBag[] }
  for (const part of childrenOf(parseDer(content))) {
    const bags = await bagsOf(part, unlock)
    for (const bag of childrenOf(bags)) await collect(bag, unlock, found)
  }
  return found
}

type Unlock = (algorithm: DerNode, locked: Uint8Array) => Promise<Buffer>

/** The error for a password that does not open a file. */
export function wrongPassword(cause?: unknown): CertificateError {
  const message = 'the password does not open the PFX file; give the one it was exported with'
  return new CertificateError('WrongPassword', message, cause === undefined ? {} : { cause })
}

async function bagsOf(part: DerNode, unlock: Unlock): Promise<DerNode> {
  const type = oidOf(nodeAt(part, 0))
  if (type === OID.data) return parseDer(octetsOf(nodeAt(part, 1, 0)))
  if (type !== OID.encryptedData) throw new UnknownFormat('contents locked for a public key')
  const locked = nodeAt(part, 1, 0, 1)
  return parseDer(await unlock(nodeAt(locked, 1), octetsOf(nodeAt(locked, 2))))
}

async function collect(
  bag: DerNode,
  unlock: Unlock,
  found: { readonly keys: KeyBag[]; readonly certificates: CertificateBag[] },
): Promise<void> {
  const type = oidOf(nodeAt(bag, 0))
  const value = nodeAt(bag, 1, 0)
  const attributes = attributesOf(childrenOf(bag)[2])
  const id = attributes.get(OID.localKeyId)
  const named = id === undefined ? {} : { localKeyId: octetsOf(id).toString('hex') }
  switch (type) {
    case OID.keyBag:
      found.keys.push({ ...keyOf(derOf(value), attributes), ...named })
      return
    case OID.shroudedKeyBag:
      found.keys.push({ ...keyOf(await unlock(nodeAt(value, 0), octetsOf(nodeAt(value, 1))), attributes), ...named })
      return
    case OID.certificateBag:
      if (oidOf(nodeAt(value, 0)) === OID.x509) {
        found.certificates.push({ der: octetsOf(nodeAt(value, 1, 0)), ...named })
      }
      return
    case OID.nestedBags:
      for (const inner of childrenOf(value)) await collect(inner, unlock, found)
      return
    default:
      // Revocation lists and secrets of others are nothing that we look at.
      return
  }
}

function attributesOf(attributes: DerNode | undefined): ReadonlyMap<string, DerNode> {
  if (attributes === undefined) return new Map()
  return new Map(
    childrenOf(attributes).flatMap((attribute) => {
      const [value] = childrenOf(nodeAt(attribute, 1))
      return value === undefined ? [] : [[oidOf(nodeAt(attribute, 0)), value] as const]
    }),
  )
}

function keyOf(der: Buffer, attributes: ReadonlyMap<string, DerNode>): KeyBag {
  const provider = attributes.get(OID.provider)?.value
  const keySpec = keySpecOf(typeof provider === 'string' ? provider : '', usageBitsOf(der))
  return keySpec === undefined ? { der } : { der, keySpec }
}

/** Windows notes key exchange as 0x10 and signature as 0x80; keys of newer providers have neither meaning (Microsoft, AD FS and KeySpec). */
function keySpecOf(provider: string, usage: number): KeySpec | undefined {
  if (/Key Storage Provider/i.test(provider)) return 'Cng'
  if ((usage & 0x10) !== 0) return 'KeyExchange'
  return (usage & 0x80) !== 0 ? 'Signature' : undefined
}

function usageBitsOf(der: Buffer): number {
  const attributes = childrenOf(parseDer(der)).find((node) => isTagged(node, 0))
  const usage = attributesOf(attributes).get(OID.keyUsage)
  return usage === undefined ? 0 : firstBitsOf(usage)
}

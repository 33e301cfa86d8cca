// Opening a PFX. The reader by parts knows more of what is in it; what it does not know, the reader inside Node may.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { CertificateError, type KeySpec } from './certificate.ts'
import type { KeyBag, PfxContents } from './pfx-contents.ts'

/** A PFX that was opened. */
export interface OpenedPfx {
  /** The certificate that the private key belongs to. */
  readonly leaf: X509Certificate
  /** The other certificates of the file, in its order: most often authorities on the way to the root. */
  readonly others: readonly X509Certificate[]
  /** What the file asks the importer for; undefined where it does not say, or was not read that deep. */
  readonly keySpec?: KeySpec
  /** Undefined where only Node's own reader could open the file. A secret. */
  readonly privateKey?: KeyObject
}

/** Opens a PFX with its password, the empty text where it has none. Throws CertificateError: Unreadable, WrongPassword, NoPrivateKey. */
export async function readPfx(bytes: Uint8Array, password: string): Promise<OpenedPfx> {
  const { readContents } = await import('./pfx-contents.ts')
  try {
    return openedFrom(await readContents(bytes, password))
  } catch (failure) {
    if (failure instanceof CertificateError && failure.code === 'Unreadable') throw failure
    const { readByPlatform } = await import('./platform-reader.ts')
    try {
      return readByPlatform(bytes, password)
    } catch (error) {
      // The first reader knows files better; where it could tell what is wrong, that counts.
      throw failure instanceof CertificateError ? failure : error
    }
  }
}

function openedFrom({ keys, certificates }: PfxContents): OpenedPfx {
  const all = certificates.map(({ der, localKeyId }) => ({ certificate: new X509Certificate(der), localKeyId }))
  for (const bag of keys) {
    const privateKey = createPrivateKey({ key: bag.der, format: 'der', type: 'pkcs8' })
    const named = all.filter(({ localKeyId }) => localKeyId !== undefined && localKeyId === bag.localKeyId)
    const leaf = [...named, ...all].find(({ certificate }) => certificate.checkPrivateKey(privateKey))?.certificate
    if (leaf === undefined) continue
    const others = all.map(({ certificate }) => certificate).filter((one) => one !== leaf)
    return { leaf, others, privateKey, ...specOf(bag) }
  }
  throw new CertificateError('NoPrivateKey', keys.length === 0 ? NO_KEY : FOREIGN_KEY)
}

function specOf({ keySpec }: KeyBag): Pick<OpenedPfx, 'keySpec'> {
  return keySpec === undefined ? {} : { keySpec }
}

const NO_KEY =
  'the PFX file holds no private key; export the certificate again together with its private key, marked as exportable'
const FOREIGN_KEY =
  'the private key in the PFX file belongs to none of its certificates; export the certificate again together with its own key'

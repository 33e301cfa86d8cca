import type { X509Certificate } from 'node:crypto'
import { childrenOf, firstBitsOf, isTagged, nodeAt, octetsOf, oidOf, parseDer } from './der.ts'
import { OID } from './pfx-oids.ts'

/**
 * Whether a certificate may sign: true or false where it says what its key is for, undefined where it does not. `X509Certificate.keyUsage`
 * does not help: it lists the extended usages.
 */
export function maySign(certificate: X509Certificate): boolean | undefined {
  try {
    return signsByUsage(certificate)
  } catch {
    // An extension that is built oddly says nothing; the certificate itself was read by Node.
    return undefined
  }
}

function signsByUsage(certificate: X509Certificate): boolean | undefined {
  const body = childrenOf(nodeAt(parseDer(certificate.raw), 0))
  const extensions = body.find((node) => isTagged(node, 3))
  if (extensions === undefined) return undefined
  const usage = childrenOf(nodeAt(extensions, 0)).find((extension) => oidOf(nodeAt(extension, 0)) === OID.keyUsage)
  const value = usage === undefined ? undefined : childrenOf(usage).at(-1)
  if (value === undefined) return undefined
  return (firstBitsOf(parseDer(octetsOf(value))) & DIGITAL_SIGNATURE) !== 0
}

const DIGITAL_SIGNATURE = 0x80

import { createHash } from 'node:crypto'
import type { LocalCertificate } from './certificate.ts'
import { isSelfSigned } from './chain.ts'
import type { OpenedPfx } from './pfx.ts'
import { windowsName } from './windows-name.ts'

/** What is told of a certificate, without anything secret. */
export function localCertificate(name: string, { leaf, keySpec }: OpenedPfx): LocalCertificate {
  const rsaBits = rsaBitsOf(leaf.publicKey)
  return {
    name,
    sha256: createHash('sha256').update(leaf.raw).digest('hex'),
    thumbprint: createHash('sha1').update(leaf.raw).digest('hex').toUpperCase(),
    subject: windowsName(leaf.subject),
    issuer: windowsName(leaf.issuer),
    notBefore: isoOf(leaf.validFrom),
    notAfter: isoOf(leaf.validTo),
    isSelfSigned: isSelfSigned(leaf),
    ...(rsaBits === undefined ? {} : { rsaBits }),
    ...(keySpec === undefined ? {} : { keySpec }),
    der: new Uint8Array(leaf.raw),
  }
}

/** RSA-PSS keys are another kind: nothing that CRM signs with can use them. */
function rsaBitsOf({ asymmetricKeyType, asymmetricKeyDetails }: OpenedPfx['leaf']['publicKey']): number | undefined {
  return asymmetricKeyType === 'rsa' ? asymmetricKeyDetails?.modulusLength : undefined
}

/** From `Nov 23 08:43:38 2026 GMT`, the form of Node. */
function isoOf(date: string): string {
  return new Date(date).toISOString().replace('.000Z', 'Z')
}

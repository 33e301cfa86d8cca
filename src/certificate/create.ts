// A self-signed certificate for evaluation, in a PFX as Windows would have written it: with the name of a provider that knows KeySpec, and
// with the note that the key is for key exchange. Without them the importer would choose.
import { generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { LocalCertificate } from './certificate.ts'
import type { NamePart } from './subject.ts'

/** What to create. */
export interface EvaluationRequest {
  readonly subject: readonly NamePart[]
  readonly password: string
  readonly days: number
  readonly now: Date
  /** `TripleDes` opens everywhere; `Aes` does not on Windows Server 2016 and before (Microsoft, Export-PfxCertificate). */
  readonly encryption: 'TripleDes' | 'Aes'
}

/** Creates a self-signed RSA-2048 certificate and its PFX. Both halves of the result fit together; the bytes are a secret. */
export async function createEvaluationPfx(
  request: EvaluationRequest,
): Promise<{ readonly bytes: Uint8Array; readonly certificate: LocalCertificate }> {
  const [{ selfSigned }, { writePfx }, { localCertificate }, { readPfx }] = await Promise.all([
    import('./self-signed.ts'),
    import('./pfx-writer.ts'),
    import('./local-certificate.ts'),
    import('./pfx.ts'),
  ])
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const certificate = selfSigned({ ...request, privateKey, serial: randomBytes(16) })
  const bytes = await writePfx({ ...request, privateKey, certificate, random: randomBytes })
  // What is handed over was opened again: a file that nobody can read would be found out on a server.
  return { bytes, certificate: localCertificate('created', await readPfx(bytes, request.password)) }
}

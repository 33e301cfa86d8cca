// Certificates of the runtime configuration by name, for those who read a trust and those who write it. Nothing secret is kept: bytes and
// password are read at the moment of use.
import { CertificateError, type LocalCertificate } from './certificate.ts'
import { type CertificateExpectation, type Inspection, judgeOpened } from './inspect.ts'
import { localCertificate } from './local-certificate.ts'
import { type OpenedPfx, readPfx } from './pfx.ts'

/** Where a certificate is, and how to get its password; undefined for a name the configuration does not have. */
export type ResolveCertificate = (
  name: string,
) => { readonly path: string; readonly password: () => Promise<string> } | undefined

/** Certificates by name. Every method throws CertificateError, whose message begins with which certificate it is about. */
export interface CertificateSource {
  /** What is told of it. The file is read anew each time. */
  certificate(name: string): Promise<LocalCertificate>
  /** Judges it. */
  inspect(name: string, expected: CertificateExpectation): Promise<Inspection>
  /** Bytes and password, for an import. They are proven to fit. */
  open(name: string): Promise<{ readonly bytes: Uint8Array; readonly password: string }>
  /** Opened, with its private key, for whoever signs in with it. */
  unlock(name: string): Promise<OpenedPfx>
}

/** Larger files are no PFX. */
const LARGEST = 1024 * 1024

/** Makes a source. `readFile` reads a whole file; its errors may name paths, and are told by their code. */
export function createCertificateSource(input: {
  readonly resolve: ResolveCertificate
  readonly readFile: (path: string) => Promise<Uint8Array>
}): CertificateSource {
  const fileOf = async (name: string) => {
    const place = input.resolve(name)
    if (place === undefined) {
      const message = `the configuration has no certificate \`${name}\`; add \`certificates.${name}\` with its file and password`
      throw new CertificateError('Unreadable', message)
    }
    const bytes = await read(name, place.path, input.readFile)
    return { bytes, password: await place.password() }
  }
  const unlock = async (name: string) => {
    const file = await fileOf(name)
    return { ...file, opened: await named(name, () => readPfx(file.bytes, file.password)) }
  }
  return {
    certificate: async (name) => localCertificate(name, (await unlock(name)).opened),
    inspect: async (name, expected) => judgeOpened(name, (await unlock(name)).opened, expected),
    unlock: async (name) => (await unlock(name)).opened,
    async open(name) {
      const { bytes, password } = await unlock(name)
      return { bytes, password }
    },
  }
}

async function read(name: string, path: string, readFile: (path: string) => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    const bytes = await readFile(path)
    if (bytes.length <= LARGEST) return bytes
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    const message = `certificate \`${name}\`: the file ${path} cannot be read (${code}); check that it is mounted and may be read`
    throw new CertificateError('Unreadable', message, { cause })
  }
  throw new CertificateError('Unreadable', `certificate \`${name}\`: the file ${path} is too large to be a PFX file`)
}

/** Says which certificate an error is about. */
async function named<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new CertificateError(error.code, `certificate \`${name}\`: ${error.message}`, { cause: error })
  }
}

// Certificates as the configuration names them: files and passwords, read at the moment of use.
import { readFile } from 'node:fs/promises'
import { CertificateError } from '../certificate/certificate.ts'
import { type CertificateSource, createCertificateSource } from '../certificate/source.ts'
import type { Machine } from '../machine.ts'
import { type RuntimeConfiguration, resolvePath } from '../spec/configuration/load.ts'
import { resolveSecret, SecretError } from '../spec/configuration/secret.ts'

/** The certificates of a configuration. What is missing or wrong is a CertificateError. */
export function configuredCertificates(
  configuration: RuntimeConfiguration,
  { environment }: Pick<Machine, 'environment'>,
): CertificateSource {
  const { certificates } = configuration.spec
  return createCertificateSource({
    readFile,
    resolve(name) {
      const entry = Object.hasOwn(certificates, name) ? certificates[name] : undefined
      if (entry === undefined) return undefined
      const { file, password } = entry
      const context = { folder: configuration.folder, environment }
      const use = `the password of certificate \`${name}\``
      return {
        path: resolvePath(configuration, file),
        password: async () =>
          password === undefined ? '' : await passwordFrom(() => resolveSecret(password, use, context)),
      }
    },
  })
}

async function passwordFrom(read: () => Promise<string>): Promise<string> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof SecretError) throw new CertificateError('Unreadable', error.message, { cause: error })
    throw error
  }
}

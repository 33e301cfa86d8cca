// Certificates of the runtime configuration, as the trusts of a run use them.
import { readFile } from 'node:fs/promises'
import { CertificateError } from '../certificate/certificate.ts'
import { type CertificateSource, createCertificateSource } from '../certificate/source.ts'
import { resolvePath } from '../spec/configuration/load.ts'
import type { DesiredDeployment, DesiredTrust } from '../spec/desired.ts'
import type { Certificates } from '../trust/reader.ts'
import { type SecretUse, secretOf } from './secrets.ts'

/** The certificates of a configuration by name. */
export function certificateSource(using: SecretUse): CertificateSource {
  const { configuration } = using
  const { certificates } = configuration.spec
  return createCertificateSource({
    readFile: (path) => readFile(path),
    resolve(name) {
      const one = Object.hasOwn(certificates, name) ? certificates[name] : undefined
      if (!one) return undefined
      return { path: resolvePath(configuration, one.file), password: () => passwordOf(name, one.password, using) }
    },
  })
}

async function passwordOf(
  name: string,
  reference: Parameters<typeof secretOf>[0] | undefined,
  using: SecretUse,
): Promise<string> {
  if (!reference) return ''
  try {
    return await secretOf(reference, `the password of certificate ${name}`, using)
  } catch (cause) {
    throw new CertificateError('Unreadable', cause instanceof Error ? cause.message : 'its password cannot be read', {
      cause,
    })
  }
}

/**
 * The certificates of a trust. One that a deployment names and that must not be used is refused with the first reason for that, whoever asks;
 * whether it is the reviewed one is left to the stages, which know where that is written.
 */
export function certificatesOf(
  { deployments }: DesiredTrust,
  using: SecretUse & { readonly machine: { readonly now: () => Date } },
): Certificates {
  const source = certificateSource(using)
  return {
    open: source.open,
    async certificate(name) {
      const uses = [...deployments.values()].flatMap(({ certificate }) =>
        certificate?.name === name ? [certificate] : [],
      )
      if (uses.length === 0) return source.certificate(name)
      const { certificate, faults } = await source.inspect(name, await expectationOf(uses, using))
      const [fault] = faults.filter(({ code }) => code !== 'NotReviewed')
      if (fault) throw new CertificateError(fault.code, `certificate \`${name}\`: ${fault.message}`)
      return certificate
    },
  }
}

type Use = NonNullable<DesiredDeployment['certificate']>

/** What every deployment that names it allows. */
async function expectationOf(
  uses: readonly Use[],
  { configuration, machine }: SecretUse & { readonly machine: { readonly now: () => Date } },
) {
  const { caFile } = configuration.spec.network
  const trusted = caFile === undefined ? [] : [await readFile(resolvePath(configuration, caFile), 'utf8')]
  return { evaluation: uses.every(({ evaluation }) => evaluation), now: machine.now(), trustedCaPem: trusted }
}

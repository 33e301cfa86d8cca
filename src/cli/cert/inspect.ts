// `cert inspect`: a PFX by its path, or a certificate of the configuration by its name.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CertificateError } from '../../certificate/certificate.ts'
import { authoritiesIn } from '../../certificate/chain.ts'
import { type CertificateExpectation, type Inspection, inspectCertificate } from '../../certificate/inspect.ts'
import { daysUntil } from '../../certificate/verdicts.ts'
import { configuredCertificates } from '../../compose/certificate-files.ts'
import { UsageError } from '../../compose/usage-error.ts'
import type { Machine } from '../../machine.ts'
import {
  type CertificateReport,
  certificateJson,
  certificateMarkdown,
  certificateText,
} from '../../report/certificate.ts'
import { jsonText } from '../../report/hostile-text.ts'
import { type RuntimeConfiguration, resolvePath } from '../../spec/configuration/load.ts'
import { findConfiguration } from '../configuration.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { formOf } from '../flags.ts'
import { lookOf } from '../presenter.ts'
import { problemsText } from '../problems.ts'
import { type Invocation, isGiven, textOf } from '../verb.ts'
import { deploymentYaml, givenPassword, nameFrom } from './given.ts'

/** Inspects what is named and prints what was found. Throws UsageError where there is no such thing, or its password is not known. */
export async function inspectNamed(
  named: string,
  invocation: Invocation,
  machine: Machine,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { configuration, problems } = await findConfiguration(invocation, machine)
  if (problems.length > 0) {
    machine.errors.write(problemsText({ problems, files: 1 }))
    return EXIT.usage
  }
  const now = machine.now()
  try {
    const isConfigured = configuration !== undefined && Object.hasOwn(configuration.spec.certificates, named)
    const inspection = isConfigured
      ? await inspectConfigured(named, configuration, invocation, machine, signal)
      : await inspectFile(named, configuration, invocation, machine, signal)
    const { certificate, faults } = inspection
    const code = faults.length > 0 ? EXIT.blocked : EXIT.inSync
    const yaml = deploymentYaml(certificate.name, certificate.sha256, certificate.isSelfSigned)
    const daysLeft = daysUntil(certificate.notAfter, now)
    const paste = faults.length > 0 ? [] : [{ where: 'In the Deployment of the spec:', yaml }]
    printCertificate({ inspection, file: named, daysLeft, paste, how: 'inspected' }, code, invocation, machine)
    return code
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    if (error.code === 'WrongPassword') throw new UsageError(passwordAdvice(error, named), { cause: error })
    machine.errors.write(`${lineOf(named, error)}\n`)
    return EXIT.blocked
  }
}

/** Prints a certificate in the form that was asked for. */
export function printCertificate(
  report: CertificateReport,
  code: ExitCode,
  invocation: Invocation,
  machine: Pick<Machine, 'output' | 'environment'>,
): void {
  const form = formOf(invocation)
  const text =
    form === 'json'
      ? `${jsonText(certificateJson(code, report))}\n`
      : form === 'markdown'
        ? certificateMarkdown(report)
        : certificateText(report, lookOf(machine))
  machine.output.write(text)
}

async function inspectConfigured(
  name: string,
  configuration: RuntimeConfiguration,
  invocation: Invocation,
  machine: Machine,
  signal: AbortSignal,
): Promise<Inspection> {
  const reviewed = await reviewedIn(configuration, name, machine, signal)
  const expected = { ...(await expectation(configuration, invocation, machine)), ...reviewed }
  return await configuredCertificates(configuration, machine).inspect(name, expected)
}

async function inspectFile(
  path: string,
  configuration: RuntimeConfiguration | undefined,
  invocation: Invocation,
  machine: Machine,
  signal: AbortSignal,
): Promise<Inspection> {
  const bytes = await bytesOf(path, configuration, machine)
  const password = (await givenPassword(invocation, machine, `Password of ${path}: `, signal)) ?? ''
  const expected = await expectation(configuration, invocation, machine)
  return await inspectCertificate({ name: nameFrom(path), bytes, password, expected })
}

async function bytesOf(
  path: string,
  configuration: RuntimeConfiguration | undefined,
  { workingDirectory }: Machine,
): Promise<Uint8Array> {
  try {
    return await readFile(resolve(workingDirectory, path))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const names = Object.keys(configuration?.spec.certificates ?? {})
    const known = !configuration
      ? 'there is no configuration here'
      : names.length === 0
        ? 'the configuration has no certificates'
        : `the configuration has ${names.join(', ')}`
    if (code === 'ENOENT') {
      throw new UsageError(`there is no file ${path}, and no certificate of that name: ${known}`, { cause: error })
    }
    throw new UsageError(`the file ${path} cannot be read (${String(code)})`, { cause: error })
  }
}

async function expectation(
  configuration: RuntimeConfiguration | undefined,
  invocation: Invocation,
  machine: Machine,
): Promise<CertificateExpectation> {
  const sha256 = textOf(invocation, 'sha256')
  if (sha256 !== undefined && !/^(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}$/i.test(sha256)) {
    throw new UsageError('--sha256 takes 64 hexadecimal digits, with or without colons')
  }
  const trustedCaPem = configuration === undefined ? undefined : await authoritiesOf(configuration)
  return {
    now: machine.now(),
    evaluation: isGiven(invocation, 'evaluation'),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(trustedCaPem === undefined ? {} : { trustedCaPem }),
  }
}

/** The authorities of the configuration, as PEM. Throws UsageError where its file is not usable. */
async function authoritiesOf(configuration: RuntimeConfiguration): Promise<readonly string[] | undefined> {
  const { caFile } = configuration.spec.network
  if (caFile === undefined) return undefined
  try {
    const pem = await readFile(resolvePath(configuration, caFile), 'utf8')
    authoritiesIn([pem])
    return [pem]
  } catch (error) {
    throw new UsageError(`\`network.caFile\` (${caFile}) cannot be read, or is no PEM file of certificates`, {
      cause: error,
    })
  }
}

/** What the spec beside the configuration asks of this certificate; nothing where there is no spec, or it has problems. */
async function reviewedIn(
  configuration: RuntimeConfiguration,
  name: string,
  machine: Machine,
  signal: AbortSignal,
): Promise<Partial<CertificateExpectation>> {
  // A certificate is looked at before anything can be reached.
  if (configuration.spec.source.git !== undefined) return {}
  const [{ loadSpecAt, specPlace }, { compile }] = await Promise.all([
    import('../spec-at.ts'),
    import('../../spec/compile/compile.ts'),
  ])
  const { loaded } = await loadSpecAt(specPlace({}, configuration, machine.workingDirectory), machine, signal)
  if (!loaded.ok) return {}
  const deployments = [...compile(loaded.spec).deployments.values()]
  const asked = deployments.map(({ certificate }) => certificate).find((certificate) => certificate?.name === name)
  return asked === undefined ? {} : { sha256: asked.sha256, evaluation: asked.evaluation }
}

function passwordAdvice(error: CertificateError, named: string): string {
  return `${lineOf(named, error)}; --password-env or --password-file says where it is`
}

function lineOf(named: string, { message }: CertificateError): string {
  return message.startsWith('certificate ') ? message : `${named}: ${message}`
}

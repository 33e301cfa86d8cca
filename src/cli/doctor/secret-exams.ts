// Secrets can be read, and by nobody else. What they are is never told, not even how long.
import { stat } from 'node:fs/promises'
import { type NeededSecret, secretOf } from '../../compose/secrets.ts'
import type { Finding } from '../../report/doctor.ts'
import { type RuntimeConfiguration, resolvePath } from '../../spec/configuration/load.ts'
import type { SecretReference } from '../../spec/generated/types.ts'
import { shellWord } from '../flags.ts'
import type { Examination } from './examine.ts'
import { bad, failure, good, type Question } from './finding.ts'
import type { Patient } from './patient.ts'

const OTHERS = 0o007

/** Every secret of the configuration, and every file that opens with one. */
export function secretExaminations(patient: Patient): readonly Examination[] {
  const { configuration } = patient
  const secrets = secretsIn(configuration).map(([reference, use]): Examination => {
    const question = { subject: 'secrets', check: use, tried: `reading ${placeOf(reference)}` }
    return { question, look: async () => ({ findings: [await secretFinding(question, reference, use, patient)] }) }
  })
  const files = keyFilesIn(configuration).map(([path, use]): Examination => {
    const question = { subject: 'secrets', check: use, tried: `looking at ${path}` }
    return {
      question,
      look: async () => ({ findings: [await fileFinding(question, resolvePath(configuration, path))] }),
    }
  })
  return [...secrets, ...files]
}

async function secretFinding(
  question: Question,
  reference: SecretReference,
  use: string,
  patient: Patient,
): Promise<Finding> {
  try {
    await secretOf(reference, use, patient)
  } catch (error) {
    return failure(question, asMissing(error))
  }
  if (reference.file === undefined) return good(question, `environment variable ${reference.env} is set`)
  return fileFinding(question, resolvePath(patient.configuration, reference.file))
}

/** A secret that is not there will not be there the next time. */
function asMissing(error: unknown): unknown {
  return error instanceof Error ? Object.assign(new Error(error.message), { code: 'Unreadable' }) : error
}

async function fileFinding(question: Question, path: string): Promise<Finding> {
  const found = await stat(path).catch(() => undefined)
  if (!found) {
    const words = 'Put it there, or correct its path in the configuration.'
    return bad(question, 'Broken', 'Unreadable', `there is no file ${path}`, { words })
  }
  const mode = `mode ${(found.mode & 0o777).toString(8).padStart(3, '0')}`
  if ((found.mode & OTHERS) === 0) return good(question, `${path} can be read, ${mode}`)
  return bad(question, 'Excess', 'SecretOpen', `every user of this machine may open ${path} (${mode})`, {
    words: 'Keep it for the user that runs mailkeel; a mounted secret of Kubernetes takes `defaultMode: 0440`.',
    commands: [{ where: 'on this machine', command: `chmod 600 ${shellWord(path)}` }],
  })
}

function placeOf({ env, file }: SecretReference): string {
  return env === undefined ? `file ${file}` : `environment variable ${env}`
}

function secretsIn({ spec }: RuntimeConfiguration): readonly NeededSecret[] {
  const { identities, certificates, deployments, network, secrets, listener } = spec
  return [
    ...Object.entries(identities).flatMap(([name, { token, clientSecret, privateKey, passphrase, password }]) => [
      ...needed(token, `token of identity ${name}`),
      ...needed(clientSecret, `secret of identity ${name}`),
      ...needed(privateKey, `private key of identity ${name}`),
      ...needed(passphrase, `passphrase of identity ${name}`),
      ...needed(password, `password of identity ${name}`),
    ]),
    ...Object.entries(certificates).flatMap(([name, { password }]) =>
      needed(password, `password of certificate ${name}`),
    ),
    ...Object.entries(deployments).flatMap(([name, { credential }]) =>
      needed(credential?.password, `password of deployment ${name}`),
    ),
    ...needed(network.proxy?.password, 'password of the proxy'),
    ...Object.entries(secrets).flatMap(([name, reference]) => needed(reference, `secret ${name}`)),
    ...needed(listener?.token, 'token of the listener'),
  ]
}

function needed(reference: SecretReference | undefined, use: string): readonly NeededSecret[] {
  return reference ? [[reference, use]] : []
}

function keyFilesIn({ spec }: RuntimeConfiguration): readonly (readonly [path: string, use: string])[] {
  return [
    ...Object.entries(spec.certificates).map(([name, { file }]) => [file, `file of certificate ${name}`] as const),
    ...Object.entries(spec.identities).flatMap(([name, { federatedTokenFile }]) =>
      federatedTokenFile === undefined ? [] : [[federatedTokenFile, `token file of identity ${name}`] as const],
    ),
  ]
}

// `cert create`: a self-signed certificate for evaluation.
import { stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createEvaluationPfx } from '../../certificate/create.ts'
import { inspectCertificate } from '../../certificate/inspect.ts'
import { type NamePart, parseSubject, SubjectError } from '../../certificate/subject.ts'
import { daysUntil } from '../../certificate/verdicts.ts'
import { UsageError } from '../../compose/usage-error.ts'
import type { Machine } from '../../machine.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type Invocation, isGiven, numberOf, textOf } from '../verb.ts'
import { deploymentYaml, givenPassword, nameFrom } from './given.ts'
import { printCertificate } from './inspect.ts'

const LONGEST_DAYS = 1095

/** Creates a certificate and writes its PFX, for its owner alone and over nothing. Throws UsageError. */
export async function createInto(invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<ExitCode> {
  const subject = subjectOf(invocation)
  const out = textOf(invocation, 'out')
  if (out === undefined) throw new UsageError('--out is missing; name the PFX file to write')
  const path = resolve(machine.workingDirectory, out)
  await refuseToReplace(path, out)
  const days = Math.floor(numberOf(invocation, 'days', 365, 1, LONGEST_DAYS))
  const password = await newPassword(invocation, machine, signal)
  const encryption = isGiven(invocation, 'modern') ? 'Aes' : 'TripleDes'
  const now = machine.now()
  const { bytes } = await createEvaluationPfx({ subject, password, days, now, encryption })
  const name = nameFrom(out)
  // Dates in certificates have whole seconds; the moment of creation is within one.
  const expected = { evaluation: true, now: new Date(now.getTime() + 1000) }
  const inspection = await inspectCertificate({ name, bytes, password, expected })
  await write(path, out, bytes)
  const { sha256, notAfter } = inspection.certificate
  const report = {
    inspection,
    file: out,
    daysLeft: daysUntil(notAfter, now),
    how: 'created' as const,
    paste: [
      { where: 'In the Deployment of the spec, to be reviewed:', yaml: deploymentYaml(name, sha256, true) },
      { where: 'In mailkeel.yaml:', yaml: configurationYaml(name, out, invocation) },
    ],
  }
  printCertificate(report, EXIT.inSync, invocation, machine)
  return EXIT.inSync
}

function subjectOf(invocation: Invocation): readonly NamePart[] {
  const text = textOf(invocation, 'subject')
  if (text === undefined)
    throw new UsageError('--subject is missing; write it as --subject "CN=crm-s2s-2027, O=Contoso"')
  try {
    return parseSubject(text)
  } catch (error) {
    throw error instanceof SubjectError ? new UsageError(error.message, { cause: error }) : error
  }
}

/** The key of a trust is worth a password. One that is typed is typed twice. */
async function newPassword(invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<string> {
  const password = await givenPassword(invocation, machine, 'Password of the new file: ', signal)
  if (password === undefined || password === '') {
    throw new UsageError('the new file needs a password: --password-env or --password-file says where it is')
  }
  const isTyped = textOf(invocation, 'passwordEnv') === undefined && textOf(invocation, 'passwordFile') === undefined
  if (isTyped && (await machine.askSecret?.('Once more: ', signal)) !== password) {
    throw new UsageError('the two passwords differ; nothing was written')
  }
  return password
}

async function refuseToReplace(path: string, out: string): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  )
  if (isThere) throw new UsageError(taken(out))
}

async function write(path: string, out: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') throw new UsageError(taken(out), { cause: error })
    throw new UsageError(`${out} cannot be written (${String(code)}); name a file in a folder that is there`, {
      cause: error,
    })
  }
}

function taken(out: string): string {
  return `there is a file ${out} already, and a key that may be in use is never replaced; nothing was written. Name another`
}

function configurationYaml(name: string, out: string, invocation: Invocation): string {
  const variable = textOf(invocation, 'passwordEnv')
  const file = textOf(invocation, 'passwordFile')
  const password = file === undefined ? `env: ${variable ?? 'PFX_PASSWORD'}` : `file: ${JSON.stringify(file)}`
  return `certificates:\n  ${name}:\n    file: ${JSON.stringify(out)}\n    password:\n      ${password}\n`
}

// Certificates as the command line meets them: files, their names, and passwords that stand in no argument.
import { basename } from 'node:path'
import { UsageError } from '../../compose/usage-error.ts'
import type { Machine } from '../../machine.ts'
import { resolveSecret } from '../../spec/configuration/secret.ts'
import { type Invocation, textOf } from '../verb.ts'

/** The password that the flags lead to, or that a person types; undefined where neither is there. Throws UsageError, SecretError. */
export async function givenPassword(
  invocation: Invocation,
  { environment, workingDirectory, askSecret }: Machine,
  question: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const env = textOf(invocation, 'passwordEnv')
  const file = textOf(invocation, 'passwordFile')
  if (env !== undefined && file !== undefined) throw new UsageError('give one of --password-env and --password-file')
  const context = { folder: workingDirectory, environment }
  const use = 'the password of the PFX file'
  if (env !== undefined) return await resolveSecret({ env }, use, context)
  if (file !== undefined) return await resolveSecret({ file }, use, context)
  return await askSecret?.(question, signal)
}

/** A name for a certificate, made from that of its file; it fits into a spec. */
export function nameFrom(path: string): string {
  const bare = basename(path).replace(/\.[A-Za-z0-9]+$/, '')
  const name = bare
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name.slice(0, 63) || 'certificate'
}

/** What to write into the Deployment of the spec. */
export function deploymentYaml(name: string, sha256: string, evaluation: boolean): string {
  return `certificate:\n  name: ${name}\n  sha256: ${sha256}\n${evaluation ? '  evaluation: true\n' : ''}`
}

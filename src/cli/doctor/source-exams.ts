// The repository that the spec comes from. It is looked at before everything else, because without it there is nothing to compare with.
import { GitError } from '../../git/repository.ts'
import type { Machine } from '../../machine.ts'
import type { Finding, Remedy } from '../../report/doctor.ts'
import type { RuntimeConfiguration } from '../../spec/configuration/load.ts'
import { findConfiguration } from '../configuration.ts'
import { specNames } from '../spec-at.ts'
import type { Invocation } from '../verb.ts'
import { type Examination, examine } from './examine.ts'
import { bad, failure, good, type Question } from './finding.ts'

/** Looks at the repository where the spec comes from one; else nothing is found. Throws UsageError. */
export async function sourceFindings(
  invocation: Invocation,
  machine: Machine,
  options: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<readonly Finding[]> {
  if (specNames(invocation).folder !== undefined) return []
  const { configuration } = await findConfiguration(invocation, machine)
  const { git } = configuration?.spec.source ?? {}
  if (!configuration || !git) return []
  const followed = git.tag === undefined ? `branch ${git.branch ?? 'main'}` : `tag ${git.tag}`
  const as = git.identity === undefined ? 'without a sign-in' : `as identity ${git.identity}`
  const question = { subject: 'source', check: 'git repository', tried: `fetching ${git.url} (${followed}), ${as}` }
  const examination: Examination = {
    question,
    look: async (signal) => ({ findings: [await sourceFinding(question, configuration, machine, signal)] }),
  }
  const examined = await examine([examination], { ...options, machine })
  return examined.flatMap(({ findings }) => findings)
}

async function sourceFinding(
  question: Question,
  configuration: RuntimeConfiguration,
  machine: Machine,
  signal: AbortSignal,
): Promise<Finding> {
  const { lookAtSource } = await import('../spec-in-git.ts')
  try {
    const { info, refusal } = await lookAtSource(configuration, machine, signal)
    const newest = `commit ${info.id.slice(0, 7)} is there`
    const remedy = { words: 'Have it signed by somebody whom `source.git.verify` names, or name who signed it there.' }
    if (refusal)
      return bad(question, 'Broken', refusal.code, `${newest}, and may not be taken: ${refusal.message}`, remedy)
    const isVerified = configuration.spec.source.git?.verify !== undefined
    return good(question, `${newest}, ${isVerified ? 'signed by one who may' : 'signatures are not looked at'}`)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof GitError) || PASSING.has(error.code)) return failure(question, error)
    return bad(question, 'Broken', error.code, error.message, REMEDIES[error.code] ?? LOOK)
  }
}

/** What may be otherwise the next time. */
const PASSING: ReadonlySet<GitError['code']> = new Set(['Unreachable', 'TimedOut'])

const LOOK: Remedy = { words: 'Correct `source.git` of the configuration, or what it names.' }
const REMEDIES: Readonly<Partial<Record<GitError['code'], Remedy>>> = {
  Unauthorized: { words: 'Give the identity that `source.git.identity` names the right to read this repository.' },
  GitMissing: { words: 'Install git where mailkeel runs; the image has it.' },
  GitTooOld: { words: 'Install a newer git where mailkeel runs; the image has one.' },
  HostUnknown: { words: 'Put the key of the server, as its owner tells it, into `source.git.knownHostsFile`.' },
  CertificateRefused: { words: 'Put the authority of the server into `network.caFile`.' },
}

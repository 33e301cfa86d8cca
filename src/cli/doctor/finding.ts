// From verdicts and errors of the rest of mailkeel to findings.

import { UsageError } from '../../compose/usage-error.ts'
import { advised, asSentence, type Reason, reasonOf, type Verdict } from '../../engine/index.ts'
import type { Finding, FindingVerdict, Remedy } from '../../report/doctor.ts'

/** What a finding is about, before it is known what was found. */
export type Question = Pick<Finding, 'subject' | 'check' | 'tried'>

/** It was tried and works. */
export function good(question: Question, evidence: string): Finding {
  return { ...question, code: 'InOrder', verdict: 'Good', evidence }
}

/** It does not work, or not as it should. */
export function bad(
  question: Question,
  verdict: Exclude<FindingVerdict, 'Good'>,
  code: string,
  evidence: string,
  remedy: Remedy,
): Finding {
  return { ...question, code, verdict, evidence, remedy }
}

const VERDICT_OF = {
  True: 'Good',
  False: 'Broken',
  Unknown: 'Unknown',
  Unverifiable: 'Person',
} as const satisfies Record<Verdict['status'], FindingVerdict>

/** Failures to read that do not pass by themselves: somebody has to grant or correct something. */
const LASTING: ReadonlySet<string> = new Set([
  'Unauthenticated',
  'SignInRefused',
  'Forbidden',
  'PrivilegeMissing',
  'HostKeyChanged',
  'PowerShellMissing',
  'SnapInMissing',
  'NotAdministrator',
  'NotDeploymentAdministrator',
  'OrganizationUnknown',
  'Unsupported',
  'Unreadable',
  'WrongPassword',
  'Invalid',
])

/** A verdict of a check as a finding. `remedy` wins over what the message itself advises. */
export function findingOf(question: Question, { status, code, message }: Verdict, remedy?: Remedy): Finding {
  const isLasting = status === 'Unknown' && LASTING.has(code)
  const verdict = isLasting ? 'Broken' : VERDICT_OF[status]
  if (verdict === 'Good') return good(question, message)
  const { what, next } = advised(message)
  const told = remedy ?? (next === undefined ? undefined : { words: asSentence(next) })
  return { ...question, code, verdict, evidence: what, ...(told ? { remedy: told } : {}) }
}

/** Something that could not be looked at at all. */
export function failure(question: Question, error: unknown, remedy?: (reason: Reason) => Remedy | undefined): Finding {
  const reason = error instanceof UsageError ? { code: 'NotUsable', message: error.message } : reasonOf(error)
  const status = error instanceof UsageError ? 'False' : 'Unknown'
  return findingOf(question, { status, ...reason }, remedy?.(reason))
}

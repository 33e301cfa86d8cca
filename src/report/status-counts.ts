// The numbers of a status beside health: stage by stage, and what nobody manages. What the spec holds is in policy-remarks.ts.
import type { Exception, Plan, StageSummary } from '../engine/index.ts'
import { count, type Noun, number, sentenceList } from './wording.ts'

/** The writing stages that are not wholly in sync, each in a line: `approval: 401 of 412 in sync, 3 to change, 8 waiting`. */
export function stagesInWords({ stages, exceptions }: Plan): readonly string[] {
  return stages
    .filter(
      ({ mode, desired, inSync, incomplete }) => mode === 'writes' && (incomplete !== undefined || inSync < desired),
    )
    .map((summary) => stageInWords(summary, exceptions))
}

function stageInWords(summary: StageSummary, exceptions: readonly Exception[]): string {
  const { stage, incomplete } = summary
  return `${stage}: ${incomplete ? 'could not be read' : countsInWords(summary, { exceptions })}`
}

/** `401 of 412 in sync, 3 to change, 8 waiting`, of a stage that was read. */
export function countsInWords(
  { stage, desired, inSync, changes }: StageSummary,
  { exceptions }: Pick<Plan, 'exceptions'>,
): string {
  const states = new Map<string, number>()
  for (const one of exceptions) if (one.stage === stage) states.set(one.state, (states.get(one.state) ?? 0) + 1)
  const parts = [
    `${number(inSync)} of ${number(desired)} in sync`,
    ...(changes > 0 ? [`${number(changes)} to change`] : []),
    ...[...states].map(([state, times]) => `${number(times)} ${state.toLowerCase()}`),
  ]
  return parts.join(', ')
}

/** `18 mailboxes: 12 use server-side synchronization and are in no set, 6 are inactive`, once for each noun. */
export function unmanagedByReason({ stages }: Plan, nounOf: (stage: string) => Noun): readonly string[] {
  const byNoun = new Map<string, StageSummary>()
  for (const summary of stages) {
    const { many } = nounOf(summary.stage)
    const known = byNoun.get(many)
    if (summary.unmanaged > 0 && (!known || weight(summary) > weight(known))) byNoun.set(many, summary)
  }
  return [...byNoun.values()].map(({ stage, unmanaged, unmanagedBy = {} }) => {
    const reasons = Object.entries(unmanagedBy).sort(([, a], [, b]) => b - a)
    const told = reasons.map(([reason, times]) => `${number(times)} ${times === 1 ? singular(reason) : reason}`)
    return `${count(unmanaged, nounOf(stage))}${told.length === 0 ? ' that the spec does not name' : `: ${sentenceList(told)}`}`
  })
}

/** Where several stages speak of the same objects, the one that knows reasons goes before one that only counts. */
function weight({ unmanaged, unmanagedBy }: StageSummary): number {
  return unmanagedBy ? Number.MAX_SAFE_INTEGER : unmanaged
}

/** Reasons are told of many; of one the verb is another. */
function singular(reason: string): string {
  return reason
    .replace(/^are\b/, 'is')
    .replace(/^were\b/, 'was')
    .replace(/^use\b/, 'uses')
    .replace(/\band are in\b/, 'and is in')
    .replace(/^have\b/, 'has')
    .replace(/^share\b/, 'shares')
    .replace(/^belong\b/, 'belongs')
    .replace(/^do\b/, 'does')
}

// What happened once, told from a pass: what was written, and what was found changed by others and put back.
import type { Message, Topic } from '../../notify/message.ts'
import type { ScopeReport, ScopeStanding } from '../board.ts'
import type { LedgerContext, Outgoing } from './ledger.ts'
import { about, examples, titleOf } from './words.ts'

/** Messages about a pass. Empty where it wrote nothing. */
export function toldOf(
  standing: Pick<ScopeStanding, 'kind' | 'name' | 'desired'>,
  { result, drift }: ScopeReport,
  { now, newId, link }: LedgerContext,
): readonly Outgoing[] {
  const applied = (result.outcomes ?? []).filter((outcome) => outcome.result === 'Applied')
  if (applied.length === 0) return []
  const title = titleOf(standing)
  const written = new Set(applied.map(({ kind, key }) => `${kind} ${key}`))
  const corrected = drift.filter(({ kind, key }) => written.has(`${kind} ${key}`))
  const organizations =
    'organizations' in standing.desired ? [...standing.desired.organizations.keys()] : [standing.name]
  const tell = (topic: Topic, text: string, lines: readonly string[]): Outgoing => {
    const message: Message = {
      id: newId(),
      incident: result.pass,
      topic,
      state: 'Told',
      at: now.toISOString(),
      scope: standing.name,
      title: text,
      lines,
      ...(link === undefined ? {} : { link }),
    }
    return { message, organizations }
  }
  const labels = [...new Set(applied.map(({ label }) => label))]
  const kind = applied[0]?.kind ?? ''
  return [
    tell('Applied', `${title} at ${result.revision.slice(0, 12)}: ${about(labels.length, kind)} written`, [
      `${applied.length} changes: ${examples(labels, 10)}.`,
    ]),
    ...(corrected.length === 0
      ? []
      : [
          tell(
            'Drift',
            `${title}: ${about(corrected.length, corrected[0]?.kind ?? '')} changed by somebody else, put back`,
            corrected.slice(0, 10).map(({ sentence, by }) => (by === undefined ? sentence : `${sentence} (${by})`)),
          ),
        ]),
  ]
}

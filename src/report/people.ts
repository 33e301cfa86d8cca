import type { Change } from '../engine/index.ts'
import type { DesiredMailbox } from '../spec/desired.ts'
import { count, type Noun, sentenceList } from './wording.ts'

/** The kind of object behind which people stand. */
export const MAILBOX_KIND = 'Mailbox'

const WORDS = {
  User: { one: 'person', many: 'people' },
  Queue: { one: 'queue', many: 'queues' },
  Forward: { one: 'forward mailbox', many: 'forward mailboxes' },
} satisfies Record<DesiredMailbox['type'], Noun>

/** Whom mailboxes belong to, by number: `27 people and 2 queues`. A key the spec does not name counts as a person. */
export function peopleInWords(
  keys: Iterable<string>,
  mailboxes: ReadonlyMap<string, Pick<DesiredMailbox, 'type'>>,
): string {
  const counts = { User: 0, Queue: 0, Forward: 0 }
  for (const key of keys) counts[mailboxes.get(key)?.type ?? 'User'] += 1
  const words = (['User', 'Queue', 'Forward'] as const)
    .filter((type) => counts[type] > 0)
    .map((type) => count(counts[type], WORDS[type]))
  return sentenceList(words)
}

/** Whom changes touch: people where mailboxes change, else the objects themselves. */
export function touchedInWords(
  changes: readonly Change[],
  mailboxes: ReadonlyMap<string, Pick<DesiredMailbox, 'type'>>,
  nounOf: (stage: string) => Noun,
): string {
  const keys = new Set(changes.filter(({ kind }) => kind === MAILBOX_KIND).map(({ key }) => key))
  if (keys.size > 0) return peopleInWords(keys, mailboxes)
  const byNoun = new Map<string, { noun: Noun; keys: Set<string> }>()
  for (const { stage, key } of changes) {
    const noun = nounOf(stage)
    const entry = byNoun.get(noun.many) ?? { noun, keys: new Set() }
    byNoun.set(noun.many, entry)
    entry.keys.add(key)
  }
  return sentenceList([...byNoun.values()].map(({ noun, keys }) => count(keys.size, noun)))
}

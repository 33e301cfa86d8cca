import type { Fields, Stage } from '../engine/index.ts'
import type { PassJournal } from './journal.ts'
import type { ScopeMemory } from './memory-file.ts'

/**
 * What is remembered, and of stages that must know what they added also what the journal says where nothing is remembered of their kind: so
 * the memory may be lost, and nobody has to clear up by hand. The journal is read to its beginning then, once.
 */
export async function withOwnChanges(
  remembered: ScopeMemory,
  journal: Pick<PassJournal, 'changes'>,
  stages: readonly Pick<Stage<never, Fields, never, never>, 'kind' | 'ownsWhatItAdds'>[],
): Promise<ScopeMemory> {
  const owning = stages.filter(({ ownsWhatItAdds }) => ownsWhatItAdds).map(({ kind }) => kind)
  const lost = new Set(owning.filter((kind) => !remembered.changedAt.has(kind)))
  if (lost.size === 0) return remembered
  const changed = await journal.changes(lost)
  return { ...remembered, changedAt: new Map([...remembered.changedAt, ...changed]) }
}

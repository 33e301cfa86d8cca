// Which objects carry changes of ours, from the whole journal. Whoever takes an object for ours may remove it, so everything doubtful speaks
// against that: a line that is damaged, a removal that may have happened, an object that was there before we came to add it.
import type { Key } from '../engine/index.ts'
import { readJournal } from './journal-reader.ts'
import type { DamagedLine, JournalRecord } from './journal-record.ts'
import type { ScopeMemory } from './memory-file.ts'

/** After these, what was to be deleted is certainly still there. */
const NOT_DELETED: ReadonlySet<string> = new Set(['Failed', 'Moved', 'Blocked', 'Cancelled', 'NotApplied'])

type Change = { readonly kind: string; readonly key: Key; readonly isDeletion: boolean; readonly time: string }

/** When changes of ours reached objects of these kinds, by kind and key. Empty where the journal cannot be read or is damaged. Never throws. */
export async function journaledChanges(
  stateDirectory: string,
  scope: string,
  kinds: ReadonlySet<string>,
): Promise<ScopeMemory['changedAt']> {
  const changed = new Map<string, Map<Key, string>>()
  const announced = new Map<string, Change>()
  try {
    let torn: DamagedLine | undefined
    for await (const record of readJournal(stateDirectory, scope)) {
      // A line that was cut off with its process announced nothing; any other damage may hide a removal.
      if (torn && record.type !== 'torn-line') return new Map()
      torn = record.type === 'damaged' ? record : undefined
      if (record.type !== 'damaged') take(record, kinds, announced, changed)
    }
    return changed
  } catch {
    return new Map()
  }
}

function take(
  record: JournalRecord,
  kinds: ReadonlySet<string>,
  announced: Map<string, Change>,
  changed: Map<string, Map<Key, string>>,
): void {
  if (record.type === 'intents') {
    for (const { id, kind, key, action } of record.intents) {
      if (kinds.has(kind)) announced.set(id, { kind, key, isDeletion: action === 'delete', time: record.time })
    }
  }
  if (record.type === 'outcomes') {
    for (const { id, kind, key, result } of record.outcomes) {
      conclude(id, result, announced, changed)
      // Whoever added or removed it before us, we did not.
      if (result === 'AlreadyDone') changed.get(kind)?.delete(key)
    }
  }
  if (record.type === 'looked-up') for (const { id, result } of record.found) conclude(id, result, announced, changed)
}

function conclude(
  id: string,
  result: string,
  announced: Map<string, Change>,
  changed: Map<string, Map<Key, string>>,
): void {
  const change = announced.get(id)
  if (!change) return
  const { kind, key, isDeletion, time } = change
  const times = changed.get(kind) ?? new Map<Key, string>()
  changed.set(kind, times)
  if (isDeletion && !NOT_DELETED.has(result)) times.delete(key)
  else if (!isDeletion && result === 'Applied') times.set(key, time)
  // What nobody could tell, or see yet, is looked up by a later pass, which tells.
  if (result !== 'Unknown' && result !== 'WriteNotEffective') announced.delete(id)
}

// Objects by condition. A scope may have 100,000 of them and is scraped many times between two passes, so a report is counted once.
import { READY_SOON } from '../../reconcile/conditions.ts'
import type { ScopeReport } from '../board.ts'
import { codeLabel, type Sample } from './sample.ts'

/** Reasons that one condition of one kind is told by; the rest is `Other`, so that a server cannot make series without end. */
const MOST_REASONS = 40
const NOT_CHECKED = 'NotChecked'

const counted = new WeakMap<ScopeReport, readonly Sample[]>()

/** The objects of a scope by kind, condition, status and reason, with those that nobody can tell and those that nobody manages. */
export function objectGauges(scope: string, report: ScopeReport): readonly Sample[] {
  const known = counted.get(report)
  if (known) return known
  const samples = [...byCondition(scope, report), ...unknown(scope, report), ...unmanaged(scope, report)]
  counted.set(report, samples)
  return samples
}

function byCondition(scope: string, { conditions }: ScopeReport): readonly Sample[] {
  const tally = new Map<string, { readonly labels: Record<string, string>; value: number }>()
  const reasons = new Map<string, Set<string>>()
  for (const { kind, synced, ready } of conditions) {
    for (const { type, status, code } of [synced, ready]) {
      const reason = bounded(reasons, `${kind} ${type}`, codeLabel(code))
      const id = `${kind} ${type} ${status} ${reason}`
      const entry = tally.get(id) ?? { labels: { scope, kind, condition: type, status, reason }, value: 0 }
      entry.value += 1
      tally.set(id, entry)
    }
  }
  return [...tally.values()].map((entry) => ({ metric: 'mailkeel_objects', ...entry }))
}

function bounded(reasons: Map<string, Set<string>>, group: string, reason: string): string {
  const known = reasons.get(group) ?? new Set<string>()
  reasons.set(group, known)
  if (!known.has(reason) && known.size >= MOST_REASONS) return 'Other'
  known.add(reason)
  return reason
}

/** Every kind there is has a number, so that an alert sees the 0 come back. */
function unknown(scope: string, { conditions }: ScopeReport): readonly Sample[] {
  const kinds = new Map<string, number>()
  for (const { kind, synced, ready } of conditions) {
    const isSoon = READY_SOON.has(ready.code) || ready.code === NOT_CHECKED
    const isUnknown = synced.status === 'Unknown' || (ready.status === 'Unknown' && !isSoon)
    kinds.set(kind, (kinds.get(kind) ?? 0) + (isUnknown ? 1 : 0))
  }
  return [...kinds].map(([kind, value]) => ({ metric: 'mailkeel_objects_unknown', labels: { scope, kind }, value }))
}

/** Several stages may speak of the same objects: the most that one of them saw. */
function unmanaged(scope: string, { result }: ScopeReport): readonly Sample[] {
  const kinds = new Map<string, number>()
  for (const { kind, unmanaged: count } of result.plan.stages)
    if (count > 0) kinds.set(kind, Math.max(kinds.get(kind) ?? 0, count))
  return [...kinds].map(([kind, value]) => ({ metric: 'mailkeel_objects_unmanaged', labels: { scope, kind }, value }))
}

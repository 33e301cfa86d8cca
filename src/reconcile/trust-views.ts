// What organizations are told of the trust they depend on. It follows from what is observed and never from what is remembered; the memory
// only tells how long ago the trust was last seen working, which lets mailbox work go on while a server does not answer.
import { observeAll, type Read, reasonOf } from '../engine/index.ts'
import type { TrustView } from '../trust/view.ts'
import type { PassOptions, PassResult, ViewedTrust } from './contract.ts'
import type { ScopeMemory } from './memory-file.ts'
import type { PassEnvironment } from './run.ts'

/** A proof is not written down anew before the one that is known is this old: it is about hours. */
const PROOF_AGE_MS = 60_000

/** The result of a pass over a trust with what its organizations are told of it. Never throws. */
export async function viewTrust(
  trust: ViewedTrust,
  result: PassResult,
  options: PassOptions,
  environment: PassEnvironment,
): Promise<PassResult> {
  const remembered = await environment.memory.recall(trust.scope)
  const reads = await readsAfter(trust, result, remembered, options, environment)
  const now = environment.now()
  const views = new Map<string, TrustView>()
  for (const organization of trust.desired.organizations.keys()) {
    const view = viewOf(trust, result, { reads, desired: trust.desired, organization, now })
    views.set(organization, withProof(view, remembered.provenAt?.get(organization)))
  }
  const notices = options.mode === 'apply' ? await rememberProof(trust.scope, remembered, views, now, environment) : []
  return { ...result, views, notices: [...result.notices, ...notices] }
}

/** What the views are made of: what was observed, after a pass that wrote once more; or what a plan will make of it. */
async function readsAfter(
  trust: ViewedTrust,
  result: PassResult,
  { changedAt }: ScopeMemory,
  { mode, trustAs = 'Planned', signal }: PassOptions,
  { now }: PassEnvironment,
): Promise<ReadonlyMap<string, Read>> {
  const { reads, projection, outcomes = [] } = result
  if (mode === 'plan') {
    if (trustAs === 'Observed') return reads
    return new Map([...reads].map(([stage, read]) => [stage, projection.read(stage) ?? read]))
  }
  if (outcomes.length === 0) return reads
  const { stages, desired, newReader } = trust
  try {
    return await observeAll({ stages, reader: newReader(), desired, now: now(), signal, changedAt })
  } catch {
    // Only cancelling ends up here, and then no organization is begun.
    return reads
  }
}

function viewOf(trust: ViewedTrust, { failure }: PassResult, seen: Parameters<ViewedTrust['viewOf']>[0]): TrustView {
  if (failure && seen.reads.size === 0) return { state: 'Unknown', reason: failure, links: [] }
  try {
    return trust.viewOf(seen)
  } catch (error) {
    return { state: 'Unknown', reason: reasonOf(error), links: [] }
  }
}

function withProof(view: TrustView, provenAt: string | undefined): TrustView {
  return view.state === 'Unknown' && provenAt !== undefined ? { ...view, provenAt } : view
}

/** Remembers for whom the trust works now. Where that fails the pass is no worse for it: it becomes a notice. */
async function rememberProof(
  scope: string,
  remembered: ScopeMemory,
  views: ReadonlyMap<string, TrustView>,
  now: Date,
  { memory }: PassEnvironment,
): Promise<PassResult['notices']> {
  const known = remembered.provenAt ?? new Map<string, string>()
  const provenAt = new Map<string, string>()
  for (const [organization, { state }] of views) {
    const before = known.get(organization)
    const isOld = before === undefined || now.getTime() - Date.parse(before) >= PROOF_AGE_MS
    const at = state === 'Working' && isOld ? now.toISOString() : before
    if (at !== undefined) provenAt.set(organization, at)
  }
  const isSame = provenAt.size === known.size && [...provenAt].every(([name, at]) => known.get(name) === at)
  if (isSame) return []
  try {
    await memory.remember(scope, { ...remembered, provenAt })
    return []
  } catch (error) {
    return [{ code: 'MemoryNotSaved', message: reasonOf(error).message }]
  }
}

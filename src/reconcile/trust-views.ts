// What organizations are told of the trust they depend on. It follows from what is observed and never from what is remembered; the memory
// only tells how long ago the trust was last seen working, which lets mailbox work go on while a server does not answer.
import { observeAll, type Read, reasonOf } from '../engine/index.ts'
import type { KnownEnds } from '../trust/runway.ts'
import type { TrustView } from '../trust/view.ts'
import type { PassOptions, PassResult, TrustSeen, ViewedTrust } from './contract.ts'
import type { ScopeMemory } from './memory-file.ts'
import type { PassEnvironment } from './run.ts'

/** A proof is not written down anew before the one that is known is this old: it is about hours. */
const PROOF_AGE_MS = 60_000

/** A trust as its organizations see it. */
export interface SeenTrust {
  /** With the views. */
  readonly result: PassResult
  /** By metadata.name. */
  readonly ends: ReadonlyMap<string, KnownEnds>
}

/** What of a trust an organization is told: how it looks to it, and what of it ends by itself. */
export interface TrustTold {
  readonly result: Pick<PassResult, 'views'>
  /** By metadata.name. */
  readonly ends: ReadonlyMap<string, KnownEnds>
}

/** What organizations are told of their trust after the pass over it. Never throws. */
export async function viewTrust(
  trust: ViewedTrust,
  result: PassResult,
  options: PassOptions,
  environment: PassEnvironment,
): Promise<SeenTrust> {
  const remembered = await environment.memory.recall(trust.scope)
  const observed = await readsAfter(trust, result, remembered, options, environment)
  const told = tellsPlan(options) ? projectedReads(result) : observed
  const now = environment.now()
  const views = new Map<string, TrustView>()
  const ends = new Map<string, KnownEnds>()
  for (const organization of trust.desired.organizations.keys()) {
    const seen = { desired: trust.desired, organization, now }
    const view = viewOf(trust, result, { ...seen, reads: told })
    views.set(organization, withProof(view, remembered.provenAt?.get(organization)))
    ends.set(organization, endsOf(trust, { ...seen, reads: observed }))
  }
  const notices = options.mode === 'apply' ? await rememberProof(trust.scope, remembered, views, now, environment) : []
  const first = firstEnds([...ends.values()])
  const notes = trust.notesOf?.({ desired: trust.desired, reads: observed }) ?? []
  const all = [...result.notices, ...notes, ...notices]
  return { result: { ...result, views, ...(first && { ends: first }), notices: all }, ends }
}

function tellsPlan({ mode, trustAs = 'Planned' }: PassOptions): boolean {
  return mode === 'plan' && trustAs === 'Planned'
}

/** What a plan will make of what was read. */
function projectedReads({ reads, projection }: PassResult): ReadonlyMap<string, Read> {
  return new Map([...reads].map(([stage, read]) => [stage, projection.read(stage) ?? read]))
}

/** What was observed; after a pass that wrote, once more. */
async function readsAfter(
  trust: ViewedTrust,
  { reads, outcomes = [] }: PassResult,
  { changedAt }: ScopeMemory,
  { mode, signal }: PassOptions,
  { now }: PassEnvironment,
): Promise<ReadonlyMap<string, Read>> {
  if (mode === 'plan' || outcomes.length === 0) return reads
  const { stages, desired, newReader } = trust
  try {
    return await observeAll({ stages, reader: newReader(), desired, now: now(), signal, changedAt })
  } catch {
    // Only cancelling ends up here, and then no organization is begun.
    return reads
  }
}

function viewOf(trust: ViewedTrust, { failure }: PassResult, seen: TrustSeen): TrustView {
  if (failure && seen.reads.size === 0) return { state: 'Unknown', reason: failure, links: [] }
  try {
    return trust.viewOf(seen)
  } catch (error) {
    return { state: 'Unknown', reason: reasonOf(error), links: [] }
  }
}

/** A date that cannot be told is not counted down. */
function endsOf(trust: ViewedTrust, seen: TrustSeen): KnownEnds {
  try {
    return trust.endsOf?.(seen) ?? {}
  } catch {
    return {}
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

/** Whichever ends first for any organization. What is not attested for one of them is not attested for the trust. */
function firstEnds(all: readonly KnownEnds[]): KnownEnds | undefined {
  if (all.length === 0) return undefined
  const certificateEnd = earliest(all.map((one) => one.certificateEnd))
  const credentialEnd = earliest(all.map(({ credentialEnds = [] }) => [...credentialEnds].sort().at(-1)))
  const ownCredentialEnd = earliest(all.map((one) => one.ownCredentialEnd))
  const warnBeforeMs = Math.max(...all.map((one) => one.warnBeforeMs ?? 0))
  const majors = all.flatMap((one) => one.crmMajor ?? [])
  const [attestations, ...others] = all.flatMap((one) => one.attestations ?? [])
  return {
    ...(certificateEnd !== undefined && { certificateEnd }),
    ...(credentialEnd !== undefined && { credentialEnds: [credentialEnd] }),
    ...(ownCredentialEnd !== undefined && { ownCredentialEnd }),
    ...(majors.length > 0 && { crmMajor: Math.min(...majors) }),
    ...(attestations && { attestations: others.reduce(sharedBy, attestations) }),
    warnBeforeMs,
  }
}

type Attested = NonNullable<KnownEnds['attestations']>

function sharedBy(one: Attested, other: Attested): Attested {
  const has = (field: string) => Object.entries(other).some(([name, given]) => name === field && given !== undefined)
  return Object.fromEntries(Object.entries(one).filter(([field]) => has(field)))
}

function earliest(times: readonly (string | undefined)[]): string | undefined {
  const [first] = times.filter((time) => time !== undefined).sort((a, b) => Date.parse(a) - Date.parse(b))
  return first
}

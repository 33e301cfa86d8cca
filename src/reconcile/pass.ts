// One pass. Every scope is reconciled by itself, side by side with the others: observe, plan, ask the guards, and where that is asked for
// and allowed, apply. A scope that fails or is slow leaves the others alone; its failure is a part of its result. Only an organization waits
// for the trust it depends on, because what it may do follows from how that is; organizations of one trust share one pass over it.
import { setMaxListeners } from 'node:events'
import { reasonOf } from '../engine/index.ts'
import { applyInScope } from './apply-in-scope.ts'
import { consider } from './consider.ts'
import type { OrganizationScope, PassOptions, PassResult, Scope, ViewedTrust } from './contract.ts'
import { type Draft, newDraft, resultOf } from './draft.ts'
import { organizationFingerprint } from './fingerprint.ts'
import { interruptedInWords, settledBy } from './interrupted.ts'
import { organizationWitness, type Witness } from './last-writers.ts'
import { withOwnChanges } from './own-changes.ts'
import { rememberPass } from './remember.ts'
import type { Identify, PassEnvironment, Run } from './run.ts'
import { surroundedBy } from './surroundings.ts'
import { type SeenTrust, type TrustTold, viewTrust } from './trust-views.ts'

/**
 * Reconciles trusts and organizations side by side, each organization once its trust is done. A result for each, the trusts first, in the
 * order given. Never throws for what happens in a scope.
 */
export async function runPass(
  scopes: readonly OrganizationScope[],
  options: PassOptions,
  environment: PassEnvironment,
  trusts: readonly ViewedTrust[] = [],
): Promise<readonly PassResult[]> {
  // Every stage of every scope listens to it at the same time: that is no leak, and needs no warning.
  setMaxListeners(0, options.signal)
  const underWay = new Map(trusts.map((trust) => [trust.scope, passOverTrust(trust, options, environment)]))
  const organizations = scopes.map(async (scope) => {
    const seen = scope.trust === undefined ? undefined : await underWay.get(scope.trust)
    return passOverOrganization(scope, seen, options, environment)
  })
  const trustResults = [...underWay.values()].map(async (trust) => (await trust).result)
  return Promise.all([...trustResults, ...organizations])
}

/** One pass over an organization, told how the trust it depends on was seen; `undefined` where it depends on none. Never throws. */
export async function passOverOrganization(
  scope: OrganizationScope,
  trust: TrustTold | undefined,
  options: PassOptions,
  environment: PassEnvironment,
): Promise<PassResult> {
  const seen = trust?.result.views?.get(scope.desired.name)
  const told = seen ? { ...scope, newReader: surroundedBy(scope.newReader, { trust: seen }) } : scope
  const result = await passOver(told, organizationFingerprint, options, environment, organizationWitness)
  const ends = trust?.ends.get(scope.desired.name)
  return ends ? { ...result, ends } : result
}

/** Nothing tells one trust from another but what its stages check. */
const unidentified: Identify<unknown> = async () => undefined

/** One pass over a trust, and how it looks to its organizations then. Never throws. */
export async function passOverTrust(
  trust: ViewedTrust,
  options: PassOptions,
  environment: PassEnvironment,
): Promise<SeenTrust> {
  const result = await passOver(trust, unidentified, options, environment)
  return viewTrust(trust, result, options, environment)
}

/** One pass over one scope. Never throws: what ends it early is the `failure` of the result. */
export async function passOver<D extends { readonly name: string }, Reader, Writer>(
  scope: Scope<D, Reader, Writer>,
  identify: Identify<Reader>,
  options: PassOptions,
  environment: PassEnvironment,
  witness?: Witness<Reader>,
): Promise<PassResult> {
  const draft = newDraft(environment)
  try {
    await reconcile({ scope: withFollowingReaders(scope), identify, witness, options, environment }, draft)
  } catch (error) {
    const cancelled = { code: 'Cancelled', message: `the pass over ${scope.scope} was cancelled` }
    draft.failure = options.signal.aborted ? cancelled : reasonOf(error)
  }
  options.onEvent?.({ type: 'finished', scope: scope.scope })
  return resultOf(scope, options.revision, draft, environment)
}

/** Within a pass each reader follows the one before: who we are, and which columns there are, is asked once. */
function withFollowingReaders<D extends { readonly name: string }, Reader, Writer>(
  scope: Scope<D, Reader, Writer>,
): Scope<D, Reader, Writer> {
  let last: Reader | undefined
  const newReader = (): Reader => {
    last = scope.newReader(last)
    return last
  }
  return { ...scope, newReader }
}

async function reconcile<D extends { readonly name: string }, Reader, Writer>(
  run: Run<D, Reader, Writer>,
  draft: Draft,
): Promise<void> {
  const { scope, options, environment } = run
  const recalled = await environment.memory.recall(scope.scope)
  const journal = await environment.openJournal(scope.scope, draft.pass)
  try {
    const remembered = await withOwnChanges(recalled, journal, scope.stages)
    const considered = await consider(run, remembered, journal, draft)
    const { interrupted } = considered
    draft.notices.push(...journal.notices, ...interruptedInWords(interrupted))
    if (options.mode === 'plan') return
    const lookedUp = [...interrupted.found, ...interrupted.over]
    if (lookedUp.length > 0) await journal.lookedUp(lookedUp)
    // Where nothing changes, what a person allowed is written down all the same: it decides what is remembered.
    const overridden = draft.verdicts.some((verdict) => verdict.overridden)
    let finish: (() => Promise<void>) | undefined
    if (scope.writer && considered.decision === 'allow' && (considered.plan.steps.length > 0 || overridden)) {
      finish = await applyInScope(run, scope.writer, considered, journal, draft)
    } else {
      const settled = settledBy(interrupted, considered.planned.plan, [], options.only !== undefined)
      if (settled.length > 0) await journal.lookedUp(settled)
    }
    await rememberPass(run, remembered, considered, draft)
    await finish?.()
  } finally {
    await journal.close()
  }
}

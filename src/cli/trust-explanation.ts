// What `explain` tells of a trust, and which words mean one.

import { namesIn } from '../compose/asked.ts'
import { explainTrustPass } from '../compose/explain.ts'
import { UsageError } from '../compose/usage-error.ts'
import type { PassResult } from '../reconcile/contract.ts'
import { isCalled } from '../reconcile/only.ts'
import type { Surroundings } from '../report/explain-organization.ts'
import type { Explanation } from '../report/explain-view.ts'
import { isTrustReachable, type RuntimeConfiguration } from '../spec/configuration/load.ts'
import type { DesiredTrust } from '../spec/desired.ts'
import { repeated } from './flags.ts'
import type { Observation } from './observation.ts'
import type { Prepared } from './session.ts'
import type { Invocation } from './verb.ts'

/**
 * The trusts that a word means: `trust` means all, `trust:contoso` and `contoso` the one that is called so, or that holds a tenant or
 * deployment of that name. Empty where it means none. Throws UsageError for the name of several things, and for a trust out of reach.
 */
export function trustsMeant(
  word: string,
  { trusts, organizations, configuration }: Pick<Prepared, 'trusts' | 'organizations' | 'configuration'>,
): readonly DesiredTrust[] {
  const isPlain = !word.startsWith('trust:')
  const name = isPlain ? word : word.slice('trust:'.length)
  const isOther = isPlain && namesIn(organizations).includes(name)
  const meant = isPlain && name === 'trust' ? trusts : trusts.filter((trust) => isCalled(trust, name))
  if (meant.length === 0 || (isOther && name === 'trust')) return []
  if (isOther) throw new UsageError(`${word} is the name of several things; say trust:${name} for the trust`)
  const reached = meant.filter((trust) => isTrustReachable(configuration, trust))
  if (reached.length === 0) throw new UsageError(outOfReach(meant, configuration))
  return reached
}

function outOfReach(trusts: readonly DesiredTrust[], { file }: RuntimeConfiguration): string {
  const names = trusts.map(({ name }) => name).join(', ')
  return `${file} does not say how to reach any part of trust ${names}; add it below \`tenants\` and \`deployments\``
}

/** Explains the trust of a result. */
export function explainTrustResult(
  result: PassResult,
  { composition, conditionsOf }: Observation,
  { prepared, invocation }: { readonly prepared: Prepared; readonly invocation: Invocation },
  around: Surroundings,
): Explanation {
  const trust = composition.trusts.find(({ scope }) => scope === result.scope)
  if (!trust) throw new TypeError(`a result of ${result.scope}, which is no scope of this run`)
  const pass = {
    result,
    desired: trust.desired,
    stages: trust.stages,
    conditions: conditionsOf(result),
    policy: prepared.configuration.spec.policy,
    applyCommand: `mailkeel apply${repeated(invocation)} --only trust:${trust.desired.name}`,
  }
  return explainTrustPass(pass, around)
}

// One scope at the gate of the host that its organization lives on. A trust speaks to hosts of its own, which no other scope uses.
import type { PassResult } from '../../reconcile/contract.ts'
import { organizationEndpoint, type RuntimeConfiguration } from '../../spec/configuration/load.ts'
import { type HostGate, isHostFailure } from './back-off.ts'
import type { ScopeWork } from './work.ts'

/** How one scope uses its host. */
export interface HostUse {
  /** How long to wait before it is used, in milliseconds. */
  waitMs(): number
  /** Tells what a pass came to; undefined where it came to nothing that says anything of the host. */
  tell(result: PassResult | undefined): void
}

/** The use of a scope. Nothing ever waits where nobody says how to reach it. */
export function hostUseOf(
  { kind, name, scope }: Pick<ScopeWork, 'kind' | 'name' | 'scope'>,
  configuration: RuntimeConfiguration,
  gate: HostGate,
): HostUse {
  const url = kind === 'organization' ? organizationEndpoint(configuration, name)?.url : undefined
  if (url === undefined || !URL.canParse(url)) return { waitMs: () => 0, tell: () => {} }
  const { host } = new URL(url)
  return {
    waitMs: () => gate.waitMs(host, scope),
    tell(result) {
      if (!result) gate.forget(scope)
      else if (isOutOfReach(result)) gate.failed(host, scope)
      else gate.succeeded(host, scope)
    },
  }
}

function isOutOfReach({ failure, plan }: PassResult): boolean {
  if (failure) return isHostFailure(failure)
  return plan.stages.length > 0 && plan.stages.every(({ incomplete }) => incomplete && isHostFailure(incomplete))
}

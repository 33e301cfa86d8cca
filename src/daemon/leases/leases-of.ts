import type { Machine } from '../../machine.ts'
import type { RuntimeConfiguration } from '../../spec/configuration/load.ts'
import { parseDuration } from '../../spec/duration.ts'
import { leaseClock } from './clock.ts'
import { aloneLeases, type Leases } from './lease.ts'

/** What leases are chosen with. */
export interface LeasesInput {
  readonly configuration: Pick<RuntimeConfiguration, 'spec'>
  readonly machine: Pick<Machine, 'now' | 'sleep' | 'newId' | 'environment'>
  /** Told of a lease that could not be renewed or given back, and of a store that did not answer. */
  readonly onTrouble?: (subject: string, error: unknown) => void
}

/**
 * The leases that the configuration asks for. `File` and `None` need none: the lock of the state directory, which whoever opens the state takes,
 * keeps a second process out. Nothing is sent before the first is asked for.
 */
export async function leasesOf({ configuration, machine, onTrouble }: LeasesInput): Promise<Leases> {
  const { leases, network } = configuration.spec
  if (leases.type !== 'Kubernetes') return aloneLeases()
  const [{ createKubernetesLeases }, { kubernetesApi }, { kubernetesConfig }, { hostname }] = await Promise.all([
    import('./kubernetes-leases.ts'),
    import('./kubernetes-api.ts'),
    import('./kubernetes-config.ts'),
    import('node:os'),
  ])
  const durationMs = parseDuration(leases.duration)
  const requestMs = parseDuration(network.requestTimeout)
  return createKubernetesLeases({
    api: kubernetesApi({
      namespace: leases.namespace ?? '',
      timeoutMs: Math.min(requestMs, durationMs / 3),
      connect: () => kubernetesConfig(machine.environment),
    }),
    // A container that starts again has the name of the one before, and must not take itself for it.
    identity: `${leases.identity ?? hostname()}_${machine.newId()}`,
    durationMs,
    marginMs: Math.min(requestMs, durationMs / 3),
    clock: leaseClock(machine.now),
    sleep: machine.sleep,
    ...(onTrouble ? { onTrouble } : {}),
  })
}

// Overrides as permits of the scopes. One counts only while its file is committed as it was read: what nobody could review is no override.

import type { Machine } from '../machine.ts'
import type { PermitsAt } from '../reconcile/permits.ts'
import type { DesiredOrganization, DesiredOverride, DesiredTrust } from '../spec/desired.ts'

/** What overrides are made into permits with. */
export interface OverrideInput {
  readonly organizations: readonly DesiredOrganization[]
  readonly trusts: readonly DesiredTrust[]
  readonly overrides: readonly DesiredOverride[]
  /** The folder of the spec. */
  readonly folder: string
  /** The spec as it was read: SHA-256 of its files. */
  readonly at: { readonly hashOf: (file: string) => string | undefined }
  readonly machine: Pick<Machine, 'environment'>
  readonly signal: AbortSignal
}

/** The permits by scope. Git is asked only where there is an override; what it says becomes a part of the permits and never an error. */
export async function overridePermits(input: OverrideInput): Promise<ReadonlyMap<string, PermitsAt>> {
  const { organizations, trusts, overrides, folder, at, machine, signal } = input
  if (overrides.length === 0) return new Map()
  const [{ uncommittedFiles }, { permitsOf, trustPermitsOf }] = await Promise.all([
    import('./committed.ts'),
    import('../reconcile/permits.ts'),
  ])
  const files = [...new Set(overrides.map(({ origin }) => origin.file))]
  const { environment } = machine
  const uncommitted = await uncommittedFiles({ folder, files, hashOf: at.hashOf, environment, signal })
  return new Map([
    ...organizations.map(
      (desired) => [`organization/${desired.name}`, permitsOf(desired, overrides, uncommitted)] as const,
    ),
    ...trusts.map((trust) => [`trust/${trust.name}`, trustPermitsOf(trust, overrides, uncommitted)] as const),
  ])
}

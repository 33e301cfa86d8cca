// Overrides as permits of the scopes. One counts only while its file is committed as it was read: what nobody could review is no override.

import type { Machine } from '../machine.ts'
import type { PermitsAt } from '../reconcile/permits.ts'
import type { DesiredOrganization, DesiredOverride, DesiredTrust } from '../spec/desired.ts'

/** What overrides are made into permits with. */
export interface OverrideInput {
  readonly organizations: readonly DesiredOrganization[]
  readonly trusts: readonly DesiredTrust[]
  readonly overrides: readonly DesiredOverride[]
  /** Why some do not count, by file. */
  readonly uncommitted: Uncommitted
}

/** Why overrides do not count, by the file in which they stand. */
export type Uncommitted = ReadonlyMap<string, string>

/** What is asked about files of a folder. */
export interface FolderOverrides {
  readonly overrides: readonly DesiredOverride[]
  /** The folder of the spec. */
  readonly folder: string
  /** The spec as it was read: SHA-256 of its files. */
  readonly hashOf: (file: string) => string | undefined
  readonly machine: Pick<Machine, 'environment'>
  readonly signal: AbortSignal
}

/** Which overrides of a folder do not count, because nobody could review them. Git is asked only where there is an override. */
export async function uncommittedOverrides(input: FolderOverrides): Promise<Uncommitted> {
  const { overrides, folder, hashOf, machine, signal } = input
  if (overrides.length === 0) return new Map()
  const { uncommittedFiles } = await import('./committed.ts')
  const files = [...new Set(overrides.map(({ origin }) => origin.file))]
  return uncommittedFiles({ folder, files, hashOf, environment: machine.environment, signal })
}

/** The permits by scope. */
export async function overridePermits(input: OverrideInput): Promise<ReadonlyMap<string, PermitsAt>> {
  const { organizations, trusts, overrides, uncommitted } = input
  if (overrides.length === 0) return new Map()
  const { permitsOf, trustPermitsOf } = await import('../reconcile/permits.ts')
  return new Map([
    ...organizations.map(
      (desired) => [`organization/${desired.name}`, permitsOf(desired, overrides, uncommitted)] as const,
    ),
    ...trusts.map((trust) => [`trust/${trust.name}`, trustPermitsOf(trust, overrides, uncommitted)] as const),
  ])
}

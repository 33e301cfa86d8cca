// Secrets of the runtime configuration, read at the moment of use and kept nowhere.

import type { Machine } from '../machine.ts'
import {
  identityFor,
  organizationEndpoint,
  type RuntimeConfiguration,
  secretReference,
} from '../spec/configuration/load.ts'
import { resolveSecret, SecretError } from '../spec/configuration/secret.ts'
import type { SecretReference } from '../spec/generated/types.ts'
import { UsageError } from './usage-error.ts'

/** What secrets are read with. */
export interface SecretUse {
  readonly configuration: RuntimeConfiguration
  readonly machine: Pick<Machine, 'environment'>
}

/** Reads a secret. `use` says what for, such as `the token of identity crm`. Throws SecretError. */
export function secretOf(
  reference: SecretReference,
  use: string,
  { configuration, machine }: SecretUse,
): Promise<string> {
  return resolveSecret(reference, use, { folder: configuration.folder, environment: machine.environment })
}

/** Reads a secret that the spec names. Throws SecretError. */
export async function specSecret(name: string, using: SecretUse): Promise<string> {
  const reference = secretReference(using.configuration, name)
  if (!reference) throw new SecretError(`${using.configuration.file} has no secret ${name}; add it below \`secrets\``)
  return secretOf(reference, `the secret ${name}`, using)
}

/** A secret that a run will need, and what for. */
export type NeededSecret = readonly [reference: SecretReference, use: string]

/** Looks whether secrets are there, so that a missing one is told before anything is read. Throws UsageError. */
export async function checkSecrets(needed: readonly NeededSecret[], using: SecretUse): Promise<void> {
  for (const [reference, use] of needed) {
    await secretOf(reference, use, using).catch((error: unknown) => {
      throw error instanceof SecretError ? new UsageError(error.message, { cause: error }) : error
    })
  }
}

/** The secrets that reading, and where asked writing, an organization needs. */
export function organizationSecrets(
  name: string,
  writing: boolean,
  { configuration }: Pick<SecretUse, 'configuration'>,
): readonly NeededSecret[] {
  const endpoint = organizationEndpoint(configuration, name)
  if (!endpoint) return []
  return (writing ? (['reading', 'writing'] as const) : (['reading'] as const)).flatMap((purpose) => {
    const identity = identityFor(configuration, endpoint, purpose)
    if (identity?.type !== 'Bearer' || identity.token === undefined) return []
    return [[identity.token, `the token of identity ${endpoint[purpose] ?? endpoint.reading}`] as const]
  })
}

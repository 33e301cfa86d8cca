import { type SecretUse, secretOf } from '../../compose/secrets.ts'
import { UsageError } from '../../compose/usage-error.ts'
import type { Machine } from '../../machine.ts'
import { SecretError } from '../../spec/configuration/secret.ts'
import type { SecretReference } from '../../spec/generated/types.ts'
import { createSharedSecret, LEAST_SECRET_LENGTH, type SharedSecret } from './secret-proof.ts'

/** A secret of the configuration that was read once, so that a missing or a weak one is told at the start. Throws UsageError. */
export async function checkedSecret(
  reference: SecretReference,
  use: string,
  { configuration, machine }: SecretUse & { readonly machine: Pick<Machine, 'environment' | 'now'> },
): Promise<SharedSecret> {
  const secret = createSharedSecret(() => secretOf(reference, use, { configuration, machine }), machine.now)
  const text = await secret.current().catch((error: unknown) => {
    throw error instanceof SecretError ? new UsageError(error.message, { cause: error }) : error
  })
  if (text.length >= LEAST_SECRET_LENGTH) return secret
  const least = `${LEAST_SECRET_LENGTH} are the least, and \`openssl rand -hex 32\` makes a good one`
  throw new UsageError(`${use} has ${text.length} characters; ${least}`)
}

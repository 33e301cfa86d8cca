// The sign-in of people, from the configuration.
import { CertificateError } from '../../../certificate/certificate.ts'
import { httpClientTo } from '../../../compose/connections.ts'
import { credentialOf } from '../../../compose/tenant.ts'
import { UsageError } from '../../../compose/usage-error.ts'
import { createPeopleSignIn, EntraError, endpointsOf } from '../../../entra/index.ts'
import { SecretError } from '../../../spec/configuration/secret.ts'
import type { Configuration } from '../../../spec/generated/types.ts'
import type { ListenerOptions } from '../listener.ts'
import type { EntraDoor } from './routes.ts'

type SignInSpec = NonNullable<NonNullable<Configuration['spec']['listener']>['signIn']>
type Using = Pick<ListenerOptions, 'configuration' | 'machine'>

/** Composes the door; `origin` is asked when somebody comes. Throws UsageError where the identity cannot be used. */
export async function composeSignIn(
  { tenantId, cloud, identity: name, roles, endpoint }: SignInSpec,
  origin: () => string,
  { configuration, machine }: Using,
): Promise<EntraDoor & { close(): Promise<void> }> {
  const identity = Object.hasOwn(configuration.spec.identities, name) ? configuration.spec.identities[name] : undefined
  if (identity?.type !== 'Entra' || identity.clientId === undefined) {
    throw new UsageError(`identity ${name} cannot be what people sign in to: it is of another type than Entra`)
  }
  const { clientId } = identity
  const loopback = endpoint === undefined ? undefined : { login: endpoint, graph: endpoint }
  try {
    const credential = await credentialOf(name, identity, { configuration, machine })
    const http = await httpClientTo(endpointsOf(cloud, tenantId, loopback).origins, { configuration, machine })
    const signIn = createPeopleSignIn({
      http,
      cloud,
      ...(endpoint !== undefined && { endpoint }),
      tenantId,
      clientId,
      credential,
      redirectUri: () => `${origin()}/sign-in/callback`,
      now: machine.now,
    })
    return { signIn, roles, origin, close: () => http.close() }
  } catch (error) {
    const isTold = error instanceof EntraError || error instanceof CertificateError || error instanceof SecretError
    throw isTold ? new UsageError(`identity ${name}: ${error.message}`, { cause: error }) : error
  }
}

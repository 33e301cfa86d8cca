import { deploymentEndpoint, tenantEndpoint } from '../spec/configuration/load.ts'
import type { DesiredTrust } from '../spec/desired.ts'
import type { Identity, SecretReference } from '../spec/generated/types.ts'
import type { ComposeInput } from './compose.ts'
import type { NeededSecret } from './secrets.ts'

/** The secrets that reading, and where asked writing, these trusts needs. */
export function trustSecrets(trusts: readonly DesiredTrust[], input: ComposeInput): readonly NeededSecret[] {
  return trusts.flatMap(({ tenants, deployments }) => [
    ...[...tenants.keys()].flatMap((name) => tenantSecrets(name, input)),
    ...[...deployments.values()].flatMap(({ name, certificate }) => [
      ...deploymentSecrets(name, input),
      ...certificateSecret(certificate?.name, input),
    ]),
  ])
}

function tenantSecrets(name: string, input: ComposeInput): readonly NeededSecret[] {
  const endpoint = tenantEndpoint(input.configuration, name)
  if (!endpoint) return []
  return namesOf(endpoint.reading, endpoint.writing, input).flatMap((identity) => identitySecrets(identity, input))
}

function deploymentSecrets(name: string, input: ComposeInput): readonly NeededSecret[] {
  const endpoint = deploymentEndpoint(input.configuration, name)
  if (!endpoint) return []
  const { servers, credential } = endpoint
  const names = servers.flatMap(({ offline, identity, writingIdentity }) =>
    offline || identity === undefined ? [] : namesOf(identity, writingIdentity, input),
  )
  return [
    ...[...new Set(names)].flatMap((one) => identitySecrets(one, input)),
    // Where a person runs all scripts, the person types it.
    ...secret(
      servers.every(({ offline }) => offline) ? undefined : credential?.password,
      `the password of deployment ${name}`,
    ),
  ]
}

function namesOf(reading: string, writing: string | undefined, input: ComposeInput): readonly string[] {
  return input.writing && writing !== undefined ? [...new Set([reading, writing])] : [reading]
}

function identitySecrets(name: string, input: ComposeInput): readonly NeededSecret[] {
  const { identities } = input.configuration.spec
  const identity: Identity | undefined = Object.hasOwn(identities, name) ? identities[name] : undefined
  if (!identity) return []
  const { clientSecret, certificate, privateKey, passphrase, password } = identity
  return [
    ...secret(clientSecret, `the secret of identity ${name}`),
    ...secret(privateKey, `the private key of identity ${name}`),
    ...secret(passphrase, `the passphrase of identity ${name}`),
    ...secret(password, `the password of identity ${name}`),
    ...certificateSecret(certificate, input),
  ]
}

function certificateSecret(name: string | undefined, { configuration }: ComposeInput): readonly NeededSecret[] {
  const { certificates } = configuration.spec
  const one = name !== undefined && Object.hasOwn(certificates, name) ? certificates[name] : undefined
  return secret(one?.password, `the password of certificate ${name}`)
}

function secret(reference: SecretReference | undefined, use: string): readonly NeededSecret[] {
  return reference ? [[reference, use]] : []
}

// Deployments of a run: their servers, and who signs in there.
import type { Channel } from '../crm-server/channel.ts'
import { createDeploymentClient, type DeploymentClient, type DeploymentClientOptions } from '../crm-server/client.ts'
import { createOfflineChannel } from '../crm-server/offline/channel.ts'
import { createSshChannel } from '../crm-server/ssh-channel.ts'
import { deploymentEndpoint } from '../spec/configuration/load.ts'
import { parseDuration } from '../spec/duration.ts'
import type { Identity, SecretReference, ServerEndpoint } from '../spec/generated/types.ts'
import { serverName } from './carried.ts'
import { secretOf } from './secrets.ts'
import type { ComposeDeploymentInput } from './trust.ts'
import { UsageError } from './usage-error.ts'

/** The client of a deployment; undefined where nobody says how to reach its servers. Throws UsageError where an identity cannot be used. */
export function composeDeployment(name: string, input: ComposeDeploymentInput): DeploymentClient | undefined {
  const options = deploymentOptionsOf(name, input)
  return options && createDeploymentClient(options)
}

/** How the servers of a deployment are reached; undefined where nobody says it. Throws UsageError where an identity cannot be used. */
export function deploymentOptionsOf(name: string, input: ComposeDeploymentInput): DeploymentClientOptions | undefined {
  const endpoint = deploymentEndpoint(input.configuration, name)
  if (!endpoint) return undefined
  const { servers, credential, timeout } = endpoint
  const scriptMs = parseDuration(timeout)
  return {
    servers: servers.map((server) => {
      const { identity, writingIdentity } = server
      const book = server.offline ? input.carried?.bookOf(name) : undefined
      if (book) return { name: serverName(server), reading: createOfflineChannel(serverName(server), book) }
      const reading = channelTo(server, identity, scriptMs, input)
      const isSame = writingIdentity === undefined || writingIdentity === identity
      const writing = input.writing && !isSame ? channelTo(server, writingIdentity, scriptMs, input) : undefined
      return { name: serverName(server), reading, ...(writing ? { writing } : {}) }
    }),
    ...(credential
      ? {
          credential: {
            userName: credential.userName,
            password: () => secretOf(credential.password, `the password of deployment ${name}`, input),
          },
        }
      : {}),
  }
}

function channelTo(
  server: ServerEndpoint,
  identityName: string | undefined,
  scriptMs: number,
  input: ComposeDeploymentInput,
): Channel {
  const name = serverName(server)
  const { host, port, hostKeySha256 } = server
  const { userName, ...signIn } = signInOf(identityName, name, input)
  if (hostKeySha256 === undefined)
    throw new UsageError(`server ${name} has no hostKeySha256; add it to pin its host key`)
  const { machine, fence } = input
  const { now, newId } = machine
  return createSshChannel({
    host,
    port,
    name,
    hostKeySha256,
    userName,
    ...signIn,
    newToken: () => newId().replaceAll('-', ''),
    now,
    ...(fence ? { fence: () => fence.check() } : {}),
    deadlines: { scriptMs },
  })
}

function signInOf(identityName: string | undefined, server: string, input: ComposeDeploymentInput) {
  const { identities } = input.configuration.spec
  const identity =
    identityName !== undefined && Object.hasOwn(identities, identityName) ? identities[identityName] : undefined
  const { userName, privateKey, passphrase, password } = identity ?? ({} satisfies Partial<Identity>)
  if (identity?.type !== 'Ssh' || userName === undefined) {
    throw new UsageError(`server ${server} needs an identity of type Ssh; name one as its \`identity\``)
  }
  const read = (reference: SecretReference, what: string) => () =>
    secretOf(reference, `the ${what} of identity ${identityName}`, input)
  if (privateKey) {
    const key = { type: 'Key', privateKey: read(privateKey, 'private key') } as const
    return { userName, signIn: passphrase ? { ...key, passphrase: read(passphrase, 'passphrase') } : key }
  }
  if (password) return { userName, signIn: { type: 'Password', password: read(password, 'password') } as const }
  throw new UsageError(`identity ${identityName} cannot sign in to ${server}: it has neither privateKey nor password`)
}

// Reads each thing once and shares it, failures included: a server that is down is not waited for by every stage.
import { deploymentStateFrom, serverStateFrom } from './answers.ts'
import { runScript } from './calls.ts'
import type { Servers } from './client.ts'
import { CrmServerError, type DeploymentReader, type DeploymentState, type ServerState } from './deployment.ts'

/** A reader over servers that are as they are from now on. */
export function createReader(servers: Servers): DeploymentReader {
  const states = new Map<string, Promise<ServerState>>()
  const deployments = new Map<string, Promise<DeploymentState>>()
  return {
    servers: servers.names,
    server: (host, signal) => once(states, host, () => readServer(servers, host, signal)),
    deployment: (organizations, signal) => {
      const names = [...new Set(organizations.map((name) => name.toLowerCase()))].sort()
      return once(deployments, names.join('\n'), () =>
        servers.throughOne('reading', (name) => readDeployment(servers, name, names, signal)),
      )
    },
  }
}

async function once<T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const shared = known.get(key)
  if (shared) return shared
  const reading = read()
  known.set(key, reading)
  try {
    return await reading
  } catch (error) {
    // Whoever gave up waiting has not learned anything.
    if (!(error instanceof CrmServerError) || error.code === 'Cancelled') known.delete(key)
    throw error
  }
}

/** One server as it says itself. */
export async function readServer(servers: Servers, host: string, signal: AbortSignal): Promise<ServerState> {
  const { credential } = servers
  return runScript(servers.reading(host), 'read-server', { credential, signal }, ({ value }, at) =>
    serverStateFrom(value, at),
  )
}

/** What belongs to all servers, through one of them. */
export function readDeployment(
  servers: Servers,
  name: string,
  organizations: readonly string[],
  signal: AbortSignal,
): Promise<DeploymentState> {
  const { credential } = servers
  const call = { input: { organizations }, credential, signal }
  return runScript(servers.reading(name), 'read-deployment', call, ({ value }) =>
    deploymentStateFrom(value, name, organizations),
  )
}

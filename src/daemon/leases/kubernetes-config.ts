// How the API server of Kubernetes is reached. Nothing that the file names is ever run (CVE-2022-24817 is what happens otherwise), and nobody
// is believed to be the server without a certificate.
import { readFile } from 'node:fs/promises'
import { delimiter } from 'node:path'
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node'
import { LeaseStoreError } from './lease-api.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The connection that `KUBECONFIG` names, else that of the service account of the pod. Throws LeaseStoreError where there is neither, or where
 * the file asks for something that is not done here.
 */
export async function kubernetesConfig(environment: Environment): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  const file = environment['KUBECONFIG'] ?? ''
  if (file !== '') return fromFile(config, file)
  if ((environment['KUBERNETES_SERVICE_HOST'] ?? '') === '') {
    throw new LeaseStoreError(
      'leases.type is Kubernetes, but this is no pod and KUBECONFIG names no file; run it in a cluster, or use `type: File`',
    )
  }
  config.loadFromCluster()
  return config
}

async function fromFile(config: KubeConfig, file: string): Promise<KubeConfig> {
  if (file.includes(delimiter)) throw refused(file, 'KUBECONFIG names several files; name one')
  await load(config, file)
  const [user, cluster] = [config.getCurrentUser(), config.getCurrentCluster()]
  if (!user || !cluster) throw refused(file, 'its current-context names no cluster or no user')
  const objection = objectionToUser(user) ?? objectionToCluster(cluster)
  if (objection !== undefined) throw refused(file, objection)
  // The library speaks http only to a cluster that is marked so, and we only on loopback.
  config.clusters = [{ ...cluster, skipTLSVerify: isPlain(cluster) }]
  config.users = [user]
  return config
}

async function load(config: KubeConfig, file: string): Promise<void> {
  try {
    await readFile(file)
    config.loadFromFile(file)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
    // What a parser says shows the lines around, and those may be keys.
    throw refused(file, `it cannot be read as a kubeconfig${code}`)
  }
}

function objectionToUser({ name, exec, authProvider }: User): string | undefined {
  const what = exec ? 'exec' : authProvider ? 'auth-provider' : undefined
  if (what === undefined) return undefined
  return `user ${name} has \`${what}\`, which would run a program; give it a token or a client certificate`
}

function objectionToCluster(cluster: Cluster): string | undefined {
  const { name, server, skipTLSVerify } = cluster
  if (!URL.canParse(server)) return `the server of cluster ${name} is no address`
  if (new URL(server).protocol === 'https:') {
    return skipTLSVerify
      ? `cluster ${name} has \`insecure-skip-tls-verify\`; give it its certificate-authority`
      : undefined
  }
  return isPlain(cluster) ? undefined : `the server of cluster ${name} is not https://, which works on loopback only`
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

function isPlain({ server }: Cluster): boolean {
  const { protocol, hostname } = new URL(server)
  return protocol === 'http:' && LOOPBACK.has(hostname)
}

function refused(file: string, why: string): LeaseStoreError {
  return new LeaseStoreError(`the kubeconfig ${file} is not used: ${why}`)
}

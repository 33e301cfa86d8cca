// The clients of what belongs together, as one reader and one writer.
import type { LocalCertificate } from '../certificate/certificate.ts'
import type { DeploymentReader, DeploymentWriter } from '../crm-server/deployment.ts'
import type { TenantReader, TenantWriter } from '../entra/tenant.ts'
import type { TrustReader, TrustWriter } from './contract.ts'

/** A client as far as it is needed here: `previous` is a reader of the same client, what does not change within a pass may be taken from it. */
export interface Client<Reader, Writer> {
  reader(previous?: Reader): Reader
  writer(): Writer
}

/** Where certificates of the runtime configuration come from. Both throw a CertificateError, also for a name there is none of. */
export interface Certificates {
  certificate(name: string): Promise<LocalCertificate>
  open(name: string): Promise<{ readonly bytes: Uint8Array; readonly password: string }>
}

/** Everything a trust is reached by. A tenant or deployment that is not in these maps is neither checked nor written. */
export interface TrustClients {
  /** By metadata.name. */
  readonly tenants: ReadonlyMap<string, Client<TenantReader, TenantWriter>>
  readonly deployments: ReadonlyMap<string, Client<DeploymentReader, DeploymentWriter>>
  readonly certificates: Certificates
  readonly proof: TrustReader['proof']
}

/** The readers of one trust reader, to be followed by those of the next. */
interface Parts {
  readonly tenants: ReadonlyMap<string, TenantReader>
  readonly deployments: ReadonlyMap<string, DeploymentReader>
}

const partsOf = new WeakMap<TrustReader, Parts>()

/** Reads a trust as it is from now on. Certificates are read once per reader. */
export function createTrustReader(clients: TrustClients, previous?: TrustReader): TrustReader {
  const before = previous && partsOf.get(previous)
  const tenants = readersOf(clients.tenants, before?.tenants)
  const deployments = readersOf(clients.deployments, before?.deployments)
  const certificates = new Map<string, Promise<LocalCertificate>>()
  const reader: TrustReader = {
    tenant: (name) => tenants.get(name),
    deployment: (name) => deployments.get(name),
    certificate(name) {
      const known = certificates.get(name) ?? clients.certificates.certificate(name)
      certificates.set(name, known)
      return known
    },
    proof: clients.proof,
  }
  partsOf.set(reader, { tenants, deployments })
  return reader
}

function readersOf<Reader>(
  clients: ReadonlyMap<string, Client<Reader, unknown>>,
  before: ReadonlyMap<string, Reader> | undefined,
): ReadonlyMap<string, Reader> {
  return new Map([...clients].map(([name, client]) => [name, client.reader(before?.get(name))]))
}

/** Writes a trust. */
export function createTrustWriter({ tenants, deployments, certificates }: TrustClients): TrustWriter {
  return {
    tenant: (name) => tenants.get(name)?.writer(),
    deployment: (name) => deployments.get(name)?.writer(),
    openCertificate: (name) => certificates.open(name),
  }
}

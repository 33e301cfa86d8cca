// Writes through the scripts. Each of them looks first and leaves what is so already, so a call whose answer was lost may be made again.
import { servicesFrom } from './answers.ts'
import { runScript } from './calls.ts'
import type { SecretInput } from './channel.ts'
import type { Servers } from './client.ts'
import { type CertificateImport, CrmServerError, type DeploymentWriter } from './deployment.ts'
import { each, flag, hash, moment, type Place, textsOrNull } from './fields.ts'
import { readDeployment } from './reader.ts'

/** A writer over the servers of one deployment. */
export function createWriter(servers: Servers): DeploymentWriter {
  const { credential } = servers
  return {
    ensureCertificate: (host, certificate, signal) => ensureCertificate(servers, host, certificate, signal),
    writeServerSettings: (settings, signal) =>
      servers.throughOne((name) =>
        runScript(servers.writing(name), 'write-server-settings', { input: settings, credential, signal }, written),
      ),
    writeTenantId: (organization, tenantId, signal) =>
      servers.throughOne((name) => {
        const call = { input: { organization, tenantId }, credential, signal }
        return runScript(servers.writing(name), 'write-tenant-id', call, written)
      }),
    switchCertificate: (certificate, signal) => switchCertificate(servers, certificate, signal),
    restartAsyncServices: (host, signal) =>
      runScript(servers.writing(host), 'restart-services', { signal }, (result) => void servicesFrom(result)),
  }
}

async function ensureCertificate(
  servers: Servers,
  host: string,
  { sha256, thumbprint, pfx, readers }: CertificateImport,
  signal: AbortSignal,
): Promise<void> {
  const secrets: readonly SecretInput[] = [
    {
      path: 'pfx.data',
      prompt: `PFX of the certificate ${thumbprint}`,
      kind: 'file',
      read: async () => Buffer.from((await pfx()).bytes).toString('base64'),
    },
    {
      path: 'pfx.password',
      prompt: `Password of the PFX of the certificate ${thumbprint}`,
      kind: 'password',
      read: async () => (await pfx()).password,
    },
  ]
  const call = { input: { sha256, thumbprint, readers }, secrets, signal }
  await runScript(servers.writing(host), 'ensure-certificate', call, (result) => {
    flag(result, 'imported')
    textsOrNull(result, 'granted')
  })
}

/**
 * The markers are set before the row is written, so that a death in between asks for a restart too many and forgets none; and after it once
 * more, so that a service that happened to start in between is seen to have loaded the old one.
 */
async function switchCertificate(
  servers: Servers,
  { sha256, der }: { readonly sha256: string; readonly der: Uint8Array },
  signal: AbortSignal,
): Promise<void> {
  const { rows } = await servers.throughOne((name) => readDeployment(servers, name, [], signal))
  const issuers = rows.filter(({ type }) => type === 'S2STokenIssuer')
  if (issuers.length === 1 && issuers[0]?.sha256 === sha256) return
  await markAll(servers, sha256, signal)
  const input = { sha256, certificate: Buffer.from(der).toString('base64') }
  const { credential } = servers
  await servers.throughOne((name) =>
    runScript(servers.writing(name), 'switch-certificate', { input, credential, signal }, (result) => {
      each(result, 'rows')
    }),
  )
  try {
    await markAll(servers, sha256, signal)
  } catch (error) {
    if (!(error instanceof CrmServerError)) throw error
    const text = `the row was switched, but its second marker was not set: ${error.message}`
    throw new CrmServerError(error.code, error.host, text, { effect: 'possible', cause: error })
  }
}

async function markAll(servers: Servers, sha256: string, signal: AbortSignal): Promise<void> {
  const marking = servers.names.map((name) =>
    runScript(servers.writing(name), 'set-marker', { input: { sha256 }, signal }, (result) => {
      hash(result, 'sha256', 64)
      moment(result, 'at')
    }),
  )
  // All are waited for, so that nothing is still being written when the first failure is told.
  const results = await Promise.allSettled(marking)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

function written(result: Place): void {
  textsOrNull(result, 'written')
}

// Writes through the scripts. Each of them looks first and leaves what is so already, so a call whose answer was lost may be made again.
import { servicesFrom } from './answers.ts'
import { runScript } from './calls.ts'
import type { SecretInput } from './channel.ts'
import type { Servers } from './client.ts'
import { type CertificateImport, CrmServerError, type DeploymentWriter } from './deployment.ts'
import { each, flag, hash, moment, type Place, textsOrNull } from './fields.ts'
import { readDeployment, readServer } from './reader.ts'

/** A writer over the servers of one deployment. */
export function createWriter(servers: Servers): DeploymentWriter {
  const { credential } = servers
  return {
    ensureCertificate: (host, certificate, signal) => ensureCertificate(servers, host, certificate, signal),
    writeServerSettings: (settings, signal) =>
      servers.throughOne('writing', (name) =>
        runScript(servers.writing(name), 'write-server-settings', { input: settings, credential, signal }, written),
      ),
    writeTenantId: (organization, tenantId, signal) =>
      servers.throughOne('writing', (name) => {
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
  certificate: { readonly sha256: string; readonly der: Uint8Array },
  signal: AbortSignal,
): Promise<void> {
  const { sha256 } = certificate
  const { through, rows } = await servers.throughOne('reading', (name) => readDeployment(servers, name, [], signal))
  const issuers = rows.filter(({ type }) => type === 'S2STokenIssuer')
  if (issuers.length === 1 && issuers[0]?.sha256 === sha256) return
  if (servers.writing(through).isCarried) return carriedSwitch(servers, through, certificate, signal)
  await markAll(servers, await unmarked(servers, servers.names, sha256, signal), sha256, signal)
  await writeRow(servers, certificate, signal)
  try {
    await markAll(servers, servers.names, sha256, signal)
  } catch (error) {
    if (!(error instanceof CrmServerError)) throw error
    const text = `the row was switched, but its second marker was not set: ${error.message}`
    throw new CrmServerError(error.code, error.host, text, { effect: 'possible', cause: error })
  }
}

/**
 * The same where a person carries it: everything is asked for at once, in the order in which it is to be run, so that they go there once.
 * Servers that can be reached from here are marked now, before the row.
 */
async function carriedSwitch(
  servers: Servers,
  through: string,
  certificate: { readonly sha256: string; readonly der: Uint8Array },
  signal: AbortSignal,
): Promise<void> {
  const { sha256 } = certificate
  const reached = servers.names.filter((name) => !servers.writing(name).isCarried)
  const others = servers.names.filter((name) => servers.writing(name).isCarried && name !== through)
  const before = await unmarked(servers, [...others, through], sha256, signal)
  await markAll(servers, reached, sha256, signal)
  const steps = [
    ...before.map((name) => () => mark(servers, name, sha256, signal)),
    () => writeRow(servers, certificate, signal),
    ...[through, ...others].map((name) => () => mark(servers, name, sha256, signal)),
  ]
  let awaited: CrmServerError | undefined
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      if (!(error instanceof CrmServerError) || error.code !== 'AwaitingResults') throw error
      awaited ??= error
    }
  }
  if (awaited) throw awaited
}

/** Servers that no restart is due on yet. A person is not sent to one on which the import of the certificate asked for it already. */
async function unmarked(
  servers: Servers,
  names: readonly string[],
  sha256: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const states = names.map(async (name) => {
    if (!servers.writing(name).isCarried) return [name]
    const { marker, services } = await readServer(servers, name, signal)
    const isDue = marker?.sha256 === sha256 && services.every(({ startedAt = '' }) => startedAt < marker.at)
    return isDue ? [] : [name]
  })
  return (await Promise.all(states)).flat()
}

function writeRow(
  servers: Servers,
  { sha256, der }: { readonly sha256: string; readonly der: Uint8Array },
  signal: AbortSignal,
): Promise<void> {
  const input = { sha256, certificate: Buffer.from(der).toString('base64') }
  const { credential } = servers
  return servers.throughOne('writing', (name) =>
    runScript(servers.writing(name), 'switch-certificate', { input, credential, signal }, (result) => {
      each(result, 'rows')
    }),
  )
}

async function markAll(servers: Servers, names: readonly string[], sha256: string, signal: AbortSignal): Promise<void> {
  // All are waited for, so that nothing is still being written when the first failure is told.
  const results = await Promise.allSettled(names.map((name) => mark(servers, name, sha256, signal)))
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

function mark(servers: Servers, name: string, sha256: string, signal: AbortSignal): Promise<void> {
  return runScript(servers.writing(name), 'set-marker', { input: { sha256 }, signal }, (result) => {
    hash(result, 'sha256', 64)
    moment(result, 'at')
  })
}

function written(result: Place): void {
  textsOrNull(result, 'written')
}

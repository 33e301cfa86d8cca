// Scripts about one server: what it says of itself, its store, its marker, its services.
import type { SimulatedService, SimulatedStoredCertificate } from '../../trust/model.ts'
import { certificateFacts } from '../certificate.ts'
import { isAsynchronous, mayRead, startService } from '../lookup.ts'
import { type Imported, openPfx } from '../pfx.ts'
import {
  needAdministrator,
  needDeploymentAccess,
  ScriptFailure,
  type ScriptHandler,
  type ScriptRun,
  serverTime,
} from '../script-run.ts'

/** `read-server`: anybody may ask; what needs rights stays null. */
export const readServer: ScriptHandler = (run, input) => {
  const { server } = run
  const version = run.names('Get-CrmServer') ? versionOf(run, input) : { version: null, roles: null, warnings: [] }
  return {
    changed: false,
    warnings: version.warnings,
    result: {
      now: serverTime(run),
      computerName: server.host.split('.')[0]?.toUpperCase() ?? '',
      powershellVersion: server.powershellVersion,
      hasSnapIn: server.hasSnapIn,
      isLocalAdministrator: run.logon.isLocalAdministrator,
      version: version.version,
      roles: version.roles,
      services: run.names('Win32_Service|Get-Service') ? rawServices(run) : [],
      certificates: run.names('Cert:\\LocalMachine\\My') ? server.store.map(rawCertificate) : [],
      marker: run.names(REGISTRY) ? markerOf(run) : null,
    },
  }
}

/** `ensure-certificate`: imports, grants, and sets the marker where it did either. */
export const ensureCertificate: ScriptHandler = (run, input) => {
  needAdministrator(run)
  const sha256 = String(input['sha256'])
  const before = storedAs(run, sha256)
  const imported = before === undefined || !before.hasPrivateKey
  if (imported) {
    writeMarker(run, sha256)
    importPfx(run, sha256, input['pfx'])
  }
  const stored = storedAs(run, sha256)
  if (stored === undefined || !stored.hasPrivateKey)
    throw new ScriptFailure('PrivateKeyNotFound', 'the store does not hold the certificate with its private key')
  if (stored.keySpec !== 1)
    throw new ScriptFailure('WrongKeySpec', `the private key has KeySpec ${stored.keySpec}, and CRM needs 1`)
  const granted = missingReaders(stored, input['readers'])
  if (run.names('FileSystemAccessRule')) stored.readers = [...stored.readers, ...granted]
  if (imported || granted.length > 0) writeMarker(run, sha256)
  return {
    changed: imported || granted.length > 0,
    result: { imported, granted, keySpec: stored.keySpec, sameSubject: sameSubjectAs(run, stored) },
  }
}

/** `set-marker` */
export const setMarker: ScriptHandler = (run, input) => {
  needAdministrator(run)
  writeMarker(run, String(input['sha256']))
  return { changed: true, result: markerOf(run) }
}

/** `restart-services`: each asynchronous service looks its certificate up anew. */
export const restartServices: ScriptHandler = (run) => {
  needAdministrator(run)
  const services = run.names('Restart-Service|ServiceController') ? run.server.services.filter(isAsynchronous) : []
  for (const service of services) startService(run.deployment, run.server, service, run.nowMs)
  return { changed: services.length > 0, result: { services: rawServices(run) } }
}

const REGISTRY = 'HKLM:\\SOFTWARE\\mailkeel'

function versionOf(run: ScriptRun, input: Readonly<Record<string, unknown>>) {
  try {
    needDeploymentAccess(run, input)
    return { version: run.server.version, roles: run.server.roles, warnings: [] }
  } catch (error) {
    if (!(error instanceof ScriptFailure)) throw error
    return { version: null, roles: null, warnings: [`Get-CrmServer: ${error.code}: ${error.message}`] }
  }
}

function rawServices(run: ScriptRun) {
  return run.server.services.filter(isAsynchronous).map((service) => rawService(run, service))
}

/** Start times are told by the clock of the server. */
function rawService({ server }: ScriptRun, { name, account, isRunning, startedAtMs }: SimulatedService) {
  const startedAt = isRunning ? new Date(startedAtMs + server.clockSkewMs).toISOString() : null
  return { name, account, isRunning, startedAt }
}

function rawCertificate({ der, hasPrivateKey, keySpec, readers }: SimulatedStoredCertificate) {
  const facts = certificateFacts(der)
  return {
    sha256: facts?.sha256 ?? '',
    thumbprint: facts?.thumbprint ?? '',
    subject: facts?.subject ?? '',
    notBefore: new Date(facts?.notBeforeMs ?? 0).toISOString(),
    notAfter: new Date(facts?.notAfterMs ?? 0).toISOString(),
    hasPrivateKey,
    keySpec: hasPrivateKey ? keySpec : null,
    // Keys of the new kind lie elsewhere, and no permissions of a file say who may use them.
    readers: hasPrivateKey && keySpec !== 0 ? readers : null,
  }
}

function markerOf({ server: { registry } }: ScriptRun) {
  const { S2SCertificate: sha256, S2SChangedAt: at } = registry
  return sha256 === undefined || at === undefined ? null : { sha256, at }
}

function writeMarker(run: ScriptRun, sha256: string): void {
  if (!run.names(REGISTRY) || !run.names('Set-ItemProperty|New-ItemProperty')) return
  run.server.registry = { ...run.server.registry, S2SCertificate: sha256, S2SChangedAt: serverTime(run) }
}

function storedAs({ server }: ScriptRun, sha256: string): SimulatedStoredCertificate | undefined {
  return server.store.find(({ der }) => certificateFacts(der)?.sha256 === sha256)
}

/** Who can read a private key right after its import. */
const FIRST_READERS = ['NT AUTHORITY\\SYSTEM', 'BUILTIN\\Administrators']

function importPfx(run: ScriptRun, sha256: string, pfx: unknown): void {
  const { data, password } = (pfx ?? {}) as { readonly data?: unknown; readonly password?: unknown }
  const file = openPfx(String(data), String(password))
  if ('failure' in file) {
    const code = file.failure === 'WrongPassword' ? 'WrongPassword' : 'ScriptFailed'
    throw new ScriptFailure(code, 'the file of the certificate could not be opened')
  }
  if (!file.hasPrivateKey || certificateFacts(file.der)?.sha256 !== sha256)
    throw new ScriptFailure('PrivateKeyNotFound', 'the PFX does not hold the certificate with its private key')
  if (!run.names('certutil|Import-PfxCertificate')) return
  const keySpec = keySpecOf(run, file)
  const provider = keySpec === 0 ? 'Microsoft Software Key Storage Provider' : LEGACY_PROVIDER
  const others = run.server.store.filter(({ der }) => der !== file.der)
  run.server.store = [...others, { der: file.der, hasPrivateKey: true, keySpec, provider, readers: FIRST_READERS }]
}

const LEGACY_PROVIDER = 'Microsoft Enhanced RSA and AES Cryptographic Provider'

/**
 * KeySpec after an import: a provider of the new kind has none; the purpose asked for wins over the file (Microsoft: AD FS and KeySpec
 * Property). Unsure whether a provider asked for wins over one in the file: switch `providerForced`.
 */
function keySpecOf(run: ScriptRun, file: Exclude<Imported, { readonly failure: string }>): 0 | 1 | 2 {
  const isForced = run.names('-csp') && run.switches.providerForced
  const isNewKind = file.provider?.includes('Key Storage Provider') === true
  if (isNewKind && !isForced) return 0
  if (run.names('AT_KEYEXCHANGE')) return 1
  if (file.provider === undefined) return 0
  return file.usage === 'signature' ? 2 : 1
}

function missingReaders(stored: SimulatedStoredCertificate, readers: unknown): readonly string[] {
  const wanted = Array.isArray(readers) ? readers.map(String) : []
  return wanted.filter((account) => !mayRead(stored, account))
}

function sameSubjectAs({ server }: ScriptRun, { der }: SimulatedStoredCertificate): readonly string[] {
  const own = certificateFacts(der)
  return server.store.flatMap((other) => {
    const facts = certificateFacts(other.der)
    return facts !== undefined && other.der !== der && facts.subject === own?.subject ? [facts.thumbprint] : []
  })
}

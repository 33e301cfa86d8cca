// What the answers of the reading scripts mean. They are compared as text: trimmed, ids in lower case and without braces.
import { createHash, X509Certificate } from 'node:crypto'
import type {
  CertificateRow,
  CrmService,
  DeploymentState,
  ServerState,
  Setting,
  StoredCertificate,
  SwitchMarker,
} from './deployment.ts'
import {
  each,
  flag,
  hash,
  integerOrNull,
  moment,
  momentOrNull,
  type Place,
  place,
  text,
  textOrNull,
  textsOrNull,
  within,
} from './fields.ts'
import { oneLine } from './frame.ts'

/** The state of a server, from a result of `read-server` that arrived at `at`. Throws a ShapeError. */
export function serverStateFrom(result: unknown, at: string): ServerState {
  const from = place(result, 'result')
  const version = textOrNull(from, 'version')
  const roles = textsOrNull(from, 'roles')
  const marker = from.value['marker'] === null ? undefined : markerFrom(within(from, 'marker'))
  return {
    clockSkewMs: Date.parse(moment(from, 'now')) - Date.parse(at),
    powershellVersion: text(from, 'powershellVersion'),
    hasSnapIn: flag(from, 'hasSnapIn'),
    isLocalAdministrator: flag(from, 'isLocalAdministrator'),
    ...(version === undefined ? {} : { version }),
    ...(roles === undefined ? {} : { roles: roles.flatMap((role) => role.split(',').map((one) => one.trim())) }),
    services: servicesFrom(from),
    certificates: each(from, 'certificates').map(certificateFrom),
    ...(marker === undefined ? {} : { marker }),
  }
}

/** The services in a result, below `services`. Throws a ShapeError. */
export function servicesFrom(from: Place): readonly CrmService[] {
  return each(from, 'services').map((service) => {
    const isRunning = flag(service, 'isRunning')
    const startedAt = momentOrNull(service, 'startedAt')
    return {
      name: text(service, 'name'),
      account: text(service, 'account'),
      isRunning,
      ...(isRunning && startedAt !== undefined ? { startedAt } : {}),
    }
  })
}

function certificateFrom(from: Place): StoredCertificate {
  const keySpec = integerOrNull(from, 'keySpec')
  const readers = textsOrNull(from, 'readers')
  return {
    sha256: hash(from, 'sha256', 64),
    thumbprint: hash(from, 'thumbprint', 40).toUpperCase(),
    subject: text(from, 'subject'),
    notBefore: moment(from, 'notBefore'),
    notAfter: moment(from, 'notAfter'),
    hasPrivateKey: flag(from, 'hasPrivateKey'),
    ...(keySpec === undefined ? {} : { keySpec }),
    ...(readers === undefined ? {} : { readers }),
  }
}

/**
 * A marker on a server. Throws a ShapeError: a marker that cannot be read is not one that was never set, since a restart may be due.
 */
function markerFrom(from: Place): SwitchMarker {
  return { sha256: hash(from, 'sha256', 64), at: moment(from, 'at') }
}

/** The state of a deployment, from a result of `read-deployment`. Throws a ShapeError. */
export function deploymentStateFrom(
  result: unknown,
  through: string,
  organizations: readonly string[],
): DeploymentState {
  const from = place(result, 'result')
  const tenantIds = new Map<string, Setting>()
  for (const one of each(from, 'tenantIds')) {
    const setting = settingFrom(within(one, 'setting'), 'S2STenantId')
    tenantIds.set(text(one, 'organization').toLowerCase(), asId(setting))
  }
  for (const name of organizations) {
    if (tenantIds.has(name.toLowerCase())) continue
    tenantIds.set(name.toLowerCase(), { state: 'Unknown', why: 'the answer does not name the organization' })
  }
  const server = within(from, 'authorizationServer')
  return {
    through,
    authorizationServer: asId(settingFrom(server, 'S2SDefaultAuthorizationServerPrincipalId')),
    metadataUrl: settingFrom(within(from, 'metadataUrl'), 'S2SDefaultAuthorizationServerMetadataUrl'),
    rows: each(from, 'rows').map(rowFrom),
    tenantIds,
  }
}

function rowFrom(from: Place): CertificateRow {
  const data = textOrNull(from, 'data')
  const sha256 = data === undefined ? undefined : certificateHash(data)
  const name = textOrNull(from, 'name')
  return {
    id: normalId(text(from, 'id')),
    type: text(from, 'type').trim(),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(name === undefined ? {} : { name }),
  }
}

/** The hash of the DER certificate in a row; undefined where it is none. */
function certificateHash(data: string): string | undefined {
  try {
    const { raw } = new X509Certificate(Buffer.from(data, 'base64'))
    return createHash('sha256').update(raw).digest('hex')
  } catch {
    return undefined
  }
}

function settingFrom(from: Place, name: string): Setting {
  if (from.value['error'] !== null) {
    const error = within(from, 'error')
    const [code, message] = [text(error, 'code'), text(error, 'message')]
    return saysItIsUnset(name, message) ? { state: 'Unset' } : { state: 'Unknown', why: `${code}: ${oneLine(message)}` }
  }
  const value = textOrNull(from, 'value')?.trim()
  if (!flag(from, 'found') || value === undefined || value === '') return { state: 'Unset' }
  return { state: 'Set', value }
}

/**
 * Whether an error of Get-CrmAdvancedSetting says that the setting was never written. No public page tells whether a setting without a value
 * comes back as a missing pair, as null or as an error of its own. Only an error that names the setting and says that it is not there is
 * taken as such; every other one is a failure to read, which must never become a write.
 */
export function saysItIsUnset(setting: string, message: string): boolean {
  if (!message.toLowerCase().includes(setting.toLowerCase())) return false
  return /\b(is not set|not been set|was not found|not found|does not exist|has no value|is null)\b/i.test(message)
}

function asId(setting: Setting): Setting {
  return setting.state === 'Set' ? { state: 'Set', value: normalId(setting.value) } : setting
}

/** Whether a stored id comes back with braces, capitals or blanks is not documented. */
function normalId(text: string): string {
  return text
    .trim()
    .replace(/^\{|\}$/g, '')
    .trim()
    .toLowerCase()
}

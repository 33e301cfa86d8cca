// The keys of a principal. A PATCH of `keyCredentials` replaces the whole collection, and an entry is known again only when its keyId comes
// back with everything else exactly as it was read, without `key` and `displayName` ("Update servicePrincipal", Microsoft Graph;
// ConfigureCrmServerSideSync.ps1, PowerApps-Samples pull request 703). Whatever is not listed is removed.
import { createHash, X509Certificate } from 'node:crypto'
import { type Fields, fieldsOf } from './fields.ts'
import { EntraError, type KeyCredential, type NewKey } from './tenant.ts'

/** An entry as read. */
export interface KeyEntry {
  readonly keyId: string
  /** Everything of a survivor, as it was read: sent back as it is. */
  readonly survivor: Readonly<Record<string, unknown>>
  readonly isCertificate: boolean
  /** Base64; undefined where the answer does not hold it. */
  readonly key?: string
  readonly seen: KeyCredential
}

/** An entry as it is sent to be added. */
export type KeyBody = Readonly<Record<string, unknown>>

/** Longer names are cut there by the service or refused (public reports). */
const LONGEST_NAME = 90
const TYPE = 'AsymmetricX509Cert'
const USAGE = 'Verify'

/** The entries of an answer that holds `keyCredentials`. Throws EntraError `Malformed` where one could not be carried over in a write. */
export function readKeys(json: unknown, doing: string): readonly KeyEntry[] {
  return fieldsOf(json, doing).objects('keyCredentials').map(readKey)
}

function readKey(fields: Fields): KeyEntry {
  const keyId = fields.text('keyId')
  const type = fields.text('type')
  const usage = fields.text('usage')
  const startDateTime = fields.text('startDateTime')
  const endDateTime = fields.text('endDateTime')
  const identifier = fields.optionalText('customKeyIdentifier')
  const displayName = fields.optionalText('displayName')
  const key = fields.optionalText('key')
  const hashes = key === undefined ? undefined : hashesOf(key)
  const thumbprint = hashes?.thumbprint ?? thumbprintIn(identifier)
  return {
    keyId,
    survivor: {
      keyId,
      type,
      usage,
      ...('customKeyIdentifier' in fields.all && { customKeyIdentifier: fields.all['customKeyIdentifier'] }),
      startDateTime,
      endDateTime,
    },
    isCertificate: type === TYPE && usage === USAGE,
    ...(key !== undefined && { key }),
    seen: {
      keyId,
      ...(hashes && { sha256: hashes.sha256 }),
      ...(thumbprint !== undefined && { thumbprint }),
      ...(displayName !== undefined && { displayName }),
      startDateTime,
      endDateTime,
    },
  }
}

/** The body of a key to be added: both dates within the certificate's own, whole seconds. Throws EntraError `Invalid`. */
export function newKeyBody({ der, displayName, startDateTime, endDateTime }: NewKey): KeyBody {
  const certificate = certificateOf(der)
  if (!certificate) throw new EntraError('Invalid', 'the credential to add is not a certificate')
  const start = Math.max(wholeSeconds(startDateTime), Date.parse(certificate.validFrom))
  const end = Math.min(wholeSeconds(endDateTime), Date.parse(certificate.validTo))
  if (!(start < end)) {
    throw new EntraError(
      'Invalid',
      'the credential to add would end before it begins: its dates lie outside its certificate',
    )
  }
  return {
    type: TYPE,
    usage: USAGE,
    key: Buffer.from(certificate.raw).toString('base64'),
    displayName: cutName(displayName),
    startDateTime: isoSeconds(start),
    endDateTime: isoSeconds(end),
  }
}

/** The body that puts an entry back which a write of ours removed; undefined where its certificate is not known. */
export function restoredBody({ key, survivor, seen }: KeyEntry): KeyBody | undefined {
  if (key === undefined) return undefined
  const { keyId: _, customKeyIdentifier, ...rest } = survivor
  return {
    ...rest,
    ...(typeof customKeyIdentifier === 'string' && { customKeyIdentifier }),
    key,
    ...(seen.displayName !== undefined && { displayName: cutName(seen.displayName) }),
  }
}

/** Whether the entry is of the certificate of this body. By its bytes; where the answer held none, by its thumbprint. */
export function isSameCertificate(entry: KeyEntry, body: KeyBody): boolean {
  if (entry.survivor['type'] !== body['type'] || entry.survivor['usage'] !== body['usage']) return false
  const hashes = hashesOf(String(body['key']))
  if (!hashes) return entry.key === body['key']
  if (entry.seen.sha256 !== undefined) return entry.seen.sha256 === hashes.sha256
  return entry.seen.thumbprint === hashes.thumbprint
}

function hashesOf(key: string): { readonly sha256: string; readonly thumbprint: string } | undefined {
  const certificate = certificateOf(Buffer.from(key, 'base64'))
  if (!certificate) return undefined
  return {
    sha256: createHash('sha256').update(certificate.raw).digest('hex'),
    thumbprint: createHash('sha1').update(certificate.raw).digest('hex').toUpperCase(),
  }
}

function certificateOf(bytes: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes)
  } catch {
    return undefined
  }
}

/**
 * The SHA-1 that a `customKeyIdentifier` may be: 40 hexadecimal digits as the service fills it in, or 20 bytes in base64 as scripts do, in
 * either alphabet ("keyCredential resource type", Edm.Binary; OData JSON says base64url). It is an arbitrary text otherwise.
 */
function thumbprintIn(identifier: string | undefined): string | undefined {
  if (identifier === undefined) return undefined
  if (/^[0-9a-f]{40}$/i.test(identifier)) return identifier.toUpperCase()
  return /^[\w+/-]{27}=$/.test(identifier) ? Buffer.from(identifier, 'base64').toString('hex').toUpperCase() : undefined
}

function cutName(name: string): string {
  return [...name].slice(0, LONGEST_NAME).join('')
}

function wholeSeconds(date: string): number {
  const time = Date.parse(date)
  if (Number.isNaN(time)) throw new EntraError('Invalid', 'a date of the credential to add is not one')
  return Math.floor(time / 1000) * 1000
}

function isoSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

import { createHash, X509Certificate } from 'node:crypto'
import type { SimulatedKey } from '../../trust/model.ts'
import { decodedBase64, type KeyEntry } from './key-entry.ts'
import type { GraphContext } from './operation.ts'
import { badRequest } from './refusal.ts'

const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)$/
const LONGEST_NAME = 90
const POLICY_DAYS = 180
const DAY_MS = 86_400_000

/**
 * A key that was not there before (Microsoft, add a certificate to an app using Microsoft Graph): it gets an id, as identifier the thumbprint
 * unless it brings one, and where it says no end a year from its start. Throws GraphRefusal.
 */
export function newKey(entry: KeyEntry, context: GraphContext): SimulatedKey {
  if (entry['type'] !== 'AsymmetricX509Cert') {
    throw badRequest(
      `The value for the property "type" in one of your credentials is invalid: '${String(entry['type'])}'.`,
    )
  }
  const der = decodedBase64(entry['key'])
  if (der === undefined || der.length === 0)
    throw badRequest('The key value of a new credential is missing or invalid.')
  const certificate = certificateOf(der)
  const start = dateOf(entry['startDateTime'], 'startDateTime') ?? withoutFraction(context.now())
  const end = dateOf(entry['endDateTime'], 'endDateTime')
  if (end !== undefined) checkSpan(start, end, certificate, context)
  const name = entry['displayName']
  const identifier = entry['customKeyIdentifier']
  return {
    keyId: typeof entry['keyId'] === 'string' ? entry['keyId'] : context.newId(),
    type: 'AsymmetricX509Cert',
    usage: String(entry['usage']),
    displayName: typeof name === 'string' ? name.slice(0, LONGEST_NAME) : null,
    startDateTime: text(start),
    endDateTime: text(end ?? yearAfter(start)),
    customKeyIdentifier:
      typeof identifier === 'string' ? identifier : createHash('sha1').update(der).digest('hex').toUpperCase(),
    key: der.toString('base64'),
  }
}

/** DER only: the text form that OpenSSL also takes is refused. */
function certificateOf(der: Buffer): X509Certificate {
  try {
    if (der[0] !== 0x30) throw new Error('not a sequence')
    return new X509Certificate(der)
  } catch {
    throw badRequest('The key value of a new credential is not a valid certificate.', 'KeyCredentialsInvalidKeyValue')
  }
}

function dateOf(value: unknown, name: string): Date | undefined {
  if (value === undefined || value === null) return undefined
  const date = typeof value === 'string' && ISO_DATE.test(value) ? new Date(value) : undefined
  if (date === undefined || Number.isNaN(date.getTime())) {
    throw badRequest(`Cannot convert the literal of '${name}' to the expected type 'Edm.DateTimeOffset'.`)
  }
  return withoutFraction(date)
}

function checkSpan(start: Date, end: Date, certificate: X509Certificate, { switches }: GraphContext): void {
  if (end <= start) throw badRequest('Key credential end date is invalid.', 'KeyCredentialsInvalidEndDate')
  if (switches.keyAfterCertificate === 'refuse') {
    if (end.getTime() > Date.parse(certificate.validTo)) {
      throw badRequest('Key credential end date is invalid.', 'KeyCredentialsInvalidEndDate')
    }
    if (start.getTime() < Date.parse(certificate.validFrom)) {
      throw badRequest('Key credential start date is invalid.', 'KeyCredentialsInvalidStartDate')
    }
  }
  if (switches.keySpan === 'one-year' && end > yearAfter(start)) {
    throw badRequest('Key credential end date is invalid.', 'KeyCredentialsInvalidEndDate')
  }
  if (switches.managementPolicy && end.getTime() - start.getTime() > POLICY_DAYS * DAY_MS) {
    throw badRequest(
      "Credential lifetime exceeds the max value allowed as per assigned policy 'Simulated app management policy'.",
      'CredentialInvalidLifetimeAsPerAppPolicy',
    )
  }
}

function yearAfter(start: Date): Date {
  const end = new Date(start)
  end.setUTCFullYear(end.getUTCFullYear() + 1)
  return end
}

function withoutFraction(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000)
}

function text(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}

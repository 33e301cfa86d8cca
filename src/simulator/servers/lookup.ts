// How CRM finds its certificate: the row of its database names a subject, the store of the server is searched for it, and the account of the
// service must be able to read the private key.
import type {
  SimulatedDeployment,
  SimulatedServer,
  SimulatedService,
  SimulatedStoredCertificate,
} from '../trust/model.ts'
import { certificateFacts } from './certificate.ts'

/** Why a service cannot use a certificate. */
export type LookupFailure =
  | 'NoRow'
  | 'SeveralRows'
  | 'NotInStore'
  | 'SameSubjectTwice'
  | 'NoPrivateKey'
  | 'KeyUnreadable'

/** What a service would load now. */
export type Lookup = { readonly found: SimulatedStoredCertificate } | { readonly failure: LookupFailure }

/** Type of the certificate row that CRM signs in with. */
export const ISSUER = 'S2STokenIssuer'

/** Looks a certificate up as a service does when it starts (Microsoft: connect Dynamics 365 (on-premises) to Exchange Online). */
export function lookUp(
  deployment: SimulatedDeployment,
  server: SimulatedServer,
  { account }: SimulatedService,
): Lookup {
  const rows = deployment.rows.filter(({ type }) => type === ISSUER)
  const [row] = rows
  if (row === undefined) return { failure: 'NoRow' }
  if (rows.length > 1) return { failure: 'SeveralRows' }
  const subject = certificateFacts(row.data)?.subject
  const named = server.store.filter(({ der }) => certificateFacts(der)?.subject === subject)
  // Two of one subject are the cause of the "Private key not found" of the vendor's own script.
  if (named.length > 1) return { failure: 'SameSubjectTwice' }
  const found = named.find(({ der }) => der === row.data)
  if (found === undefined) return { failure: 'NotInStore' }
  if (!found.hasPrivateKey) return { failure: 'NoPrivateKey' }
  if (!mayRead(found, account)) return { failure: 'KeyUnreadable' }
  return { found }
}

/** Whether an account may read a private key; accounts are compared as Windows does. */
export function mayRead({ readers }: SimulatedStoredCertificate, account: string): boolean {
  return readers.some((reader) => sameAccount(reader, account))
}

/** Whether two names are the same account: case means nothing, and the built-in ones go by several names. */
export function sameAccount(one: string, other: string): boolean {
  return plainAccount(one) === plainAccount(other)
}

function plainAccount(name: string): string {
  const plain = name
    .trim()
    .toLowerCase()
    .replace(/^nt authority\\/, '')
  return plain === 'localsystem' ? 'system' : plain.replaceAll(' ', '')
}

/** A service reads its certificate when it starts, and keeps it. */
export function startService(
  deployment: SimulatedDeployment,
  server: SimulatedServer,
  service: SimulatedService,
  nowMs: number,
): void {
  const lookup = lookUp(deployment, server, service)
  service.loaded = 'found' in lookup ? (certificateFacts(lookup.found.der)?.sha256 ?? null) : null
  service.isRunning = true
  service.startedAtMs = nowMs
}

/** Whether a service is one of the two asynchronous ones, which synchronize mailboxes. */
export function isAsynchronous({ name }: SimulatedService): boolean {
  return name.toLowerCase().startsWith('mscrmasyncservice')
}

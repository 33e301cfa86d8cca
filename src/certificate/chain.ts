// The way from a certificate to an authority, built by hand: Node checks one signature at a time, and the library's own walk knows RSA only.
import { X509Certificate } from 'node:crypto'

/** How a way to an authority ended. */
export interface Chain {
  /** `Trusted`: at an authority that is trusted; `SelfSigned`: the certificate is its own; `Incomplete`: no issuer was found. */
  readonly state: 'Trusted' | 'SelfSigned' | 'Incomplete'
  /** From the certificate upwards, itself included. */
  readonly certificates: readonly X509Certificate[]
}

/** Longer ways do not exist outside of attacks. */
const LONGEST = 10

/**
 * Looks for a way from the leaf over `others` to one of `trusted`. An authority that is over, or that may not sign, leads nowhere.
 * Where there is none, the longest way that was found is told.
 */
export function chainOf(
  leaf: X509Certificate,
  others: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
  now: Date,
): Chain {
  const roots = new Set(trusted.map(({ fingerprint256 }) => fingerprint256))
  if (isSelfSigned(leaf)) {
    return { state: roots.has(leaf.fingerprint256) ? 'Trusted' : 'SelfSigned', certificates: [leaf] }
  }
  let best: readonly X509Certificate[] = [leaf]
  const walk = (way: readonly X509Certificate[]): readonly X509Certificate[] | undefined => {
    if (way.length > best.length) best = way
    const last = way.at(-1) ?? leaf
    if (way.length > 1 && roots.has(last.fingerprint256)) return way
    if (way.length >= LONGEST) return undefined
    for (const issuer of [...trusted, ...others]) {
      if (way.includes(issuer) || !hasIssued(issuer, last) || !isInForce(issuer, now)) continue
      const found = walk([...way, issuer])
      if (found) return found
    }
    return undefined
  }
  const found = walk([leaf])
  return found ? { state: 'Trusted', certificates: found } : { state: 'Incomplete', certificates: best }
}

/**
 * True where a certificate was signed with its own key. `checkIssued` would say no where its key usage has no signing of certificates, as in
 * those that Windows makes.
 */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey)
}

/** Authorities in PEM texts. Throws an Error where a part of them is none. */
export function authoritiesIn(pems: readonly string[]): readonly X509Certificate[] {
  const parts = pems.flatMap((pem) => pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [])
  return parts.map((part) => new X509Certificate(part))
}

/** The authorities that Node trusts by itself. */
export async function systemAuthorities(): Promise<readonly X509Certificate[]> {
  const { rootCertificates } = await import('node:tls')
  return authoritiesIn(rootCertificates)
}

function hasIssued(issuer: X509Certificate, subject: X509Certificate): boolean {
  return issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey)
}

function isInForce({ validFrom, validTo }: X509Certificate, now: Date): boolean {
  return Date.parse(validFrom) <= now.getTime() && now.getTime() <= Date.parse(validTo)
}

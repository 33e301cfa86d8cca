import { constants, createHash, verify, X509Certificate } from 'node:crypto'
import type { SimulatedApplication } from '../../trust/model.ts'
import { type JwtParts, jwtParts } from './jwt.ts'
import { SignInRefusal } from './sign-in-errors.ts'

/** What an assertion is judged by. */
export interface AssertionContext {
  readonly application: SimulatedApplication
  /** Every address of this endpoint that may stand in `aud`. */
  readonly audiences: readonly string[]
  readonly nowMs: number
}

/** Difference of clocks that is forgiven; how much the product forgives is not documented. */
const TOLERANCE_MS = 5 * 60_000

/**
 * Takes an assertion that a registered certificate signed (Microsoft, application authentication certificate credentials), or the token of
 * another issuer that is registered. The same assertion may come again: the published library sends one until it expires. Throws SignInRefusal.
 */
export function checkAssertion(assertion: string, context: AssertionContext): void {
  if (context.application.federatedTokens.includes(assertion)) return
  const parts = jwtParts(assertion)
  if (parts === undefined) throw new SignInRefusal(50027)
  const certificate = signerOf(parts, context.application)
  if (!isSigned(parts, certificate)) throw new SignInRefusal(50012)
  checkValidity(certificate, context.nowMs)
  checkClaims(parts.payload, context)
}

function signerOf({ header }: JwtParts, application: SimulatedApplication): X509Certificate {
  const sha256 = header['x5t#S256']
  const sha1 = header['x5t']
  const wanted = typeof sha256 === 'string' ? sha256 : sha1
  if (typeof wanted !== 'string') {
    if (application.certificates.length === 0 && application.federatedTokens.length > 0) throw new SignInRefusal(70021)
    throw new SignInRefusal(50027, 'The header of the assertion names no certificate.')
  }
  const algorithm = typeof sha256 === 'string' ? 'sha256' : 'sha1'
  const found = application.certificates.find((der) => {
    return createHash(algorithm).update(Buffer.from(der, 'base64')).digest('base64url') === wanted.replace(/=+$/, '')
  })
  if (found !== undefined) return new X509Certificate(Buffer.from(found, 'base64'))
  const shown = Buffer.from(wanted, 'base64url').toString('hex').toUpperCase()
  throw new SignInRefusal(
    700027,
    `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '${shown}']`,
  )
}

function isSigned({ header, signed, signature }: JwtParts, { publicKey }: X509Certificate): boolean {
  switch (header['alg']) {
    case 'PS256':
      return verify(
        'sha256',
        signed,
        { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
        signature,
      )
    case 'RS256':
      return verify('sha256', signed, publicKey, signature)
    default:
      throw new SignInRefusal(7000277)
  }
}

function checkValidity(certificate: X509Certificate, nowMs: number): void {
  const isValid = Date.parse(certificate.validFrom) <= nowMs && nowMs < Date.parse(certificate.validTo)
  if (isValid) return
  throw new SignInRefusal(
    700027,
    `The certificate used to sign the client assertion has expired. [Reason - The key used is expired., Start=${certificate.validFrom}, End=${certificate.validTo}]`,
  )
}

function checkClaims(payload: JwtParts['payload'], { application, audiences, nowMs }: AssertionContext): void {
  if (!audiences.includes(String(payload['aud']))) {
    throw new SignInRefusal(50027, 'The audience of the assertion is not this endpoint.')
  }
  if (payload['iss'] !== application.clientId || payload['sub'] !== application.clientId) {
    throw new SignInRefusal(50027, 'Issuer and subject of the assertion are not the application.')
  }
  if (typeof payload['jti'] !== 'string') throw new SignInRefusal(50027, 'The assertion has no jti.')
  const from = payload['nbf'] ?? payload['iat']
  const until = payload['exp']
  const isInTime =
    typeof until === 'number' &&
    nowMs - TOLERANCE_MS < until * 1000 &&
    (from === undefined || (typeof from === 'number' && from * 1000 <= nowMs + TOLERANCE_MS))
  if (isInTime) return
  const shown = new Date(nowMs).toISOString()
  throw new SignInRefusal(
    700024,
    `Client assertion is not within its valid time range. Current time: ${shown}, assertion valid from ${String(from)}, expiry time of assertion ${String(until)}.`,
  )
}

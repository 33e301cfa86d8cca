// What is known of a certificate on this side. The bytes of a PFX and its password are secrets and no part of it.

/** Which keys CRM can use: an RSA key in a legacy provider, made for key exchange (Microsoft, AD FS and KeySpec). */
export type KeySpec = 'KeyExchange' | 'Signature' | 'Cng'

/** A certificate of the runtime configuration, as read from its PFX. */
export interface LocalCertificate {
  /** Its name in the runtime configuration. */
  readonly name: string
  /** SHA-256 of the leaf, 64 lower-case hexadecimal digits. */
  readonly sha256: string
  /** SHA-1 of the leaf, 40 upper-case hexadecimal digits: what Windows calls the thumbprint. */
  readonly thumbprint: string
  /** Subject in the order Windows shows it, `CN=crm-s2s-2027, O=Contoso`. */
  readonly subject: string
  readonly issuer: string
  /** ISO 8601 in UTC with seconds. */
  readonly notBefore: string
  readonly notAfter: string
  readonly isSelfSigned: boolean
  /** Of an RSA key in bits; undefined for other keys. */
  readonly rsaBits?: number
  /** What the file asks the importer for; undefined where it does not say, or could not be read that deep. */
  readonly keySpec?: KeySpec
  /** DER of the leaf: public. */
  readonly der: Uint8Array
}

/** Why a certificate cannot be used. `message` says what to do. */
export type CertificateFault =
  | 'Unreadable'
  | 'WrongPassword'
  | 'NoPrivateKey'
  | 'NotRsa'
  | 'KeyTooShort'
  | 'WrongKeySpec'
  | 'NotReviewed'
  | 'Expired'
  | 'NotYetValid'
  | 'SelfSigned'
  | 'UntrustedChain'

/** A certificate that was refused, or a file that is none. Never holds the password or bytes of the file. */
export class CertificateError extends Error {
  readonly code: CertificateFault

  constructor(code: CertificateFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CertificateError'
    this.code = code
  }
}

// What an application proves itself with. The token library says of most unfit credentials only at the first sign-in that something is
// wrong, and of some nothing at all; so they are looked at here, before anything is sent.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { EntraError } from './tenant.ts'

/** What an application signs in with. All of it but the fingerprint is secret. */
export type Credential =
  | { readonly type: 'Secret'; readonly secret: string }
  | {
      readonly type: 'Certificate'
      /** PEM of an RSA key of 2048 bits or more, not encrypted. */
      readonly privateKeyPem: string
      /** SHA-256 of the certificate in hexadecimal; colons and case do not matter. */
      readonly sha256: string
      /** PEM of the certificate and its issuers, sent along for a trust by subject name and issuer. */
      readonly chainPem?: string
    }
  /** A token of another issuer (workload identity, audience `api://AzureADTokenExchange`); the file is read at every sign-in. */
  | { readonly type: 'FederatedToken'; readonly file: string }

/** What may be known of our own credential, to find it among those of the application. */
export type OwnCredential =
  | { readonly type: 'Secret'; readonly hasHint: (hint: string) => boolean }
  | { readonly type: 'Certificate'; readonly sha256: string }
  | { readonly type: 'FederatedToken' }

const LEAST_RSA_BITS = 2048

/** The credential in the form that the token library takes. Throws EntraError `Invalid`, which says what is unfit and what to do. */
export function fitCredential(credential: Credential): Credential {
  switch (credential.type) {
    case 'Secret':
      if (credential.secret.trim() === '') throw unfit('the client secret is empty')
      return credential
    case 'FederatedToken':
      if (credential.file === '') throw unfit('the file of the federated token has no name')
      return credential
    case 'Certificate':
      return fitCertificate(credential)
  }
}

/** What may be known of a credential that `fitCredential` gave. */
export function ownCredential(credential: Credential): OwnCredential {
  switch (credential.type) {
    case 'Secret':
      // "The first three characters of the password" (Microsoft Graph, passwordCredential).
      return { type: 'Secret', hasHint: (hint) => hint.length === 3 && credential.secret.startsWith(hint) }
    case 'Certificate':
      return { type: 'Certificate', sha256: credential.sha256 }
    case 'FederatedToken':
      return { type: 'FederatedToken' }
  }
}

function fitCertificate(credential: Credential & { type: 'Certificate' }): Credential {
  const sha256 = credential.sha256.replaceAll(':', '').trim().toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    throw unfit('the fingerprint of the certificate is not a SHA-256 in 64 hexadecimal digits')
  }
  const key = fitKey(credential.privateKeyPem)
  if (credential.chainPem !== undefined) checkChain(credential.chainPem, sha256, key)
  return { ...credential, sha256 }
}

function fitKey(pem: string): KeyObject {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    throw unfit('the private key is encrypted; store it without a passphrase in the secret store')
  }
  const key = readKey(pem)
  if (key.asymmetricKeyType !== 'rsa') {
    throw unfit(`the private key is of the type ${key.asymmetricKeyType ?? 'unknown'}; Entra ID takes RSA keys only`)
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < LEAST_RSA_BITS) {
    throw unfit(`the private key has ${bits} bits; Entra ID takes RSA keys of ${LEAST_RSA_BITS} bits and more`)
  }
  return key
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    // Without the cause: what the parser complains about may quote the key.
    throw unfit('the private key cannot be read; it is expected as PEM (-----BEGIN PRIVATE KEY-----)')
  }
}

function checkChain(chainPem: string, sha256: string, key: KeyObject): void {
  const leaf = readCertificate(chainPem)
  if (leaf.fingerprint256.replaceAll(':', '').toLowerCase() !== sha256) {
    throw unfit('the first certificate of the chain is not the one of the fingerprint')
  }
  if (!leaf.checkPrivateKey(key)) throw unfit('the private key does not belong to the certificate')
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw unfit('the certificate chain cannot be read; it is expected as PEM, the own certificate first')
  }
}

function unfit(what: string): EntraError {
  return new EntraError('Invalid', `the identity cannot sign in to Entra ID: ${what}`)
}

// The application object of the token library: one per identity, so that nothing is shared between reading and writing.
import { readFile } from 'node:fs/promises'
import type { ConfidentialClientApplication } from '@azure/msal-node'
import type { HttpClient } from '../network/http.ts'
import type { TenantEndpoints } from './clouds.ts'
import type { Credential } from './credential.ts'
import { asEntraError } from './failure.ts'
import { asRecord } from './fields.ts'
import { EntraError } from './tenant.ts'
import type { TokenAnswer } from './token-faults.ts'
import { createTokenNetwork, type TokenNetwork } from './token-network.ts'

/** What an application signs in with, beside its credential. */
export interface ApplicationOptions {
  readonly http: HttpClient
  readonly clientId: string
  readonly now: () => Date
  /** For one sign-in; 30 s where absent. */
  readonly deadlineMs?: number
}

/** Signs in. One call at a time. */
export interface Application {
  /** What the token endpoint answered, whatever its status. Throws EntraError where it answered nothing. */
  ask(claims: string | undefined): Promise<TokenAnswer>
}

/** The library's application object, and what it heard. */
export interface LoadedLibrary {
  readonly library: ConfidentialClientApplication
  readonly network: TokenNetwork
}

const DEADLINE_MS = 30_000

/** Creates the application of a credential that `fitCredential` gave. The library is loaded with the first sign-in. */
export function createApplication(
  options: ApplicationOptions,
  endpoints: TenantEndpoints,
  credential: Credential,
  doing: string,
): Application {
  let loaded: Promise<LoadedLibrary> | undefined
  return {
    async ask(claims) {
      loaded ??= loadLibrary(options, endpoints, credential)
      const application = await loaded.catch((error: unknown) => {
        throw neverSent({ error }, doing)
      })
      return exchange(application, endpoints.scope, claims, doing)
    },
  }
}

/** Loads the library and makes its application object. Nothing is sent. */
export async function loadLibrary(
  options: ApplicationOptions,
  endpoints: TenantEndpoints,
  credential: Credential,
): Promise<LoadedLibrary> {
  const { ConfidentialClientApplication } = await import('@azure/msal-node')
  const { http, clientId, now, deadlineMs = DEADLINE_MS } = options
  const network = createTokenNetwork({ http, tokenEndpoint: endpoints.tokenEndpoint, now, deadlineMs })
  const { authority } = endpoints
  const library = new ConfidentialClientApplication({
    auth: {
      clientId,
      authority,
      // With its metadata at hand the library looks nothing up: the token request is the only one.
      authorityMetadata: JSON.stringify({
        authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
        token_endpoint: endpoints.tokenEndpoint,
        issuer: `${authority}/v2.0`,
        jwks_uri: `${authority}/discovery/v2.0/keys`,
      }),
      ...libraryCredential(credential),
    },
    system: { networkClient: network.client },
  })
  return { library, network }
}

function libraryCredential(credential: Credential) {
  switch (credential.type) {
    case 'Secret':
      return { clientSecret: credential.secret }
    case 'Certificate': {
      const { sha256, privateKeyPem, chainPem } = credential
      return {
        clientCertificate: {
          thumbprintSha256: sha256,
          privateKey: privateKeyPem,
          ...(chainPem !== undefined && { x5c: chainPem }),
        },
      }
    }
    case 'FederatedToken':
      return { clientAssertion: () => readFederatedToken(credential.file) }
  }
}

async function readFederatedToken(file: string): Promise<string> {
  const token = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new EntraError('Invalid', `the federated token cannot be read from ${file}`, { cause })
  })
  if (/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token.trim())) return token.trim()
  throw new EntraError('Invalid', `${file} holds no federated token: it is expected as one signed JSON web token`)
}

/** One sign-in. What the network heard counts, not what the library makes of it. */
async function exchange(
  { library, network }: LoadedLibrary,
  scope: string,
  claims: string | undefined,
  doing: string,
): Promise<TokenAnswer> {
  network.listen()
  const request = { scopes: [scope], skipCache: true, ...(claims !== undefined && { claims }) }
  const outcome = await library.acquireTokenByClientCredential(request).catch((error: unknown) => ({ error }))
  const heard = network.heard()
  if (!heard) throw neverSent(outcome, doing)
  if ('error' in heard) throw asEntraError(heard.error, doing, new AbortController().signal)
  return heard
}

function neverSent(outcome: unknown, doing: string): EntraError {
  const error = asRecord(outcome)?.['error']
  if (error instanceof EntraError) return error
  return new EntraError('Invalid', `${doing}: the sign-in could not be prepared; check the identity`, { cause: error })
}

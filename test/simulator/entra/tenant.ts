import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { afterEach } from 'vitest'
import { certificateDer } from '../../../src/simulator/entra/certificate-der.ts'
import {
  CRM_APP_ID,
  type EntraOptions,
  type RunningEntra,
  SEEDED_CLIENTS,
  seedTenant,
  startEntra,
  type TenantSeed,
} from '../../../src/simulator/entra/index.ts'
import type { SimulatedPrincipal } from '../../../src/simulator/trust/model.ts'
import { type Received, type Sent, send } from '../wire/exchange.ts'

export const NOW = new Date('2026-11-23T08:00:00Z')
export const PRINCIPAL = `servicePrincipals(appId='${CRM_APP_ID}')`

/** A certificate with its private key. */
export interface Certificate {
  readonly der: Buffer
  readonly base64: string
  readonly privateKey: KeyObject
  readonly sha1: string
  readonly sha256: string
}

/** A self-signed certificate; dates such as `2026-01-01`. Making its key takes a moment, so make few. */
export function makeCertificate(name: string, notBefore = '2026-01-01', notAfter = '2028-01-01'): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const der = certificateDer({
    name,
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    serial: Buffer.from([1, 2, 3]),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    sign: (content) => sign('sha256', content, privateKey),
  })
  const digest = (algorithm: string) => createHash(algorithm).update(der).digest('hex')
  return {
    der,
    base64: der.toString('base64'),
    privateKey,
    sha1: digest('sha1').toUpperCase(),
    sha256: digest('sha256'),
  }
}

/** A running tenant and a way to talk to it. */
export interface Api {
  readonly entra: RunningEntra
  /** Moves the directory's and the wire's time. */
  advance(ms: number): void
  /** The principal of CRM as it really is. */
  principal(): SimulatedPrincipal
  signIn(form: Readonly<Record<string, string>>, tenant?: string): Promise<Received>
  /** A token of the writing application, or of another one. */
  token(clientId?: string): Promise<string>
  /** Sends below `/graph/v1.0/` with a token of the writing application unless headers bring one. */
  call(path: string, sent?: Sent): Promise<Received>
}

const running: RunningEntra[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((entra) => entra.close()))
})

/** Starts a tenant; it is closed when the test ends. */
export async function startTenant(seed: Partial<TenantSeed> = {}, options: Partial<EntraOptions> = {}): Promise<Api> {
  const time = { ms: NOW.getTime() }
  const now = () => new Date(time.ms)
  const tenant = seedTenant({ now: NOW, addresses: ['ann@contoso.com', 'bob@contoso.com'], ...seed })
  const entra = await startEntra({ tenant, now, ...options })
  running.push(entra)
  const signIn = (form: Readonly<Record<string, string>>, named = tenant.tenantId) =>
    send(`${entra.loginUrl}/${named}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...CLIENT_CREDENTIALS, ...form }).toString(),
    })
  const token = async (clientId: string = SEEDED_CLIENTS.writing) =>
    String((await signIn({ client_id: clientId, client_secret: 'simulator-secret' })).json()['access_token'])
  return {
    entra,
    advance(ms) {
      time.ms += ms
    },
    principal() {
      const found = tenant.principals.get(CRM_APP_ID)
      if (found === undefined) throw new Error('no principal')
      return found
    },
    signIn,
    token,
    async call(path, { headers = {}, ...sent } = {}) {
      const own = headers['Authorization'] === undefined ? { Authorization: `Bearer ${await token()}` } : {}
      return send(`${entra.graphUrl}/v1.0/${path.replaceAll(' ', '%20')}`, { ...sent, headers: { ...own, ...headers } })
    },
  }
}

export const CLIENT_CREDENTIALS = {
  client_id: SEEDED_CLIENTS.writing,
  grant_type: 'client_credentials',
  scope: 'https://graph.microsoft.com/.default',
}

/** The code of a refusal. */
export function codeOf(received: Received): unknown {
  return (received.json()['error'] as Record<string, unknown>)['code']
}

/** The message of a refusal. */
export function messageOf(received: Received): unknown {
  return (received.json()['error'] as Record<string, unknown>)['message']
}

/** PATCHes the principal of CRM. */
export function patch(api: Api, body: object): Promise<Received> {
  return api.call(PRINCIPAL, { method: 'PATCH', body })
}

/** A key of the principal as a client carries it over: as read, without its bytes and its name. */
export function survivors(principal: SimulatedPrincipal): readonly Readonly<Record<string, unknown>>[] {
  return principal.keys.map(({ key: _, displayName: __, ...kept }) => kept)
}

/** A new key as a client adds it. */
export function newEntry(certificate: Certificate, more: object = {}): Readonly<Record<string, unknown>> {
  return {
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    key: certificate.base64,
    displayName: 'CN=crm-s2s',
    startDateTime: '2026-11-23T08:00:00Z',
    endDateTime: '2027-11-23T08:00:00Z',
    ...more,
  }
}

import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Credential, fitCredential, ownCredential } from '../../src/entra/credential.ts'
import { EntraError } from '../../src/entra/tenant.ts'
import { makeCertificate } from './certificates.ts'

const good = makeCertificate('mailkeel')
const other = makeCertificate('other')

function rsa(bits: number): string {
  return generateKeyPairSync('rsa', { modulusLength: bits })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
}

const encrypted = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'a-passphrase' },
}).privateKey
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

function certificate(changes: Partial<Credential & { type: 'Certificate' }>): Credential {
  return { type: 'Certificate', privateKeyPem: good.privateKeyPem, sha256: good.sha256, ...changes }
}

describe('a credential', () => {
  it('with a fingerprint in any spelling is taken', () => {
    const spelled = good.sha256.toUpperCase().replace(/(..)(?!$)/g, '$1:')

    const fit = fitCredential(certificate({ sha256: spelled, chainPem: good.certificatePem }))

    expect(fit).toMatchObject({ sha256: good.sha256 })
  })

  it.each<{ reason: string; credential: Credential; says: RegExp }>([
    { reason: 'a fingerprint of SHA-1', credential: certificate({ sha256: good.thumbprint }), says: /64 hexadecimal/ },
    { reason: 'a key of 1024 bits', credential: certificate({ privateKeyPem: rsa(1024) }), says: /1024 bits/ },
    { reason: 'an elliptic key', credential: certificate({ privateKeyPem: ec }), says: /type ec/ },
    { reason: 'an encrypted key', credential: certificate({ privateKeyPem: encrypted }), says: /encrypted/ },
    { reason: 'no PEM', credential: certificate({ privateKeyPem: 'something secret' }), says: /PEM/ },
    {
      reason: 'a chain of another certificate',
      credential: certificate({ chainPem: other.certificatePem }),
      says: /first/,
    },
    {
      reason: 'a key of another certificate',
      credential: certificate({ privateKeyPem: rsa(2048), chainPem: good.certificatePem }),
      says: /belong/,
    },
    { reason: 'a chain that is none', credential: certificate({ chainPem: 'PEM?' }), says: /chain cannot be read/ },
    { reason: 'an empty secret', credential: { type: 'Secret', secret: ' ' }, says: /empty/ },
    { reason: 'no file', credential: { type: 'FederatedToken', file: '' }, says: /no name/ },
  ])('is refused before anything is sent: $reason', ({ credential, says }) => {
    expect(() => fitCredential(credential)).toThrow(EntraError)
    expect(() => fitCredential(credential)).toThrow(says)
    expect(() => fitCredential(credential)).not.toThrow(/something secret/)
  })

  it('knows itself by the hint of the directory without giving itself away', () => {
    const own = ownCredential({ type: 'Secret', secret: 'Abc~rest' })

    expect(own.type === 'Secret' && own.hasHint('Abc')).toBe(true)
    expect(own.type === 'Secret' && own.hasHint('Abd')).toBe(false)
    expect(own.type === 'Secret' && own.hasHint('')).toBe(false)
    expect(JSON.stringify(own)).not.toContain('Abc')
  })
})

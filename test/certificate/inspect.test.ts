import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CertificateFault } from '../../src/certificate/certificate.ts'
import { createEvaluationPfx } from '../../src/certificate/create.ts'
import { type CertificateExpectation, inspectCertificate } from '../../src/certificate/inspect.ts'
import { needs } from '../setup/needs.ts'
import { type Made, openWorkshop, type Workshop } from './pfx-files.ts'

const PASSWORD = 'correct horse'
const DAY_MS = 86_400_000
/** A moment ahead: the certificates of these tests are valid from when they are made. */
const now = new Date(Date.now() + 60_000)
const inDays = (days: number) => new Date(now.getTime() + days * DAY_MS)

needs('openssl')('inspecting a certificate', () => {
  let workshop: Workshop
  let root: Made
  let middle: Made
  let leaf: Made
  let own: Made
  let trustedCaPem: readonly string[]

  beforeAll(() => {
    workshop = openWorkshop()
    root = workshop.certificate({ subject: '/CN=Contoso Root', authority: true })
    middle = workshop.certificate({ subject: '/CN=Contoso Issuing', authority: true, issuer: root })
    leaf = workshop.certificate({ subject: '/C=DE/O=Contoso/CN=crm-s2s-2027', issuer: middle })
    own = workshop.certificate()
    trustedCaPem = [workshop.pem(root)]
  })
  afterAll(() => workshop.dispose())

  const inspected = (pfx: Uint8Array, expected: Partial<CertificateExpectation> = {}) =>
    inspectCertificate({
      name: 's2s-2027',
      bytes: pfx,
      password: PASSWORD,
      expected: { evaluation: false, now, trustedCaPem, ...expected },
    })

  it('tells what there is to know of it, and finds nothing wrong', async () => {
    const pfx = workshop.pfx(leaf, PASSWORD, '-certfile', middle.cert, '-keyex')

    const { certificate, faults, chain, chainState, verdicts } = await inspected(pfx)

    expect(certificate).toMatchObject({
      name: 's2s-2027',
      subject: 'CN=crm-s2s-2027, O=Contoso, C=DE',
      issuer: 'CN=Contoso Issuing',
      isSelfSigned: false,
      rsaBits: 2048,
      keySpec: 'KeyExchange',
    })
    expect(certificate.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(certificate.thumbprint).toMatch(/^[0-9A-F]{40}$/)
    expect(certificate.notAfter).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect({ faults, chain, chainState }).toEqual({
      faults: [],
      chain: ['CN=crm-s2s-2027, O=Contoso, C=DE', 'CN=Contoso Issuing', 'CN=Contoso Root'],
      chainState: 'Trusted',
    })
    expect(verdicts.map(({ check, outcome }) => `${check} ${outcome}`)).toEqual([
      'Key Good',
      'KeySpec Good',
      'Validity Good',
      'Chain Good',
    ])
  })

  it.each<{
    reason: string
    make: () => Uint8Array
    expected?: Partial<CertificateExpectation>
    faults: readonly CertificateFault[]
    says: RegExp
  }>([
    {
      reason: 'the issuer is not in the file',
      make: () => workshop.pfx(leaf, PASSWORD),
      faults: ['UntrustedChain'],
      says: /issuer CN=Contoso Issuing is neither in the PFX file nor trusted.*caFile/,
    },
    {
      reason: 'nobody trusts the root',
      make: () => workshop.pfx(leaf, PASSWORD, '-certfile', workshop.joined(middle, root)),
      expected: { trustedCaPem: [] },
      faults: ['UntrustedChain'],
      says: /issuer CN=Contoso Root/,
    },
    {
      reason: 'the issuer may not issue',
      make: () => {
        const impostor = workshop.certificate({ issuer: leaf })
        return workshop.pfx(impostor, PASSWORD, '-certfile', workshop.joined(leaf, middle))
      },
      faults: ['UntrustedChain'],
      says: /issuer CN=crm-s2s-2027/,
    },
    {
      reason: 'self-signed',
      make: () => workshop.pfx(own, PASSWORD),
      faults: ['SelfSigned'],
      says: /evaluation: true/,
    },
    {
      reason: 'self-signed, for evaluation',
      make: () => workshop.pfx(own, PASSWORD),
      expected: { evaluation: true },
      faults: [],
      says: /allowed for evaluation/,
    },
    {
      reason: 'over, and so are the authorities',
      make: () => workshop.pfx(leaf, PASSWORD, '-certfile', middle.cert),
      expected: { now: inDays(31) },
      faults: ['Expired', 'UntrustedChain'],
      says: /expired on \d{4}-\d\d-\d\d; request a new one/,
    },
    {
      reason: 'not yet valid',
      make: () => workshop.pfx(own, PASSWORD),
      expected: { now: inDays(-1), evaluation: true },
      faults: ['NotYetValid'],
      says: /not valid before .*clock/,
    },
    {
      reason: 'another one than was reviewed',
      make: () => workshop.pfx(leaf, PASSWORD, '-certfile', middle.cert),
      expected: { sha256: 'ab'.repeat(32) },
      faults: ['NotReviewed'],
      says: /its sha256 is [0-9a-f]{64}/,
    },
    {
      reason: 'a short key',
      make: () => workshop.pfx(workshop.certificate({ kind: 'rsa-1024' }), PASSWORD),
      expected: { evaluation: true },
      faults: ['KeyTooShort'],
      says: /1024 bits/,
    },
    {
      reason: 'an EC key',
      make: () => workshop.pfx(workshop.certificate({ kind: 'ec' }), PASSWORD),
      expected: { evaluation: true },
      faults: ['NotRsa'],
      says: /not RSA/,
    },
    {
      reason: 'an RSA-PSS key',
      make: () => workshop.pfx(workshop.certificate({ kind: 'rsa-pss' }), PASSWORD),
      expected: { evaluation: true },
      faults: ['NotRsa'],
      says: /plain RSA/,
    },
  ])('$reason', async ({ make, expected, faults, says }) => {
    const inspection = await inspected(make(), expected)

    expect(inspection.faults.map(({ code }) => code)).toEqual(faults)
    expect(inspection.verdicts.map(({ message }) => message).join('\n')).toMatch(says)
  })

  it('an authority that is over leads nowhere, even where the certificate itself is in force', async () => {
    const short = workshop.certificate({ subject: '/CN=Short Root', authority: true })
    const pfx = workshop.pfx(workshop.certificate({ issuer: short }), PASSWORD)
    const later = new Date(now.getTime() + 30 * DAY_MS + 3_600_000)

    const { faults } = await inspected(pfx, { now: later, trustedCaPem: [workshop.pem(short)] })

    expect(faults.map(({ code }) => code)).toContain('UntrustedChain')
  })

  it.each([
    { flags: ['-keysig'], says: 'KeySpec 2', reason: 'signature only' },
    { flags: ['-CSP', 'Microsoft Software Key Storage Provider'], says: 'KeySpec 0', reason: 'CNG' },
  ])('warns of a KeySpec that the import can still put right: $reason', async ({ flags, says }) => {
    const { faults, verdicts } = await inspected(workshop.pfx(leaf, PASSWORD, '-certfile', middle.cert, ...flags))

    const warning = verdicts.find(({ outcome }) => outcome === 'Warning')
    expect(faults).toEqual([])
    expect(warning).toMatchObject({ check: 'KeySpec', fault: 'WrongKeySpec' })
    expect(warning?.message).toContain(says)
    expect(warning?.message).toContain('AT_KEYEXCHANGE')
  })

  it('warns where the key usage forbids signatures, which is not what X509Certificate.keyUsage tells', async () => {
    const server = workshop.certificate({ extensions: ['keyUsage=keyEncipherment', 'extendedKeyUsage=serverAuth'] })
    const signing = workshop.certificate({ extensions: ['keyUsage=digitalSignature,keyEncipherment'] })

    const [one, other] = await Promise.all(
      [server, signing].map((made) => inspected(workshop.pfx(made, PASSWORD), { evaluation: true })),
    )

    expect(one?.verdicts.map(({ check }) => check)).toContain('KeyUsage')
    expect(other?.verdicts.map(({ check }) => check)).not.toContain('KeyUsage')
  })

  it('a sha256 with colons and capitals is the same', async () => {
    const pfx = workshop.pfx(leaf, PASSWORD, '-certfile', middle.cert)
    const { certificate } = await inspected(pfx)
    const colons = certificate.sha256.toUpperCase().replace(/..(?=.)/g, '$&:')

    const { faults } = await inspected(pfx, { sha256: colons })

    expect(faults).toEqual([])
  })
})

needs('openssl')('a created file', () => {
  it.each(['TripleDes', 'Aes'] as const)(
    'is read by others, with its provider and the use of its key: %s',
    async (encryption) => {
      const subject = [{ type: 'CN', value: 'crm-s2s' } as const]
      const { bytes } = await createEvaluationPfx({ subject, password: 'пароль €', days: 90, now, encryption })

      const { stdout, stderr } = spawnSync('openssl', ['pkcs12', '-info', '-nodes', '-passin', 'env:PASSWORD'], {
        input: bytes,
        env: { PATH: process.env['PATH'], PASSWORD: 'пароль €' },
        encoding: 'utf8',
      })

      expect(stdout).toContain('Microsoft CSP Name: Microsoft Enhanced RSA and AES Cryptographic Provider')
      expect(stdout).toMatch(/Key Usage: 10/)
      expect(stderr).toContain(encryption === 'Aes' ? 'AES-256-CBC' : '3-KeyTripleDES')
    },
  )
})

describe('creating a certificate for evaluation', () => {
  it.each([
    { encryption: 'TripleDes', password: 'correct horse', reason: 'for older servers' },
    { encryption: 'TripleDes', password: 'пароль €', reason: 'with a password of another script' },
    { encryption: 'Aes', password: 'correct horse', reason: 'for newer servers' },
    { encryption: 'Aes', password: 'пароль €', reason: 'modern, with a password of another script' },
  ] as const)('makes what CRM can use: $encryption, $reason', async ({ encryption, password }) => {
    const subject = [{ type: 'CN', value: 'crm-s2s' } as const, { type: 'O', value: 'Contoso, "Ä"' } as const]

    const { bytes, certificate } = await createEvaluationPfx({ subject, password, days: 90, now, encryption })

    const { faults, verdicts } = await inspectCertificate({
      name: 'made',
      bytes,
      password,
      expected: { evaluation: true, now, sha256: certificate.sha256 },
    })
    expect(certificate).toMatchObject({
      subject: 'CN=crm-s2s, O="Contoso, ""Ä"""',
      keySpec: 'KeyExchange',
      rsaBits: 2048,
    })
    expect(Date.parse(certificate.notAfter) - Date.parse(certificate.notBefore)).toBe(90 * DAY_MS)
    expect({ faults, bad: verdicts.filter(({ outcome }) => outcome !== 'Good') }).toEqual({ faults: [], bad: [] })
  })
})

import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CertificateError, type CertificateFault } from '../../src/certificate/certificate.ts'
import { readPfx } from '../../src/certificate/pfx.ts'
import { needs } from '../setup/needs.ts'
import { type Made, openWorkshop, type Workshop } from './pfx-files.ts'

const AES = ['-keypbe', 'AES-256-CBC', '-certpbe', 'AES-256-CBC']
const TRIPLE_DES = ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']
const PASSWORD = 'correct horse'

needs('openssl')('opening a PFX', () => {
  let workshop: Workshop
  let rsa: Made
  let others: Readonly<Record<'ec' | 'rsa-pss', Made>>

  beforeAll(() => {
    workshop = openWorkshop()
    rsa = workshop.certificate({ subject: '/CN=crm-s2s' })
    others = { ec: workshop.certificate({ kind: 'ec' }), 'rsa-pss': workshop.certificate({ kind: 'rsa-pss' }) }
  })
  afterAll(() => workshop.dispose())

  it.each([
    { flags: AES, reason: 'AES-256 with PBKDF2-SHA256 and MAC SHA-256' },
    { flags: [...AES, '-macalg', 'sha256', '-iter', '2000'], reason: 'as newer Windows writes it' },
    { flags: [...AES, '-macalg', 'sha384'], reason: 'MAC SHA-384' },
    { flags: [...AES, '-macalg', 'sha512'], reason: 'MAC SHA-512' },
    { flags: ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-192-CBC'], reason: 'shorter AES keys' },
    { flags: TRIPLE_DES, reason: 'as older Windows writes it, certificates locked too' },
    { flags: ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'NONE'], reason: 'only the key locked' },
    { flags: ['-legacy'], reason: 'RC2-40 and TripleDES' },
    { flags: ['-legacy', '-certpbe', 'PBE-SHA1-RC2-128'], reason: 'RC2-128' },
    { flags: ['-legacy'], password: '', reason: 'RC2-40 with an empty password' },
    { flags: AES, password: '', reason: 'modern with an empty password' },
    { flags: ['-keypbe', 'NONE', '-certpbe', 'NONE'], reason: 'bags not locked' },
    { flags: ['-nomac'], reason: 'no MAC' },
    { flags: AES, password: 'пароль', reason: 'modern with a Cyrillic password' },
    { flags: AES, password: 'Straße 5 €', reason: 'modern with ß and €' },
    { flags: AES, password: 'a😀b', reason: 'modern with a character of two halves' },
    { flags: ['-legacy'], password: 'пароль', reason: 'RC2 with a Cyrillic password' },
    { flags: TRIPLE_DES, password: 'Straße 5 €', reason: 'TripleDES with ß and €' },
  ])('reads $reason', async ({ flags, password = PASSWORD }) => {
    const pfx = workshop.pfx(rsa, password, ...flags)

    const opened = await readPfx(pfx, password)

    expect(opened.leaf.raw).toEqual(new X509Certificate(workshop.pem(rsa)).raw)
    expect(opened.privateKey && opened.leaf.checkPrivateKey(opened.privateKey)).toBe(true)
    expect(opened.others).toEqual([])
  })

  it.each([
    { kind: 'ec', flags: AES, reason: 'EC, modern' },
    { kind: 'ec', flags: ['-legacy'], reason: 'EC, RC2' },
    { kind: 'rsa-pss', flags: AES, reason: 'RSA-PSS' },
  ] as const)('reads a key of another kind, so that it can be named: $reason', async ({ kind, flags }) => {
    const { leaf } = await readPfx(workshop.pfx(others[kind], PASSWORD, ...flags), PASSWORD)

    expect(leaf.publicKey.asymmetricKeyType).toBe(kind)
  })

  it('falls back to the reader of Node where the file is locked in a way it does not know itself', async () => {
    const pfx = workshop.pfx(rsa, PASSWORD, ...AES, '-macalg', 'sha224', '-CSP', 'Some Provider', '-keyex')

    const { leaf, keySpec, privateKey } = await readPfx(pfx, PASSWORD)

    expect(leaf.subject).toBe('CN=crm-s2s')
    expect({ keySpec, privateKey }).toEqual({ keySpec: undefined, privateKey: undefined })
  })

  it('does not count more rounds than anybody uses', async () => {
    const pfx = workshop.pfx(rsa, PASSWORD, '-keypbe', 'AES-256-CBC', '-certpbe', 'NONE', '-iter', '5000001', '-nomac')

    const failure = await readPfx(pfx, PASSWORD).catch((error: unknown) => error)

    expect(failure).toMatchObject({ code: 'Unreadable', message: expect.stringContaining('5000001 rounds') })
  })

  it('whatever is damaged is a CertificateError, or no damage', async () => {
    const whole = workshop.pfx(rsa, PASSWORD, '-keypbe', 'NONE', '-certpbe', 'NONE', '-nomac')
    const expected = new X509Certificate(workshop.pem(rsa)).raw

    for (let at = 0; at < whole.length; at += 41) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 0x15
      const outcome = await readPfx(damaged, PASSWORD).catch((error: unknown) => error)
      if (outcome instanceof Error) expect(outcome, `byte ${at}`).toBeInstanceOf(CertificateError)
      else expect(outcome).toHaveProperty('leaf')
    }
    expect((await readPfx(whole, PASSWORD)).leaf.raw).toEqual(expected)
  })

  it('the leaf is the certificate of the key, wherever it stands', async () => {
    const root = workshop.certificate({ subject: '/CN=Root', authority: true })
    const leaf = workshop.certificate({ subject: '/CN=leaf', issuer: root })
    const chain = workshop.joined(root, leaf)
    const named = workshop.pfx({ key: leaf.key, cert: chain }, PASSWORD, '-name', 'Mail of Contoso')

    const opened = await readPfx(named, PASSWORD)

    expect(opened.leaf.subject).toBe('CN=leaf')
    expect(opened.others.map(({ subject }) => subject)).toEqual(['CN=Root'])
  })

  it.each([
    { flags: ['-CSP', 'Microsoft Enhanced RSA and AES Cryptographic Provider', '-keyex'], keySpec: 'KeyExchange' },
    { flags: ['-keyex'], keySpec: 'KeyExchange' },
    { flags: ['-keysig'], keySpec: 'Signature' },
    { flags: ['-CSP', 'Microsoft Software Key Storage Provider', '-keyex'], keySpec: 'Cng' },
    { flags: ['-CSP', 'Microsoft Strong Cryptographic Provider'], keySpec: undefined },
    { flags: ['-keyex', '-keypbe', 'NONE'], keySpec: 'KeyExchange' },
    { flags: ['-keyex', '-legacy'], keySpec: 'KeyExchange' },
  ])('tells KeySpec $keySpec of $flags', async ({ flags, keySpec }) => {
    const opened = await readPfx(workshop.pfx(rsa, PASSWORD, ...flags), PASSWORD)

    expect(opened.keySpec).toBe(keySpec)
  })

  it.each<{ flags: readonly string[]; reason: string }>([
    { flags: AES, reason: 'modern' },
    { flags: ['-legacy'], reason: 'RC2' },
    { flags: TRIPLE_DES, reason: 'TripleDES' },
    { flags: ['-nomac'], reason: 'no MAC' },
    { flags: [...AES, '-macalg', 'sha224'], reason: 'what only Node reads' },
  ])('a wrong password is told as such: $reason', async ({ flags }) => {
    const pfx = workshop.pfx(rsa, PASSWORD, ...flags)

    const failure = await readPfx(pfx, 'another one').catch((error: unknown) => error)

    expect(failure).toMatchObject({ name: 'CertificateError', code: 'WrongPassword' })
    expect(String(failure)).not.toContain('another one')
  })

  it.each<{ make: () => Uint8Array; code: CertificateFault; reason: string }>([
    { make: () => Buffer.alloc(0), code: 'Unreadable', reason: 'an empty file' },
    { make: () => Buffer.from('garbage, not DER'), code: 'Unreadable', reason: 'garbage' },
    { make: () => workshop.pfx(rsa, PASSWORD).subarray(0, 900), code: 'Unreadable', reason: 'a file cut off' },
    { make: () => Buffer.from(workshop.pem(rsa)), code: 'Unreadable', reason: 'PEM' },
    { make: () => new X509Certificate(workshop.pem(rsa)).raw, code: 'Unreadable', reason: 'a bare certificate' },
    { make: () => workshop.pfx(rsa, PASSWORD, '-nokeys'), code: 'NoPrivateKey', reason: 'certificate only' },
  ])('$reason is $code, in words of ours and in one line', async ({ make, code }) => {
    const failure = await readPfx(make(), PASSWORD).catch((error: unknown) => error)

    expect(failure).toMatchObject({ name: 'CertificateError', code })
    expect(String(failure)).not.toMatch(/ASN\.1|asn1|bytes|mac verify|\n/)
  })
})

import { beforeAll, describe, expect, it } from 'vitest'
import { createEvaluationPfx } from '../../src/certificate/create.ts'
import { createCertificateSource } from '../../src/certificate/source.ts'

const now = new Date('2026-11-23T08:00:00Z')
const PASSWORD = 'correct horse'

describe('certificates of the configuration', () => {
  let pfx: Uint8Array
  let sha256: string

  beforeAll(async () => {
    const subject = [{ type: 'CN', value: 'crm-s2s' } as const]
    const made = await createEvaluationPfx({ subject, password: PASSWORD, days: 30, now, encryption: 'TripleDes' })
    pfx = made.bytes
    sha256 = made.certificate.sha256
  })

  function sourceWith(password: string, readFile: (path: string) => Promise<Uint8Array> = async () => pfx) {
    return createCertificateSource({
      resolve: (name) => (name === 's2s' ? { path: '/certs/s2s.pfx', password: async () => password } : undefined),
      readFile,
    })
  }

  it('are told without anything secret', async () => {
    const certificate = await sourceWith(PASSWORD).certificate('s2s')

    expect(certificate).toMatchObject({ name: 's2s', sha256, subject: 'CN=crm-s2s' })
    expect(Object.keys(certificate).sort()).toEqual(
      [
        'der',
        'isSelfSigned',
        'issuer',
        'keySpec',
        'name',
        'notAfter',
        'notBefore',
        'rsaBits',
        'sha256',
        'subject',
        'thumbprint',
      ].sort(),
    )
  })

  it('are judged, and opened for an import or a sign-in', async () => {
    const source = sourceWith(PASSWORD)

    const { faults } = await source.inspect('s2s', { evaluation: false, now })
    const { bytes, password } = await source.open('s2s')
    const { privateKey } = await source.unlock('s2s')

    expect(faults.map(({ code }) => code)).toEqual(['SelfSigned'])
    expect({ bytes, password }).toEqual({ bytes: pfx, password: PASSWORD })
    expect(privateKey?.asymmetricKeyType).toBe('rsa')
  })

  it.each([
    {
      reason: 'a name the configuration does not have',
      name: 'other',
      says: /no certificate `other`; add `certificates\.other`/,
      code: 'Unreadable',
    },
    {
      reason: 'a wrong password',
      name: 's2s',
      password: 'secret-7',
      says: /^certificate `s2s`: the password/,
      code: 'WrongPassword',
    },
    {
      reason: 'a file that is not there',
      name: 's2s',
      readFile: async () => {
        throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      },
      says: /\/certs\/s2s\.pfx cannot be read \(ENOENT\)/,
      code: 'Unreadable',
    },
    {
      reason: 'a file that is far too large',
      name: 's2s',
      readFile: async () => new Uint8Array(2 * 1024 * 1024),
      says: /too large/,
      code: 'Unreadable',
    },
  ])('$reason is a CertificateError that says where', async ({ name, password = PASSWORD, readFile, says, code }) => {
    const source = sourceWith(password, readFile)

    for (const method of ['certificate', 'open', 'unlock'] as const) {
      const failure = await source[method](name).catch((error: unknown) => error)
      expect(failure).toMatchObject({ name: 'CertificateError', code, message: expect.stringMatching(says) })
      expect(String(failure)).not.toContain('secret-7')
    }
  })
})

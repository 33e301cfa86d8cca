import { describe, expect, it } from 'vitest'
import { codeOf, makeCertificate, messageOf, newEntry, PRINCIPAL, patch, startTenant, survivors } from './tenant.ts'

const certificate = makeCertificate('crm-s2s-2027')

describe('keys of a principal', () => {
  it('keeps survivors and adds a new one, with an id and the thumbprint', async () => {
    const api = await startTenant({ foreign: true })
    const before = api.principal().keys

    const answer = await patch(api, { keyCredentials: [...survivors(api.principal()), newEntry(certificate)] })

    const keys = api.principal().keys
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(keys.slice(0, 3)).toEqual(before)
    expect(keys[3]).toEqual({
      keyId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'AsymmetricX509Cert',
      usage: 'Verify',
      displayName: 'CN=crm-s2s',
      startDateTime: '2026-11-23T08:00:00Z',
      endDateTime: '2027-11-23T08:00:00Z',
      customKeyIdentifier: certificate.sha1,
      key: certificate.base64,
    })
  })

  it('takes away what is not listed', async () => {
    const api = await startTenant({ foreign: true })
    const [first] = survivors(api.principal())

    await patch(api, { keyCredentials: [first] })

    expect(api.principal().keys.map(({ keyId }) => keyId)).toEqual([first?.['keyId']])
  })

  it('gives a key without an end a year', async () => {
    const api = await startTenant()
    const entry = newEntry(certificate, { startDateTime: null, endDateTime: null })

    await patch(api, { keyCredentials: [entry] })

    const [key] = api.principal().keys
    expect([key?.startDateTime, key?.endDateTime]).toEqual(['2026-11-23T08:00:00Z', '2027-11-23T08:00:00Z'])
  })

  it.each<{ reason: string; change: object; message: RegExp }>([
    {
      reason: 'another end',
      change: { endDateTime: '2030-01-01T00:00:00Z' },
      message: /^Update to existing credential with KeyId '[0-9a-f-]{36}' is not allowed\.$/,
    },
    { reason: 'another usage', change: { usage: 'Sign' }, message: /^Update to existing credential/ },
    { reason: 'an identifier it never had', change: { customKeyIdentifier: 'AAAA' }, message: /^Update to existing/ },
    {
      reason: 'no dates',
      change: { startDateTime: undefined, endDateTime: undefined },
      message: /^Update to existing/,
    },
    {
      reason: 'its own name with special characters',
      change: { displayName: 'CN=sharepoint-s2s, O="Contoso & Söhne"' },
      message: /^Update to existing/,
    },
    {
      reason: 'nothing but its id',
      change: { type: undefined, usage: undefined, startDateTime: undefined, endDateTime: undefined },
      message:
        /^The value for the property "usage" in one of your credentials is invalid\. Acceptable values are Sign, Verify\.$/,
    },
  ])('refuses a survivor with $reason', async ({ change, message }) => {
    const api = await startTenant({ foreign: true })
    const before = api.principal().keys
    const [first, ...others] = survivors(api.principal())

    const answer = await patch(api, { keyCredentials: [{ ...first, ...change }, ...others] })

    expect([answer.status, codeOf(answer)]).toEqual([400, 'Request_BadRequest'])
    expect(messageOf(answer)).toMatch(message)
    expect(api.principal().keys).toEqual(before)
  })

  it('takes a survivor whose dates are written in another way', async () => {
    const api = await startTenant({ foreign: true })
    const [first] = survivors(api.principal())
    const endDateTime = String(first?.['endDateTime']).replace('Z', '.0000000+00:00')

    const answer = await patch(api, { keyCredentials: [{ ...first, endDateTime }] })

    expect(answer.status).toBe(204)
  })

  it.each<{ reason: string; change: object; code: string }>([
    {
      reason: 'an end after its certificate',
      change: { endDateTime: '2029-01-01T00:00:00Z' },
      code: 'KeyCredentialsInvalidEndDate',
    },
    {
      reason: 'a beginning before its certificate',
      change: { startDateTime: '2025-01-01T00:00:00Z' },
      code: 'KeyCredentialsInvalidStartDate',
    },
    {
      reason: 'an end before its beginning',
      change: { endDateTime: '2026-02-01T00:00:00Z' },
      code: 'KeyCredentialsInvalidEndDate',
    },
    { reason: 'a date that is none', change: { endDateTime: 'next year' }, code: 'Request_BadRequest' },
    {
      reason: 'bytes that are no certificate',
      change: { key: Buffer.from('hello').toString('base64') },
      code: 'KeyCredentialsInvalidKeyValue',
    },
    {
      reason: 'a certificate as text',
      change: {
        key: Buffer.from(`-----BEGIN CERTIFICATE-----\n${certificate.base64}\n-----END CERTIFICATE-----\n`).toString(
          'base64',
        ),
      },
      code: 'KeyCredentialsInvalidKeyValue',
    },
    { reason: 'no bytes', change: { key: null }, code: 'Request_BadRequest' },
    { reason: 'bytes that are not base64', change: { key: 'a-b_' }, code: 'Request_BadRequest' },
    {
      reason: 'an identifier of 48 bytes, as SHA-256 in hexadecimal is',
      change: { customKeyIdentifier: certificate.sha256 },
      code: 'Request_BadRequest',
    },
    { reason: 'an unknown property', change: { thumbprint: certificate.sha1 }, code: 'Request_BadRequest' },
    { reason: 'a key id that is none', change: { keyId: '1' }, code: 'Request_BadRequest' },
    { reason: 'another type', change: { type: 'Symmetric' }, code: 'Request_BadRequest' },
  ])('refuses a new key with $reason', async ({ change, code }) => {
    const api = await startTenant()

    const answer = await patch(api, { keyCredentials: [newEntry(certificate, change)] })

    expect([answer.status, codeOf(answer)]).toEqual([400, code])
    expect(api.principal().keys).toEqual([])
  })

  it('takes an identifier of 32 bytes, as SHA-256 in base64 is', async () => {
    const api = await startTenant()
    const customKeyIdentifier = Buffer.from(certificate.sha256, 'hex').toString('base64')

    await patch(api, { keyCredentials: [newEntry(certificate, { customKeyIdentifier })] })

    expect(api.principal().keys[0]?.customKeyIdentifier).toBe(customKeyIdentifier)
  })

  it('cuts long names', async () => {
    const api = await startTenant()

    await patch(api, { keyCredentials: [newEntry(certificate, { displayName: 'n'.repeat(120) })] })

    expect(api.principal().keys[0]?.displayName).toHaveLength(90)
  })

  it('refuses a survivor that somebody took away in between', async () => {
    const api = await startTenant({ foreign: true })
    const carried = survivors(api.principal())
    api.entra.foreign.before({ method: 'PATCH' }, () => api.entra.foreign.removeKey(String(carried[0]?.['keyId'])))

    const answer = await patch(api, { keyCredentials: carried })

    expect(answer.status).toBe(400)
    expect(api.principal().keys).toHaveLength(2)
  })

  it('loses a key that somebody added in between: there is no lock', async () => {
    const api = await startTenant({ foreign: true })
    const carried = survivors(api.principal())
    api.entra.foreign.before({ method: 'PATCH', path: PRINCIPAL }, () => void api.entra.foreign.addKey())

    const answer = await patch(api, { keyCredentials: carried })

    expect([answer.status, api.principal().keys.length]).toEqual([204, 3])
  })
})

import { describe, expect, it } from 'vitest'
import { EntraError } from '../../src/entra/tenant.ts'
import { makeCertificate } from './certificates.ts'
import { APP, type Directory, keyRow, OBJECT, type Row, startDirectory } from './directory.ts'
import { errorOf, graphError, never } from './tenant-server.ts'

const old = makeCertificate('crm-s2s-2026')
const next = makeCertificate('crm-s2s-2027')
const foreign = makeCertificate('sharepoint')

const ADD = {
  der: next.der,
  displayName: 'CN=crm-s2s-2027',
  startDateTime: '2026-09-01T00:00:00.123Z',
  endDateTime: '2030-01-01T00:00:00Z',
}
const PLAIN_BODY = {
  type: 'AsymmetricX509Cert',
  usage: 'Verify',
  key: next.base64,
  displayName: 'CN=crm-s2s-2027',
  startDateTime: '2026-09-01T00:00:00Z',
  endDateTime: '2027-01-01T00:00:00Z',
}

/** Runs once, just before a request for which it holds. */
function atFirst(
  when: (asked: { method: string; path: string; isPart: boolean }) => boolean,
  work: () => void,
): Directory['before'] {
  let isDone = false
  return (asked) => {
    if (isDone || !when(asked)) return undefined
    isDone = true
    work()
    return undefined
  }
}

const isBatch = ({ path }: { path: string }) => path === '/$batch'
const keysOf = (rows: readonly Row[]) => rows.map((row) => row['key'])

async function faultOf(promise: Promise<unknown>): Promise<EntraError> {
  const error = await errorOf(promise)
  if (!(error instanceof EntraError)) throw new Error('expected an EntraError', { cause: error })
  return error
}

describe('changing keys', () => {
  it('sends survivors exactly as read without key and name, and the new one clamped to its certificate', async () => {
    const survivors = [
      keyRow(old, {
        keyId: '0b2f0000-0000-4000-8000-000000000001',
        customKeyIdentifier: null,
        endDateTime: '2026-01-02T03:04:05.6789Z',
      }),
      keyRow(foreign, {
        keyId: '0b2f0000-0000-4000-8000-000000000002',
        customKeyIdentifier: 'c29tZXRoaW5n',
        usage: 'Sign',
        type: 'X509CertAndPassword',
      }),
    ]
    const { client, asked } = await startDirectory({ keys: survivors })

    await client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never)

    expect(asked().map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /graph/v1.0/servicePrincipals(appId='${APP}')?$select=id,appId,servicePrincipalNames`,
      `GET /graph/v1.0/servicePrincipals/${OBJECT}?$select=keyCredentials`,
      'POST /graph/v1.0/$batch',
    ])
    expect(asked()[2]?.json).toEqual({
      requests: [
        { id: 'before', method: 'GET', url: `/servicePrincipals/${OBJECT}?$select=keyCredentials` },
        {
          id: 'write',
          method: 'PATCH',
          url: `/servicePrincipals/${OBJECT}`,
          headers: { 'Content-Type': 'application/json' },
          dependsOn: ['before'],
          body: {
            keyCredentials: [
              {
                keyId: '0b2f0000-0000-4000-8000-000000000001',
                type: 'AsymmetricX509Cert',
                usage: 'Verify',
                customKeyIdentifier: null,
                startDateTime: '2026-01-01T00:00:00Z',
                endDateTime: '2026-01-02T03:04:05.6789Z',
              },
              {
                keyId: '0b2f0000-0000-4000-8000-000000000002',
                type: 'X509CertAndPassword',
                usage: 'Sign',
                customKeyIdentifier: 'c29tZXRoaW5n',
                startDateTime: '2026-01-01T00:00:00Z',
                endDateTime: '2027-01-01T00:00:00Z',
              },
              PLAIN_BODY,
            ],
          },
        },
        {
          id: 'after',
          method: 'GET',
          url: `/servicePrincipals/${OBJECT}?$select=keyCredentials`,
          dependsOn: ['write'],
        },
      ],
    })
  })

  it('cuts a long name and never lets the key begin before its certificate', async () => {
    const { client, directory } = await startDirectory()

    const add = { ...ADD, displayName: 'x'.repeat(200), startDateTime: '2020-01-01T00:00:00Z' }
    await client.writer().changeKeys(APP, { add: [add], remove: [] }, never)

    expect(directory.keys[0]).toMatchObject({ displayName: 'x'.repeat(90), startDateTime: '2026-01-01T00:00:00Z' })
  })

  it('adds a certificate beside an entry of it that has ended', async () => {
    const ended = keyRow(next, { endDateTime: '2026-02-01T00:00:00Z' })
    const { client, directory } = await startDirectory({ keys: [ended] })

    await client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never)

    expect(directory.keys.map((row) => row['endDateTime'])).toEqual(['2026-02-01T00:00:00Z', PLAIN_BODY.endDateTime])
  })

  it.each([
    { reason: 'the certificate is there', keys: [keyRow(next)], change: { add: [ADD], remove: [] } },
    {
      reason: 'it is there without bytes, by its thumbprint',
      keys: [keyRow(next, { key: null })],
      change: { add: [ADD], remove: [] },
    },
    {
      reason: 'the key to remove is gone',
      keys: [],
      change: { add: [], remove: ['0b2f0000-0000-4000-8000-000000000001'] },
    },
  ])('writes nothing where $reason', async ({ keys, change }) => {
    const { client, asked } = await startDirectory({ keys })

    await client.writer().changeKeys(APP, change, never)

    expect(asked().every(({ method }) => method === 'GET')).toBe(true)
  })

  it('removes by key id and keeps the rest, ended ones too', async () => {
    const ended = keyRow(foreign, { endDateTime: '2020-01-01T00:00:00Z' })
    const mine = keyRow(old)
    const { client, directory } = await startDirectory({ keys: [mine, ended] })

    await client.writer().changeKeys(APP, { add: [], remove: [String(mine['keyId'])] }, never)

    expect(directory.keys).toEqual([ended])
  })

  it('replaces an entry of the same certificate, which cannot be edited', async () => {
    const short = keyRow(next, { endDateTime: '2026-10-01T00:00:00Z' })
    const { client, directory } = await startDirectory({ keys: [short] })

    await client.writer().changeKeys(APP, { add: [ADD], remove: [String(short['keyId'])] }, never)

    expect(directory.keys).toMatchObject([{ key: next.base64, endDateTime: '2027-01-01T00:00:00Z' }])
  })

  it('adds a certificate that has itself ended no more than once', async () => {
    const past = makeCertificate('crm-s2s-2025', '2025-01-01T00:00:00Z', '2026-01-01T00:00:00Z')
    const { client, directory } = await startDirectory()
    const add = { ...ADD, der: past.der, startDateTime: '2025-01-01T00:00:00Z' }

    await client.writer().changeKeys(APP, { add: [add], remove: [] }, never)
    await client.writer().changeKeys(APP, { add: [add], remove: [] }, never)

    expect(keysOf(directory.keys)).toEqual([past.base64])
  })

  it.each([
    { reason: 'a valid', endDateTime: '2026-12-24T00:00:00Z' },
    { reason: 'an ended', endDateTime: '2026-01-24T00:00:00Z' },
  ])(
    'puts $reason foreign key back that came between our look and our write, with its own dates and name',
    async ({ endDateTime }) => {
      const { client, directory } = await startDirectory({ keys: [keyRow(old)] })
      const added = keyRow(foreign, { displayName: 'CN=sharepoint', endDateTime })
      directory.before = atFirst(isBatch, () => {
        directory.keys = [...directory.keys, added]
      })

      await client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never)

      expect(keysOf(directory.keys)).toEqual([old.base64, next.base64, foreign.base64])
      const { keyId: _, ...rest } = added
      expect(directory.keys[2]).toMatchObject(rest)
    },
  )

  it('still puts it back while looks are stale', async () => {
    const { client, directory, time } = await startDirectory({ keys: [keyRow(old)] })
    directory.before = atFirst(isBatch, () => {
      directory.keys = [...directory.keys, keyRow(foreign)]
    })
    let writes = 0
    const foreignWriter = directory.before
    directory.before = (asked) => {
      if (asked.method === 'PATCH' && ++writes <= 2) directory.staleLooks = 3
      return foreignWriter(asked)
    }

    await client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never)

    expect(keysOf(directory.keys)).toEqual([old.base64, next.base64, foreign.base64])
    expect(time.waits.length).toBeGreaterThan(0)
  })

  it('says which foreign key it removed where a batch does not show certificates', async () => {
    const { client, directory } = await startDirectory({ keys: [keyRow(old)], tellsKeyInBatch: false })
    directory.before = atFirst(isBatch, () => {
      directory.keys = [...directory.keys, keyRow(foreign, { displayName: 'CN=sharepoint' })]
    })

    const error = await faultOf(client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never))

    expect(error).toMatchObject({ code: 'RemovedForeign', effect: 'possible' })
    expect(error.message).toContain('CN=sharepoint')
    expect(error.message).toContain(foreign.thumbprint)
  })

  it('works where a batch does not show certificates and nobody interferes', async () => {
    const { client, directory } = await startDirectory({
      keys: [keyRow(old, { customKeyIdentifier: null })],
      tellsKeyInBatch: false,
    })

    await client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never)

    expect(keysOf(directory.keys)).toEqual([old.base64, next.base64])
  })

  it('does not bring a key back that vanished between our look and our write', async () => {
    const { client, directory } = await startDirectory({ keys: [keyRow(old), keyRow(foreign)] })
    directory.before = atFirst(isBatch, () => {
      directory.keys = directory.keys.slice(0, 1)
    })

    await client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never)

    expect(keysOf(directory.keys)).toEqual([old.base64, next.base64])
  })

  it('gives up on a writer who never rests, and says that something was written', async () => {
    const { client, directory } = await startDirectory()
    let count = 0
    directory.before = ({ path }) => {
      if (path === '/$batch') directory.keys = [...directory.keys, keyRow(makeCertificate(`foreign ${++count}`))]
      return undefined
    }

    const error = await faultOf(client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never))

    expect(error).toMatchObject({ code: 'Refused', effect: 'possible' })
  })

  it('that cannot be seen in time is NotVisible, and may have happened', async () => {
    const { client, directory } = await startDirectory({}, { patienceMs: 30_000 })
    directory.before = ({ method }) => {
      if (method === 'PATCH') directory.staleLooks = 1000
      return undefined
    }

    const error = await faultOf(client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never))

    expect(error).toMatchObject({ code: 'NotVisible', effect: 'possible' })
  })

  it.each([
    { reason: 'without a usage', row: keyRow(old, { usage: null }) },
    { reason: 'without an end', row: keyRow(old, { endDateTime: null }) },
    { reason: 'without an id', row: keyRow(old, { keyId: undefined }) },
  ])('writes nothing over an entry that could not be carried over: $reason', async ({ row }) => {
    const { client, asked } = await startDirectory({ keys: [row] })

    const error = await faultOf(client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never))

    expect(error).toMatchObject({ code: 'Malformed', effect: 'none' })
    expect(asked().every(({ method }) => method === 'GET')).toBe(true)
  })

  it.each([
    { reason: 'no certificate', add: { ...ADD, der: Buffer.from('nothing') } },
    { reason: 'dates outside the certificate', add: { ...ADD, startDateTime: '2028-01-01T00:00:00Z' } },
    { reason: 'no date', add: { ...ADD, endDateTime: 'soon' } },
  ])('refuses a new key before anything is sent: $reason', async ({ add }) => {
    const { client, server } = await startDirectory()

    const error = await faultOf(client.writer().changeKeys(APP, { add: [add], remove: [] }, never))

    expect(error.code).toBe('Invalid')
    expect(server.asked).toEqual([])
  })

  it('tells a refusal in the words of Graph with its request, and writes once', async () => {
    const { client, directory } = await startDirectory()
    let writes = 0
    directory.before = ({ method }) => {
      if (method !== 'PATCH') return undefined
      writes += 1
      return graphError(400, 'KeyCredentialsInvalidEndDate', 'Key credential end date is invalid.')
    }

    const error = await faultOf(client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never))

    expect(error).toMatchObject({ code: 'Refused', effect: 'none', requestId: 'the-request-id' })
    expect(error.message).toContain('Key credential end date is invalid.')
    expect(writes).toBe(1)
  })

  it.each([
    {
      reason: 'the write was throttled',
      when: 'PATCH',
      answer: graphError(429, 'TooManyRequests', '', { 'Retry-After': '2.128' }),
    },
    {
      reason: 'the look before it was',
      when: 'GET',
      answer: graphError(429, 'TooManyRequests', '', { 'Retry-After': '2.128' }),
    },
    {
      reason: 'the look before it failed',
      when: 'GET',
      answer: graphError(503, 'ServiceNotAvailable', '', { 'Retry-After': '3' }),
    },
  ])('repeats what had no effect: $reason', async ({ when, answer }) => {
    const { client, directory, time } = await startDirectory()
    let hasFailed = false
    directory.before = ({ method, isPart }) => {
      if (hasFailed || !isPart || method !== when) return undefined
      hasFailed = true
      return answer
    }

    await client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never)

    expect(keysOf(directory.keys)).toEqual([next.base64])
    expect(time.waits[0]).toBeGreaterThanOrEqual(2128)
  })

  it.each([
    { reason: 'the connection broke', answer: { hangUp: true }, isPart: false },
    { reason: 'the batch failed', answer: graphError(503, 'ServiceNotAvailable'), isPart: false },
    { reason: 'the answer is cut', answer: { text: '{"responses":[' }, isPart: false },
    { reason: 'a part was not answered', answer: { json: { responses: [] } }, isPart: false },
    { reason: 'the write failed in the service', answer: graphError(500, 'InternalServerError'), isPart: true },
  ])('that may have happened is not sent twice: $reason', async ({ answer, isPart }) => {
    const { client, directory } = await startDirectory()
    let writes = 0
    directory.before = ({ method, path }) => {
      const isWrite = isPart ? method === 'PATCH' : path === '/$batch'
      if (!isWrite) return undefined
      writes += 1
      return answer
    }

    const error = await faultOf(client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never))

    expect(error.effect).toBe('possible')
    expect(writes).toBe(1)
  })

  it('that fails after the write was accepted says that it may have happened', async () => {
    const { client, directory } = await startDirectory()
    let hasWritten = false
    directory.before = ({ method, isPart }) => {
      if (method === 'PATCH') hasWritten = true
      else if (hasWritten)
        return isPart ? graphError(500, 'InternalServerError') : graphError(403, 'Authorization_RequestDenied')
      return undefined
    }

    const error = await faultOf(client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never))

    expect(error).toMatchObject({ code: 'Forbidden', effect: 'possible' })
  })

  it('lacking a permission names it', async () => {
    const { client, directory } = await startDirectory()
    directory.before = ({ method }) =>
      method === 'PATCH' ? graphError(403, 'Authorization_RequestDenied', 'Insufficient privileges.') : undefined

    const error = await faultOf(client.writer().changeKeys(APP, { add: [ADD], remove: [] }, never))

    expect(error).toMatchObject({ code: 'Forbidden', effect: 'none' })
    expect(error.message).toContain('Application.ReadWrite.All')
  })
})

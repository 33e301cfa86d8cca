import { describe, expect, it } from 'vitest'
import { type Api, type Received, startApi, stored, userMailboxes } from './exchange.ts'

const NOWHERE = '00000000-0000-4000-8000-000000000001'
const CRLF = '\r\n'

function part(
  requestLine: string,
  body?: unknown,
  headers: readonly string[] = [],
  mime: readonly string[] = [],
): string {
  const inner = body === undefined ? headers : ['Content-Type: application/json', ...headers]
  return [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...mime,
    '',
    `${requestLine} HTTP/1.1`,
    ...inner,
    '',
    body === undefined ? '' : JSON.stringify(body),
  ].join(CRLF)
}

function multipart(boundary: string, parts: readonly string[]): string {
  return `${parts.map((one) => `--${boundary}${CRLF}${one}${CRLF}`).join('')}--${boundary}--${CRLF}`
}

function changeset(parts: readonly string[]): string {
  return `Content-Type: multipart/mixed; boundary="changeset_c"${CRLF}${CRLF}${multipart('changeset_c', parts)}`
}

function sendBatch(api: Api, body: string, headers: Record<string, string> = {}): Promise<Received> {
  return api.call('$batch', {
    method: 'POST',
    headers: { 'Content-Type': 'multipart/mixed; boundary="batch_b"', ...headers },
    body,
  })
}

function batch(api: Api, parts: readonly string[], headers: Record<string, string> = {}): Promise<Received> {
  return sendBatch(api, multipart('batch_b', parts), headers)
}

/** Status lines of the answers, in order. */
function statuses(answer: Received): readonly number[] {
  return [...answer.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]))
}

const pathOf = (api: Api, below: string) => new URL(api.root).pathname + below
const patchOf = (api: Api, id: string, body: unknown, mime: readonly string[] = []) =>
  part(`PATCH ${pathOf(api, `mailboxes(${id})`)}`, body, ['If-Match: *'], mime)

describe('$batch', () => {
  it('answers in order, in the multipart form of the documentation', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)

    const answer = await batch(api, [
      patchOf(api, id, { outgoingemaildeliverymethod: 0 }),
      part(`GET ${pathOf(api, `mailboxes(${id})?$select=outgoingemaildeliverymethod`)}`, undefined, []),
    ])

    expect(answer.status).toBe(200)
    const boundary = /^multipart\/mixed; boundary=(batchresponse_[0-9a-f-]{36})$/.exec(
      String(answer.headers['content-type']),
    )?.[1]
    const version = stored(api, 'mailbox', id)['versionnumber']
    expect(answer.text).toBe(
      [
        `--${boundary}`,
        'Content-Type: application/http',
        'Content-Transfer-Encoding: binary',
        '',
        'HTTP/1.1 204 No Content',
        'OData-Version: 4.0',
        `OData-EntityId: ${api.root}mailboxes(${id})`,
        '',
        '',
        `--${boundary}`,
        'Content-Type: application/http',
        'Content-Transfer-Encoding: binary',
        '',
        'HTTP/1.1 200 OK',
        'Content-Type: application/json; odata.metadata=minimal; odata.streaming=true',
        'OData-Version: 4.0',
        `ETag: W/"${version}"`,
        '',
        `{"@odata.context":"${api.root}$metadata#mailboxes(outgoingemaildeliverymethod)/$entity","@odata.etag":"W/\\"${version}\\"","outgoingemaildeliverymethod":0,"mailboxid":"${id}"}`,
        `--${boundary}--`,
        '',
      ].join(CRLF),
    )
  })

  it('stops at the first failure, whose status is that of the whole', async () => {
    const api = await startApi()
    const [a = '', b = '', c = ''] = userMailboxes(api)

    const answer = await batch(api, [
      patchOf(api, a, { outgoingemaildeliverymethod: 0 }),
      patchOf(api, b, { name: 'x'.repeat(201) }),
      patchOf(api, c, { outgoingemaildeliverymethod: 0 }),
    ])

    expect(answer.status).toBe(400)
    expect(statuses(answer)).toEqual([204, 400])
    expect(answer.text).toContain("exceeded the maximum allowed length of '200'")
    expect(stored(api, 'mailbox', a)['outgoingemaildeliverymethod'], 'what went before stays').toBe(0)
    expect(stored(api, 'mailbox', c)['outgoingemaildeliverymethod']).toBe(2)
  })

  it('goes on with continue-on-error and answers 200', async () => {
    const api = await startApi()
    const [a = '', b = ''] = userMailboxes(api)

    const answer = await batch(
      api,
      [
        patchOf(api, NOWHERE, { outgoingemaildeliverymethod: 0 }),
        patchOf(api, a, { name: 5 }),
        patchOf(api, b, { outgoingemaildeliverymethod: 0 }),
      ],
      { Prefer: 'odata.continue-on-error' },
    )

    expect(answer.status).toBe(200)
    expect(statuses(answer)).toEqual([404, 400, 204])
  })

  it('ignores continue-on-error on 8.2', async () => {
    const api = await startApi({ version: '8.2' }, 'v8.2')
    const [a = ''] = userMailboxes(api)

    const answer = await batch(api, [patchOf(api, NOWHERE, { name: 'x' }), patchOf(api, a, { name: 'x' })], {
      Prefer: 'odata.continue-on-error',
    })

    expect(answer.status).toBe(404)
    expect(statuses(answer)).toEqual([404])
  })

  it('keeps a change set whole: all, with their Content-IDs, or nothing, with the one failure', async () => {
    const api = await startApi()
    const [a = '', b = ''] = userMailboxes(api)
    const off = { outgoingemaildeliverymethod: 0 }

    const good = await batch(api, [
      changeset([patchOf(api, a, off, ['Content-ID: 1']), patchOf(api, b, off, ['Content-ID: 2'])]),
    ])
    const before = [stored(api, 'mailbox', a), stored(api, 'mailbox', b)]
    const bad = await batch(api, [
      changeset([
        patchOf(api, a, { name: 'changed' }, ['Content-ID: 1']),
        patchOf(api, b, { name: null }, ['Content-ID: 2']),
      ]),
      part(`GET ${pathOf(api, 'WhoAmI()')}`),
    ])

    expect(good.status).toBe(200)
    expect(statuses(good)).toEqual([204, 204])
    expect(good.text).toMatch(
      /Content-Type: multipart\/mixed; boundary=changesetresponse_[0-9a-f-]{36}\r\n\r\n--changesetresponse_/,
    )
    expect([...good.text.matchAll(/Content-ID: (\d)/g)].map((match) => match[1])).toEqual(['1', '2'])
    expect(bad.status).toBe(400)
    expect(statuses(bad)).toEqual([400])
    expect(bad.text).toContain('Content-ID: 2')
    expect([stored(api, 'mailbox', a), stored(api, 'mailbox', b)]).toEqual(before)
  })

  it('lets later parts of a change set name rows created earlier, in URLs and bindings', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    const profile = { name: 'New', servertype: 3, useautodiscover: true }

    const answer = await batch(api, [
      changeset([
        part(`POST ${pathOf(api, 'emailserverprofiles')}`, profile, [], ['Content-ID: 1']),
        part('PUT $1/description', { value: 'made in one go' }, [], ['Content-ID: 2']),
        patchOf(api, id, { 'emailserverprofile@odata.bind': '$1' }, ['Content-ID: 3']),
      ]),
    ])

    expect(answer.status, answer.text).toBe(200)
    const bound = stored(api, 'mailbox', id)['emailserverprofile'] as { id: string }
    expect(stored(api, 'emailserverprofile', bound.id)).toMatchObject({ name: 'New', description: 'made in one go' })
  })

  it('refuses a reference to a row that was not created before', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)

    const answer = await batch(api, [
      changeset([patchOf(api, id, { 'emailserverprofile@odata.bind': '$1' }, ['Content-ID: 2'])]),
    ])

    expect(answer.status).toBe(400)
    expect(answer.text).toContain("Content-ID Reference: '$1' does not exist in the batch context.")
  })

  it('takes absolute URLs, a bare boundary, and a URL of 20,000 characters', async () => {
    const api = await startApi()
    const long = `${api.root}mailboxes?$select=name&$top=1&$filter=${'%20'.repeat(7000)}statecode%20eq%200`

    const inside = await batch(api, [part(`GET ${long}`)], { 'Content-Type': 'multipart/mixed;boundary=batch_b' })
    const outside = await api.call(`mailboxes?$select=name&$top=1&$filter=${'%20'.repeat(7000)}statecode%20eq%200`)

    expect(statuses(inside)).toEqual([200])
    expect(outside.status).toBe(414)
    expect(outside.headers['content-type']).toContain('text/html')
  })

  const get = (api: Api) => part(`GET ${pathOf(api, 'WhoAmI()')}`)
  const malformed: readonly { reason: string; body: (api: Api) => string; headers?: Record<string, string> }[] = [
    { reason: 'bare line feeds', body: (api) => multipart('batch_b', [get(api)]).replaceAll('\r\n', '\n') },
    { reason: 'no end', body: (api) => multipart('batch_b', [get(api)]).replace('--batch_b--', '') },
    { reason: 'another boundary', body: (api) => multipart('batch_x', [get(api)]) },
    {
      reason: 'no boundary parameter',
      body: (api) => multipart('batch_b', [get(api)]),
      headers: { 'Content-Type': 'multipart/mixed' },
    },
    { reason: 'JSON', body: () => '{}', headers: { 'Content-Type': 'application/json' } },
    {
      reason: 'no Content-Transfer-Encoding',
      body: (api) => multipart('batch_b', [get(api).replace('Content-Transfer-Encoding: binary\r\n', '')]),
    },
    { reason: 'no blank line after the headers', body: (api) => multipart('batch_b', [`${get(api).trimEnd()}`]) },
    { reason: 'no HTTP version', body: (api) => multipart('batch_b', [get(api).replace(' HTTP/1.1', '')]) },
    { reason: 'a relative URL', body: () => multipart('batch_b', [part('GET WhoAmI()')]) },
    { reason: 'another service', body: () => multipart('batch_b', [part('GET /other/api/data/v9.1/WhoAmI()')]) },
    {
      reason: 'a batch in the batch',
      body: (api) => multipart('batch_b', [part(`POST ${pathOf(api, '$batch')}`, {})]),
    },
    { reason: 'GET in a change set', body: (api) => multipart('batch_b', [changeset([get(api)])]) },
    {
      reason: 'a change set without Content-ID',
      body: (api) => multipart('batch_b', [changeset([patchOf(api, NOWHERE, {})])]),
    },
    { reason: 'more than 1000 requests', body: (api) => multipart('batch_b', Array<string>(1001).fill(get(api))) },
    {
      reason: 'a URL over 64 KB',
      body: (api) => multipart('batch_b', [part(`GET ${pathOf(api, `mailboxes?$filter=${'x'.repeat(65_536)}`)}`)]),
    },
  ]
  it.each(malformed)('is refused with 400: $reason', async ({ body, headers }) => {
    const api = await startApi()

    const answer = await sendBatch(api, body(api), headers)

    expect(answer.status).toBe(400)
  })

  it('of 1000 requests is taken', async () => {
    const api = await startApi()

    const answer = await batch(api, Array<string>(1000).fill(get(api)))

    expect(statuses(answer).filter((status) => status === 200)).toHaveLength(1000)
  })

  it('over the size limit is answered by the web server with 413', async () => {
    const api = await startApi({ maxBodyBytes: 1000 })

    const answer = await batch(api, Array<string>(20).fill(get(api)))

    expect(answer.status).toBe(413)
    expect(answer.headers['content-type']).toContain('text/html')
  })

  it('takes the time of every operation in it', async () => {
    const api = await startApi({ latencyMs: 10, operationCostMs: 2 })
    const started = performance.now()

    await batch(api, Array<string>(20).fill(get(api)))

    expect(performance.now() - started).toBeGreaterThan(48)
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeBatch } from '../../src/crm/wire/batch-request.ts'
import { readBatch } from '../../src/crm/wire/batch-response.ts'

const TYPE = 'multipart/mixed; boundary=batchresponse_1'

/** A part's answer as text, and what it must read as. */
const answers = fc.record({
  status: fc.constantFrom(200, 204, 400, 403, 404, 412, 429, 500),
  body: fc.oneof(
    fc.constant(undefined),
    fc.json({ maxDepth: 2 }).map((text) => `{"x":${text}}`),
  ),
  nested: fc.boolean(),
})
type Answer = typeof answers extends fc.Arbitrary<infer T> ? T : never

function textOf(answer: Answer, index: number, newline: string): string {
  const http = [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...(answer.nested ? [`Content-ID: ${index}`] : []),
    '',
    `HTTP/1.1 ${answer.status} Whatever`,
    'OData-Version: 4.0',
    '',
    answer.body ?? '',
  ]
  if (!answer.nested) return http.join(newline)
  const inner = `changesetresponse_${index}`
  return [`Content-Type: multipart/mixed; boundary=${inner}`, '', `--${inner}`, ...http, `--${inner}--`, ''].join(
    newline,
  )
}

function multipart(list: readonly Answer[], newline: string): string {
  const parts = list.flatMap((answer, index) => ['--batchresponse_1', textOf(answer, index, newline)])
  return [...parts, '--batchresponse_1--', ''].join(newline)
}

function expected(answer: Answer, index: number) {
  return [
    {
      status: answer.status,
      body: answer.body === undefined ? { kind: 'empty' } : { kind: 'json', value: JSON.parse(answer.body) },
      contentId: answer.nested ? String(index) : undefined,
    },
  ]
}

function stripped(items: readonly unknown[]): unknown {
  return JSON.parse(JSON.stringify(items, (key, value) => (key === 'headers' ? undefined : value)))
}

describe("a batch's answer", () => {
  test('reads as it was written, whatever the line ends', () => {
    fc.assert(
      fc.property(fc.array(answers), fc.constantFrom('\r\n', '\n'), (list, newline) => {
        const read = readBatch(TYPE, multipart(list, newline))

        if (list.length === 0) return
        expect(read?.complete).toBe(true)
        expect(stripped(read?.items ?? [])).toEqual(stripped(list.map(expected)))
      }),
    )
  })

  test('cut anywhere never says more than the truth, and never that it is complete', () => {
    fc.assert(
      fc.property(
        fc.array(answers, { minLength: 1, maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (list, share) => {
          const whole = multipart(list, '\r\n')
          const end = whole.lastIndexOf('--batchresponse_1--') + '--batchresponse_1--'.length
          const read = readBatch(TYPE, whole.slice(0, Math.floor(share * (end - 1))))

          if (!read) return
          expect(read.complete).toBe(false)
          expect(read.items.length).toBeLessThanOrEqual(list.length)
          expect(stripped(read.items)).toEqual(stripped(list.slice(0, read.items.length).map(expected)))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('of anything at all is read without a fall', () => {
    const noise = fc.array(
      fc.constantFrom(
        '--batchresponse_1',
        '--batchresponse_1--',
        '\r\n',
        '\n',
        'HTTP/1.1 204 No Content',
        'Content-Type: multipart/mixed; boundary=x',
        '--x',
        '--x--',
        ':',
        '{',
        ' ',
      ),
    )

    fc.assert(
      fc.property(noise, (pieces) => {
        readBatch(TYPE, pieces.join(''))
      }),
    )
  })

  test.each([
    { reason: 'quoted boundary', type: 'multipart/mixed; boundary="batchresponse_1"', readable: true },
    {
      reason: 'other case, other parameters',
      type: 'Multipart/Mixed; charset=utf-8; Boundary=batchresponse_1',
      readable: true,
    },
    { reason: 'lost content type', type: undefined, readable: true },
    { reason: 'content type of something else', type: 'text/html', readable: true },
    { reason: 'boundary of something else', type: 'multipart/mixed; boundary=other', readable: false },
  ])('with $reason', ({ type, readable }) => {
    const text = multipart([{ status: 204, body: undefined, nested: false }], '\r\n')

    expect(readBatch(type, text)?.items.length ?? 0).toBe(readable ? 1 : 0)
  })

  test.each([
    { reason: 'a web page', body: '<html>--batchresponse_1</html>' },
    { reason: 'JSON', body: '{"error":{}}' },
    { reason: 'nothing', body: '' },
    {
      reason: 'a multipart whose first part lost its delimiter',
      body: 'Content-Type: application/http\r\n\r\n--batchresponse_1\r\n--batchresponse_1--',
    },
  ])('is none when it is $reason', ({ body }) => {
    expect(readBatch('text/html', body)).toBeUndefined()
  })

  test('is not led astray by a boundary inside a body', () => {
    const text = [
      '--batchresponse_1',
      'Content-Type: application/http',
      '',
      'HTTP/1.1 200 OK',
      '',
      '{"a":"--batchresponse_1--"}',
      '--batchresponse_1--',
    ].join('\r\n')

    expect(readBatch(TYPE, text)).toMatchObject({
      complete: true,
      items: [[{ body: { value: { a: '--batchresponse_1--' } } }]],
    })
  })

  test('is not led astray by a longer boundary', () => {
    const text = [
      '--batchresponse_1',
      'Content-Type: application/http',
      '',
      'HTTP/1.1 204 No Content',
      '',
      '',
      '--batchresponse_12',
      'x',
      '--batchresponse_1--',
    ].join('\r\n')

    expect(readBatch(TYPE, text)?.items).toHaveLength(1)
  })
})

describe('a batch', () => {
  test('has only CRLF and boundaries of its own', () => {
    const text = writeBatch(
      [
        { kind: 'plain', part: { method: 'GET', path: 'a' } },
        {
          kind: 'change-set',
          parts: [
            { method: 'PATCH', path: 'b', body: '{}' },
            { method: 'DELETE', path: 'c' },
          ],
        },
      ],
      '/o/api/data/v9.1/',
      'x',
    )

    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(text.match(/^Content-ID: \d+$/gm)).toEqual(['Content-ID: 1', 'Content-ID: 2'])
    expect(text.endsWith('--batch_x--\r\n')).toBe(true)
  })
})

import { describe, expect, test } from 'vitest'
import type { CrmFailure } from '../../src/crm/index.ts'
import { readBody } from '../../src/crm/wire/body.ts'
import { singleLine, toCrmError } from '../../src/crm/wire/errors.ts'
import { legacyError as legacy, modernError as modern } from './crm-fixtures.ts'

interface Written {
  readonly reason: string
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly code: CrmFailure
  readonly says?: string
}

const WRITTEN: readonly Written[] = [
  {
    reason: '9.0 shape, code empty',
    status: 400,
    body: legacy('Invalid argument'),
    code: 'Invalid',
    says: 'Invalid argument',
  },
  {
    reason: 'only the inner error speaks',
    status: 400,
    body: legacy('', 'A deeper reason'),
    code: 'Invalid',
    says: 'A deeper reason',
  },
  {
    reason: 'later shape',
    status: 400,
    body: modern(
      '0x80044331',
      "A validation error occurred.  The length of the 'name' attribute of the 'mailbox' entity exceeded the maximum allowed length of '200'.",
    ),
    code: 'Invalid',
    says: "A validation error occurred. The length of the 'name' attribute",
  },
  {
    reason: 'with annotations',
    status: 403,
    body: modern('0x80048306', 'no access', {
      '@Microsoft.PowerApps.CDS.TraceText': 'secret trace',
      '@Microsoft.PowerApps.CDS.ErrorDetails.X': '1',
    }),
    code: 'Forbidden',
    says: 'no access',
  },
  {
    reason: 'a missing privilege by its code',
    status: 403,
    body: modern(
      '0x80040220',
      'Principal user (Id=5c9f, type=8) is missing prvApproveRejectEmailAddress privilege (Id=1)',
    ),
    code: 'PrivilegeMissing',
    says: 'lacks prvApproveRejectEmailAddress',
  },
  {
    reason: 'a missing privilege by its text',
    status: 403,
    body: legacy('SecLib::AccessCheckEx failed. missing prvWriteMailbox'),
    code: 'PrivilegeMissing',
    says: 'lacks prvWriteMailbox',
  },
  {
    reason: 'a missing privilege with another status',
    status: 400,
    body: modern('0x80040220', 'prvReadQueue is missing'),
    code: 'PrivilegeMissing',
    says: 'prvReadQueue',
  },
  {
    reason: 'a missing privilege without its name',
    status: 403,
    body: modern('0x80040220', 'nope'),
    code: 'PrivilegeMissing',
    says: 'lacks a privilege',
  },
  { reason: 'a missing row', status: 404, body: legacy('mailbox With Id = 1 Does Not Exist'), code: 'NotFound' },
  { reason: 'a missing row without words', status: 404, code: 'NotFound' },
  {
    reason: "ASP.NET's missing route is no missing row",
    status: 404,
    body: '{"Message":"No HTTP resource was found"}',
    code: 'NotUnderstood',
    says: 'check the URL',
  },
  {
    reason: 'a missing page of IIS is no missing row',
    status: 404,
    body: '<html>404 - File or directory not found.</html>',
    code: 'NotUnderstood',
  },
  { reason: 'a method not allowed', status: 405, body: legacy('x'), code: 'Unsupported' },
  {
    reason: 'a conflict',
    status: 412,
    body: legacy("The version of the existing record doesn't match the RowVersion property provided."),
    code: 'Conflict',
  },
  { reason: 'too large', status: 413, code: 'Invalid' },
  {
    reason: 'throttled',
    status: 429,
    body: modern('0x80072322', 'Number of requests exceeded the limit'),
    code: 'Throttled',
  },
  { reason: 'an error of the server', status: 500, body: legacy('An unexpected error occurred.'), code: 'Unavailable' },
  { reason: 'an error page of IIS', status: 500, body: '<html>Runtime Error</html>', code: 'Unavailable' },
  { reason: 'not implemented', status: 501, code: 'Unsupported' },
  { reason: 'bad gateway', status: 502, body: '<html>', code: 'Unavailable' },
  { reason: 'service unavailable', status: 503, body: '<h2>Service Unavailable</h2>', code: 'Unavailable' },
  { reason: 'gateway timeout', status: 504, code: 'TimedOut' },
  { reason: 'an unheard-of status', status: 599, code: 'Unavailable' },
  { reason: 'half a JSON error', status: 400, body: '{"error":{"code":"","mess', code: 'Invalid' },
  { reason: 'half a JSON answer', status: 200, body: '{"value":[', code: 'Incomplete' },
  { reason: 'plain text', status: 200, body: 'OK', code: 'NotUnderstood', says: 'plain text' },
  { reason: 'an array', status: 400, body: '[1]', code: 'Invalid' },
  { reason: 'an error that is text', status: 400, body: '{"error":"bad"}', code: 'Invalid' },
  {
    reason: 'a code that is a number',
    status: 400,
    body: '{"error":{"code":42,"message":"bad"}}',
    code: 'Invalid',
    says: 'bad',
  },
]

describe('an error', () => {
  test.each(WRITTEN)('$reason: $status is $code', ({ status, body = '', headers = {}, code, says }) => {
    const error = toCrmError({ status, headers, body: readBody(body) }, 'reading mailboxes of crm.contoso.com')

    expect(error).toMatchObject({ name: 'CrmError', code, status })
    expect(error.message).toMatch(/^reading mailboxes of crm\.contoso\.com: /)
    if (says !== undefined) expect(error.message).toContain(says)
    expect(error.message).not.toMatch(/stack|Microsoft\.Crm\.|TraceText|secret trace|[<\r\n]/)
  })

  test('text is one line, capped and without secrets', () => {
    const text = `first\r\nsecond\u2028third\u0007 Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2ln`

    expect(singleLine(text)).not.toContain('\u0007')
    expect(singleLine(text)).not.toMatch(/[\r\n\u2028]|eyJ/)
    expect(singleLine('x'.repeat(5000))).toHaveLength(300)
  })
})

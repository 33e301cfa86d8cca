import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAXIMUM_RETRY_AFTER_MS, parseRetryAfter } from '../../src/network/retry-after.ts'

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0)
const IN_TWO_MINUTES = 'Mon, 23 Nov 2026 12:02:00 GMT'

describe('parseRetryAfter', () => {
  test.each([
    { header: '120', expected: 120_000, reason: 'whole seconds' },
    { header: '2.128', expected: 2128, reason: 'a fraction, as Dynamics 365 sends it' },
    {
      header: '0.0001',
      expected: 1,
      reason: 'a fraction of a millisecond is rounded up, never to an immediate repeat',
    },
    { header: '.5', expected: 500, reason: 'a fraction without its zero' },
    { header: ' 7 ', expected: 7000, reason: 'white space around' },
    { header: '0', expected: 0, reason: 'at once' },
    { header: '-5', expected: 0, reason: 'a negative wait is no wait' },
    { header: '99999999999999999999', expected: MAXIMUM_RETRY_AFTER_MS, reason: 'a huge value is capped' },
    { header: '9'.repeat(400), expected: MAXIMUM_RETRY_AFTER_MS, reason: 'a value beyond all numbers is capped' },
    { header: IN_TWO_MINUTES, expected: 120_000, reason: 'a date' },
    { header: 'Monday, 23-Nov-26 12:02:00 GMT', expected: 120_000, reason: 'the obsolete date of RFC 850' },
    { header: 'Mon Nov 23 12:02:00 2026', expected: 120_000, reason: 'the date of asctime' },
    { header: 'Mon, 23 Nov 2026 11:00:00 GMT', expected: 0, reason: 'a date that is past' },
    { header: 'Mon, 23 Nov 2076 11:00:00 GMT', expected: MAXIMUM_RETRY_AFTER_MS, reason: 'a date far ahead is capped' },
    { header: ['3', '9'], expected: 3000, reason: 'of two headers the first counts' },
    { header: undefined, expected: undefined, reason: 'no header' },
    { header: [], expected: undefined, reason: 'no header in a list' },
    { header: '', expected: undefined, reason: 'an empty header' },
    { header: 'soon', expected: undefined, reason: 'garbage' },
    { header: '1e3', expected: undefined, reason: 'an exponent is not in the grammar' },
    { header: '0x10', expected: undefined, reason: 'nor is a hexadecimal number' },
    { header: 'NaN', expected: undefined, reason: 'nor is a name' },
    { header: '2026-11-23T12:02:00Z', expected: undefined, reason: 'nor is an ISO date' },
    { header: 'Mon, 31 Nov 2026 12:02:00 GMT', expected: undefined, reason: 'a day that does not exist' },
    { header: 'Mon, 23 Nov 2026 25:02:00 GMT', expected: undefined, reason: 'an hour that does not exist' },
  ])('$header gives $expected: $reason', ({ header, expected }) => {
    expect(parseRetryAfter(header, NOW)).toBe(expected)
  })

  test('measures a date against the clock of the server that wrote it', () => {
    const serverIsAnHourAhead = 'Mon, 23 Nov 2026 13:00:00 GMT'

    expect(parseRetryAfter('Mon, 23 Nov 2026 13:00:30 GMT', NOW, serverIsAnHourAhead)).toBe(30_000)
    expect(parseRetryAfter(IN_TWO_MINUTES, NOW, 'no date at all')).toBe(120_000)
  })

  test('gives for any header nothing or a wait within its bounds', () => {
    const headers = fc.oneof(fc.string(), fc.double().map(String), fc.stringMatching(/^[\d.+-]*$/))

    fc.assert(
      fc.property(headers, (header) => {
        const waitMs = parseRetryAfter(header, NOW)

        if (waitMs === undefined) return
        expect(Number.isInteger(waitMs)).toBe(true)
        expect(waitMs).toBeGreaterThanOrEqual(0)
        expect(waitMs).toBeLessThanOrEqual(MAXIMUM_RETRY_AFTER_MS)
      }),
    )
  })
})

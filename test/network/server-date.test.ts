import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clockSkewMs, parseHttpDate, serverTime } from '../../src/network/server-date.ts'

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0)
const exchange = { startedAt: NOW, endedAt: NOW + 400 }

describe('parseHttpDate', () => {
  test('reads every date that JavaScript writes', () => {
    const dates = fc.date({ min: new Date(0), max: new Date('2999-12-31T23:59:59Z'), noInvalidDate: true })

    fc.assert(
      fc.property(dates, (date) => {
        expect(parseHttpDate(date.toUTCString(), NOW)).toBe(Math.floor(date.getTime() / 1000) * 1000)
      }),
    )
  })

  test.each([
    {
      text: 'Sunday, 06-Nov-94 08:49:37 GMT',
      expected: Date.UTC(1994, 10, 6, 8, 49, 37),
      reason: 'RFC 850, last century',
    },
    {
      text: 'Monday, 06-Nov-28 08:49:37 GMT',
      expected: Date.UTC(2028, 10, 6, 8, 49, 37),
      reason: 'RFC 850, this century',
    },
    {
      text: 'Sun Nov  6 08:49:37 1994',
      expected: Date.UTC(1994, 10, 6, 8, 49, 37),
      reason: 'asctime with a padded day',
    },
    { text: 'Thu, 31 Dec 2026 23:59:60 GMT', expected: Date.UTC(2027, 0, 1), reason: 'a leap second' },
    { text: 'Sun, 29 Feb 2027 00:00:00 GMT', expected: undefined, reason: 'no leap year' },
    { text: 'Sun, 06 Nov 1994 08:49:37 CET', expected: undefined, reason: 'HTTP dates are always GMT' },
    { text: '5', expected: undefined, reason: 'JavaScript alone would take this for May 2001' },
  ])('$text: $reason', ({ text, expected }) => {
    expect(parseHttpDate(text, NOW)).toBe(expected)
  })
})

describe('serverTime', () => {
  test('is unknown where the server says nothing or twice', () => {
    expect(serverTime({}, NOW)).toBeUndefined()
    expect(serverTime({ date: ['a', 'b'] }, NOW)).toBeUndefined()
  })
})

describe('clockSkewMs', () => {
  test.each([
    { date: 'Mon, 23 Nov 2026 12:00:00 GMT', expected: 0, reason: 'the same second' },
    { date: 'Mon, 23 Nov 2026 11:59:59 GMT', expected: 0, reason: 'the header cuts its fraction off' },
    { date: 'Mon, 23 Nov 2026 11:58:59 GMT', expected: -60_000, reason: 'a minute behind' },
    { date: 'Mon, 23 Nov 2026 12:02:00 GMT', expected: 119_600, reason: 'ahead, counted from the end of the exchange' },
    { date: 'yesterday', expected: undefined, reason: 'no date' },
  ])('$date: $reason', ({ date, expected }) => {
    expect(clockSkewMs({ date }, exchange)).toBe(expected)
  })
})

import { describe, expect, it } from 'vitest'
import { endOf } from '../../src/cli/until.ts'
import { UsageError } from '../../src/compose/usage-error.ts'

const NOW = new Date('2026-11-23T05:30:12.345Z')

describe('the end of a suspension', () => {
  it.each([
    { text: '2026-12-01', end: '2026-12-01', reason: 'a day stays a day' },
    { text: '2026-12-01T06:00:00+02:00', end: '2026-12-01T06:00:00+02:00', reason: 'a time stays as it is written' },
    { text: '8h', end: '2026-11-23T13:31:00Z', reason: 'hours from now, to the next minute' },
    { text: '3d', end: '2026-11-26T05:31:00Z', reason: 'days from now' },
    { text: '1m', end: '2026-11-23T05:32:00Z', reason: 'minutes from now' },
  ])('$text: $reason', ({ text, end }) => {
    expect(endOf(text, NOW)).toBe(end)
  })

  it.each([
    { text: '2026-11-23', says: 'is over already', reason: 'today began' },
    { text: '2026-11-23T05:30:00Z', says: 'is over already', reason: 'a moment ago' },
    { text: '2027-02-30', says: 'no day of the calendar', reason: 'no such day' },
    { text: '2027-01-01T25:00:00Z', says: 'no time of the day', reason: 'no such time' },
    { text: 'tomorrow', says: 'it takes a day', reason: 'a word' },
    { text: '90s', says: 'it takes a day', reason: 'too short to be meant' },
    { text: '0d', says: undefined, reason: 'nothing: until the next minute' },
    { text: '', says: 'it takes a day', reason: 'nothing' },
    { text: '999999d', says: undefined, reason: 'centuries' },
  ])('"$text" ($reason)', ({ text, says }) => {
    if (says === undefined) expect(Date.parse(endOf(text, NOW))).toBeGreaterThan(NOW.getTime())
    else {
      expect(() => endOf(text, NOW)).toThrow(UsageError)
      expect(() => endOf(text, NOW)).toThrow(says)
    }
  })
})

import { describe, expect, test } from 'vitest'
import { count, day, exact, percent, relative, shortRevision, span, visible, worst } from '../../src/web/words.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')

describe('words', () => {
  test.each([
    { part: 0, whole: 0, words: '0 %', reason: 'of nothing there is no share' },
    { part: 1, whole: 50_000, words: '< 0.1 %', reason: 'one is never none' },
    { part: 49_999, whole: 50_000, words: '> 99.9 %', reason: 'all but one is never all' },
    { part: 12, whole: 40, words: '30 %', reason: 'a share is round' },
    { part: 3, whole: 64, words: '4.7 %', reason: 'a small share is told finer' },
  ])('a share: $reason', ({ part, whole, words }) => {
    expect(percent(part, whole)).toBe(words)
  })

  test.each([
    { iso: '2026-11-23T11:59:18Z', words: '42 s ago' },
    { iso: '2026-11-23T11:00:01Z', words: '59 min ago' },
    { iso: '2026-11-23T12:00:00.4Z', words: 'now' },
    { iso: '2026-11-23T15:00:00Z', words: 'in 3 h' },
    { iso: '2026-11-20T12:00:00Z', words: '3 d ago' },
    { iso: 'soon', words: 'soon' },
  ])('$iso is $words', ({ iso, words }) => {
    expect(relative(iso, NOW)).toBe(words)
  })

  test('a time that nobody can read is told as it came', () => {
    expect([exact('never'), day('never')]).toEqual(['never', 'never'])
    expect(exact('2026-11-23T12:04:05.678Z')).toBe('2026-11-23 12:04:05 UTC')
    expect(day('2027-04-01')).toBe('Apr 1, 2027')
  })

  test('a span and a number agree with their nouns', () => {
    expect([span(-5), span(59_400), span(90_000)]).toEqual(['0 s', '59 s', '1 min'])
    expect([count(1, 'mailbox', 'mailboxes'), count(50_000, 'mailbox', 'mailboxes')]).toEqual([
      '1 mailbox',
      '50,000 mailboxes',
    ])
  })

  test('only a commit is shortened to seven digits', () => {
    expect(shortRevision('3f2a91c0b7d64b0e8a3f5c1d2e9f7a6b4c8d0e1f')).toBe('3f2a91c')
    expect(shortRevision('content-of-2026-11-23')).toBe('content-of-2026-')
  })

  test.each([
    {
      text: '\u202Emoc.osotnoc@nna',
      seen: '⟨202E⟩moc.osotnoc@nna',
      reason: 'turned around it would be ann@contoso.com',
    },
    { text: 'ann\u200B@contoso.com', seen: 'ann⟨200B⟩@contoso.com', reason: 'two people would look alike' },
    { text: 'a\nb\u0007', seen: 'a⟨000A⟩b⟨0007⟩', reason: 'a line is a line' },
    { text: 'Zoë 王 👩', seen: 'Zoë 王 👩', reason: 'letters of all people stay' },
  ])('what cannot be seen is made visible: $reason', ({ text, seen }) => {
    expect(visible(text)).toBe(seen)
  })

  test('the worst tone counts', () => {
    expect([worst([]), worst(['calm', 'unknown', 'waiting']), worst(['unknown', 'trouble'])]).toEqual([
      'calm',
      'unknown',
      'trouble',
    ])
  })
})

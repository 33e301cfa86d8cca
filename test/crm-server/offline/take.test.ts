import { describe, expect, test } from 'vitest'
import { takeAnswers } from '../../../src/crm-server/offline/take.ts'
import { answerTo, callOf, desk, HOUR_MS, sealed } from './carrying.ts'

const LOOK = callOf('read-server')

/** A book that wants a look at both servers, and has handed it out. */
function handed() {
  const at = desk()
  at.book.answer('crm-1', LOOK)
  at.book.answer('crm-2', LOOK)
  at.handOut(at.book)
  const brought = answerTo(at.book, '01-crm-1-look', { at: at.now() })
  return { ...at, brought }
}

/** Another text that is whole. */
const edited = (what: RegExp, by: string) => (text: string) =>
  sealed(text.split('\n').slice(0, -2).join('\n').replace(what, by).split('\n'))

describe('an answer that a person brought back', () => {
  test('is taken once, and passed over in silence after that', () => {
    const { book, brought, now } = handed()
    const files = [{ name: 'a.answer.txt', text: brought }]

    const first = takeAnswers([book], files, now())
    const second = takeAnswers([book], files, now())

    expect(first).toEqual({ taken: ['a.answer.txt'], refused: [] })
    expect(second).toEqual({ taken: [], refused: [] })
    expect(book.answer('crm-1', LOOK)).toMatchObject({ ok: true, result: { script: 'read-server' } })
    expect(book.answer('crm-2', LOOK)).toBeUndefined()
  })

  test('is taken with the line ends and the mark that an editor put there', () => {
    const { book, brought, now } = handed()
    const text = `\uFEFF${brought.replaceAll('\n', '\r\n')}\r\n`

    const { taken, refused } = takeAnswers([book], [{ name: 'a', text }], now())

    expect(refused).toEqual([])
    expect(taken).toEqual(['a'])
  })

  test.each([
    ['hello', 'is no answer of a script', 'another file that lies there'],
    ['', 'is no answer of a script', 'an empty file'],
    [(text: string) => text.slice(0, text.length / 2), 'is cut', 'half of a file was copied'],
    [(text: string) => text.replace('crm-1-look', 'crm-2-look'), 'was changed after', 'somebody edited it'],
    [edited(/(call |BEGIN-|END-)[0-9a-f]{32}/g, `$1${'f'.repeat(32)}`), 'not written from here', 'of another mailkeel'],
    [edited(/^(call \w+ )\w{64}/gm, `$1${'a'.repeat(64)}`), 'answers another script', 'the script was another one'],
    [edited(/\w{64}( \S+Z)$/gm, `${'a'.repeat(64)}$1`), 'answers another script', 'the input was another one'],
    [edited(/^BEGIN.*$/gm, '-'), 'no script in it came to an answer', 'PowerShell could not run it'],
    [edited(/\nBEGIN.*/g, ''), 'not of the form', 'a call without its answer'],
  ])('is refused: %#', (spoil, why, _reason) => {
    const { book, brought, now } = handed()
    const text = typeof spoil === 'string' ? spoil : spoil(brought)

    const { taken, refused } = takeAnswers([book], [{ name: 'a.answer.txt', text }], now())

    expect(taken).toEqual([])
    expect(refused).toEqual([{ name: 'a.answer.txt', why: expect.stringContaining(why) }])
    expect(book.answer('crm-1', LOOK)).toBeUndefined()
  })

  test('is refused when it is too old', () => {
    const { book, brought, now, pass } = handed()
    pass(25 * HOUR_MS)

    const { refused } = takeAnswers([book], [{ name: 'a', text: brought }], now())

    expect(refused[0]?.why).toContain('answers count for 24 hours only')
  })

  test('is refused when the script of one server was run on another one', () => {
    const { book, now } = handed()
    const right = answerTo(book, '01-crm-1-look', { at: now(), computer: 'CRM-1' })
    const wrong = answerTo(book, '02-crm-2-look', { at: now(), computer: 'CRM-1' })

    const { taken, refused } = takeAnswers(
      [book],
      [
        { name: '1', text: right },
        { name: '2', text: wrong },
      ],
      now(),
    )

    expect(taken).toEqual(['1'])
    expect(refused[0]?.why).toContain('it was run on CRM-1, which is crm-1, and it is for crm-2')
  })

  test('says when it ran by our clock, however wrong the clock of the server is', () => {
    const { book, now, pass } = handed()
    pass(HOUR_MS)
    const future = new Date(now().getTime() + 100 * HOUR_MS)
    const text = answerTo(book, '01-crm-1-look', { at: future })

    takeAnswers([book], [{ name: 'a', text }], now())

    expect(book.answer('crm-1', LOOK)).toMatchObject({ at: now().toISOString() })
  })
})

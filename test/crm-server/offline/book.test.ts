import { describe, expect, test } from 'vitest'
import { createOfflineChannel } from '../../../src/crm-server/offline/channel.ts'
import { takeAnswers } from '../../../src/crm-server/offline/take.ts'
import { answerTo, callOf, type Documents, desk, failedDocument, HOUR_MS } from './carrying.ts'

const LOOK = callOf('read-server')
const MARK = callOf('set-marker', { sha256: 'ab' })
const SETTINGS = callOf('write-server-settings', { metadataUrl: 'https://a' })
const wide = (...organizations: readonly string[]) => callOf('read-deployment', { organizations })

type Desk = ReturnType<typeof desk>

/** A person runs everything that is wanted, in order, a second after the other. */
function carryAll({ book, handOut, pass, now }: Desk, documents: Documents = {}, changes?: readonly string[]): void {
  for (const { name, server } of handOut(book, changes).bundles) {
    pass(1000)
    takeAnswers([book], [{ name, text: answerTo(book, name, { at: now(), computer: server, documents }) }], now())
  }
}

describe('a read', () => {
  test('counts until it is too old', () => {
    const at = desk()
    at.book.answer('crm-1', LOOK)
    carryAll(at)
    const young = at.book.answer('crm-1', LOOK)
    at.pass(25 * HOUR_MS)

    expect(young).toBeDefined()
    expect(at.book.answer('crm-1', LOOK)).toBeUndefined()
  })

  test('does not count any more once something was written on its server, unless it was made after that', () => {
    const at = desk()
    at.book.answer('crm-1', LOOK)
    at.book.answer('crm-2', LOOK)
    carryAll(at)
    at.book.beginPass()
    // Nothing reads in this pass, so the script that writes brings no new look along.
    at.book.want('crm-1', MARK)
    carryAll(at)

    const known = ['crm-1', 'crm-2'].map((server) => at.book.answer(server, LOOK) !== undefined)

    expect(known).toEqual([false, true])
  })

  test('comes along with every script that writes, so that the next pass knows', () => {
    const at = desk()
    at.book.answer('crm-1', LOOK)
    carryAll(at)
    at.book.beginPass()
    at.book.answer('crm-1', LOOK)
    at.book.want('crm-1', MARK)
    carryAll(at)

    expect(at.book.answer('crm-1', LOOK)).toBeDefined()
  })

  test('of more organizations tells of fewer, and not the other way round', () => {
    const at = desk()
    at.book.answer('crm-1', wide('a', 'b'))
    carryAll(at)

    const known = [wide('a'), wide(), wide('a', 'c')].map((call) => at.book.answer('crm-1', call) !== undefined)

    expect(known).toEqual([true, true, false])
  })

  test('of what belongs to all servers is spoilt by a write of that through another server', () => {
    const at = desk()
    at.book.answer('crm-1', wide())
    carryAll(at)
    at.book.beginPass()
    at.book.want('crm-2', SETTINGS)
    carryAll(at)

    expect(at.book.answer('crm-1', wide())).toBeUndefined()
  })

  test('of what belongs to all servers is not wanted where another one told it', () => {
    const at = desk()
    at.book.answer('crm-2', wide())
    carryAll(at)
    at.book.beginPass()
    at.book.answer('crm-1', wide())
    at.book.answer('crm-2', wide())

    expect(at.book.wants()).toEqual([])
  })

  test('is not wanted any more when the next pass does not ask', () => {
    const at = desk()
    at.book.answer('crm-1', LOOK)

    at.book.beginPass()

    expect(at.book.wants()).toEqual([])
  })
})

describe('a write', () => {
  function written(documents: Documents = {}): Desk {
    const at = desk()
    at.book.plan(['change-1'])
    at.book.answer('crm-1', MARK)
    carryAll(at, documents)
    at.book.beginPass()
    return at
  }

  test('is heard once', () => {
    const { book } = written()
    book.plan(['change-1'])

    const heard = [book.answer('crm-1', MARK), book.answer('crm-1', MARK)]

    expect(heard.map((one) => one !== undefined)).toEqual([true, false])
  })

  test('is heard with its failure', () => {
    const { book } = written({ 'set-marker': failedDocument('NotAdministrator') })
    book.plan(['change-1'])

    expect(book.answer('crm-1', MARK)).toEqual({ ok: false, error: { code: 'NotAdministrator', message: 'no' } })
  })

  test.each([
    [MARK, 'crm-1', ['change-2'], 'the plan is another one by now'],
    [callOf('set-marker', { sha256: 'cd' }), 'crm-1', ['change-1'], 'it is about something else'],
    [MARK, 'crm-2', ['change-1'], 'it was for another server'],
    [callOf('ensure-certificate', MARK.input), 'crm-1', ['change-1'], 'it was another script'],
  ])('is not heard: %#', (call, server, planned, _reason) => {
    const { book } = written()
    book.plan(planned)

    expect(book.answer(server, call)).toBeUndefined()
  })

  test('is not heard when other scripts were handed out since', () => {
    const at = written()
    at.book.want('crm-2', LOOK)
    at.handOut(at.book)
    at.book.plan(['change-1'])

    expect(at.book.answer('crm-1', MARK)).toBeUndefined()
  })
})

describe('what is handed out', () => {
  test('is the same once more while nothing came back, and its answers stay good', () => {
    const at = desk()
    at.book.answer('crm-1', LOOK)
    const first = at.handOut(at.book)
    const text = answerTo(at.book, '01-crm-1-look', { at: at.now() })
    at.pass(HOUR_MS)

    const second = at.handOut(at.book)
    const { taken } = takeAnswers([at.book], [{ name: 'a', text }], at.now())

    expect(second.files).toEqual(first.files)
    expect(taken).toEqual(['a'])
  })

  test('is known in a new process from what was kept', () => {
    const at = desk()
    at.book.answer('crm-1', LOOK)
    carryAll(at)
    const kept = JSON.parse(JSON.stringify(at.book.records))

    expect(at.bookOf(kept).answer('crm-1', LOOK)).toMatchObject({ ok: true })
  })

  test('is told by whoever waits for it, with the name of the file', async () => {
    const at = desk()
    const channel = createOfflineChannel('crm-1', at.book)
    const { signal } = new AbortController()
    const before = channel.execute(LOOK, signal)
    await expect(before).rejects.toMatchObject({ code: 'AwaitingResults', effect: 'none', host: 'crm-1' })
    at.handOut(at.book)

    const after = channel.execute(LOOK, signal)

    await expect(after).rejects.toThrow('run 01-crm-1-look.ps1 on crm-1 and bring back its answer')
  })
})

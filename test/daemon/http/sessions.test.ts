import { describe, expect, it } from 'vitest'
import { createSessions } from '../../../src/daemon/http/sessions.ts'

const READER = { role: 'Reader' } as const

describe('sessions', () => {
  it('have ids of 256 bits that are never the same', () => {
    const sessions = createSessions(1000, () => new Date(0))

    const ids = Array.from({ length: 100 }, () => sessions.begin(READER))

    expect(new Set(ids).size).toBe(100)
    expect(ids.every((id) => Buffer.from(id, 'base64url').length === 32)).toBe(true)
  })

  it('are kept up to a number, and then the oldest goes', () => {
    const sessions = createSessions(1000, () => new Date(0), 3)

    const ids = Array.from({ length: 5 }, () => sessions.begin(READER))

    expect(ids.map((id) => sessions.viewerOf(id) !== undefined)).toEqual([false, false, true, true, true])
  })

  it('end at their time to the millisecond', () => {
    let atMs = 0
    const sessions = createSessions(1000, () => new Date(atMs))
    const id = sessions.begin(READER)

    atMs = 999
    const before = sessions.viewerOf(id)
    atMs = 1000

    expect([before, sessions.viewerOf(id)]).toEqual([READER, undefined])
  })
})

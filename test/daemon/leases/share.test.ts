import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leaseName } from '../../../src/daemon/leases/names.ts'
import { type Situation, shareOf, taking } from '../../../src/daemon/leases/share.ts'

const REPLICAS = ['a_1', 'b_1', 'c_1']

function situation(changes: Partial<Situation>): Situation {
  return {
    scope: 'organization/x',
    self: 'a_1',
    replicas: REPLICAS,
    holdings: new Map(),
    scopes: 9,
    freeForMs: 0,
    courtesyMs: 1000,
    orphanedAfterMs: 60_000,
    ...changes,
  }
}

const whoTakes = (changes: Partial<Situation>) =>
  REPLICAS.filter((self) => taking(situation({ ...changes, self })).take === 'Share')

describe('a scope that nobody holds', () => {
  test('is taken at once by one replica and no other', () => {
    for (let index = 0; index < 50; index += 1) {
      expect(whoTakes({ scope: `organization/${index}` })).toHaveLength(1)
    }
  })

  test('is taken by the next ones in turn, where those before them do not', () => {
    const counts = [0, 1000, 2000].map((freeForMs) => whoTakes({ freeForMs }).length)

    expect(counts).toEqual([1, 2, 3])
  })

  test('is left to those who have room', () => {
    const holdings = new Map([
      ['a_1', 3],
      ['b_1', 3],
    ])

    expect(whoTakes({ holdings, freeForMs: 0 })).toEqual(['c_1'])
  })

  test('is taken beyond the share where nobody wants it', () => {
    const holdings = new Map(REPLICAS.map((one) => [one, 3]))

    expect(taking(situation({ holdings, freeForMs: 59_000 }))).toMatchObject({ take: false })
    expect(taking(situation({ holdings, freeForMs: 60_000 }))).toEqual({ take: 'Orphan' })
  })

  test('has a place: shares of all replicas together are never too small', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.integer({ min: 1, max: 50 }), (scopes, replicas) => {
        expect(shareOf(scopes, replicas) * replicas).toBeGreaterThanOrEqual(scopes)
      }),
    )
  })
})

describe('the name of a lease', () => {
  test.each([
    { subject: 'organization/contoso-sales', start: 'mailkeel-organization-contoso-sales-', reason: 'people read it' },
    { subject: `organization/${'x'.repeat(300)}`, start: 'mailkeel-organization-xxx', reason: 'long' },
    { subject: 'organization/Über_Ölwerk', start: 'mailkeel-organization-', reason: 'not of ASCII' },
    { subject: '///', start: 'mailkeel-', reason: 'nothing readable' },
  ])('is one that Kubernetes takes: $reason', ({ subject, start }) => {
    const name = leaseName(subject)

    expect(name.startsWith(start)).toBe(true)
    expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
    expect(name.length).toBeLessThanOrEqual(63)
  })

  test('is another one for another subject, however alike they read', () => {
    const names = ['organization/a-b', 'organization/a_b', 'organization/A-b', 'organization-a/b'].map(leaseName)

    expect(new Set(names).size).toBe(names.length)
  })
})

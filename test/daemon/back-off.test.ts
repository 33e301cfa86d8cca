import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHostGate, fullJitter, isHostFailure } from '../../src/daemon/back-off.ts'

const HOST = 'crm.contoso.com'

function gateAt(random = () => 0.5) {
  let now = Date.parse('2026-11-20T08:00:00Z')
  const gate = createHostGate({
    firstMs: 10_000,
    maximumMs: 900_000,
    servesMs: 900_000,
    now: () => new Date(now),
    random,
  })
  const pass = (ms: number) => {
    now += ms
  }
  return { gate, pass }
}

describe('a host that failed', () => {
  it('is left alone by all scopes for a time', () => {
    const { gate } = gateAt()
    gate.failed(HOST, 'organization/a')

    expect(gate.waitMs(HOST, 'organization/b')).toBe(5_000 + 5_000)
    expect(gate.waitMs('other.contoso.com', 'organization/b')).toBe(0)
  })

  it('is then tried by one scope, and the others wait for what that comes to', () => {
    const { gate, pass } = gateAt()
    gate.failed(HOST, 'organization/a')
    pass(5_000)

    expect(gate.waitMs(HOST, 'organization/b')).toBe(0)
    expect(gate.waitMs(HOST, 'organization/c')).toBeGreaterThan(0)
    expect(gate.waitMs(HOST, 'organization/b')).toBe(0)
    gate.succeeded(HOST, 'organization/b')
    expect(gate.waitMs(HOST, 'organization/c')).toBe(0)
  })

  it('is left alone longer each time', () => {
    const { gate, pass } = gateAt()
    const waits: number[] = []
    for (let time = 0; time < 9; time += 1) {
      expect(gate.waitMs(HOST, 'organization/a')).toBe(0)
      gate.failed(HOST, 'organization/a')
      const wait = gate.waitMs(HOST, 'organization/a') - 5_000
      waits.push(wait)
      pass(wait)
    }

    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 450_000, 450_000])
  })

  it('is not counted twice by scopes that were under way together', () => {
    const { gate } = gateAt()
    for (let scope = 0; scope < 100; scope += 1) gate.failed(HOST, `organization/${scope}`)

    expect(gate.waitMs(HOST, 'organization/x')).toBe(10_000)
  })

  it('is not lost when the scope that tries it ends, or is never heard of again', () => {
    const ended = gateAt()
    ended.gate.failed(HOST, 'organization/a')
    ended.pass(5_000)
    ended.gate.waitMs(HOST, 'organization/a')
    ended.gate.forget('organization/a')
    const silent = gateAt()
    silent.gate.failed(HOST, 'organization/a')
    silent.pass(5_000)
    silent.gate.waitMs(HOST, 'organization/a')
    silent.pass(900_000)

    expect(ended.gate.waitMs(HOST, 'organization/b')).toBe(0)
    expect(silent.gate.waitMs(HOST, 'organization/b')).toBe(0)
  })

  it('is no failing host while it serves another scope, as one address serves many organizations', () => {
    const { gate, pass } = gateAt()
    gate.succeeded(HOST, 'organization/healthy')
    pass(600_000)
    gate.failed(HOST, 'organization/broken')

    expect(gate.waitMs(HOST, 'organization/healthy')).toBe(0)
    pass(900_000)
    gate.failed(HOST, 'organization/broken')
    expect(gate.waitMs(HOST, 'organization/healthy')).toBeGreaterThan(0)
  })

  it('is asked by at most one scope at a time, however many come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 60_000 })), { maxLength: 60 }),
        (visits) => {
          const { gate, pass } = gateAt()
          gate.failed(HOST, 'organization/0')
          const inside = new Set<number>()
          for (const [scope, ms] of visits) {
            pass(ms)
            if (gate.waitMs(HOST, `organization/${scope}`) === 0) inside.add(scope)
            expect(inside.size).toBeLessThanOrEqual(1)
            if (inside.has(scope) && ms % 2 === 0) {
              gate.failed(HOST, `organization/${scope}`)
              inside.clear()
            }
            if (inside.size > 0 && ms > 50_000) {
              gate.forget(`organization/${[...inside][0]}`)
              inside.clear()
            }
          }
        },
      ),
    )
  })
})

describe('a wait with full jitter', () => {
  it('is anything up to a ceiling that doubles, and never more than the maximum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (failures, random) => {
          const wait = fullJitter(failures, 1_000, 60_000, () => random)
          expect(wait).toBeGreaterThanOrEqual(0)
          expect(wait).toBeLessThanOrEqual(Math.min(60_000, 1_000 * 2 ** (failures - 1)))
        },
      ),
    )
  })
})

it.each([
  ['Unauthenticated', true],
  ['Unreachable', true],
  ['PrivilegeMissing', false],
  ['NotFound', false],
])('%s is a failure of the host: %s', (code, expected) => {
  expect(isHostFailure({ code })).toBe(expected)
})

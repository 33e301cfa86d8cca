import { describe, expect, test } from 'vitest'
import { switchesFrom } from '../../../src/simulator/switches.ts'
import { type SimulatedWorld, seedWorld } from '../../../src/simulator/world/index.ts'
import { rowOf } from './small-world.ts'

const HOUR_MS = 3_600_000

/** Three organizations with the same people, on one clock and one Exchange; nobody holds anything. */
function three(): readonly [SimulatedWorld, SimulatedWorld, SimulatedWorld] {
  const options = { mailboxes: 2, queues: 0, mess: ['untested'] }
  const first = seedWorld({ ...options, organizationName: 'first' })
  const { clock, exchange } = first
  const beside = (organizationName: string) => seedWorld({ ...options, organizationName, clock, exchange })
  return [first, beside('second'), beside('third')]
}

function anns(world: SimulatedWorld): string {
  for (const [id, row] of world.rows('mailbox')) if (row['emailaddress'] === 'ann@contoso.com') return id
  throw new Error('there is no Ann')
}

function request(world: SimulatedWorld, claim: boolean): void {
  world.update(world.callers.admin, 'mailbox', anns(world), {
    testemailconfigurationscheduled: true,
    ...(claim ? { orgmarkedasprimaryforexchangesync: true } : {}),
  })
}

const calendar = (world: SimulatedWorld) => rowOf(world, 'mailbox', anns(world))['actstatus']

describe('organizations that share an Exchange', () => {
  test('the first to be tested holds the mailbox', () => {
    const [first, second] = three()

    request(first, false)
    first.advance(HOUR_MS)
    request(second, false)
    second.advance(HOUR_MS)

    expect([calendar(first), calendar(second)]).toEqual([1, 2])
  })

  test('the last claim wins, whichever organization is looked at first', () => {
    const [first, second, third] = three()

    request(third, true)
    first.advance(HOUR_MS)
    request(second, true)
    first.advance(HOUR_MS)
    request(first, true)
    first.advance(HOUR_MS)

    expect([calendar(first), calendar(second), calendar(third)]).toEqual([1, 2, 2])
  })

  test('one learns of its loss without anything of its own to do', () => {
    const [first, second] = three()
    request(first, true)
    first.advance(HOUR_MS)
    request(second, true)

    first.advance(HOUR_MS)

    expect(calendar(first)).toBe(2)
    const alerts = [...first.rows('tracelog').values()].map(({ text }) => String(text))
    expect(alerts.filter((text) => text.includes('another organization: second'))).toHaveLength(1)
  })

  test('an organization that was saved goes on where it was', () => {
    const [first] = three()
    request(first, false)
    const saved = JSON.parse(JSON.stringify(first.snapshot())) as unknown
    const again = seedWorld({ mailboxes: 0, queues: 0 })

    again.restore(saved)
    again.advance(HOUR_MS)

    expect(calendar(again)).toBe(1)
  })
})

describe('switches as texts', () => {
  test('become values', () => {
    expect(switchesFrom(['v92=true', ' lossTold = by-next-test', 'neverDates=null'])).toEqual({
      v92: true,
      lossTold: 'by-next-test',
      neverDates: 'null',
    })
  })

  test.each([
    { text: 'mood=bad', says: /no switch is called "mood"; there are errorShape, / },
    { text: 'v92', says: /v92 is false or true, not ""/ },
    { text: 'toString=1', says: /no switch/ },
  ])('are refused where there is no such answer: $text', ({ text, says }) => {
    expect(() => switchesFrom([text])).toThrow(says)
  })
})

// Whatever a server answers to what its documentation leaves open: a messy organization comes in order, and stays so.
import { describe, expect, it } from 'vitest'
import { SWITCH_VALUES, type Switches } from '../../src/simulator/index.ts'
import { defaultSwitches } from '../../src/simulator/world/index.ts'
import { EVERYTHING, ORGANIZATION, organizationOf, PROFILE, setOf } from './spec.ts'
import { ALLOWED, startStack } from './stack.ts'
import { pictureOf, plainAddresses, wrongWrites } from './world.ts'

const DAY_MS = 24 * 3_600_000

/** Switches that no request of ours meets; each with the reason. */
const UNMET: Readonly<Partial<Record<keyof Switches, string>>> = {
  copiedIds: 'nothing is copied here',
  changeTracking: 'nothing asks for delta links',
  deleteDefaultProfile: 'no profile is deleted',
  entityNameColumns: 'none is selected',
  executionTimeUnit: 'the time of a profile test is not read',
  fifteenExpansions: 'nothing is expanded that often',
  functionsWithoutParentheses: 'functions are called with them',
  shortAccessType: 'the qualified form is used',
  v92: 'v9.1 is asked first',
  lossTold: 'neighbours.test.ts, where there is somebody to lose to',
  claimAfterLoss: 'neighbours.test.ts, too',
}

const DEFAULTS: Readonly<Record<string, unknown>> = { ...defaultSwitches('9.1') }

/** The defaults, and each other answer by itself. */
const ANSWERS: readonly Partial<Switches>[] = [
  {},
  ...Object.entries(SWITCH_VALUES)
    .filter(([name]) => !(name in UNMET))
    .flatMap(([name, values]) =>
      values.filter((value) => value !== DEFAULTS[name]).map((value) => ({ [name]: value })),
    ),
]

describe('a messy organization comes in order', () => {
  it.each(ANSWERS.map((switches) => ({ switches })))('where the server answers $switches', async ({ switches }) => {
    const stack = await startStack({ mailboxes: 10, queues: 2, mess: ['all'], seed: 5, switches })
    try {
      const { world } = stack.simulator
      const users = plainAddresses(world, 'systemuser')
      const queues = plainAddresses(world, 'queue')
      const desired = await organizationOf({
        'a.yaml': ORGANIZATION + PROFILE,
        'users.yaml': setOf(
          'users',
          users.map((address) => ({ address, primarySync: 'Claim' })),
        ),
        'queues.yaml': setOf('queues', queues, { ...EVERYTHING, appointmentsContactsTasks: 'None' }),
      })
      const before = pictureOf(world)

      const first = await stack.pass(desired, { allow: ALLOWED })
      world.advanceUntilIdle(30 * DAY_MS)
      const written = stack.simulator.log().filter(({ path }) => /^(systemusers|queues)\(/.test(path))
      stack.simulator.resetRequests()
      const second = await stack.pass(desired, { allow: ALLOWED })

      expect(first.failure).toBeUndefined()
      expect(first.outcomes?.length).toBeGreaterThan(3)
      expect(first.outcomes?.filter(({ result }) => result !== 'Applied')).toEqual([])
      expect(written.flatMap(({ columns }) => columns).filter((column) => /deliverymethod/.test(column))).toEqual([])
      expect(second.plan.steps.flatMap(({ changes }) => changes)).toEqual([])
      expect(stack.simulator.requests().writes).toBe(0)
      expect(wrongWrites(before, world, desired).filter((line) => !isTwin(line, switches))).toEqual([])
    } finally {
      await stack.close()
    }
  })
})

describe('rows that the account may not see', () => {
  it.each(SWITCH_VALUES.hiddenRow)('are not written, nor made a second time, where they are %s', async (hiddenRow) => {
    const stack = await startStack({ mailboxes: 10, queues: 2, mess: ['all'], seed: 5, switches: { hiddenRow } })
    try {
      const { world, faults } = stack.simulator
      const users = plainAddresses(world, 'systemuser')
      const desired = await organizationOf({ 'a.yaml': ORGANIZATION + PROFILE, 'users.yaml': setOf('users', users) })
      const before = pictureOf(world)
      faults.add({
        kind: 'hide-rows',
        share: 0.4,
        times: 'always',
        match: { operation: 'any', path: '/^(mailboxes|systemusers)/' },
      })

      await stack.pass(desired, { allow: ALLOWED })
      const wrong = wrongWrites(before, world, desired)
      faults.clear()
      await stack.pass(desired, { allow: ALLOWED })
      world.advanceUntilIdle(30 * DAY_MS)
      const last = await stack.pass(desired, { allow: ALLOWED })

      expect(wrong).toEqual([])
      expect(last.plan.steps.flatMap(({ changes }) => changes)).toEqual([])
      expect(wrongWrites(before, world, desired)).toEqual([])
    } finally {
      await stack.close()
    }
  })
})

/** A column of a user or queue that the server itself keeps equal to its mailbox. */
function isTwin(line: string, { legacyTwins }: Partial<Switches>): boolean {
  return legacyTwins === true && /^(systemuser|queue) \S+ (incoming|outgoing)emaildeliverymethod:/.test(line)
}

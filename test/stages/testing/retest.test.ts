import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AlertRow, HolderRow } from '../../../src/crm/rows.ts'
import { type FailedMailbox, type RetestFacts, retestsOf } from '../../../src/stages/testing/retest.ts'
import { explainFailure } from '../../../src/stages/testing/test-alerts.ts'
import { mailbox, organization, SERVER_SIDE } from '../desired.ts'
import { idOf, person } from '../memory.ts'

const ANN = 'ann@contoso.com'
const ENDED_MS = Date.parse('2026-11-10T08:00:00Z')
const HOUR = 3_600_000
const DAY = 24 * HOUR

interface Trouble {
  /** Code of its alert; absent = none. */
  readonly code?: number
  /** How long before the end of the test it was logged first. */
  readonly lasted?: number
  readonly holder?: Partial<HolderRow>
}

function failedMailbox(number: number, address: string, { code, lasted = 0, holder }: Trouble): FailedMailbox {
  const endedOn = new Date(ENDED_MS).toISOString()
  const { mailbox: row, user } = person(number, address, {
    mailbox: {
      status: { incoming: 'Failure', outgoing: 'Success', appointmentsContactsTasks: 'Success' },
      testCompletedOn: endedOn,
    },
    ...(holder && { holder }),
  })
  const entry = { mailbox: row, holder: user, address }
  const alert: AlertRow = {
    id: idOf(5, number),
    regardingId: row.id,
    level: 'Error',
    code: code ?? 0,
    text: 'x',
    details: DETAILS[code ?? 0] ?? null,
    createdOn: new Date(ENDED_MS - lasted).toISOString(),
    modifiedOn: endedOn,
  }
  const alerts = new Map(code === undefined ? [] : [[row.id, [alert]]])
  return { entry, explained: explainFailure({ endedOn, directions: ['incoming'] }, entry, alerts) }
}

interface World {
  readonly after: number
  readonly passed?: number
  readonly profileChanged?: number
  readonly testAndEnable?: boolean
}

function facts({ after, passed, profileChanged, testAndEnable = true }: World, addresses = [ANN]): RetestFacts {
  const at = (ms: number | undefined) => (ms === undefined ? undefined : ENDED_MS + ms)
  return {
    desired: organization(addresses.map((address) => mailbox(address, { ...SERVER_SIDE, testAndEnable }))),
    nowMs: ENDED_MS + after,
    lastPassMs: () => at(passed),
    profileChangedMs: () => at(profileChanged),
    trustOf: () => undefined,
  }
}

const MISSING = 202
const TRANSIENT = 201
const CERTIFICATE = 211
/** What an alert must say beside its number to tell of all mailboxes. */
const DETAILS: Readonly<Record<number, string>> = { [CERTIFICATE]: '0x80092004' }
const NOT_APPROVED = 103
const OTHER_ORGANIZATION = 301
const APPROVED_SINCE: Partial<HolderRow> = { modifiedOn: new Date(ENDED_MS + HOUR).toISOString() }

const TABLE: readonly { reason: string; trouble: Trouble; world: World; expected: string | undefined }[] = [
  { reason: 'a moment later', trouble: { code: MISSING }, world: { after: HOUR }, expected: undefined },
  { reason: 'a day later', trouble: { code: MISSING }, world: { after: DAY }, expected: 'TimePassed' },
  {
    reason: 'it has lasted five days: the next pause is as long',
    trouble: { code: MISSING, lasted: 5 * DAY },
    world: { after: 4 * DAY },
    expected: undefined,
  },
  {
    reason: 'and no longer',
    trouble: { code: MISSING, lasted: 5 * DAY },
    world: { after: 5 * DAY },
    expected: 'TimePassed',
  },
  {
    reason: 'after a month nobody asks any more',
    trouble: { code: MISSING, lasted: 16 * DAY },
    world: { after: 17 * DAY },
    expected: undefined,
  },
  {
    reason: 'what passes is tried sooner',
    trouble: { code: TRANSIENT },
    world: { after: HOUR },
    expected: 'TimePassed',
  },
  {
    reason: 'what only a person can decide is not tried again',
    trouble: { code: OTHER_ORGANIZATION },
    world: { after: 10 * DAY },
    expected: undefined,
  },
  { reason: 'not approved still', trouble: { code: NOT_APPROVED }, world: { after: 10 * DAY }, expected: undefined },
  {
    reason: 'approved since',
    trouble: { code: NOT_APPROVED, holder: APPROVED_SINCE },
    world: { after: 2 * HOUR },
    expected: 'Approved',
  },
  {
    reason: 'approved since, and nobody knows the cause',
    trouble: { holder: APPROVED_SINCE },
    world: { after: 2 * HOUR },
    expected: 'Approved',
  },
  {
    reason: 'the user changed, but the cause is another',
    trouble: { code: MISSING, holder: APPROVED_SINCE },
    world: { after: 2 * HOUR },
    expected: undefined,
  },
  {
    reason: 'no alert tells since when: a pause could not grow',
    trouble: {},
    world: { after: 10 * DAY },
    expected: undefined,
  },
  {
    reason: 'an unknown alert tells since when',
    trouble: { code: 987_654 },
    world: { after: DAY },
    expected: 'TimePassed',
  },
  {
    reason: 'another mailbox of the profile passed since',
    trouble: { code: CERTIFICATE },
    world: { after: 2 * HOUR, passed: HOUR },
    expected: 'OthersPass',
  },
  {
    reason: 'another one passed before',
    trouble: { code: CERTIFICATE },
    world: { after: 2 * HOUR, passed: -HOUR },
    expected: undefined,
  },
  {
    reason: 'others pass, but it has failed for two days: the next pause is as long',
    trouble: { code: CERTIFICATE, lasted: 2 * DAY },
    world: { after: DAY, passed: DAY / 2 },
    expected: undefined,
  },
  {
    reason: 'others pass, and the pause is over',
    trouble: { code: CERTIFICATE, lasted: 2 * HOUR },
    world: { after: 2 * HOUR, passed: HOUR },
    expected: 'OthersPass',
  },
  {
    reason: 'others pass, but after a month nobody asks any more',
    trouble: { code: CERTIFICATE, lasted: 16 * DAY },
    world: { after: 17 * DAY, passed: DAY },
    expected: undefined,
  },
  {
    reason: 'others pass, but this cause is one of its own',
    trouble: { code: MISSING },
    world: { after: 2 * HOUR, passed: HOUR },
    expected: undefined,
  },
  {
    reason: 'the profile changed since',
    trouble: { code: 205 },
    world: { after: 2 * HOUR, profileChanged: HOUR },
    expected: 'ProfileChanged',
  },
  {
    reason: 'the profile changed, but it is not what is wrong',
    trouble: { code: MISSING },
    world: { after: 2 * HOUR, profileChanged: HOUR },
    expected: undefined,
  },
  {
    reason: 'the spec does not ask for tests',
    trouble: { code: MISSING },
    world: { after: DAY, testAndEnable: false },
    expected: undefined,
  },
]

describe('when a failed test is asked for again', () => {
  it.each(TABLE)('$reason', ({ trouble, world, expected }) => {
    const failed = new Map([[ANN, failedMailbox(1, ANN, trouble)]])

    expect(retestsOf(failed, facts(world)).get(ANN)).toBe(expected)
  })

  it.each([
    { why: 'time has passed', world: { after: DAY }, reason: 'TimePassed' },
    { why: 'the profile changed', world: { after: 2 * HOUR, profileChanged: HOUR }, reason: 'ProfileChanged' },
  ])('B22: what fails for all is tried with one mailbox of each profile when $why', ({ world, reason }) => {
    const addresses = Array.from({ length: 500 }, (_, index) => `p${String(index).padStart(3, '0')}@contoso.com`)
    const failed = new Map(
      addresses.map((address, index) => [address, failedMailbox(index + 1, address, { code: CERTIFICATE })]),
    )

    expect([...retestsOf(failed, facts(world, addresses))]).toEqual([['p000@contoso.com', reason]])
  })

  it('B7: never in a loop: whatever happens, pauses grow until nobody asks any more', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(MISSING, TRANSIENT, CERTIFICATE, 206, 987_654),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        (code, step, isOthersPass) => {
          let lasted = 0
          let tests = 0
          // A pass every so many minutes, for two months, and every test fails.
          let after = 0
          while (lasted + after < 60 * DAY) {
            after += step * 60_000
            const failed = new Map([[ANN, failedMailbox(1, ANN, { code, lasted })]])
            if (!retestsOf(failed, facts(isOthersPass ? { after, passed: after } : { after })).has(ANN)) {
              after = Math.max(after, nextWorth(lasted, after))
              continue
            }
            tests += 1
            lasted += after
            after = 0
          }

          expect(tests).toBeGreaterThan(0)
          expect(tests).toBeLessThan(12)
        },
      ),
      { numRuns: 20 },
    )
  })
})

/** Nothing happens before the pause is over: passes in between are skipped. */
function nextWorth(lasted: number, after: number): number {
  return after < lasted ? lasted : after + HOUR / 2
}

describe('a mailbox that the spec holds back', () => {
  const BOB = 'bob@contoso.com'
  const failed = new Map(
    [ANN, BOB].map((address, index) => [address, failedMailbox(index + 1, address, { code: CERTIFICATE })]),
  )

  it.each([
    { reason: 'suspended', fields: { suspensions: [{ owner: 'x', reason: 'x', until: '2099-01-01' }] } },
    { reason: 'observed', fields: { policy: 'Observe' } },
    { reason: 'not tested for a while', fields: { ignore: [{ field: 'test', reason: 'x', until: '2099-01-01' }] } },
  ] as const)('is not the one that finds out for the others: $reason', ({ fields }) => {
    const members = [mailbox(ANN, { ...SERVER_SIDE, testAndEnable: true, ...fields })]
    const bob = mailbox(BOB, { ...SERVER_SIDE, testAndEnable: true })

    const retests = retestsOf(failed, { ...facts({ after: 2 * DAY }), desired: organization([...members, bob]) })

    expect([...retests.keys()]).toEqual([BOB])
  })
})

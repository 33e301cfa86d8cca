import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MailboxRow } from '../../../src/crm/rows.ts'
import { isInFlight, testStateOf } from '../../../src/stages/testing/test-state.ts'
import { summarizeTest } from '../../../src/stages/testing/test-summary.ts'
import { mailboxRow } from '../memory.ts'

const ON = '2026-11-10T08:00:00Z'
const LATER = '2026-11-10T08:05:00Z'
const FAILED = { incoming: 'Failure', outgoing: 'Success', appointmentsContactsTasks: 'Success' } as const
const SOME_OFF = { incoming: true, outgoing: false, appointmentsContactsTasks: true }

const TABLE: readonly { reason: string; row: Partial<MailboxRow>; expected: unknown }[] = [
  {
    reason: 'nothing uses the server',
    row: { incoming: 'None', outgoing: 'Outlook', appointmentsContactsTasks: 'None', testScheduled: true },
    expected: { name: 'Unneeded' },
  },
  { reason: 'never tested', row: { testCompletedOn: null }, expected: { name: 'NotRequested' } },
  { reason: 'asked for', row: { testScheduled: true }, expected: { name: 'Waiting', notBefore: null } },
  {
    reason: 'asked for after a failure: the old status says nothing about the new test',
    row: { testScheduled: true, status: FAILED, testTries: 3 },
    expected: { name: 'Waiting', notBefore: null },
  },
  {
    reason: 'running',
    row: { testScheduled: true, processing: true, processedOn: LATER },
    expected: { name: 'Running', since: LATER },
  },
  {
    reason: 'being processed without a test',
    row: { processing: true, processedOn: LATER },
    expected: { name: 'Passed', endedOn: ON },
  },
  {
    reason: 'failed for now, and CRM tries again',
    row: { testScheduled: true, status: FAILED, testTries: 2, testPostponedUntil: LATER },
    expected: { name: 'Retrying', tries: 2, notBefore: LATER, failed: ['incoming'] },
  },
  { reason: 'passed', row: {}, expected: { name: 'Passed', endedOn: ON } },
  { reason: 'failed', row: { status: FAILED }, expected: { name: 'Failed', endedOn: ON, failed: ['incoming'] } },
  {
    reason: 'a status without an ended test is no result',
    row: { status: FAILED, testCompletedOn: null },
    expected: { name: 'NotRequested' },
  },
  {
    reason: 'B7: passed, and switched off by CRM later',
    row: { enabled: SOME_OFF },
    expected: { name: 'SwitchedOff', endedOn: ON, off: ['outgoing'] },
  },
  {
    reason: 'a direction nobody uses may be off',
    row: { enabled: SOME_OFF, outgoing: 'None' },
    expected: { name: 'Passed', endedOn: ON },
  },
  {
    reason: 'a status of another build',
    row: { status: { incoming: 'Other(4)', outgoing: 'Success', appointmentsContactsTasks: 'Success' } },
    expected: { name: 'NotKnown' },
  },
]

describe('the state of a test', () => {
  it.each(TABLE)('$reason', ({ row, expected }) => {
    expect(testStateOf(mailboxRow(1, row))).toEqual(expected)
  })

  it('agrees with the summary that is compared, for every row there can be', () => {
    const anyMethod = fc.constantFrom('None', 'Outlook', 'ServerSideSync' as const)
    const anyStatus = fc.constantFrom('NotRun', 'Success', 'Failure', 'Other(9)' as const)
    const directions = <T>(one: fc.Arbitrary<T>) =>
      fc.record({ incoming: one, outgoing: one, appointmentsContactsTasks: one })
    const anyRow = fc
      .tuple(
        directions(anyMethod),
        fc.record({
          status: directions(anyStatus),
          enabled: directions(fc.boolean()),
          testScheduled: fc.boolean(),
          processing: fc.boolean(),
          testTries: fc.nat({ max: 10 }),
          testCompletedOn: fc.constantFrom(null, ON),
          testPostponedUntil: fc.constantFrom(null, LATER),
        }),
      )
      .map(([methods, rest]) => mailboxRow(1, { ...methods, ...rest } as Partial<MailboxRow>))
    fc.assert(
      fc.property(anyRow, (row) => {
        const state = testStateOf(row)
        const [summary] = summarizeTest(row).split(' ')
        const wanted = {
          Unneeded: 'Unneeded',
          NotRequested: 'NotRun',
          Waiting: 'Scheduled',
          Running: 'Scheduled',
          Retrying: 'Scheduled',
          Passed: 'Passed',
          SwitchedOff: 'Passed',
          Failed: 'Failed',
          NotKnown: 'NotKnown',
        }[state.name]

        expect(summary).toBe(wanted)
        expect(isInFlight(state)).toBe(summary === 'Scheduled')
      }),
    )
  })
})

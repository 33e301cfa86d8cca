import { describe, expect, it } from 'vitest'
import type { MailboxRow } from '../../../src/crm/rows.ts'
import { progressOf, requestedAtMs, testDeadlineMs, testQueueOf } from '../../../src/stages/testing/test-queue.ts'
import { testStateOf } from '../../../src/stages/testing/test-state.ts'
import { mailboxRow } from '../memory.ts'

const NOW = Date.parse('2026-11-20T08:00:00Z')
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString()

/** Others of the organization: so many that wait, and so many whose test ended some minutes ago. */
function others(waiting: number, ended: number, endedMinutesAgo = 1): readonly MailboxRow[] {
  const idle = { processedOn: null, lastSyncedOn: null }
  return [
    ...Array.from({ length: waiting }, (_, index) =>
      mailboxRow(index, { ...idle, testScheduled: true, testCompletedOn: null }),
    ),
    ...Array.from({ length: ended }, (_, index) =>
      mailboxRow(5000 + index, { ...idle, testCompletedOn: ago(endedMinutesAgo) }),
    ),
  ]
}

const WAITS: Partial<MailboxRow> = { testScheduled: true, testCompletedOn: null, processedOn: null, lastSyncedOn: null }

const TABLE: readonly {
  reason: string
  row?: Partial<MailboxRow>
  requested: number | undefined
  others: readonly MailboxRow[]
  expected: string
}[] = [
  { reason: 'asked for a moment ago', requested: 1, others: [], expected: 'OnItsWay' },
  { reason: 'nobody knows since when', requested: undefined, others: [], expected: 'OnItsWay' },
  { reason: 'late, while others are tested', requested: 16, others: others(0, 1), expected: 'Overdue' },
  { reason: 'a long queue takes its time', requested: 60, others: others(1000, 1), expected: 'OnItsWay' },
  {
    reason: 'what ended since stood in the queue too',
    requested: 60,
    others: others(0, 1000),
    expected: 'OnItsWay',
  },
  { reason: 'longer than any queue', requested: 600, others: others(500, 500), expected: 'Overdue' },
  { reason: 'B6: nothing is processed at all', requested: 16, others: others(3000, 0), expected: 'ServiceOff' },
  { reason: 'B6: nothing since long', requested: 16, others: others(5, 5, 16), expected: 'ServiceOff' },
  {
    reason: 'mail is processed, so the service is on',
    requested: 16,
    others: [mailboxRow(9, { processedOn: ago(2) })],
    expected: 'Overdue',
  },
  {
    reason: 'postponed by CRM: the wait begins when it may begin',
    row: { ...WAITS, testPostponedUntil: ago(5) },
    requested: 60,
    others: others(0, 1),
    expected: 'OnItsWay',
  },
  {
    reason: 'it runs since a moment, however long it waited',
    row: { ...WAITS, processing: true, processedOn: ago(3) },
    requested: 600,
    others: [],
    expected: 'OnItsWay',
  },
  {
    reason: 'it runs and does not end: that is this test, not the service',
    row: { ...WAITS, processing: true, processedOn: ago(16) },
    requested: 17,
    others: [],
    expected: 'Overdue',
  },
]

describe('how a test in flight gets on', () => {
  it.each(TABLE)('$reason', ({ row = WAITS, requested, others: rest, expected }) => {
    const mine = mailboxRow(10_000, row)
    const queue = testQueueOf([mine, ...rest], NOW)
    const requestedMs = requested === undefined ? undefined : NOW - requested * 60_000

    expect(progressOf(testStateOf(mine), requestedMs, queue, NOW)).toBe(expected)
  })

  it('has 15 minutes and what those ahead need', () => {
    expect(testDeadlineMs(0, 0)).toBe(900_000)
    expect(testDeadlineMs(0, 300)).toBeGreaterThan(900_000)
  })
})

describe('when a test was asked for', () => {
  const row = mailboxRow(1, { ...WAITS, modifiedOn: ago(3) })
  it.each([
    { reason: 'our own change', row, changed: 10, expected: 10 },
    { reason: 'nothing remembered: no earlier than the row changed', row, changed: undefined, expected: 3 },
    {
      reason: 'a test ended after our change, so somebody else asked',
      row: { ...row, testCompletedOn: ago(5) },
      changed: 10,
      expected: 3,
    },
  ])('$reason', ({ row: given, changed, expected }) => {
    const changedMs = changed === undefined ? undefined : NOW - changed * 60_000

    expect(requestedAtMs(given, changedMs)).toBe(NOW - expected * 60_000)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MailboxRow, TestStatus } from '../../../src/crm/rows.ts'
import { dueTest, type Occasion, satisfiesTest, tookEffect } from '../../../src/stages/mailbox/test-due.ts'
import { mayApprovalHaveChangedSince } from '../../../src/stages/mailboxes/mailbox-approval.ts'
import { hasFailed, isResult, summarizeTest } from '../../../src/stages/testing/test-summary.ts'
import { mailboxRow, person } from '../memory.ts'

const ON = '2026-11-10T08:00:00Z'
const status = (incoming: TestStatus, outgoing: TestStatus, appointmentsContactsTasks: TestStatus) => ({
  status: { incoming, outgoing, appointmentsContactsTasks },
})
const OFF = { incoming: 'None', outgoing: 'None', appointmentsContactsTasks: 'None' } as const

const SUMMARIES: readonly { reason: string; row: Partial<MailboxRow>; expected: string }[] = [
  { reason: 'all directions passed', row: status('Success', 'Success', 'Success'), expected: `Passed ${ON}` },
  { reason: 'one direction failed', row: status('Success', 'Failure', 'Success'), expected: `Failed ${ON}` },
  {
    reason: 'a failure outweighs what did not run',
    row: status('NotRun', 'Failure', 'NotRun'),
    expected: `Failed ${ON}`,
  },
  { reason: 'a direction in use did not run', row: status('Success', 'NotRun', 'Success'), expected: 'NotRun' },
  {
    reason: 'a direction not in use does not matter',
    row: { ...status('Success', 'Success', 'NotRun'), appointmentsContactsTasks: 'None' },
    expected: `Passed ${ON}`,
  },
  {
    reason: 'a failure of a direction not in use does not matter',
    row: { ...status('Success', 'Success', 'Failure'), appointmentsContactsTasks: 'Outlook' },
    expected: `Passed ${ON}`,
  },
  { reason: 'nothing uses the server', row: OFF, expected: 'Unneeded' },
  { reason: 'a test nobody needs is no test', row: { ...OFF, testScheduled: true }, expected: 'Unneeded' },
  { reason: 'scheduled outweighs an old result', row: { testScheduled: true }, expected: 'Scheduled' },
  { reason: 'a status without an ended test is no result', row: { testCompletedOn: null }, expected: 'NotRun' },
  { reason: 'a status of another build', row: status('Success', 'Other(7)', 'Success'), expected: 'NotKnown' },
  {
    reason: 'not run outweighs a status of another build',
    row: status('NotRun', 'Other(7)', 'Success'),
    expected: 'NotRun',
  },
]

describe('summary of a test', () => {
  it.each(SUMMARIES)('$reason', ({ row, expected }) => {
    expect(summarizeTest(mailboxRow(1, row))).toBe(expected)
  })
})

const NO_OCCASION: Occasion = {
  settingsChange: false,
  addressChanges: false,
  isApproved: false,
  isUnfinished: false,
  profileChanges: false,
  again: undefined,
}

const OCCASIONS: readonly {
  reason: string
  actual: string | undefined
  occasion: Partial<Occasion>
  due: string | undefined
}[] = [
  { reason: 'nothing changes', actual: `Passed ${ON}`, occasion: {}, due: undefined },
  { reason: 'settings change', actual: `Passed ${ON}`, occasion: { settingsChange: true }, due: 'Requested' },
  { reason: 'the address changes', actual: `Failed ${ON}`, occasion: { addressChanges: true }, due: 'Requested' },
  { reason: 'the address is approved', actual: `Passed ${ON}`, occasion: { isApproved: true }, due: 'Requested' },
  {
    reason: 'an earlier pass never came to ask for it',
    actual: `Passed ${ON}`,
    occasion: { isUnfinished: true },
    due: 'Requested',
  },
  {
    reason: 'the profile connects in another way',
    actual: `Passed ${ON}`,
    occasion: { profileChanges: true },
    due: 'Requested ProfileChanged',
  },
  { reason: 'it may pass now', actual: `Failed ${ON}`, occasion: { again: 'Approved' }, due: 'Requested Approved' },
  {
    reason: 'what changes says more than what changed since',
    actual: `Failed ${ON}`,
    occasion: { settingsChange: true, again: 'TimePassed' },
    due: 'Requested',
  },
  {
    reason: 'one is scheduled',
    actual: 'Scheduled',
    occasion: { settingsChange: true, isApproved: true, profileChanges: true, again: 'Approved' },
    due: undefined,
  },
  {
    reason: 'the mailbox does not exist yet',
    actual: undefined,
    occasion: { settingsChange: true },
    due: 'Requested',
  },
]

describe('when a test is due', () => {
  it.each(OCCASIONS)('$reason', ({ actual, occasion, due }) => {
    expect(dueTest(actual, { ...NO_OCCASION, ...occasion })).toBe(due)
  })

  it('a failed test is a result: it is not repeated for ever', () => {
    expect(satisfiesTest('Tested', `Failed ${ON}`)).toBe(true)
  })

  it('no status, however strange, makes a request for a test that satisfies nothing come again and again', () => {
    const anyStatus = fc.constantFrom<TestStatus>('NotRun', 'Success', 'Failure', 'Other(9)')
    const anyMethod = fc.constantFrom('None', 'Outlook', 'ServerSideSync' as const)
    const row = fc.record({
      incoming: anyMethod,
      outgoing: anyMethod,
      appointmentsContactsTasks: anyMethod,
      testScheduled: fc.boolean(),
      testCompletedOn: fc.constantFrom(null, ON),
      status: fc.record({ incoming: anyStatus, outgoing: anyStatus, appointmentsContactsTasks: anyStatus }),
    })
    fc.assert(
      fc.property(row, (fields) => {
        const summary = summarizeTest(mailboxRow(1, fields as Partial<MailboxRow>))
        const asked = summarizeTest(mailboxRow(1, { ...(fields as Partial<MailboxRow>), testScheduled: true }))

        expect(satisfiesTest('Tested', summary)).toBe(summary !== 'NotRun')
        expect(summary === 'Unneeded' || satisfiesTest('Requested', asked)).toBe(true)
        expect(hasFailed(summary)).toBe(summary.startsWith('Failed') && isResult(summary))
      }),
    )
  })
})

describe('whether a request took effect', () => {
  it.each([
    { reason: 'it is scheduled', before: 'NotRun', after: 'Scheduled', effect: true },
    { reason: 'it ran already', before: 'NotRun', after: `Failed ${ON}`, effect: true },
    { reason: 'it ran again', before: `Failed ${ON}`, after: 'Failed 2026-11-20T08:00:00Z', effect: true },
    { reason: 'nothing moved', before: `Failed ${ON}`, after: `Failed ${ON}`, effect: false },
    { reason: 'there is still no result', before: 'NotRun', after: 'NotRun', effect: false },
    {
      reason: 'the result went away, and no test is scheduled',
      before: `Passed ${ON}`,
      after: 'NotRun',
      effect: false,
    },
  ])('$reason', ({ before, after, effect }) => {
    expect(tookEffect(before, after)).toBe(effect)
  })
})

describe('whether an approval may have been what was missing', () => {
  const failed = { ...status('Failure', 'Failure', 'Success'), testCompletedOn: ON }
  const after = '2026-11-10T08:00:01Z'
  it.each([
    { reason: 'approved after the test failed', row: failed, holder: { modifiedOn: after }, expected: true },
    {
      reason: 'the user was changed before the test',
      row: failed,
      holder: { modifiedOn: '2026-11-09T08:00:00Z' },
      expected: false,
    },
    {
      reason: 'still not approved',
      row: failed,
      holder: { modifiedOn: after, approval: 'Pending' as const },
      expected: false,
    },
    { reason: 'the test passed', row: {}, holder: { modifiedOn: after }, expected: false },
    { reason: 'nobody knows when the user was changed', row: failed, holder: { modifiedOn: null }, expected: false },
  ])('$reason', ({ row, holder, expected }) => {
    const { mailbox, user } = person(1, 'ann@contoso.com', { mailbox: row, holder })

    expect(mayApprovalHaveChangedSince({ mailbox, holder: user, address: 'ann@contoso.com' })).toBe(expected)
  })

  it('a forward mailbox has no such trace', () => {
    const row = mailboxRow(1, { ...failed, type: 'Forward', regardingId: null, modifiedOn: after })

    expect(mayApprovalHaveChangedSince({ mailbox: row, holder: undefined, address: 'x' })).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/engine/index.ts'
import { remarksOnOutcomes } from '../../src/report/remarks.ts'

const MAILBOX = { one: 'mailbox', many: 'mailboxes' }

function failed(label: string, message: string): Outcome {
  const reason = { code: 'Unknown', message }
  return { id: label, stage: 'mailbox', kind: 'Mailbox', key: label, label, result: 'Failed', reason }
}

describe('what several objects failed with is told once', () => {
  it.each([
    {
      first: 'sending failed 09:00: Exchange refuses',
      second: 'receiving failed 09:05: Exchange refuses',
      told: ['2 mailboxes: Exchange refuses'],
      reason: 'they share the cause behind the colon',
    },
    {
      first: 'failed 09:00: CRM says: "Ann belongs to another organization: contoso-test"',
      second: 'failed 09:05: CRM says: "Bob belongs to another organization: contoso-test"',
      told: [
        'ann: failed 09:00: CRM says: "Ann belongs to another organization: contoso-test"',
        'bob: failed 09:05: CRM says: "Bob belongs to another organization: contoso-test"',
      ],
      reason: 'the end of a quoted text is no cause',
    },
  ])('$reason', ({ first, second, told }) => {
    const remarks = remarksOnOutcomes([failed('ann', first), failed('bob', second)], () => MAILBOX)

    expect(remarks.map(({ text }) => text)).toEqual(told)
  })
})

import { describe, expect, it } from 'vitest'
import { remarksOnReadiness } from '../../src/report/remarks.ts'
import { conditions } from './samples.ts'

const MAILBOX = { one: 'mailbox', many: 'mailboxes' }

describe('objects that fail for one cause', () => {
  it('share no words that somebody said after a colon inside quotes', () => {
    const said = (name: string) => ({
      code: 'Rejected',
      message: `CRM says: "the mailbox ${name} belongs to another organization: contoso-test."`,
    })
    const all = ['ann', 'bob'].map((name) => conditions(name, 'False', said(name)))

    const texts = remarksOnReadiness(all, 'False', 'failing', () => MAILBOX).map(({ text }) => text)

    expect(texts).not.toContain('2 mailboxes: contoso-test."')
    expect(texts.join('\n')).toContain('the mailbox ann belongs to another organization: contoso-test.')
  })
})

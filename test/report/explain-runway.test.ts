import { describe, expect, it } from 'vitest'
import { explanationMarkdown, explanationsJson } from '../../src/report/explain-forms.ts'
import { withRunway } from '../../src/report/explain-runway.ts'
import { explanationText } from '../../src/report/explain-text.ts'
import type { Explanation } from '../../src/report/explain-view.ts'
import { PLAIN } from '../../src/report/terminal.ts'
import { runwayOf } from '../../src/trust/runway.ts'
import { VENDOR_DATES } from '../../src/trust/runway-dates.data.ts'

function itemsWith(certificateEnd: string) {
  const now = new Date('2026-11-23T10:42:00Z')
  return runwayOf({ vendorDates: VENDOR_DATES, now, warnDays: [60, 30], certificateEnd }).items
}

const CALM = itemsWith('2027-03-01T00:00:00Z')
const DUE = itemsWith('2026-12-01T00:00:00Z')

function told(kind: string): Explanation {
  return {
    organization: 'contoso',
    scope: 'trust/contoso',
    revision: 'r1',
    subject: { kind, key: 'contoso', label: 'trust contoso' },
    state: 'works',
    headline: 'trust contoso works',
    alike: 0,
    links: [{ name: 'spec', state: 'good', words: 'in the spec' }],
    remarks: [],
  }
}

function textOf(explanation: Explanation): string {
  return explanationText(explanation, { paint: PLAIN, width: Number.POSITIVE_INFINITY, commands: [] })
}

describe('an explanation of what ends', () => {
  it.each(['Trust', 'Organization'])('tells all of it for a whole: %s', (kind) => {
    const explanation = withRunway(told(kind), CALM)

    expect(textOf(explanation)).toMatch(/runway +certificate 98 days, Exchange Online EWS 129 days \(2027-04-01\)/)
    expect(explanationMarkdown(explanation)).toContain('- **runway**: certificate 98 days')
    expect(explanationsJson(0, [explanation])).toMatchObject({
      explanations: [
        {
          runway: [
            { kind: 'Certificate', daysLeft: 98 },
            { kind: 'VendorDate', daysLeft: 129 },
          ],
        },
      ],
    })
  })

  it('one object hears of it when something is due, and only of that', () => {
    expect(withRunway(told('Mailbox'), CALM).runway).toBeUndefined()
    expect(withRunway(told('Mailbox'), DUE).runway?.map(({ kind }) => kind)).toEqual(['Certificate'])
  })

  it('says what to renew', () => {
    expect(textOf(withRunway(told('Trust'), DUE))).toContain('renew the certificate: have one of another subject')
  })
})

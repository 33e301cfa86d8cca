import { describe, expect, it } from 'vitest'
import { planMarkdown } from '../../src/report/markdown.ts'
import { planText } from '../../src/report/plan-text.ts'
import { viewPlan } from '../../src/report/plan-view.ts'
import { runwayInWords } from '../../src/report/runway.ts'
import { PLAIN } from '../../src/report/terminal.ts'
import { type RunwayInput, runwayOf } from '../../src/trust/runway.ts'
import { VENDOR_DATES } from '../../src/trust/runway-dates.data.ts'
import { conditions, input, passResult } from './samples.ts'

const words = (at: string, input: Partial<RunwayInput> = {}) =>
  runwayInWords(
    runwayOf({ vendorDates: VENDOR_DATES, now: new Date(at), warnDays: [60, 30, 14, 7], ...input }).items,
  ).map(({ text, urgency }) => `${urgency}: ${text}`)

describe('the runway in words', () => {
  it.each([
    {
      reason: 'only the end of the connection is known',
      lines: words('2026-11-23T10:42:00Z'),
      said: ['None: Exchange Online EWS ends in 129 days (2027-04-01), and this connection with it'],
    },
    {
      reason: 'its last day',
      lines: words('2027-03-31T10:42:00Z'),
      said: ['Soon: Exchange Online EWS ends in 1 day (2027-04-01), and this connection with it'],
    },
    {
      reason: 'after it',
      lines: words('2027-04-01T00:00:00Z'),
      said: ['Soon: Exchange Online EWS ended on 2027-04-01; this connection cannot work any more'],
    },
    {
      reason: 'certificate and credential outlive it',
      lines: words('2026-11-23T10:42:00Z', {
        certificateEnd: '2027-06-14T08:00:00Z',
        credentialEnds: ['2027-06-14T08:00:00Z'],
      }),
      said: [
        'None: Exchange Online EWS 129 days (2027-04-01), certificate 203 days, credential 203 days',
        'None: the certificate and credential outlive Exchange Online EWS, so no further rotation is needed',
      ],
    },
    {
      reason: 'the certificate must be renewed',
      lines: words('2026-11-23T10:42:00Z', { certificateEnd: '2026-12-01T00:00:00Z' }),
      said: [
        'Act: certificate 8 days, Exchange Online EWS 129 days (2027-04-01)',
        'Act: renew the certificate: have one of another subject issued, and name it in `certificate` of the Deployment',
      ],
    },
    {
      reason: 'the certificate is over',
      lines: words('2026-11-23T10:42:00Z', { certificateEnd: '2026-11-20T00:00:00Z' }),
      said: [
        'Act: certificate over since 2026-11-20, Exchange Online EWS 129 days (2027-04-01)',
        'Act: renew the certificate: have one of another subject issued, and name it in `certificate` of the Deployment',
      ],
    },
    {
      reason: 'nobody attests the allow list',
      lines: words('2026-11-23T10:42:00Z', { attestations: {} }),
      said: [
        'Act: EWS without an allow list over since 2026-10-01 and nobody attests it, Exchange Online EWS 129 days (2027-04-01)',
      ],
    },
    { reason: 'nothing is counted down', lines: words('2026-11-23T10:42:00Z', { vendorDates: [] }), said: [] },
  ])('$reason', ({ lines, said }) => {
    expect(lines).toEqual(said)
  })
})

describe('a plan in sync', () => {
  const viewWith = (certificateEnd: string) => {
    const { items: runway } = runwayOf({
      vendorDates: VENDOR_DATES,
      now: new Date('2026-11-23T10:42:00Z'),
      warnDays: [60],
      certificateEnd,
    })
    return viewPlan({ ...input(passResult()), conditions: [conditions('ann')], runway })
  }
  const textWith = (end: string) => planText(viewWith(end), { paint: PLAIN, width: 110, commands: [] })
  const markdownWith = (end: string) => planMarkdown(viewWith(end), passResult().plan)

  it('says so in Markdown too', () => {
    expect(markdownWith('2027-03-01T00:00:00Z').trimEnd().split('\n')).toHaveLength(1)
    expect(markdownWith('2026-12-01T00:00:00Z')).toContain('- **runway**: certificate 8 days')
  })

  it('stays one line while nothing ends soon', () => {
    expect(textWith('2027-03-01T00:00:00Z').trimEnd().split('\n')).toHaveLength(1)
  })

  it('says so where a person must renew something', () => {
    expect(textWith('2026-12-01T00:00:00Z')).toContain('runway     certificate 8 days')
  })
})

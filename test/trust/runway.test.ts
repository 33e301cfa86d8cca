import { describe, expect, it } from 'vitest'
import { type RunwayInput, runwayOf, vendorDatesWith } from '../../src/trust/runway.ts'
import { VENDOR_DATES } from '../../src/trust/runway-dates.data.ts'

const now = new Date('2026-11-23T10:42:00Z')
const DAY_MS = 86_400_000
const inDays = (days: number) => new Date(now.getTime() + days * DAY_MS).toISOString()
const runway = (input: Partial<RunwayInput> = {}) =>
  runwayOf({ vendorDates: VENDOR_DATES, now, warnDays: [60, 30, 14, 7], ...input })
const told = (input: Partial<RunwayInput>) =>
  runway(input).items.map(({ label, daysLeft, severity }) => `${label} ${daysLeft} ${severity}`)

describe('the runway', () => {
  it.each<{ reason: string; input: Partial<RunwayInput>; items: readonly string[] }>([
    { reason: 'only the dates of vendors', input: {}, items: ['Exchange Online EWS 129 Calm'] },
    { reason: 'nothing is known', input: { vendorDates: [] }, items: [] },
    {
      reason: 'the earliest comes first',
      input: { certificateEnd: inDays(203), credentialEnds: [inDays(100)], ownCredentialEnd: inDays(150) },
      items: [
        'credential 100 Calm',
        'Exchange Online EWS 129 Calm',
        "mailkeel's own sign-in 150 Calm",
        'certificate 203 Calm',
      ],
    },
    {
      reason: 'of several credentials the latest counts: the old one ends without harm',
      input: { vendorDates: [], credentialEnds: [inDays(300), inDays(5), inDays(100)] },
      items: ['credential 300 Calm'],
    },
    {
      reason: 'a tenant without the attestation',
      input: { attestations: {} },
      items: ['EWS without an allow list -53 Over', 'Exchange Online EWS 129 Calm'],
    },
    {
      reason: 'a tenant with it',
      input: { attestations: { ewsAllowList: { by: 'ann', on: '2026-09-01' } } },
      items: ['Exchange Online EWS 129 Calm'],
    },
    {
      reason: 'CRM 8 has another end before',
      input: { crmMajor: 8 },
      items: ['support of CRM 8 with Exchange Online -182 Over', 'Exchange Online EWS 129 Calm'],
    },
    { reason: 'CRM 9 has not', input: { crmMajor: 9 }, items: ['Exchange Online EWS 129 Calm'] },
  ])('$reason', ({ input, items }) => {
    expect(told(input)).toEqual(items)
  })

  it.each([
    { days: 61, severity: 'Calm', step: undefined, reason: 'before the first warning' },
    { days: 60, severity: 'Warning', step: 60, reason: 'at the first' },
    { days: 30, severity: 'Warning', step: 30, reason: 'at the second' },
    { days: 8, severity: 'Warning', step: 14, reason: 'between two' },
    { days: 7, severity: 'Critical', step: 7, reason: 'at the last' },
    { days: 1, severity: 'Critical', step: 7, reason: 'the last day' },
    { days: 0, severity: 'Over', step: 7, reason: 'the moment it ends' },
    { days: -3, severity: 'Over', step: 7, reason: 'after it' },
  ])('$days days is $severity: $reason', ({ days, severity, step }) => {
    const { earliest } = runway({ vendorDates: [], certificateEnd: inDays(days) })

    expect(earliest).toMatchObject({ severity, daysLeft: days })
    expect(earliest?.step).toBe(step)
  })

  it('warns of certificates as early as the spec asks for, and of nothing else', () => {
    const { items } = runway({ certificateEnd: inDays(85), ownCredentialEnd: inDays(85), warnBeforeMs: 90 * DAY_MS })

    expect(items.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual([
      'Certificate Warning',
      'OwnCredential Warning',
      'VendorDate Calm',
    ])
  })

  it('tells what outlives the connection', () => {
    const { pastRetirement } = runway({ certificateEnd: inDays(203), credentialEnds: [inDays(100)] })

    expect(pastRetirement.map(({ kind }) => kind)).toEqual(['Certificate'])
  })

  it('dates of the configuration replace by name, or stand beside', () => {
    const dates = vendorDatesWith(VENDOR_DATES, [
      { name: 'exchange-online-ews', on: '2027-10-01', source: 'Message Center MC1' },
      { name: 'crm-support', on: '2028-01-11', source: 'Microsoft Lifecycle', confidence: 'Likely' },
    ])

    const { items } = runway({ vendorDates: dates })
    expect(
      items.map(({ label, on, source, confidence, endsConnection }) => [label, on, source, confidence, endsConnection]),
    ).toEqual([
      ['Exchange Online EWS', '2027-10-01', 'Message Center MC1', 'Certain', true],
      ['crm support', '2028-01-11', 'Microsoft Lifecycle', 'Likely', false],
    ])
  })

  it('every known date has a name of its own, a day and a source', () => {
    expect(new Set(VENDOR_DATES.map(({ name }) => name)).size).toBe(VENDOR_DATES.length)
    for (const { name, on, source } of VENDOR_DATES) {
      expect(name).toMatch(/^[a-z0-9][a-z0-9-]*$/)
      expect(new Date(`${on}T00:00:00Z`).toISOString().slice(0, 10)).toBe(on)
      expect(source).toContain('Microsoft')
    }
  })
})

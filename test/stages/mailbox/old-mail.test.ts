import { describe, expect, it } from 'vitest'
import type { MailboxRow, ProfileRow } from '../../../src/crm/rows.ts'
import type { DesiredMailbox, DesiredProfile } from '../../../src/spec/desired.ts'
import { mailbox, organization, profile, SERVER_SIDE } from '../desired.ts'
import { idOf, memory, peopled, person, profileRow } from '../memory.ts'
import { changesOf, plan, sentencesOf } from '../pass.ts'

// The passes of these tests are at 2026-11-20T08:00:00Z.
const ANN = 'ann@contoso.com'
const LONG_AGO = '2026-08-12T08:00:00Z'
const MOVES = { profileId: idOf(3, 2) } as const
const STARTS = { incoming: 'None' } as const

interface Case {
  readonly reason: string
  /** The mailbox in CRM; on "Exchange Online" and synchronized where nothing is said. */
  readonly actual?: Partial<MailboxRow>
  readonly wish?: Partial<DesiredMailbox>
  /** The profile in CRM, and in the spec. */
  readonly inCrm?: Partial<ProfileRow>
  readonly inSpec?: Partial<DesiredProfile>
  /** Days told; absent = no old mail. */
  readonly days?: number
}

async function planned({ actual, wish, inCrm, inSpec }: Case) {
  const rows = {
    ...peopled(person(1, ANN, { mailbox: { ...actual } })),
    profiles: [profileRow(1, 'Exchange Online', inCrm), profileRow(2, 'Old Exchange')],
  }
  const fields = wish ?? { profile: 'online', ...SERVER_SIDE }
  const online = profile('online', { displayName: 'Exchange Online', ...inSpec })
  return (await plan(memory(rows), organization([mailbox(ANN, fields)], [online]))).plan
}

describe('a mailbox that joins a profile', () => {
  it.each<Case>([
    { reason: 'moves to one that reaches back', actual: MOVES, inCrm: { processEmailFrom: LONG_AGO }, days: 100 },
    { reason: 'gets its first profile', actual: { profileId: null }, inCrm: { processEmailFrom: LONG_AGO }, days: 100 },
    {
      reason: 'receives on the server for the first time',
      actual: STARTS,
      inCrm: { processEmailFrom: LONG_AGO },
      days: 100,
    },
    {
      reason: 'received through Outlook until now',
      actual: { incoming: 'Outlook' },
      inCrm: { processEmailFrom: LONG_AGO },
      days: 100,
    },
    {
      reason: 'moves to one that will reach back',
      actual: MOVES,
      inCrm: { processEmailFrom: null },
      inSpec: { processEmailFrom: LONG_AGO },
      days: 100,
    },
    {
      reason: 'moves to one that will no longer reach back',
      actual: MOVES,
      inCrm: { processEmailFrom: LONG_AGO },
      inSpec: { processEmailFrom: '2026-11-20T00:00:00Z' },
    },
    {
      reason: 'has a profile nobody manages',
      actual: STARTS,
      wish: SERVER_SIDE,
      inCrm: { processEmailFrom: LONG_AGO },
      days: 100,
    },
    { reason: 'joins one with today’s date', actual: MOVES, inCrm: { processEmailFrom: '2026-11-20T00:00:00Z' } },
    { reason: 'joins one exactly a day back', actual: MOVES, inCrm: { processEmailFrom: '2026-11-19T08:00:00Z' } },
    {
      reason: 'joins one more than a day back',
      actual: MOVES,
      inCrm: { processEmailFrom: '2026-11-19T07:59:59Z' },
      days: 2,
    },
    { reason: 'joins one with a date to come', actual: MOVES, inCrm: { processEmailFrom: '2027-01-01T00:00:00Z' } },
    { reason: 'joins one without a date', actual: MOVES, inCrm: { processEmailFrom: null } },
    { reason: 'was there before', actual: { outgoing: 'None' }, inCrm: { processEmailFrom: LONG_AGO } },
    { reason: 'is in order', inCrm: { processEmailFrom: LONG_AGO } },
    {
      reason: 'moves and receives nothing',
      actual: MOVES,
      wish: { profile: 'online', incoming: 'None' },
      inCrm: { processEmailFrom: LONG_AGO },
    },
  ])('$reason: $days', async (row) => {
    const plan = await planned(row)

    const told = sentencesOf(plan).filter((sentence) => /^pull: .* gets mail/.test(sentence))
    expect(told).toEqual(row.days === undefined ? [] : [`pull: ${ANN} gets mail of the last ${row.days} days`])
    const counted = changesOf(plan).some(({ effects }) => effects.includes('old-mail'))
    expect(counted).toBe(row.days !== undefined)
  })
})

describe('a mailbox with a date of its own', () => {
  it.each<{ reason: string; from: string | null; to: string; days?: number }>([
    { reason: 'goes back', from: '2026-11-01T00:00:00Z', to: '2026-10-01', days: 51 },
    { reason: 'gets its first one, which is long ago', from: null, to: '2026-10-01', days: 51 },
    { reason: 'gets its first one, today', from: null, to: '2026-11-20' },
    { reason: 'comes nearer', from: '2026-10-01T00:00:00Z', to: '2026-11-01' },
    { reason: 'goes back to today', from: '2026-12-01T00:00:00Z', to: '2026-11-20' },
    { reason: 'stays', from: '2026-10-01T00:00:00Z', to: '2026-10-01' },
  ])('$reason: $days', async ({ from, to, days }) => {
    const plan = await planned({ reason: '', actual: { processEmailFrom: from }, wish: { processEmailFrom: to } })

    const told = sentencesOf(plan).filter((sentence) => sentence.startsWith('pull:'))
    expect(told).toEqual(days === undefined ? [] : [`pull: ${ANN} gets mail of the last ${days} days`])
  })

  it('that also joins a profile is told once, with the longer time', async () => {
    const plan = await planned({
      reason: '',
      actual: { ...MOVES, processEmailFrom: '2026-11-10T00:00:00Z' },
      wish: { profile: 'online', processEmailFrom: '2026-11-01' },
      inCrm: { processEmailFrom: LONG_AGO },
    })

    expect(sentencesOf(plan).filter((sentence) => sentence.startsWith('pull:'))).toEqual([
      `pull: ${ANN} gets mail of the last 100 days`,
    ])
  })
})

describe('a mailbox that is set to delete the mail it processes', () => {
  it.each<Case & { readonly asks: boolean }>([
    { reason: 'begins to receive', actual: STARTS, asks: true },
    { reason: 'joins another profile', actual: MOVES, asks: true },
    { reason: 'received before', actual: { outgoing: 'None' }, asks: false },
    {
      reason: 'begins to receive and no longer deletes',
      actual: STARTS,
      wish: { profile: 'online', ...SERVER_SIDE, processAndDelete: false },
      asks: false,
    },
    { reason: 'stops', wish: { profile: 'online', incoming: 'None' }, asks: false },
  ])('$reason: $asks', async ({ asks, ...row }) => {
    const plan = await planned({ ...row, actual: { processAndDelete: true, ...row.actual } })

    expect(changesOf(plan).some(({ effects }) => effects.includes('delete-mail'))).toBe(asks)
    expect(sentencesOf(plan).some((sentence) => sentence.includes('deletes e-mail in Exchange'))).toBe(asks)
  })
})

describe('a profile without a date', () => {
  it('may bring mail of any age, which is told and never asked about', async () => {
    const plan = await planned({ reason: 'joins', actual: MOVES, inCrm: { processEmailFrom: null } })

    expect(sentencesOf(plan)).toContain(`pull: ${ANN} may get mail of any age: the profile has no \`processEmailFrom\``)
    expect(changesOf(plan).some(({ effects }) => effects.includes('old-mail'))).toBe(false)
  })
})

describe('old mail', () => {
  it('is no part of the id of a change: the same change is the same change tomorrow', async () => {
    const id = async (date: string | null) =>
      changesOf(await planned({ reason: '', actual: MOVES, inCrm: { processEmailFrom: date } })).map((one) => one.id)

    expect(await id(LONG_AGO)).toEqual(await id(null))
  })
})

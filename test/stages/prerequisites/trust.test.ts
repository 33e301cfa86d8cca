// What a trust that is broken, or cannot be read, keeps from being written; and what it must not.
import { describe, expect, it } from 'vitest'
import type { MailboxRow } from '../../../src/crm/rows.ts'
import type { DesiredMailbox } from '../../../src/spec/desired.ts'
import type { TrustView } from '../../../src/trust/view.ts'
import { mailbox, organization, profile, SERVER_SIDE } from '../desired.ts'
import { idOf, memory, peopled, person, profileRow } from '../memory.ts'
import { exceptionsOf, linesOf, plan, STAGES } from '../pass.ts'
import { BROKEN, stagesWith, surrounded, UNREAD, WORKING } from '../surrounded.ts'

const ANN = 'ann@contoso.com'
const HOUR_MS = 3_600_000
const PROFILES = [
  profileRow(1, 'Exchange Online'),
  profileRow(2, 'Exchange Server', { serverType: 'ExchangeServer' }),
  profileRow(3, 'Exchange Online 2', { minimumPollingIntervalMinutes: 5 }),
]
const WISHED = [
  profile('online', { displayName: 'Exchange Online' }),
  profile('server', { displayName: 'Exchange Server', serverType: 'ExchangeServer' }),
  profile('second', { displayName: 'Exchange Online 2', minimumPollingIntervalMinutes: 10 }),
]

async function planned(
  trust: TrustView | undefined,
  wish: Partial<DesiredMailbox>,
  row: Partial<MailboxRow> = {},
  stages = STAGES,
) {
  const remote = memory({ ...peopled(person(1, ANN, { mailbox: row })), profiles: PROFILES })
  const desired = organization([mailbox(ANN, wish)], WISHED)
  return plan(trust ? surrounded(remote, { trust }) : remote, desired, stages)
}

const NEVER_TESTED: Partial<MailboxRow> = { testCompletedOn: null }
const OFF: Partial<MailboxRow> = { incoming: 'None', outgoing: 'None', appointmentsContactsTasks: 'None' }
const ON_SERVER: Partial<MailboxRow> = { profileId: idOf(3, 2) }

describe('a broken trust', () => {
  it.each<{
    reason: string
    wish: Partial<DesiredMailbox>
    row?: Partial<MailboxRow>
    line?: string
    blocks: boolean
  }>([
    { reason: 'a test would fail', wish: { ...SERVER_SIDE, testAndEnable: true }, row: NEVER_TESTED, blocks: true },
    { reason: 'a start would leave it unproven', wish: SERVER_SIDE, row: OFF, blocks: true },
    { reason: 'a move to a profile that signs in by it', wish: { profile: 'second' }, blocks: true },
    { reason: 'a move there from elsewhere', wish: { profile: 'online' }, row: ON_SERVER, blocks: true },
    { reason: 'a claim', wish: { primarySync: 'Claim' }, blocks: true },
    { reason: 'a move away does not need it', wish: { profile: 'server' }, blocks: false },
    {
      reason: 'mailboxes of other profiles have nothing to do with it',
      wish: { ...SERVER_SIDE, testAndEnable: true },
      row: { ...NEVER_TESTED, ...ON_SERVER },
      blocks: false,
    },
    { reason: 'stopping is never blocked', wish: { incoming: 'None', outgoing: 'None' }, blocks: false },
    { reason: 'what is only adjusted', wish: { processAndDelete: true }, blocks: false },
    { reason: 'a direction that goes to Outlook', wish: { outgoing: 'Outlook' }, blocks: false },
  ])('$reason', async ({ wish, row, blocks }) => {
    const { plan: result } = await planned(BROKEN, wish, row)
    const lines = linesOf(result).filter((line) => line.startsWith('mailbox '))

    expect(exceptionsOf(result)).toEqual(blocks ? [`mailbox Blocked TrustBroken ${ANN}`] : [])
    expect(lines.length).toBe(blocks ? 0 : 1)
  })

  it('blocks what would start and lets go what stops in the same mailbox', async () => {
    const { plan: result } = await planned(
      BROKEN,
      { incoming: 'None', outgoing: 'ServerSideSync' },
      { outgoing: 'None' },
    )

    expect(linesOf(result)).toContain(`mailbox update ${ANN}: incoming`)
    expect(exceptionsOf(result)).toEqual([`mailbox Blocked TrustBroken ${ANN}`])
  })

  it('lets profiles, settings and approval go on', async () => {
    const remote = memory({ ...peopled(person(1, ANN, { holder: { approval: 'Pending' } })), profiles: PROFILES })
    const desired = organization([mailbox(ANN, { approval: 'Approved' })], WISHED)

    const { plan: result } = await plan(surrounded(remote, { trust: BROKEN }), desired)

    expect(linesOf(result)).toEqual([
      'email-server-profile update second: minimumPollingIntervalMinutes',
      `approval update ${ANN}: approval`,
    ])
  })

  it('keeps the address of a mailbox that works: none could prove the new one', async () => {
    const remote = memory({ ...peopled(person(1, 'old@contoso.com')), profiles: PROFILES })
    const desired = organization([mailbox(ANN, { previousAddress: 'old@contoso.com' })], WISHED)

    const { plan: result } = await plan(surrounded(remote, { trust: BROKEN }), desired)

    expect(exceptionsOf(result)).toContain(`mailbox-identity Blocked TrustBroken ${ANN}`)
    expect(linesOf(result).filter((line) => line.includes(ANN))).toEqual([])
  })

  it('every blocked mailbox says by what, and what to do', async () => {
    const { plan: result } = await planned(BROKEN, { profile: 'second' })

    expect(result.exceptions[0]?.reason.message).toBe(
      'the trust with Exchange Online is broken: certificate 9F2C…A1 in CRM; Entra has 77D0…3B only. `mailkeel apply --only credential` adds it again.',
    )
  })
})

describe('a trust that cannot be read', () => {
  const day = stagesWith(24 * HOUR_MS)
  const hour = stagesWith(HOUR_MS)

  it.each<{ reason: string; provenAt?: string; stages: typeof day; verdict: string; blocks: boolean }>([
    { reason: 'was never proven', stages: day, verdict: 'Unknown TrustUnknown', blocks: true },
    {
      reason: 'was proven an hour ago',
      provenAt: '2026-11-20T07:00:00Z',
      stages: day,
      verdict: 'Unverifiable TrustNotSeen',
      blocks: false,
    },
    {
      reason: 'was proven longer ago than a proof may be',
      provenAt: '2026-11-20T06:59:59Z',
      stages: hour,
      verdict: 'Unknown TrustUnknown',
      blocks: true,
    },
    {
      reason: 'was proven in the future: some clock was wrong',
      provenAt: '2027-11-20T08:00:00Z',
      stages: day,
      verdict: 'Unknown TrustUnknown',
      blocks: true,
    },
    {
      reason: 'has a proof that is no time',
      provenAt: 'yesterday',
      stages: day,
      verdict: 'Unknown TrustUnknown',
      blocks: true,
    },
  ])('and $reason', async ({ provenAt, stages, verdict, blocks }) => {
    const trust = provenAt === undefined ? UNREAD : { ...UNREAD, provenAt }
    const { plan: result, reads } = await planned(trust, { profile: 'second' }, {}, stages)
    const read = reads.get('prerequisites')
    const ready = read?.complete ? read.rows.get('trust')?.ready : undefined

    expect(`${ready?.status} ${ready?.code}`).toBe(verdict)
    expect(exceptionsOf(result)).toEqual(blocks ? [`mailbox Blocked TrustUnknown ${ANN}`] : [])
  })

  it('never keeps a mailbox from being stopped', async () => {
    const { plan: result } = await planned(UNREAD, { incoming: 'None' })

    expect(exceptionsOf(result)).toEqual([])
  })
})

describe('where the trust says nothing', () => {
  it.each<{ reason: string; trust: TrustView | undefined }>([
    { reason: 'there is none', trust: undefined },
    { reason: 'nobody says how to reach it', trust: { state: 'Unmanaged', links: [] } },
    { reason: 'it works', trust: WORKING },
  ])('everything goes on: $reason', async ({ trust }) => {
    const { plan: result, reads } = await planned(trust, { profile: 'second' })
    const read = reads.get('prerequisites')

    expect(exceptionsOf(result)).toEqual([])
    expect(read?.complete && read.rows.has('trust')).toBe(trust === WORKING)
  })

  it('a plan names no trust that nobody could look at', async () => {
    const { plan: result } = await planned(undefined, { profile: 'second' })

    expect(JSON.stringify(result)).not.toContain('"trust"')
  })
})

describe('the links of the trust', () => {
  async function linksOf(trust: TrustView, kind: string, key = ANN, row: Partial<MailboxRow> = {}) {
    const { reads, projection } = await planned(trust, {}, row)
    const desired = organization([mailbox(ANN)], WISHED)
    const context = { desired, reads, projection, now: new Date('2026-11-20T08:00:00Z') }
    const links = STAGES.flatMap(({ explain }) => explain?.({ kind, key }, context) ?? [])
    return links.filter(({ name }) => name.startsWith('trust')).map(({ name, state, words }) => [name, state, words])
  }

  it.each<{ reason: string; trust: TrustView; told: readonly unknown[] }>([
    { reason: 'one that works', trust: WORKING, told: ['trust', 'good', 'works, with certificate 9F2C…A1'] },
    {
      reason: 'the first link that is broken',
      trust: BROKEN,
      told: ['trust', 'broken', 'certificate 9F2C…A1 in CRM; Entra has 77D0…3B only'],
    },
    {
      reason: 'one that cannot be read is no reason why mail would not flow',
      trust: UNREAD,
      told: ['trust', 'told', 'not known: crm-async-1 could not be reached'],
    },
  ])('are one for a mailbox: $reason', async ({ trust, told }) => {
    expect(await linksOf(trust, 'Mailbox')).toEqual([told])
    expect(await linksOf(trust, 'EmailServerProfile', 'online')).toEqual([told])
  })

  it('are none for what does not sign in by it', async () => {
    expect(await linksOf(BROKEN, 'Mailbox', ANN, ON_SERVER)).toEqual([])
    expect(await linksOf(BROKEN, 'EmailServerProfile', 'server')).toEqual([])
    expect(await linksOf(BROKEN, 'EmailSettings', 'email-settings')).toEqual([])
  })

  it('are all of them for the organization, and never fewer than the reason', async () => {
    expect((await linksOf(BROKEN, 'Organization', 'contoso-sales')).map(([name, state]) => `${name} ${state}`)).toEqual(
      ['trust certificate good', 'trust credential broken'],
    )
    expect(await linksOf({ ...BROKEN, links: [] }, 'Organization')).toMatchObject([
      ['trust', 'broken', expect.stringContaining('77D0')],
    ])
  })
})

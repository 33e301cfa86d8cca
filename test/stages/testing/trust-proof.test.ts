// Which mailboxes are tested after the trust was changed: a few that find out, those that failed because of it, and nobody else.
import { describe, expect, it } from 'vitest'
import type { AlertRow, MailboxRow } from '../../../src/crm/rows.ts'
import type { DesiredOrganization } from '../../../src/spec/desired.ts'
import type { TrustView } from '../../../src/trust/view.ts'
import { mailbox, organization, profile, SERVER_SIDE } from '../desired.ts'
import { idOf, memory, person, profileRow } from '../memory.ts'
import { changesOf, exceptionsOf, plan, sentencesOf } from '../pass.ts'
import { BROKEN, surrounded, UNREAD, WORKING } from '../surrounded.ts'

const CHANGED = '2026-11-15T08:00:00Z'
const BEFORE = '2026-11-10T08:00:00Z'
const SINCE = '2026-11-16T08:00:00Z'
const TRUST: TrustView = { ...WORKING, changedAt: CHANGED }
const PROFILES = [
  profileRow(1, 'Exchange Online'),
  profileRow(2, 'Exchange Server', { serverType: 'ExchangeServer' }),
  profileRow(3, 'Exchange Online 2'),
]

/** Some mailboxes `a1000@…`, `a1001@…` of a profile, with how their last test ended. */
interface Group {
  readonly letter: string
  readonly count: number
  readonly profile?: number
  readonly ended?: string
  /** Ids in their alert: the test failed. */
  readonly failed?: string
  readonly row?: Partial<MailboxRow>
}

const FAILED = { incoming: 'Failure', outgoing: 'Success', appointmentsContactsTasks: 'Success' } as const

function worldOf(groups: readonly Group[], rollouts: DesiredOrganization['rollouts'] = undefined) {
  let number = 0
  const alerts: AlertRow[] = []
  const people = groups.flatMap(({ letter, count, profile: at = 1, ended = BEFORE, failed, row }) =>
    Array.from({ length: count }, (_, index) => {
      number += 1
      const status = failed === undefined ? {} : { status: FAILED }
      const one = person(number, `${letter}${1000 + index}@contoso.com`, {
        mailbox: { profileId: idOf(3, at), testCompletedOn: ended, ...status, ...row },
      })
      if (failed !== undefined) alerts.push(alertOf(one.mailbox, number, failed, ended))
      return one
    }),
  )
  const remote = memory({
    mailboxes: people.map(({ mailbox: row }) => row),
    users: people.map(({ user }) => user),
    profiles: PROFILES,
    alerts,
  })
  const addresses = people.map(({ user }) => user.address ?? '')
  const desired = organization(
    addresses.map((address) => mailbox(address, { ...SERVER_SIDE, testAndEnable: true })),
    [profile('online', { displayName: 'Exchange Online' })],
  )
  return { remote, desired: rollouts ? { ...desired, rollouts } : desired }
}

function alertOf({ id: regardingId }: MailboxRow, number: number, details: string, ended: string): AlertRow {
  const id = idOf(5, number)
  return { id, regardingId, level: 'Error', code: 0, text: 'x', details, createdOn: ended, modifiedOn: ended }
}

async function testedIn(groups: readonly Group[], trust: TrustView, rollouts?: DesiredOrganization['rollouts']) {
  const { remote, desired } = worldOf(groups, rollouts)
  const { plan: planned } = await plan(surrounded(remote, { trust }), desired)
  expect(exceptionsOf(planned)).toEqual([])
  return changesOf(planned).map(({ key }) => key.replace('@contoso.com', ''))
}

const EXPIRED = '0x800B0101'
const REFUSED = 'The remote server returned an error: (401) Unauthorized.'
const GONE = 'ErrorNonExistentMailbox'

describe('after the trust was changed', () => {
  it.each<{
    reason: string
    groups: readonly Group[]
    trust?: TrustView
    canary?: readonly string[]
    tested: readonly string[]
  }>([
    {
      reason: 'of thousands that work one finds out',
      groups: [{ letter: 'a', count: 2_000 }],
      tested: ['a1000'],
    },
    {
      reason: 'one of each profile that signs in by it, and none of another',
      groups: [
        { letter: 'a', count: 3 },
        { letter: 'b', count: 3, profile: 2 },
        { letter: 'c', count: 3, profile: 3 },
      ],
      tested: ['a1000', 'c1000'],
    },
    {
      reason: 'what ended in the second of the change proves nothing, or the previous credential would wait for ever',
      groups: [{ letter: 'a', count: 2, ended: CHANGED }],
      tested: ['a1000'],
    },
    {
      reason: 'canaries go where there are any',
      groups: [{ letter: 'a', count: 3 }],
      canary: ['a1002@contoso.com', 'a1001@contoso.com'],
      tested: ['a1001', 'a1002'],
    },
    {
      reason: 'a canary that was tested since has found out',
      groups: [
        { letter: 'a', count: 3 },
        { letter: 'b', count: 1, ended: SINCE },
      ],
      canary: ['b1000@contoso.com'],
      tested: [],
    },
    {
      reason: 'a canary of another profile proves nothing here',
      groups: [
        { letter: 'a', count: 3 },
        { letter: 'b', count: 1, profile: 3, ended: SINCE },
      ],
      canary: ['b1000@contoso.com'],
      tested: ['a1000'],
    },
    {
      reason: 'whoever passed since has proven it',
      groups: [
        { letter: 'a', count: 3 },
        { letter: 'b', count: 1, ended: SINCE },
      ],
      tested: [],
    },
    {
      reason: 'while one is tested nobody else is',
      groups: [
        { letter: 'a', count: 3 },
        { letter: 'b', count: 1, row: { testScheduled: true, modifiedOn: '2026-11-20T07:59:00Z' } },
      ],
      tested: [],
    },
    {
      reason: 'one that failed since for a cause of the trust says it does not work',
      groups: [
        { letter: 'a', count: 3 },
        { letter: 'b', count: 1, ended: '2026-11-20T07:30:00Z', failed: REFUSED },
      ],
      tested: [],
    },
    {
      reason: 'one that failed since for a cause of its own says nothing',
      groups: [
        { letter: 'a', count: 3 },
        { letter: 'b', count: 1, ended: '2026-11-20T07:30:00Z', failed: GONE },
      ],
      tested: ['a1000'],
    },
    {
      reason: 'three of them are enough',
      groups: [
        { letter: 'a', count: 3 },
        { letter: 'b', count: 3, ended: '2026-11-20T07:30:00Z', failed: GONE },
      ],
      tested: [],
    },
    {
      reason: 'of those that failed for one cause, one is tried beside the one that works',
      groups: [
        { letter: 'a', count: 3 },
        { letter: 'b', count: 300, failed: REFUSED },
      ],
      tested: ['a1000', 'b1000'],
    },
    {
      reason: 'all that failed because of it follow when one passed, whatever they failed for of it',
      groups: [
        { letter: 'a', count: 1, ended: SINCE },
        { letter: 'b', count: 4, failed: REFUSED },
        { letter: 'c', count: 2, failed: EXPIRED },
      ],
      tested: ['b1000', 'b1001', 'b1002', 'b1003', 'c1000', 'c1001'],
    },
    {
      reason: 'what changed before their tests is no reason',
      groups: [
        { letter: 'a', count: 3, ended: SINCE },
        { letter: 'b', count: 3, ended: '2026-11-20T07:30:00Z', failed: REFUSED },
      ],
      tested: [],
    },
    {
      reason: 'nobody knows when it changed',
      groups: [{ letter: 'a', count: 3 }],
      trust: WORKING,
      tested: [],
    },
    {
      reason: 'it cannot be read, so nobody knows whether a test could pass',
      groups: [{ letter: 'a', count: 3 }],
      trust: { ...UNREAD, changedAt: CHANGED, provenAt: '2026-11-20T07:00:00Z' },
      tested: [],
    },
    {
      reason: 'it is broken: no test could pass, also of those whose pause is over',
      groups: [
        { letter: 'a', count: 3 },
        { letter: 'b', count: 3, failed: REFUSED },
      ],
      trust: { ...BROKEN, changedAt: CHANGED },
      tested: [],
    },
  ])('$reason', async ({ groups, trust = TRUST, canary, tested }) => {
    const rollouts = canary && new Map([['sales', { canary }]])

    const found = await testedIn(groups, trust, rollouts)

    expect(found.sort()).toEqual(tested)
  })

  it('a test says why it is asked for again', async () => {
    const { remote, desired } = worldOf([{ letter: 'a', count: 1, failed: REFUSED }])

    const { plan: planned } = await plan(surrounded(remote, { trust: TRUST }), desired)

    expect(sentencesOf(planned)).toEqual(['test: a1000@contoso.com is tested again: the trust was changed since'])
  })
})

describe('while the trust is broken', () => {
  async function verdictsOf(groups: readonly Group[], trust: TrustView) {
    const { remote, desired } = worldOf(groups)
    const { reads } = await plan(surrounded(remote, { trust }), desired)
    const read = reads.get('test-result')
    return read?.complete ? [...read.rows.values()].map(({ ready }) => ready) : []
  }

  it('whatever may come from it has its reason as the cause', async () => {
    const verdicts = await verdictsOf(
      [
        { letter: 'a', count: 2, failed: REFUSED },
        { letter: 'b', count: 2, failed: EXPIRED },
      ],
      BROKEN,
    )

    expect(new Set(verdicts.map((ready) => ready?.code))).toEqual(new Set(['TrustBroken']))
    expect(verdicts[0]).toMatchObject({
      repeats: true,
      message:
        'incoming failed 2026-11-10 08:00 UTC: the trust with Exchange Online is broken: certificate 9F2C…A1 in CRM; Entra has 77D0…3B only. `mailkeel apply --only credential` adds it again.',
    })
  })

  it('what cannot come from it keeps its own', async () => {
    const groups = [
      { letter: 'a', count: 1, failed: GONE },
      { letter: 'b', count: 1, failed: REFUSED, profile: 2 },
    ]

    const verdicts = await verdictsOf(groups, BROKEN)

    expect(verdicts.map((ready) => ready?.code)).toEqual(['MissingInExchange', 'Unauthorized'])
  })
})

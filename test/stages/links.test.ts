// The links that the stages of mailboxes contribute to the chain of `explain`.
import { describe, expect, it } from 'vitest'
import type { AlertRow } from '../../src/crm/rows.ts'
import type { Link } from '../../src/engine/index.ts'
import { mailbox, organization, profile, SERVER_SIDE } from './desired.ts'
import { idOf, type MemoryRows, mailboxRow, memory, peopled, person, profileRow } from './memory.ts'
import { plan, STAGES } from './pass.ts'

const ANN = 'ann@contoso.com'
const ONLINE = profile('online', { displayName: 'Exchange Online' })
const DESIRED = organization([mailbox(ANN, { profile: 'online', ...SERVER_SIDE, approval: 'Approved' })], [ONLINE])
const ENDED = '2026-11-10T08:00:00Z'
const ALERT: AlertRow = {
  id: idOf(5, 1),
  regardingId: idOf(1, 1),
  level: 'Error',
  code: 205,
  text: 'Der Standort\nwurde nicht ermittelt',
  details: 'AutodiscoverLocalException',
  createdOn: '2026-11-09T08:00:00Z',
  modifiedOn: ENDED,
}

async function linksOf(rows: MemoryRows, kind = 'Mailbox', key = ANN): Promise<readonly Link[]> {
  const { reads, projection } = await plan(memory(rows), DESIRED)
  const context = { desired: DESIRED, reads, projection, now: new Date('2026-11-20T08:00:00Z') }
  return STAGES.flatMap((stage) => stage.explain?.({ kind, key }, context) ?? [])
}

function told(links: readonly Link[]): readonly string[] {
  return links.map(({ name, state, words }) => `${name} ${state}: ${words}`)
}

describe('the links of a mailbox', () => {
  it('that works', async () => {
    const links = await linksOf(peopled(person(1, ANN)))

    expect(told(links)).toEqual([
      'server good: CRM 9.1.27.15, unique name contoso-sales',
      'organization good: server-side synchronization, addresses of users must be approved',
      'profile good: "Exchange Online", for Exchange Online (hybrid)',
      'approval good: approved on the user',
      'profile good: "Exchange Online"',
      'methods good: incoming, outgoing, appointments: by server-side synchronization',
      'async service told: a mailbox was processed last',
      'test good: tested 2026-11-10 08:00 UTC',
    ])
    expect(links[3]).toMatchObject({ at: '2026-11-01T08:00:00Z', evidence: 'the user changed last' })
    expect(links.filter(({ next }) => next !== undefined)).toEqual([])
  })

  it('whose test failed: the alert is the evidence, and there is one next step', async () => {
    const failed = {
      status: { incoming: 'Failure', outgoing: 'Success', appointmentsContactsTasks: 'Success' },
    } as const

    const links = await linksOf({ ...peopled(person(1, ANN, { mailbox: failed })), alerts: [ALERT] })

    expect(links.filter(({ state }) => state === 'broken')).toMatchObject([
      {
        name: 'test',
        words: 'incoming failed 2026-11-10 08:00 UTC: autodiscover did not find its mailbox',
        evidence: 'alert 205',
        at: ENDED,
        next: expect.stringMatching(/^Check address and autodiscover.*\.$/),
      },
    ])
    expect(links.at(-1)).toMatchObject({
      name: 'alerts',
      words: 'alert 205, first 2026-11-09 08:00 UTC: "Der Standort wurde nicht ermittelt"',
      evidence: 'AutodiscoverLocalException',
    })
  })

  it('that is not approved: that is the broken link, not the test', async () => {
    const failed = {
      status: { incoming: 'Failure', outgoing: 'Success', appointmentsContactsTasks: 'Success' },
    } as const
    const people = peopled(person(1, ANN, { mailbox: failed, holder: { approval: 'Pending' } }))

    const links = await linksOf(people)

    expect(links.filter(({ state }) => state === 'broken')).toMatchObject([
      {
        name: 'approval',
        words: 'not approved yet on the user, the spec asks for another',
        next: 'Apply the plan: it approves the address.',
      },
    ])
  })

  it('that has no profile', async () => {
    const links = await linksOf(peopled(person(1, ANN, { mailbox: { profileId: null } })))

    expect(links.find(({ state }) => state === 'broken')).toMatchObject({
      name: 'profile',
      words: 'none, the spec asks for "Exchange Online"',
    })
  })

  it('whose profile is inactive', async () => {
    const people = { ...peopled(person(1, ANN)), profiles: [profileRow(1, 'Exchange Online', { active: false })] }

    expect((await linksOf(people)).find(({ state }) => state === 'broken')).toMatchObject({ name: 'profile' })
  })

  it('whose user is disabled', async () => {
    const links = await linksOf(peopled(person(1, ANN, { holder: { active: false } })))

    expect(links.find(({ state }) => state === 'broken')).toEqual({
      name: 'mailbox',
      state: 'broken',
      words: 'the user is disabled in CRM',
      next: 'Enable the user there, or remove the mailbox from the spec.',
    })
  })

  it('where nothing is processed at all', async () => {
    const quiet = { processedOn: '2026-11-20T06:00:00Z', lastSyncedOn: null, modifiedOn: '2026-11-20T07:00:00Z' }

    const links = await linksOf(peopled(person(1, ANN, { mailbox: { ...quiet, testScheduled: true } })))

    expect(links.find(({ state }) => state === 'broken')).toMatchObject({
      name: 'async service',
      at: '2026-11-20T06:00:00.000Z',
      next: expect.stringContaining('Start the asynchronous service'),
    })
  })

  it('whose settings are to change', async () => {
    const links = await linksOf(peopled(person(1, ANN, { mailbox: { outgoing: 'Outlook' } })))

    expect(links.find(({ name }) => name === 'methods')).toMatchObject({
      state: 'told',
      words:
        'incoming, appointments: by server-side synchronization; outgoing: through Outlook; the spec asks for outgoing by server-side synchronization',
    })
  })

  it('that is not there are none', async () => {
    expect((await linksOf(peopled(person(1, 'bob@contoso.com')))).map(({ name }) => name)).toEqual([
      'server',
      'organization',
    ])
  })
})

describe("a profile's own test of its connection", () => {
  const TESTED = {
    startedOn: ENDED,
    connection: 'Success',
    authorization: 'Failure',
    mailboxAccess: null,
    message: 'Nicht autorisiert',
  } as const

  it('is told as advice, with the mailbox of the service account', async () => {
    const service = mailboxRow(7, { address: 'service@contoso.com', name: 'CRM service', serviceAccount: true })
    const { mailboxes = [], ...rest } = peopled(person(1, ANN))
    const profiles = [profileRow(1, 'Exchange Online', { connectionTest: TESTED })]

    const links = await linksOf(
      { ...rest, mailboxes: [...mailboxes, service], profiles },
      'EmailServerProfile',
      'online',
    )

    expect(told(links.filter(({ name }) => name === 'connection test' || name === 'service mailbox'))).toEqual([
      'connection test told: failed at the authorization ("Nicht autorisiert")',
      'service mailbox told: CRM service passed its test',
    ])
    expect(links.find(({ name }) => name === 'connection test')?.at).toBe(ENDED)
  })

  it.each([
    { reason: 'failed: it advises and blocks nothing', test: TESTED, expected: 'Unverifiable ConnectionTestFailed' },
    {
      reason: 'passed',
      test: { ...TESTED, authorization: 'Success', mailboxAccess: 'Success' } as const,
      expected: 'True ConnectionTested',
    },
    { reason: 'never run: neither good nor bad', test: undefined, expected: 'undefined undefined' },
  ])('$reason', async ({ test, expected }) => {
    const profiles = [profileRow(1, 'Exchange Online', test ? { connectionTest: test } : {})]

    const { reads, plan: planned } = await plan(memory({ ...peopled(person(1, ANN)), profiles }), DESIRED)

    const read = reads.get('email-server-profile')
    const ready = read?.complete ? read.rows.get('online')?.ready : undefined
    expect(`${ready?.status} ${ready?.code}`).toBe(expected)
    expect(planned.exceptions).toEqual([])
  })
})

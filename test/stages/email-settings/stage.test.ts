import { describe, expect, it } from 'vitest'
import { computePlan } from '../../../src/engine/index.ts'
import type { DesiredOrganization } from '../../../src/spec/desired.ts'
import { mailbox, organization, profile, SERVER_SIDE, settings } from '../desired.ts'
import { ALL_PRIVILEGES, type MemoryRows, memory, ORGANIZATION_ID, peopled, person, profileRow } from '../memory.ts'
import { apply, changesOf, exceptionsOf, linesOf, plan, STAGES, sentencesOf } from '../pass.ts'

const ANN = 'ann@contoso.com'
const BOB = 'bob@contoso.com'
const UNREAD = { privileges: new Set([...ALL_PRIVILEGES].filter((name) => name !== 'prvWriteOrganization')) }
const ONLINE = profile('online', { displayName: 'Exchange Online' })

function asking(fields: Parameters<typeof settings>[0], mailboxes: DesiredOrganization['mailboxes'] = new Map()) {
  return organization([...mailboxes.values()], [ONLINE], settings(fields))
}

/** Everybody in order, and an organization that has all columns. */
function rows(organizationRow: MemoryRows['organization'] = {}, more: Partial<MemoryRows> = {}): MemoryRows {
  return {
    ...peopled(person(1, ANN), person(2, BOB)),
    organization: { internalEmail: true, maximumAttachmentKilobytes: 5120, tokenPrefix: 'CRM:', ...organizationRow },
    ...more,
  }
}

describe('e-mail settings', () => {
  it('that no document asks for are neither read, told nor written', async () => {
    const { plan: planned, reads } = await plan(memory(rows()), organization([], [ONLINE]))

    expect(linesOf(planned)).toEqual([])
    expect(planned.stages.find(({ stage }) => stage === 'email-settings')).toMatchObject({ desired: 0, unmanaged: 0 })
    expect(reads.get('email-settings')).toMatchObject({ complete: true })
  })

  it('what the document leaves out is not touched: only the column that differs goes out', async () => {
    const remote = memory(rows())
    const desired = asking({ tracking: { internalEmail: false }, maximumAttachmentKilobytes: 5120 })

    const { plan: planned } = await plan(remote, desired)
    await apply(remote, desired, planned)

    expect(linesOf(planned)).toEqual(['email-settings update email-settings: tracking.internalEmail'])
    expect(remote.operations).toMatchObject([
      { kind: 'update-organization', id: ORGANIZATION_ID, patch: { internalEmail: false } },
    ])
    expect(Object.keys(remote.operations[0]?.kind === 'update-organization' ? remote.operations[0].patch : {})).toEqual(
      ['internalEmail'],
    )
  })

  it('a change leads to the line of the first field that differs', async () => {
    const wished = settings({ tracking: { internalEmail: true, token: { prefix: 'S:' } } })
    const { plan: planned } = await plan(memory(rows()), organization([], [ONLINE], wished))

    expect(changesOf(planned)[0]?.origin).toEqual(wished.originOf('tracking.token.prefix'))
  })

  it('a column this build does not have makes them unknown, and says what to take out', async () => {
    const { plan: planned } = await plan(
      memory(rows()),
      asking({ secureIframe: true, tracking: { token: { base: 2 } } }),
    )

    expect(exceptionsOf(planned)).toEqual(['email-settings Unknown ColumnMissing email-settings'])
    expect(planned.exceptions[0]?.reason.message).toContain('tracking.token.base')
  })
})

describe('defaults of new mailboxes', () => {
  const text = '<EmailSettings><Kept a="&amp;"/><ACTDeliveryMethod>2</ACTDeliveryMethod></EmailSettings>'
  const methods = { incoming: null, outgoing: null, appointmentsContactsTasks: 'None' } as const

  it('go into the text as it was read just before, and say that existing mailboxes stay', async () => {
    const remote = memory(rows({ defaultMethods: { text, methods } }))
    const desired = asking({ incoming: 'ServerSideSync', appointmentsContactsTasks: 'None' })

    const { plan: planned } = await plan(remote, desired)
    await apply(remote, desired, planned)

    expect(sentencesOf(planned)).toEqual([
      'settings: e-mail settings let new mailboxes receive by server-side synchronization; existing ones stay as they are',
    ])
    expect(remote.operations).toMatchObject([
      { patch: { defaultMethods: { text, methods: { incoming: 'ServerSideSync' } } } },
    ])
  })

  it('that are not understood are unknown and never written over, and the other settings are written', async () => {
    const remote = memory(
      rows({ defaultMethods: { text: '<Other/>', notUnderstood: 'its root is not EmailSettings' } }),
    )
    const desired = asking({ ...SERVER_SIDE, maximumAttachmentKilobytes: 1024 })

    const { plan: planned } = await plan(remote, desired)
    await apply(remote, desired, planned)

    expect(exceptionsOf(planned)).toEqual(['email-settings Unknown DefaultMethodsNotUnderstood default-methods'])
    expect(planned.exceptions[0]?.reason.message).toContain('its root is not EmailSettings')
    expect(linesOf(planned)).toEqual(['email-settings update email-settings: maximumAttachmentKilobytes'])
    expect(JSON.stringify(remote.operations)).not.toContain('defaultMethods')
  })

  it('that are not understood do not matter to a document that does not manage them', async () => {
    const broken = rows({ defaultMethods: { text: '<Other/>', notUnderstood: 'its root is not EmailSettings' } })
    const { plan: planned } = await plan(memory(broken), asking({ maximumAttachmentKilobytes: 5120 }))

    expect([linesOf(planned), exceptionsOf(planned)]).toEqual([[], []])
  })

  it('another default profile is told and weighed as a default', async () => {
    const actual = rows(
      { defaultProfileId: profileRow(2, '').id },
      { profiles: [profileRow(1, 'Exchange Online'), profileRow(2, 'Old Exchange')] },
    )
    const { plan: planned } = await plan(memory(actual), asking({ defaultProfile: 'online' }))

    expect(changesOf(planned)).toMatchObject([{ effects: ['default'], fields: [{ from: 'Old Exchange' }] }])
    expect(sentencesOf(planned)).toEqual([
      'default: e-mail settings give new mailboxes the profile "Exchange Online" instead of "Old Exchange"; existing ones keep theirs',
    ])
  })

  it.each([
    {
      reason: 'two profiles in CRM have its name',
      profiles: [profileRow(1, 'Exchange Online'), profileRow(2, 'Exchange Online')],
      exceptions: [
        'email-server-profile Unknown AmbiguousProfile online',
        'email-settings Blocked AmbiguousProfile email-settings',
      ],
      lines: [],
    },
    {
      reason: 'it is created by the same plan',
      profiles: [],
      exceptions: [],
      lines: [
        'email-server-profile create online: displayName, serverType',
        'email-settings update email-settings: defaultProfile',
      ],
    },
  ])('a default profile where $reason', async ({ profiles, exceptions, lines }) => {
    const { plan: planned } = await plan(memory(rows({}, { profiles })), asking({ defaultProfile: 'online' }))

    expect(exceptionsOf(planned)).toEqual(exceptions)
    expect(linesOf(planned)).toEqual(lines)
  })
})

describe('requiring approval', () => {
  const off = { requireApproval: { users: false, queues: false } }
  const required = { requireApproval: { users: true, queues: true } }
  const pending = (number: number, address: string, fields: Parameters<typeof person>[2] = {}) =>
    person(number, address, {
      ...fields,
      holder: { approval: 'Pending' },
      mailbox: { approval: 'Pending', ...fields.mailbox },
    })

  it('tells how many it silences, and that weighs as a stop', async () => {
    const people = peopled(pending(1, ANN), person(2, BOB), pending(3, 'cora@contoso.com'))
    const { plan: planned } = await plan(memory(rows(off, people)), asking(required))

    expect(sentencesOf(planned)).toEqual([
      'settings: e-mail settings process e-mail of users only where the address is approved',
      'settings: e-mail settings process e-mail of queues only where the address is approved',
      'stop: e-mail settings silence 2 users whose addresses are not approved: ann@contoso.com, cora@contoso.com',
    ])
    expect(changesOf(planned)[0]?.effects).toEqual(['adjust', 'stop'])
  })

  it.each([
    { reason: 'the spec approves them', member: mailbox(ANN, { approval: 'Approved' }), row: {} },
    { reason: 'their e-mail does not flow', row: { incoming: 'None', outgoing: 'Outlook' } as const },
    { reason: 'they are inactive', row: { active: false } },
  ])('silences nobody where $reason', async ({ member, row }) => {
    const people = peopled(pending(1, ANN, { mailbox: row }))
    const members = new Map(member ? [[ANN, member]] : [])
    const { plan: planned } = await plan(memory(rows(off, people)), asking(required, members))

    expect(changesOf(planned)[0]).toMatchObject({ stage: 'email-settings', effects: ['adjust'] })
  })

  it('reads no mailbox to look at the settings once more before writing', async () => {
    const remote = memory(rows(off))
    const desired = asking(required)
    const { plan: planned } = await plan(remote, desired)
    remote.reads.length = 0

    await apply(remote, desired, planned)

    expect(remote.reads.filter((read) => read.startsWith('mailboxes'))).toEqual([])
  })
})

describe('what processes e-mail', () => {
  const router = { connectionChannel: 'Router' } as const
  const members = new Map([
    [ANN, mailbox(ANN, { incoming: 'Outlook', outgoing: 'ServerSideSync' })],
    [BOB, mailbox(BOB, { outgoing: 'None' })],
  ])
  const turning = asking({ processEmailsUsing: 'ServerSideSync' }, members)

  it('is turned first where the spec asks for it, and is no red prerequisite then', async () => {
    const { plan: planned, reads } = await plan(memory(rows(router)), turning)

    const read = reads.get('prerequisites')
    expect(read?.complete && read.rows.get('email-connection-channel')?.ready?.status).toBe('True')
    expect(linesOf(planned)).toEqual([
      'email-settings update email-settings: processEmailsUsing',
      `mailbox update ${ANN}: incoming`,
      `mailbox update ${BOB}: outgoing`,
    ])
    expect(changesOf(planned)[0]).toMatchObject({ effects: ['start'] })
  })

  it.each([
    { reason: 'the account may not write it', probe: UNREAD, only: undefined, code: 'PrivilegeMissing' },
    { reason: 'a person left it out', probe: {}, only: 'Mailbox', code: 'NotSelected' },
  ])('keeps mailboxes waiting where $reason, but for stops', async ({ probe, only, code }) => {
    const { plan: whole, reads } = await plan(memory(rows(router, { probe })), turning)
    const scope = { scope: 'organization/contoso-sales', revision: 'r1', stages: STAGES, desired: turning, reads }
    const { plan: planned } = computePlan({
      ...scope,
      now: new Date(),
      only: ({ kind }) => only === undefined || kind === only,
    })

    expect(linesOf(whole)).toContain(`mailbox update ${BOB}: outgoing`)
    expect(linesOf(planned)).toEqual([`mailbox update ${BOB}: outgoing`])
    expect(exceptionsOf(planned)).toContain(`mailbox Blocked ${code} ${ANN}`)
  })

  it('keeps mailboxes waiting where turning it is not among the changes a person approved, but for stops', async () => {
    const remote = memory(rows(router))
    const { plan: planned } = await plan(remote, turning)
    const approved = new Set(changesOf(planned).flatMap(({ id, kind }) => (kind === 'Mailbox' ? [id] : [])))

    const { outcomes } = await apply(remote, turning, planned, STAGES, approved)

    expect(outcomes.map(({ key, result, reason }) => [key, result, reason?.code])).toEqual([
      [ANN, 'Blocked', 'NotApproved'],
      [BOB, 'WriteNotEffective', expect.any(String)],
    ])
    expect(JSON.stringify(remote.operations)).not.toContain('update-organization')
  })

  it('a mailbox is not written where turning it failed', async () => {
    const remote = memory(rows(router))
    const { plan: planned } = await plan(remote, turning)

    const { outcomes } = await apply(remote, turning, planned)

    expect(outcomes.map(({ stage, key, result }) => `${stage} ${key} ${result}`)).toEqual([
      'email-settings email-settings WriteNotEffective',
      `mailbox ${ANN} Blocked`,
      `mailbox ${BOB} WriteNotEffective`,
    ])
  })

  it('the way back to the Email Router is a stop for everyone', async () => {
    const { plan: planned } = await plan(memory(rows()), asking({ processEmailsUsing: 'EmailRouter' }))

    expect(changesOf(planned)[0]).toMatchObject({ effects: ['stop'] })
    expect(sentencesOf(planned)).toEqual([
      'stop: e-mail settings hand e-mail to the Email Router: server-side synchronization stops for every mailbox',
    ])
  })
})

describe('the link "defaults" of the chain of the settings', () => {
  async function linksOf(row: MemoryRows['organization'], kind: string) {
    const desired = asking({ notifyMailboxOwner: true })
    const { reads, projection } = await plan(memory(rows(row)), desired)
    const stage = STAGES.find(({ name }) => name === 'email-settings')
    return stage?.explain?.({ kind, key: 'email-settings' }, { desired, reads, projection, now: new Date() })
  }

  it('tells what new mailboxes get', async () => {
    const methods = { incoming: 'ServerSideSync', outgoing: 'None', appointmentsContactsTasks: null } as const
    const row = { defaultProfileId: profileRow(1, '').id, defaultMethods: { text: '', methods } }

    expect(await linksOf(row, 'EmailSettings')).toEqual([
      {
        name: 'defaults',
        state: 'told',
        words:
          'new mailboxes get the profile "Exchange Online", incoming by server-side synchronization, outgoing not at all, appointments, contacts and tasks as nobody has set',
      },
    ])
    expect(await linksOf(row, 'Mailbox')).toEqual([])
  })

  it('says what to do where they are not understood', async () => {
    const links = await linksOf({ defaultMethods: { text: 'x', notUnderstood: 'it has no root' } }, 'EmailSettings')

    expect(links).toMatchObject([{ state: 'unknown', next: expect.stringMatching(/^Save System Settings/) }])
  })
})

import { describe, expect, it } from 'vitest'
import type { ProfileRow } from '../../../src/crm/rows.ts'
import type { DesiredProfile } from '../../../src/spec/desired.ts'
import { organizationStages } from '../../../src/stages/index.ts'
import { profileId } from '../../../src/stages/stable-id.ts'
import { organization, profile } from '../desired.ts'
import { idOf, type MemoryRows, memory, ORGANIZATION_ID, person, profileRow } from '../memory.ts'
import { apply, changesOf, exceptionsOf, linesOf, plan, sentencesOf } from '../pass.ts'

const NAME = 'Exchange Online'
const online = (fields: Partial<DesiredProfile> = {}) => profile('online', { displayName: NAME, ...fields })

async function planFor(fields: Partial<DesiredProfile>, rows: MemoryRows) {
  return (await plan(memory(rows), organization([], [online(fields)]))).plan
}

function row(fields: Partial<ProfileRow> = {}): MemoryRows {
  return { profiles: [profileRow(1, NAME, fields)], users: [person(1, 'mail@contoso.com').user] }
}

describe('what is wished', () => {
  it('only what the spec names is compared', async () => {
    const planned = await planFor({}, row({ autoDiscover: false, minimumPollingIntervalMinutes: 3, incomingPort: 99 }))

    expect(linesOf(planned)).toEqual([])
  })

  it.each([
    {
      reason: 'a date is an instant, not a text',
      fields: { processEmailFrom: '2026-11-01T00:00:00Z' },
      actual: { processEmailFrom: '2026-11-01T01:00:00.000+01:00' },
    },
    {
      reason: 'a tenant is a GUID, not a text',
      fields: { exchangeOnlineTenantId: 'ab0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11' },
      actual: { exchangeOnlineTenantId: 'AB0C1F3E-8C1B-4E0E-9A55-0F2F6F1F7A11' },
    },
    {
      reason: 'line ends of a description do not count',
      fields: { description: 'a\nb' },
      actual: { description: 'a\r\nb\r\n' },
    },
    { reason: 'no description is an empty one', fields: { description: '' }, actual: { description: null } },
    {
      reason: 'an owner is one by any of his names',
      fields: { owner: { user: 'contoso\\mail' } },
      actual: {},
      domainName: 'CONTOSO\\Mail',
    },
  ])('$reason', async ({ fields, actual, domainName }) => {
    const rows = row(actual)
    const users = (rows.users ?? []).map((user) => ({ ...user, ...(domainName && { domainName }) }))

    expect(linesOf(await planFor(fields, { ...rows, users }))).toEqual([])
  })

  it('an empty switch of an old row is written, not taken for a missing column', async () => {
    const planned = await planFor({ autoDiscover: true }, row())

    expect(linesOf(planned)).toEqual(['email-server-profile update online: autoDiscover'])
  })

  it('a column this version of CRM does not have is said, and nothing is written', async () => {
    const planned = await planFor({ maximumConcurrentConnections: 5, autoDiscover: true }, row())

    expect(exceptionsOf(planned)).toEqual(['email-server-profile Unknown ColumnMissing online'])
  })

  it('an owner who is not found is unknown and names the line', async () => {
    const planned = await planFor({ owner: { user: 'nobody@contoso.com' } }, row())

    expect(planned.exceptions).toMatchObject([
      { state: 'Unknown', reason: { code: 'OwnerNotFound', message: expect.stringContaining('(profile.yaml:7)') } },
    ])
  })

  it('an inactive profile is unknown', async () => {
    expect(exceptionsOf(await planFor({}, row({ active: false })))).toEqual([
      'email-server-profile Unknown ProfileInactive online',
    ])
  })
})

describe('ensure: absent', () => {
  const mailboxOf = (profileId: string | null) => person(1, 'ann@contoso.com', { mailbox: { profileId } }).mailbox

  it.each([
    { reason: 'unused', more: {}, lines: ['email-server-profile delete online'], exceptions: [] },
    {
      reason: 'the default of the organization',
      more: { organization: { defaultProfileId: idOf(3, 1) } },
      lines: [],
      exceptions: ['email-server-profile Held ProfileIsDefault online'],
    },
    {
      reason: 'used by a mailbox',
      more: { mailboxes: [mailboxOf(idOf(3, 1))] },
      lines: [],
      exceptions: ['email-server-profile Held ProfileInUse online'],
    },
    {
      reason: 'a mailbox that could not be decoded may use it',
      more: { unreadable: { mailboxes: { x: { code: 'Undecodable', message: 'x' } } } },
      lines: [],
      exceptions: ['email-server-profile Held UsageNotKnown online'],
    },
    {
      reason: 'mailboxes use another one',
      more: { mailboxes: [mailboxOf(idOf(3, 2)), mailboxOf(null)] },
      lines: ['email-server-profile delete online'],
      exceptions: [],
    },
    { reason: 'there is none', more: { profiles: [] }, lines: [], exceptions: [] },
  ])('$reason', async ({ more, lines, exceptions }) => {
    const planned = await planFor({ ensure: 'absent' }, { ...row(), ...more })

    expect(linesOf(planned)).toEqual(lines)
    expect(exceptionsOf(planned)).toEqual(exceptions)
  })

  it('a profile that came into use after planning is not deleted', async () => {
    const remote = memory(row())
    const desired = organization([], [online({ ensure: 'absent' })])
    const { plan: planned } = await plan(remote, desired)
    remote.change({ mailboxes: [mailboxOf(idOf(3, 1))] })

    const { outcomes } = await apply(remote, desired, planned)

    expect(outcomes).toMatchObject([{ result: 'Blocked', reason: { code: 'ProfileInUse' } }])
    expect(remote.operations).toEqual([])
  })
})

describe('writing', () => {
  const secrets = { resolveSecret: async (name: string) => `value of ${name}` }
  const incomingPassword = { secret: 'mail-in', version: '2' }

  async function operationsFor(
    fields: Partial<DesiredProfile>,
    rows: MemoryRows,
    stages = organizationStages(secrets),
  ) {
    const remote = memory(rows)
    const desired = organization([], [online(fields)])
    const { plan: planned } = await plan(remote, desired, stages)
    const { outcomes } = await apply(remote, desired, planned, stages)
    return { operations: remote.operations, outcomes, planned }
  }

  it('a new profile gets the identifier that follows from organization and name, and its owner', async () => {
    const { operations } = await operationsFor(
      { autoDiscover: true, owner: { user: 'mail@contoso.com' } },
      { ...row(), profiles: [] },
    )

    expect(operations).toMatchObject([
      {
        kind: 'create-profile',
        id: profileId(ORGANIZATION_ID, NAME),
        patch: {
          displayName: NAME,
          serverType: 'ExchangeOnlineHybrid',
          autoDiscover: true,
          owner: { type: 'User', id: idOf(2, 1) },
        },
      },
    ])
  })

  it('a password goes out with its label in one write, and the words people wrote stay', async () => {
    const { operations, planned } = await operationsFor(
      { incomingPassword },
      row({
        description: 'Mail\n[mailkeel: incoming password "1", outgoing password "9"]',
        incomingPasswordSet: true,
        outgoingPasswordSet: true,
      }),
    )

    expect(linesOf(planned)).toEqual(['email-server-profile update online: incomingPassword'])
    expect(operations).toMatchObject([
      {
        kind: 'update-profile',
        patch: {
          incomingPassword: 'value of mail-in',
          description:
            'Mail\n[mailkeel: connection changed 2026-11-20T08:00:00Z, incoming password "2", outgoing password "9"]',
        },
      },
    ])
  })

  it('a description goes out with the labels that are there', async () => {
    const { operations } = await operationsFor(
      { description: 'New words' },
      row({ description: 'Old\n[mailkeel: incoming password "1"]', incomingPasswordSet: true }),
    )

    expect(operations).toMatchObject([{ patch: { description: 'New words\n[mailkeel: incoming password "1"]' } }])
    expect(operations[0]?.kind === 'update-profile' && operations[0].patch.incomingPassword).toBeUndefined()
  })

  describe('the time of a change of the connection', () => {
    const MARK = '[mailkeel: connection changed 2026-11-20T08:00:00Z'
    const CASES: readonly {
      readonly reason: string
      readonly fields: Partial<DesiredProfile>
      readonly actual: Partial<ProfileRow>
      readonly more?: Partial<MemoryRows>
      readonly description: string | undefined
    }[] = [
      {
        reason: 'goes out with it, behind what people wrote',
        fields: { autoDiscover: true },
        actual: { autoDiscover: false, description: 'Mail' },
        description: `Mail\n${MARK}]`,
      },
      {
        reason: 'replaces an older one and keeps the labels',
        fields: { autoDiscover: true },
        actual: {
          autoDiscover: false,
          description: '[mailkeel: connection changed 2026-11-01T08:00:00Z, incoming password "1"]',
        },
        description: `${MARK}, incoming password "1"]`,
      },
      {
        reason: "is the server's",
        fields: { autoDiscover: true },
        actual: { autoDiscover: false },
        more: { probe: { clockSkewMs: -60_000 } },
        description: '[mailkeel: connection changed 2026-11-20T07:59:00Z]',
      },
      {
        reason: 'stays as it is where something else changes',
        fields: { minimumPollingIntervalMinutes: 5 },
        actual: { minimumPollingIntervalMinutes: 1, description: `Mail\n${MARK}]` },
        description: undefined,
      },
      {
        reason: 'stays as it is where the words of people change',
        fields: { description: 'New words' },
        actual: { description: 'Old\n[mailkeel: connection changed 2026-11-01T08:00:00Z]' },
        description: 'New words\n[mailkeel: connection changed 2026-11-01T08:00:00Z]',
      },
    ]

    it.each(CASES)('$reason', async ({ fields, actual, more = {}, description }) => {
      const { operations, planned } = await operationsFor(fields, { ...row(actual), ...more })

      expect(linesOf(planned)).toEqual([`email-server-profile update online: ${Object.keys(fields).join(', ')}`])
      expect(operations).toHaveLength(1)
      expect(operations[0]?.kind === 'update-profile' && operations[0].patch.description).toBe(description)
    })

    it('is not written where this version of CRM keeps no descriptions', async () => {
      const { description: _, ...bare } = profileRow(1, NAME, { autoDiscover: false })

      const { operations } = await operationsFor({ autoDiscover: true }, { ...row(), profiles: [bare] })

      expect(operations).toMatchObject([{ patch: { autoDiscover: true } }])
      expect(operations[0]?.kind === 'update-profile' && 'description' in operations[0].patch).toBe(false)
    })
  })

  it('a password that was taken away is set again although the label is still there', async () => {
    const { planned } = await operationsFor(
      { incomingPassword },
      row({ description: '[mailkeel: incoming password "2"]', incomingPasswordSet: false }),
    )

    expect(linesOf(planned)).toEqual(['email-server-profile update online: incomingPassword'])
  })

  it('a secret that cannot be read fails its own profile and is named, not quoted', async () => {
    const stages = organizationStages({
      resolveSecret: () => Promise.reject(new Error('ENOENT /run/secrets/hunter2')),
    })
    const { outcomes, operations } = await operationsFor({ incomingPassword }, row(), stages)

    expect(outcomes).toMatchObject([{ result: 'Failed', reason: { code: 'SecretUnavailable' } }])
    expect(outcomes[0]?.reason?.message).toContain('mail-in')
    expect(JSON.stringify(outcomes)).not.toContain('hunter2')
    expect(operations).toEqual([])
  })

  it('a plan for an older version of the password does not label the new one with it', async () => {
    const remote = memory(row())
    const { plan: planned } = await plan(remote, organization([], [online({ incomingPassword })]))

    const { outcomes } = await apply(
      remote,
      organization([], [online({ incomingPassword: { secret: 'mail-in', version: '3' } })]),
      planned,
    )

    expect(outcomes).toMatchObject([{ result: 'Failed', reason: { code: 'Moved' } }])
    expect(remote.operations).toEqual([])
  })
})

describe('words', () => {
  it.each([
    {
      fields: { minimumPollingIntervalMinutes: 10 },
      actual: { minimumPollingIntervalMinutes: 5 },
      says: 'polls every 10 minutes instead of 5',
    },
    {
      fields: { minimumPollingIntervalMinutes: 1 },
      actual: { minimumPollingIntervalMinutes: null },
      says: 'polls every minute',
    },
    {
      fields: { minimumPollingIntervalMinutes: 0 },
      actual: { minimumPollingIntervalMinutes: 5 },
      says: 'polls without a minimum interval',
    },
    {
      fields: { processEmailFrom: '2026-10-01T00:00:00Z' },
      actual: { processEmailFrom: '2026-11-01T00:00:00Z' },
      says: 'pulls e-mail received since 2026-10-01 from mailboxes that join it, 31 days further back than 2026-11-01',
    },
    {
      fields: { processEmailFrom: '2026-10-01T00:00:00Z' },
      actual: { processEmailFrom: null },
      says: 'pulls e-mail received since 2026-10-01 from mailboxes that join it, until now it had no such date',
    },
    {
      fields: { processEmailFrom: '2026-11-02T10:30:00Z' },
      actual: { processEmailFrom: '2026-11-01T00:00:00Z' },
      says: 'pulls e-mail received since 2026-11-02T10:30:00Z from mailboxes that join it instead of 2026-11-01',
    },
    {
      fields: { serverType: 'ExchangeOnlineHybrid' as const },
      actual: { serverType: 'ExchangeServer' as const },
      says: 'is for Exchange Online (hybrid) instead of Exchange Server',
    },
    {
      fields: { incomingCredentials: 'ServerToServer' as const },
      actual: { incomingCredentials: 'Profile' as const },
      says: 'receives by server-to-server authentication instead of with the credentials of the profile',
    },
    {
      fields: { timeoutMailboxConnectionAfterMs: 30_000 },
      actual: { timeoutMailboxConnectionAfterMs: 500 },
      says: 'gives up on a mailbox after 30 s instead of 0.5 s',
    },
    {
      fields: { incomingPassword: { secret: 'x', version: '2026-11' } },
      actual: {},
      says: 'gets version 2026-11 of the password to receive',
    },
    {
      fields: { moveFailedEmailsToUndeliverableFolder: false },
      actual: { moveFailedEmailsToUndeliverableFolder: true },
      says: 'leaves failed e-mail where it is',
    },
  ])('$says', async ({ fields, actual, says }) => {
    const planned = await planFor(fields, row(actual))

    expect(sentencesOf(planned)).toEqual([`profile: "Exchange Online" ${says}`])
  })

  it('the same for many begins with the verb in the plural', async () => {
    const planned = await planFor(
      { useSameSettingsForOutgoing: false, autoDiscover: true },
      row({ useSameSettingsForOutgoing: true }),
    )

    const many = changesOf(planned).flatMap(({ phrases }) => phrases.map((phrase) => phrase.many))
    expect(many.sort()).toEqual(['find Exchange by autodiscover', 'have settings of its own to send'])
  })
})

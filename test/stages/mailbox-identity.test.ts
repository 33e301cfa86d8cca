import { describe, expect, it } from 'vitest'
import type { DesiredMailbox } from '../../src/spec/desired.ts'
import { forwardMailboxId } from '../../src/stages/stable-id.ts'
import { mailbox, organization, settings } from './desired.ts'
import { idOf, type MemoryRows, mailboxRow, memory, ORGANIZATION_ID, peopled, person } from './memory.ts'
import { apply, changesOf, exceptionsOf, linesOf, plan, sentencesOf } from './pass.ts'

const ANN = 'ann@contoso.com'
const NEW = 'ann.new@contoso.com'
const INFO = 'info@contoso.com'

async function operationsFor(member: DesiredMailbox, rows: MemoryRows) {
  const remote = memory(rows)
  const desired = organization([member])
  const { plan: planned } = await plan(remote, desired)
  await apply(remote, desired, planned)
  return { planned, operations: remote.operations }
}

const forward = (fields: Partial<DesiredMailbox> = {}) =>
  mailbox(INFO, { type: 'Forward', name: 'Information', owner: { user: ANN }, ...fields })

describe('forward mailboxes', () => {
  it('are created with an identifier of their own, name and owner', async () => {
    const { planned, operations } = await operationsFor(forward(), peopled(person(1, ANN)))

    expect(sentencesOf(planned)).toEqual([`create: ${INFO} is created as a forward mailbox`])
    expect(operations).toEqual([
      {
        ref: expect.any(String),
        kind: 'create-mailbox',
        id: forwardMailboxId(ORGANIZATION_ID, INFO),
        patch: { name: 'Information', address: INFO, owner: { type: 'User', id: idOf(2, 1) } },
      },
    ])
  })

  it('are settled in the plan that creates them', async () => {
    const member = forward({ approval: 'Approved', incoming: 'ForwardMailbox', outgoing: 'None' })

    const { planned } = await operationsFor(member, peopled(person(1, ANN)))

    expect(linesOf(planned)).toEqual([
      `mailbox-identity create ${INFO}: address, name, owner, type`,
      `approval update ${INFO}: approval`,
      `mailbox update ${INFO}: incoming, outgoing`,
    ])
  })

  it('stop nothing by beginning without a method: no guard counts them as stopped', async () => {
    const member = forward({ incoming: 'ForwardMailbox', outgoing: 'None', appointmentsContactsTasks: 'None' })

    const { planned } = await operationsFor(member, peopled(person(1, ANN)))

    expect(changesOf(planned).map(({ effects }) => [...effects].sort())).toEqual([['create'], ['adjust', 'start']])
    expect(sentencesOf(planned).slice(1)).toEqual([
      `start: ${INFO} receives through a forward mailbox`,
      `adjust: ${INFO} sends no e-mail`,
      `adjust: ${INFO} synchronizes no appointments, contacts and tasks`,
    ])
  })

  it('are not created for an owner nobody knows', async () => {
    const { planned } = await operationsFor(forward({ owner: { user: 'nobody@contoso.com' } }), peopled(person(1, ANN)))

    expect(linesOf(planned)).toEqual([])
    expect(exceptionsOf(planned)[0]).toBe(`mailbox-identity Unknown OwnerNotFound ${INFO}`)
  })

  it('get name and owner in one write', async () => {
    const row = mailboxRow(7, { type: 'Forward', regardingId: null, address: INFO, name: 'Old', ownerId: idOf(2, 9) })
    const rows = { ...peopled(person(1, ANN)), mailboxes: [row] }

    const { operations } = await operationsFor(forward(), rows)

    expect(operations).toMatchObject([
      {
        kind: 'update-mailbox',
        id: idOf(1, 7),
        patch: { name: 'Information', owner: { type: 'User', id: idOf(2, 1) } },
      },
    ])
  })
})

describe('addresses', () => {
  it.each([
    { reason: 'of a user change on the user', type: 'User', kind: 'update-user', id: idOf(2, 1) },
    { reason: 'of a queue change on the queue', type: 'Queue', kind: 'update-queue', id: idOf(2, 1) },
    { reason: 'of a forward mailbox change on it', type: 'Forward', kind: 'update-mailbox', id: idOf(1, 1) },
  ] as const)('$reason', async ({ type, kind, id }) => {
    const { user } = person(1, ANN, { holder: { type: type === 'Queue' ? 'Queue' : 'User' } })
    const row = mailboxRow(1, { address: ANN, type, regardingId: type === 'Forward' ? null : user.id })

    const { operations } = await operationsFor(mailbox(NEW, { type, previousAddress: ANN }), {
      mailboxes: [row],
      [type === 'Queue' ? 'queues' : 'users']: [user],
    })

    expect(operations).toEqual([{ ref: expect.any(String), kind, id, patch: { address: NEW } }])
  })

  it('that differ in case only are never written: that would cost the approval', async () => {
    const { operations } = await operationsFor(mailbox(ANN), peopled(person(1, 'Ann@Contoso.COM')))

    expect(operations).toEqual([])
  })

  it.each<{
    reason: string
    wish?: Partial<DesiredMailbox>
    rows?: Partial<MemoryRows>
    approval?: 'Pending'
    settings?: boolean
    only?: string
    asks: boolean
  }>([
    { reason: 'nobody approves it again', asks: true },
    { reason: 'the same plan approves it again', wish: { approval: 'Approved' }, asks: false },
    {
      reason: 'the spec would approve it, but somebody leaves that out',
      wish: { approval: 'Approved' },
      only: 'mailbox-identity',
      asks: true,
    },
    {
      reason: 'the approval is ignored',
      wish: { approval: 'Approved', ignore: [{ field: 'approval', reason: 'a test', until: '2026-12-01' }] },
      asks: true,
    },
    { reason: 'it was not approved before', approval: 'Pending', asks: false },
    {
      reason: 'no approval is required',
      rows: { organization: { requireApproval: { users: false, queues: true } } },
      asks: false,
    },
    {
      reason: 'an approval is not required yet',
      rows: { organization: { requireApproval: { users: false, queues: true } } },
      settings: true,
      asks: true,
    },
  ])('that change lose their approval, which a guard counts, where $reason: $asks', async (row) => {
    const { wish = {}, rows = {}, approval = 'Approved', only } = row
    const member = mailbox(NEW, { previousAddress: ANN, ...wish })
    const required = row.settings ? settings({ requireApproval: { users: true } }) : undefined
    const remote = memory({ ...peopled(person(1, ANN, { holder: { approval } })), ...rows })

    const { plan: planned } = await plan(remote, organization([member], [], required), undefined, {
      ...(only ? { only: ({ stage }) => stage === only } : {}),
    })

    const [change] = changesOf(planned).filter(({ stage }) => stage === 'mailbox-identity')
    expect(change?.effects.includes('unapprove')).toBe(row.asks)
    expect(change?.phrases.some(({ one }) => one === 'loses its approval')).toBe(row.asks)
  })

  it('that CRM does not know wait, and the next step is said', async () => {
    const { planned, operations } = await operationsFor(mailbox(ANN), peopled())

    expect(planned.exceptions).toMatchObject([
      { state: 'Waiting', reason: { code: 'NotInCrm', message: expect.stringContaining('give a user or queue') } },
      { stage: 'mailbox', state: 'Waiting' },
    ])
    expect(operations).toEqual([])
  })
})

describe('a released mailbox', () => {
  const released = { released: true, incoming: 'None', outgoing: 'None', appointmentsContactsTasks: 'None' } as const

  it('only stops', async () => {
    const { planned } = await operationsFor(mailbox(ANN, released), peopled(person(1, ANN)))

    expect(sentencesOf(planned)).toEqual([
      `stop: ${ANN} stops receiving e-mail`,
      `stop: ${ANN} stops sending e-mail`,
      `stop: ${ANN} stops synchronizing appointments, contacts and tasks`,
    ])
  })

  it('that is gone from CRM is nothing to wait for', async () => {
    const { planned } = await operationsFor(mailbox(ANN, released), peopled())

    expect(exceptionsOf(planned)).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import type { DesiredMailbox } from '../../src/spec/desired.ts'
import { mailbox, organization } from './desired.ts'
import { idOf, type MemoryRows, mailboxRow, memory, peopled, person } from './memory.ts'
import { apply, exceptionsOf, linesOf, plan, sentencesOf } from './pass.ts'

const ANN = 'ann@contoso.com'
const NEW = 'ann.new@contoso.com'

async function planFor(fields: Partial<DesiredMailbox>, rows: MemoryRows) {
  return (await plan(memory(rows), organization([mailbox(ANN, fields)]))).plan
}

function approvedAs(approval: 'Empty' | 'Approved' | 'Pending' | 'Rejected' | 'Other(9)', copy = approval): MemoryRows {
  return peopled(person(1, ANN, { holder: { approval }, mailbox: { approval: copy } }))
}

describe('approval', () => {
  it.each([
    { from: 'Empty', to: 'Approved', says: ['approve: ann@contoso.com is newly approved'] },
    { from: 'Pending', to: 'Approved', says: ['approve: ann@contoso.com is newly approved'] },
    {
      from: 'Rejected',
      to: 'Approved',
      says: ['approve: ann@contoso.com is approved although it was rejected before'],
    },
    { from: 'Approved', to: 'Approved', says: [] },
    { from: 'Approved', to: 'Rejected', says: ['reject: ann@contoso.com loses its approval and is rejected'] },
    { from: 'Pending', to: 'Rejected', says: ['reject: ann@contoso.com is rejected'] },
    { from: 'Rejected', to: 'Rejected', says: [] },
    { from: 'Other(9)', to: 'Approved', says: ['approve: ann@contoso.com is newly approved'] },
  ] as const)('from $from to $to', async ({ from, to, says }) => {
    expect(sentencesOf(await planFor({ approval: to }, approvedAs(from)))).toEqual(says)
  })

  it('what nobody asks for is left alone', async () => {
    expect(linesOf(await planFor({}, approvedAs('Rejected')))).toEqual([])
  })

  it('the user decides, not the copy on the mailbox', async () => {
    expect(linesOf(await planFor({ approval: 'Approved' }, approvedAs('Approved', 'Pending')))).toEqual([])
    expect(linesOf(await planFor({ approval: 'Approved' }, approvedAs('Pending', 'Approved')))).toEqual([
      `approval update ${ANN}: approval`,
    ])
  })

  it.each([
    { reason: 'the user', type: 'User', kind: 'update-user', id: idOf(2, 1) },
    { reason: 'the queue', type: 'Queue', kind: 'update-queue', id: idOf(2, 1) },
    { reason: 'a forward mailbox itself', type: 'Forward', kind: 'update-mailbox', id: idOf(1, 1) },
  ] as const)('is written to $reason', async ({ type, kind, id }) => {
    const { user } = person(1, ANN, { holder: { approval: 'Pending', type: type === 'Queue' ? 'Queue' : 'User' } })
    const row = mailboxRow(1, {
      address: ANN,
      type,
      approval: 'Pending',
      regardingId: type === 'Forward' ? null : user.id,
    })
    const remote = memory({ mailboxes: [row], [type === 'Queue' ? 'queues' : 'users']: [user] })
    const desired = organization([mailbox(ANN, { type, approval: 'Approved' })])

    await apply(remote, desired, (await plan(remote, desired)).plan)

    expect(remote.operations).toEqual([{ ref: expect.any(String), kind, id, patch: { approval: 'Approved' } }])
  })

  it('B4: a write without effect is told', async () => {
    const remote = memory(approvedAs('Pending'))
    const desired = organization([mailbox(ANN, { approval: 'Approved' })])

    const { outcomes } = await apply(remote, desired, (await plan(remote, desired)).plan)

    expect(outcomes).toMatchObject([{ stage: 'approval', result: 'WriteNotEffective' }])
  })

  it('B25: a change of address loses the approval, which is given again in the same plan', async () => {
    const desired = organization([mailbox(NEW, { previousAddress: ANN, approval: 'Approved' })])

    const { plan: planned } = await plan(memory(approvedAs('Approved')), desired)

    expect(sentencesOf(planned)).toEqual([
      `address: ${NEW} changes its address from ${ANN} to ${NEW}; its approval is lost by that and must be given again`,
      `approve: ${NEW} is newly approved`,
    ])
  })

  it('waits where the address cannot be changed', async () => {
    const rows = peopled(person(1, ANN, { holder: { active: false } }))
    const desired = organization([mailbox(NEW, { previousAddress: ANN, approval: 'Approved' })])

    const { plan: planned } = await plan(memory(rows), desired)

    expect(linesOf(planned)).toEqual([])
    expect(exceptionsOf(planned)).toContain(`mailbox-identity Held UserDisabled ${NEW}`)
  })
})

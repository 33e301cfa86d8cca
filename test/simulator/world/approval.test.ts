import { describe, expect, test } from 'vitest'
import type { Row, Switches } from '../../../src/simulator/world.ts'
import { createApprovedUser, createPerson, rowOf, smallWorld } from './small-world.ts'

function approvals(switches: Partial<Switches>, on: 'user' | 'mailbox', columns: Row): unknown {
  const { world } = smallWorld({ switches })
  const { id, mailboxId } = createApprovedUser(world)
  const [entity, target] = on === 'user' ? (['systemuser', id] as const) : (['mailbox', mailboxId] as const)
  world.update(world.callers.admin, entity, target, columns)
  const user = rowOf(world, 'systemuser', id)
  const mailbox = rowOf(world, 'mailbox', mailboxId)
  return {
    user: [user['internalemailaddress'], user['emailrouteraccessapproval']],
    mailbox: [mailbox['emailaddress'], mailbox['emailrouteraccessapproval']],
  }
}

const both = (address: string | null, approval: number) => ({ user: [address, approval], mailbox: [address, approval] })

describe('address and approval of a user and its mailbox', () => {
  test.each<{ reason: string; switches: Partial<Switches>; on: 'user' | 'mailbox'; columns: Row; expected: unknown }>([
    {
      reason: 'approval on the user reaches the mailbox',
      switches: {},
      on: 'user',
      columns: { emailrouteraccessapproval: 3 },
      expected: both('ann@contoso.com', 3),
    },
    {
      reason: 'approval on the mailbox changes nothing',
      switches: {},
      on: 'mailbox',
      columns: { emailrouteraccessapproval: 3 },
      expected: both('ann@contoso.com', 1),
    },
    {
      reason: 'approval on the mailbox reaches the user by switch',
      switches: { mailboxApprovalReaches: true },
      on: 'mailbox',
      columns: { emailrouteraccessapproval: 3 },
      expected: both('ann@contoso.com', 3),
    },
    {
      reason: 'address on the user carries over and needs approval again',
      switches: {},
      on: 'user',
      columns: { internalemailaddress: 'new@contoso.com' },
      expected: both('new@contoso.com', 2),
    },
    {
      reason: 'address on the mailbox carries over and needs approval again',
      switches: {},
      on: 'mailbox',
      columns: { emailaddress: 'new@contoso.com' },
      expected: both('new@contoso.com', 2),
    },
    {
      reason: 'another case is another address',
      switches: {},
      on: 'mailbox',
      columns: { emailaddress: 'Ann@contoso.com' },
      expected: both('Ann@contoso.com', 2),
    },
    {
      reason: 'the same address keeps its approval',
      switches: {},
      on: 'mailbox',
      columns: { emailaddress: 'ann@contoso.com' },
      expected: both('ann@contoso.com', 1),
    },
    {
      reason: 'an emptied address has no approval',
      switches: {},
      on: 'mailbox',
      columns: { emailaddress: null },
      expected: both(null, 0),
    },
    {
      reason: 'an emptied address waits for approval by switch',
      switches: { approvalWhenEmptied: 'pending' },
      on: 'mailbox',
      columns: { emailaddress: null },
      expected: both(null, 2),
    },
    {
      reason: 'approval beside a new address is dropped',
      switches: {},
      on: 'user',
      columns: { internalemailaddress: 'new@contoso.com', emailrouteraccessapproval: 1 },
      expected: both('new@contoso.com', 2),
    },
    {
      reason: 'approval beside a new address counts by switch',
      switches: { addressWithApproval: 'keep' },
      on: 'user',
      columns: { internalemailaddress: 'new@contoso.com', emailrouteraccessapproval: 1 },
      expected: both('new@contoso.com', 1),
    },
    {
      reason: 'approval beside a new address on the mailbox does not reach',
      switches: { addressWithApproval: 'keep' },
      on: 'mailbox',
      columns: { emailaddress: 'new@contoso.com', emailrouteraccessapproval: 1 },
      expected: both('new@contoso.com', 2),
    },
  ])('$reason', ({ switches, on, columns, expected }) => {
    expect(approvals(switches, on, columns)).toEqual(expected)
  })

  test('a queue does as a user does', () => {
    const { world } = smallWorld()
    const { id, mailboxId } = createPerson(world, 'queue')

    world.update(world.callers.admin, 'queue', id, { emailrouteraccessapproval: 1 })
    world.update(world.callers.admin, 'queue', id, { emailaddress: 'help@contoso.com' })

    expect(rowOf(world, 'mailbox', mailboxId)).toMatchObject({
      emailaddress: 'help@contoso.com',
      emailrouteraccessapproval: 2,
    })
  })

  test('a forward mailbox is approved on itself', () => {
    const { world } = smallWorld()
    const id = world.create(world.callers.admin, 'mailbox', { name: 'Forward', emailaddress: 'forward@contoso.com' })

    world.update(world.callers.admin, 'mailbox', id, { emailrouteraccessapproval: 1 })

    expect(rowOf(world, 'mailbox', id)['emailrouteraccessapproval']).toBe(1)
  })

  test('approval is not settable when a user is created', () => {
    const { world } = smallWorld({ switches: { readOnlyColumn: 'ignore' } })

    const id = world.create(world.callers.admin, 'systemuser', {
      domainname: 'CONTOSO\\ann',
      internalemailaddress: 'ann@contoso.com',
      emailrouteraccessapproval: 1,
    })

    expect(rowOf(world, 'systemuser', id)['emailrouteraccessapproval']).toBe(2)
  })

  test.each([
    { resets: false, status: 1 },
    { resets: true, status: 0 },
  ])('changed methods reset the statuses: $resets', ({ resets, status }) => {
    const { world } = smallWorld({ switches: { statusResetOnChange: resets } })
    const { mailboxId } = createApprovedUser(world)
    world.update(world.callers.admin, 'mailbox', mailboxId, {
      incomingemailstatus: 1,
      outgoingemailstatus: 1,
      actstatus: 1,
    })

    world.update(world.callers.admin, 'mailbox', mailboxId, { actdeliverymethod: 2 })

    expect(rowOf(world, 'mailbox', mailboxId)).toMatchObject({ incomingemailstatus: status, actstatus: status })
  })
})

import { describe, expect, test } from 'vitest'
import { callerOf, type SimulatedWorld } from '../../../src/simulator/world/index.ts'
import type { Caller } from '../../../src/simulator/world.ts'
import { createPerson, faultOf, profile, smallWorld } from './small-world.ts'

interface Rows {
  readonly world: SimulatedWorld
  readonly profileId: string
  readonly userId: string
  readonly queueId: string
  readonly mailboxId: string
}

function rows(): Rows {
  const { world, profileId } = smallWorld()
  const user = createPerson(world, 'systemuser')
  const queue = createPerson(world, 'queue', 'support')
  return { world, profileId, userId: user.id, queueId: queue.id, mailboxId: user.mailboxId }
}

function without({ callers }: SimulatedWorld, privilege: string): Caller {
  const privileges = new Set([...callers.admin.privileges].filter((name) => name !== privilege))
  return { ...callers.admin, privileges }
}

describe('a missing privilege', () => {
  test.each<{ privilege: string; work: (rows: Rows, caller: Caller) => void }>([
    { privilege: 'prvReadMailbox', work: ({ world }, caller) => world.checkRead(caller, 'mailbox') },
    {
      privilege: 'prvReadEmailServerProfile',
      work: ({ world }, caller) => world.checkRead(caller, 'emailserverprofile'),
    },
    { privilege: 'prvReadOrganization', work: ({ world }, caller) => world.checkRead(caller, 'organization') },
    { privilege: 'prvReadUser', work: ({ world }, caller) => world.checkRead(caller, 'systemuser') },
    { privilege: 'prvReadQueue', work: ({ world }, caller) => world.checkRead(caller, 'queue') },
    { privilege: 'prvReadTraceLog', work: ({ world }, caller) => world.checkRead(caller, 'tracelog') },
    {
      privilege: 'prvWriteMailbox',
      work: ({ world, mailboxId }, caller) => world.update(caller, 'mailbox', mailboxId, { actdeliverymethod: 2 }),
    },
    {
      privilege: 'prvWriteUser',
      work: ({ world, userId }, caller) => world.update(caller, 'systemuser', userId, { emailrouteraccessapproval: 1 }),
    },
    {
      privilege: 'prvWriteQueue',
      work: ({ world, queueId }, caller) => world.update(caller, 'queue', queueId, { emailrouteraccessapproval: 1 }),
    },
    {
      privilege: 'prvWriteOrganization',
      work: ({ world }, caller) =>
        world.update(caller, 'organization', world.organizationId, { ignoreinternalemail: true }),
    },
    {
      privilege: 'prvWriteEmailServerProfile',
      work: ({ world, profileId }, caller) => world.update(caller, 'emailserverprofile', profileId, { name: 'x' }),
    },
    {
      privilege: 'prvAssignEmailServerProfile',
      work: ({ world, profileId, userId }, caller) =>
        world.update(caller, 'emailserverprofile', profileId, { ownerid: { entity: 'systemuser', id: userId } }),
    },
    {
      privilege: 'prvAssignQueue',
      work: ({ world, userId }, caller) =>
        void world.create(caller, 'queue', { name: 'x', ownerid: { entity: 'systemuser', id: userId } }),
    },
    {
      privilege: 'prvCreateEmailServerProfile',
      work: ({ world }, caller) => void world.create(caller, 'emailserverprofile', { useautodiscover: true }),
    },
    { privilege: 'prvCreateMailbox', work: ({ world }, caller) => void world.create(caller, 'mailbox', { name: 'x' }) },
    { privilege: 'prvDeleteQueue', work: ({ world, queueId }, caller) => world.remove(caller, 'queue', queueId) },
    {
      privilege: 'prvAppendMailbox',
      work: ({ world, mailboxId, profileId }, caller) =>
        world.update(caller, 'mailbox', mailboxId, { emailserverprofile: profile(profileId) }),
    },
    {
      privilege: 'prvAppendToEmailServerProfile',
      work: ({ world, mailboxId, profileId }, caller) =>
        world.update(caller, 'mailbox', mailboxId, { emailserverprofile: profile(profileId) }),
    },
    {
      privilege: 'prvApproveRejectEmailAddress',
      work: ({ world, userId }, caller) => world.update(caller, 'systemuser', userId, { emailrouteraccessapproval: 1 }),
    },
    {
      privilege: 'prvApproveRejectEmailAddress',
      work: ({ world, mailboxId }, caller) =>
        world.update(caller, 'mailbox', mailboxId, { emailrouteraccessapproval: 1 }),
    },
  ])('$privilege is a 403 that names it', ({ privilege, work }) => {
    const all = rows()

    const fault = faultOf(() => work(all, without(all.world, privilege)))

    expect(fault.status).toBe(403)
    expect(fault.message).toContain(`is missing ${privilege} privilege`)
    work(all, all.world.callers.admin)
  })

  test('to append is not asked for where the switch says so', () => {
    const { world, profileId } = smallWorld({ switches: { appendChecked: false } })
    const { mailboxId } = createPerson(world, 'systemuser')

    world.update(without(world, 'prvAppendMailbox'), 'mailbox', mailboxId, { emailserverprofile: profile(profileId) })
  })

  test('is refused before a missing row is', () => {
    const { world } = smallWorld()

    const fault = faultOf(() => world.update(world.callers.reader, 'mailbox', 'nowhere', { name: 'x' }))

    expect(fault.status).toBe(403)
  })

  test('everybody reads the privileges, whose ids do not depend on the organization', () => {
    const worlds = [smallWorld({ seed: 1 }).world, smallWorld({ seed: 2 }).world]

    for (const world of worlds) world.checkRead(world.callers.reader, 'privilege')

    const ids = worlds.map((world) => [...world.rows('privilege').keys()])
    expect(ids[0]).toEqual(ids[1])
    expect(new Set(ids[0]).size).toBe(ids[0]?.length)
  })
})

describe('known callers', () => {
  test.each([
    { authorization: 'Bearer simulator-admin', caller: 'admin' as const },
    { authorization: 'bearer simulator-reader', caller: 'reader' as const },
    { authorization: 'Bearer simulator-limited', caller: 'limited' as const },
  ])('$authorization is $caller', ({ authorization, caller }) => {
    const { world } = smallWorld()

    expect(world.callerOf(authorization)).toBe(world.callers[caller])
    expect(world.rows('systemuser').has(world.callers[caller].userId)).toBe(true)
  })

  test.each(['Bearer simulator-nobody', 'Bearer x', 'Basic simulator-admin', undefined])(
    '%s is nobody',
    (authorization) => {
      const { world } = smallWorld()

      expect(callerOf(world.callers, authorization)).toBeUndefined()
    },
  )
})

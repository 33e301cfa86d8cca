import { expect, it } from 'vitest'
import { ORGANIZATION, organizationOf, PROFILE, setOf } from './spec.ts'
import { startStack } from './stack.ts'
import { differences, pictureOf, rowWith, wrongWrites } from './world.ts'

it('what the spec asks for is no wrong write, and everything else is', async () => {
  const stack = await startStack({ mailboxes: 6, queues: 2, mess: ['none'] })
  const { world } = stack.simulator
  const { admin } = world.callers
  const desired = await organizationOf({ 'a.yaml': ORGANIZATION + PROFILE + setOf('s', ['ann@contoso.com']) })
  const before = pictureOf(world)
  const [ann] = rowWith(world, 'mailbox', 'emailaddress', 'ann@contoso.com')
  const [bob] = rowWith(world, 'mailbox', 'emailaddress', 'bob@contoso.com')
  const [annUser] = rowWith(world, 'systemuser', 'internalemailaddress', 'ann@contoso.com')

  world.update(admin, 'mailbox', ann, { testemailconfigurationscheduled: true })
  const wished = wrongWrites(before, world, desired)
  world.update(admin, 'mailbox', ann, { incomingemaildeliverymethod: 0 })
  world.update(admin, 'mailbox', bob, { testemailconfigurationscheduled: true })
  world.update(admin, 'systemuser', annUser, { emailrouteraccessapproval: 3 })
  world.create(admin, 'emailserverprofile', { name: 'Another', useautodiscover: true })
  const wrong = wrongWrites(before, world, desired)
  await stack.close()

  expect(differences(before, pictureOf(world)).length).toBeGreaterThan(4)
  expect(wished).toEqual([])
  expect(wrong.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual(
    expect.arrayContaining([
      `mailbox ${ann} incomingemaildeliverymethod:`,
      `mailbox ${bob} testemailconfigurationscheduled:`,
      `systemuser ${annUser} emailrouteraccessapproval:`,
      expect.stringMatching(/^emailserverprofile \S+ row:/),
    ]),
  )
})

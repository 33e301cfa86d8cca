import { describe, expect, test } from 'vitest'
import type { Row } from '../../../src/simulator/world.ts'
import { createPerson, faultOf, rowOf, smallWorld } from './small-world.ts'

const LOCATION = 'https://mail.contoso.com/EWS/Exchange.asmx'

describe('combinations of values', () => {
  test.each<{ reason: string; columns: Row; says: string | undefined }>([
    { reason: 'autodiscover needs no location', columns: { useautodiscover: true }, says: undefined },
    {
      reason: 'both locations are enough',
      columns: { incomingserverlocation: LOCATION, outgoingserverlocation: LOCATION },
      says: undefined,
    },
    {
      reason: 'without either, both locations are missing',
      columns: { servertype: 3 },
      says: 'incomingserverlocation and outgoingserverlocation',
    },
    {
      reason: 'one location is not enough',
      columns: { incomingserverlocation: LOCATION },
      says: 'needs outgoingserverlocation',
    },
  ])('profile: $reason', ({ columns, says }) => {
    const { world } = smallWorld()
    const create = () => world.create(world.callers.admin, 'emailserverprofile', { name: 'New', ...columns })

    if (says === undefined) expect(rowOf(world, 'emailserverprofile', create())).toMatchObject(columns)
    else expect(faultOf(create)).toMatchObject({ status: 400, message: expect.stringContaining(says) })
  })

  test('a profile in disorder can still be changed elsewhere', () => {
    const { world, profileId } = smallWorld()

    const fault = faultOf(() =>
      world.update(world.callers.admin, 'emailserverprofile', profileId, { useautodiscover: false }),
    )
    world.update(world.callers.admin, 'emailserverprofile', profileId, { minpollingintervalinminutes: 10 })

    expect(fault.status).toBe(400)
    expect(rowOf(world, 'emailserverprofile', profileId)).toMatchObject({
      useautodiscover: true,
      minpollingintervalinminutes: 10,
    })
  })

  test.each<{ kind: 'user' | 'queue' | 'forward'; columns: Row; allowed: boolean }>([
    { kind: 'forward', columns: { incomingemaildeliverymethod: 0 }, allowed: true },
    { kind: 'forward', columns: { incomingemaildeliverymethod: 3 }, allowed: true },
    { kind: 'forward', columns: { incomingemaildeliverymethod: 2 }, allowed: true },
    { kind: 'forward', columns: { incomingemaildeliverymethod: 1 }, allowed: false },
    { kind: 'forward', columns: { outgoingemaildeliverymethod: 2 }, allowed: false },
    { kind: 'forward', columns: { processanddeleteemails: true }, allowed: true },
    { kind: 'queue', columns: { incomingemaildeliverymethod: 1 }, allowed: false },
    { kind: 'queue', columns: { outgoingemaildeliverymethod: 1 }, allowed: false },
    { kind: 'queue', columns: { incomingemaildeliverymethod: 2, outgoingemaildeliverymethod: 0 }, allowed: true },
    { kind: 'queue', columns: { processanddeleteemails: true }, allowed: true },
    { kind: 'user', columns: { incomingemaildeliverymethod: 1, outgoingemaildeliverymethod: 1 }, allowed: true },
    { kind: 'user', columns: { processanddeleteemails: true }, allowed: false },
    { kind: 'user', columns: { processanddeleteemails: false }, allowed: true },
  ])('mailbox of a $kind: $columns is allowed: $allowed', ({ kind, columns, allowed }) => {
    const { world } = smallWorld()
    const { admin } = world.callers
    const id =
      kind === 'forward'
        ? world.create(admin, 'mailbox', { name: 'Forward' })
        : createPerson(world, kind === 'user' ? 'systemuser' : 'queue').mailboxId
    const update = () => world.update(admin, 'mailbox', id, columns)

    if (allowed) update()
    else expect(faultOf(update).status).toBe(400)

    expect(JSON.stringify(rowOf(world, 'mailbox', id)).includes(JSON.stringify(columns).slice(1, -1))).toBe(allowed)
  })
})

import { describe, expect, test } from 'vitest'
import { createPerson, faultOf, pick, profile, referenceId, rowOf, smallWorld } from './small-world.ts'

describe('a new user or queue', () => {
  test.each([
    { entity: 'systemuser' as const, name: 'ann Albers', owner: 'itself' },
    { entity: 'queue' as const, name: 'ann', owner: 'the caller' },
  ])('$entity gets a mailbox from the defaults, linked both ways, owned by $owner', ({ entity, name }) => {
    const { world, profileId } = smallWorld()

    const { id, mailboxId } = createPerson(world, entity)

    expect(rowOf(world, 'mailbox', mailboxId)).toMatchObject({
      name,
      emailaddress: 'ann@contoso.com',
      emailserverprofile: profile(profileId),
      incomingemaildeliverymethod: 2,
      outgoingemaildeliverymethod: 2,
      actdeliverymethod: 1,
      emailrouteraccessapproval: 2,
      regardingobjectid: { entity, id },
      isforwardmailbox: false,
      incomingemailstatus: 0,
      enabledforact: true,
      testmailboxaccesscompletedon: '1900-01-01T00:00:00Z',
      ownerid: { entity: 'systemuser', id: entity === 'systemuser' ? id : world.callers.admin.userId },
      organizationid: { entity: 'organization', id: world.organizationId },
    })
    expect(rowOf(world, entity, id)['emailrouteraccessapproval']).toBe(2)
  })

  test.each([
    {
      settings: null,
      expected: { incomingemaildeliverymethod: 0, outgoingemaildeliverymethod: 0, actdeliverymethod: 0 },
    },
    {
      settings: '',
      expected: { incomingemaildeliverymethod: 0, outgoingemaildeliverymethod: 0, actdeliverymethod: 0 },
    },
    {
      settings:
        '<EmailSettings><Other>9</Other><IncomingEmailDeliveryMethod> 1 </IncomingEmailDeliveryMethod></EmailSettings>',
      expected: { incomingemaildeliverymethod: 1, outgoingemaildeliverymethod: 0, actdeliverymethod: 0 },
    },
  ])('takes what defaultemailsettings $settings says and no more', ({ settings, expected }) => {
    const { world } = smallWorld()
    world.update(world.callers.admin, 'organization', world.organizationId, { defaultemailsettings: settings })

    const { mailboxId } = createPerson(world, 'systemuser')

    expect(rowOf(world, 'mailbox', mailboxId)).toMatchObject(expected)
  })

  test('the mailbox of a queue never gets Outlook from the defaults', () => {
    const { world } = smallWorld()
    world.update(world.callers.admin, 'organization', world.organizationId, {
      defaultemailsettings:
        '<EmailSettings><IncomingEmailDeliveryMethod>1</IncomingEmailDeliveryMethod></EmailSettings>',
    })

    const { mailboxId } = createPerson(world, 'queue')

    expect(rowOf(world, 'mailbox', mailboxId)['incomingemaildeliverymethod']).toBe(0)
  })

  test('existing mailboxes do not follow changed defaults', () => {
    const { world, profileId } = smallWorld()
    const { mailboxId } = createPerson(world, 'systemuser')

    world.update(world.callers.admin, 'organization', world.organizationId, { defaultemailserverprofileid: null })

    expect(rowOf(world, 'mailbox', mailboxId)['emailserverprofile']).toEqual(profile(profileId))
  })

  test('a user must have its required columns, and a refused create leaves nothing', () => {
    const { world } = smallWorld()
    const mailboxes = world.rows('mailbox').size
    const users = world.rows('systemuser').size

    const fault = faultOf(() => world.create(world.callers.admin, 'systemuser', { firstname: 'Ann' }))

    expect(fault).toMatchObject({ status: 400, message: expect.stringContaining("'domainname'") })
    expect([world.rows('mailbox').size, world.rows('systemuser').size]).toEqual([mailboxes, users])
  })

  test('a renamed user is renamed in full', () => {
    const { world } = smallWorld()
    const { id } = createPerson(world, 'systemuser')

    world.update(world.callers.admin, 'systemuser', id, { lastname: 'Bauer' })

    expect(rowOf(world, 'systemuser', id)['fullname']).toBe('ann Bauer')
  })
})

describe('a created mailbox', () => {
  test('is a forward mailbox of nobody', () => {
    const { world } = smallWorld()

    const id = world.create(world.callers.admin, 'mailbox', {
      name: 'Forward',
      emailaddress: 'forward@contoso.com',
      incomingemaildeliverymethod: 3,
    })

    expect(rowOf(world, 'mailbox', id)).toMatchObject({
      isforwardmailbox: true,
      regardingobjectid: null,
      emailserverprofile: null,
      ownerid: { entity: 'systemuser', id: world.callers.admin.userId },
      emailrouteraccessapproval: 0,
      statecode: 0,
      statuscode: 1,
    })
  })

  test('takes the id the client made, once', () => {
    const { world } = smallWorld()
    const mailboxid = '11111111-2222-4333-8444-555555555555'

    const id = world.create(world.callers.admin, 'mailbox', { mailboxid: mailboxid.toUpperCase(), name: 'x' })
    const fault = faultOf(() => world.create(world.callers.admin, 'mailbox', { mailboxid, name: 'y' }))

    expect(id).toBe(mailboxid)
    expect(fault).toMatchObject({ status: 412, message: 'Cannot insert duplicate key.' })
    expect(rowOf(world, 'mailbox', id)['name']).toBe('x')
  })
})

describe('removing', () => {
  test('a profile empties the mailboxes bound to it', () => {
    const { world } = smallWorld()
    const { admin } = world.callers
    const { mailboxId } = createPerson(world, 'systemuser')
    const spare = world.create(admin, 'emailserverprofile', { name: 'Spare', useautodiscover: true })
    world.update(admin, 'mailbox', mailboxId, { emailserverprofile: profile(spare) })

    world.remove(admin, 'emailserverprofile', spare)

    expect(rowOf(world, 'mailbox', mailboxId)['emailserverprofile']).toBeNull()
    expect(world.rows('emailserverprofile').has(spare)).toBe(false)
  })

  test('the default profile is refused, or empties the default where the switch says so', () => {
    const { world, profileId } = smallWorld()

    const fault = faultOf(() => world.remove(world.callers.admin, 'emailserverprofile', profileId))
    world.switches.deleteDefaultProfile = 'unlink'
    world.remove(world.callers.admin, 'emailserverprofile', profileId)

    expect(fault.status).toBe(405)
    expect(rowOf(world, 'organization', world.organizationId)['defaultemailserverprofileid']).toBeNull()
  })

  test('a queue takes its mailbox along and leaves its alerts', () => {
    const { world } = smallWorld()
    const { admin } = world.callers
    const { id, mailboxId } = createPerson(world, 'queue')
    const user = createPerson(world, 'systemuser', 'bob')
    world.update(admin, 'systemuser', user.id, { queueid: { entity: 'queue', id } })
    const alert = world.create(admin, 'tracelog', {
      regardingobjectid: { entity: 'mailbox', id: mailboxId },
      level: 3,
      tracecode: 1,
    })

    world.remove(admin, 'queue', id)

    expect(world.rows('mailbox').has(mailboxId)).toBe(false)
    expect(rowOf(world, 'systemuser', user.id)['queueid']).toBeNull()
    expect(rowOf(world, 'tracelog', alert)['regardingobjectid']).toEqual({ entity: 'mailbox', id: mailboxId })
  })

  test('a mailbox empties the link of its user', () => {
    const { world } = smallWorld()
    const { id, mailboxId } = createPerson(world, 'systemuser')

    world.remove(world.callers.admin, 'mailbox', mailboxId)

    expect(rowOf(world, 'systemuser', id)['defaultmailbox']).toBeNull()
  })

  test('an alert takes its children along', () => {
    const { world, profileId } = smallWorld()
    const { admin } = world.callers
    const columns = { regardingobjectid: profile(profileId), level: 2, tracecode: 1 }
    const parent = world.create(admin, 'tracelog', columns)
    const child = world.create(admin, 'tracelog', { ...columns, parenttracelogid: { entity: 'tracelog', id: parent } })
    const other = world.create(admin, 'tracelog', columns)

    world.remove(admin, 'tracelog', parent)

    expect([...world.rows('tracelog').keys()]).toEqual([other])
    expect(child).not.toBe(other)
  })

  test.each([
    { entity: 'systemuser' as const, message: 'Delete' },
    { entity: 'organization' as const, message: 'Delete' },
    { entity: 'team' as const, message: 'Delete' },
  ])('$entity does not know $message', ({ entity, message }) => {
    const { world } = smallWorld()
    const id = [...world.rows(entity).keys()][0] ?? 'any'

    expect(faultOf(() => world.remove(world.callers.admin, entity, id))).toMatchObject({
      status: 405,
      message: expect.stringContaining(message),
    })
  })

  test('a row that is not there is a 404', () => {
    const { world } = smallWorld()

    expect(faultOf(() => world.remove(world.callers.admin, 'mailbox', 'nowhere'))).toMatchObject({
      status: 404,
      message: 'mailbox With Id = nowhere Does Not Exist',
    })
  })
})

describe('other rules', () => {
  test('alerts cannot be updated and organizations not be created', () => {
    const { world } = smallWorld()
    const { admin } = world.callers

    expect(faultOf(() => world.update(admin, 'tracelog', 'any', { errordetails: 'x' })).status).toBe(405)
    expect(faultOf(() => world.create(admin, 'organization', {})).status).toBe(405)
  })

  test('an alert belongs to the owner of what it is about', () => {
    const { world, profileId } = smallWorld()
    const owner = rowOf(world, 'emailserverprofile', profileId)['ownerid']

    const id = world.create(world.callers.admin, 'tracelog', { regardingobjectid: profile(profileId), tracecode: 1 })

    expect(rowOf(world, 'tracelog', id)['regardingobjectownerid']).toEqual(owner)
  })

  test('assigning a queue assigns its mailbox, also to a team', () => {
    const { world } = smallWorld()
    const { id, mailboxId } = createPerson(world, 'queue')
    const owner = createPerson(world, 'systemuser', 'bob')

    world.update(world.callers.admin, 'queue', id, { ownerid: { entity: 'systemuser', id: owner.id } })

    const expected = {
      ownerid: { entity: 'systemuser', id: owner.id },
      owninguser: { entity: 'systemuser', id: owner.id },
    }
    expect(rowOf(world, 'queue', id)).toMatchObject(expected)
    expect(rowOf(world, 'mailbox', mailboxId)).toMatchObject(expected)
  })

  test('the server fills in columns of a profile by itself', () => {
    const { world, profileId } = smallWorld()
    const { id } = createPerson(world, 'systemuser')

    world.update(world.callers.admin, 'emailserverprofile', profileId, { ownerid: { entity: 'systemuser', id } })

    expect(rowOf(world, 'emailserverprofile', profileId)).toMatchObject({
      emailservertypename: 'Exchange Online (Hybrid)',
      incomingcredentialretrieval: 2,
      outgoingcredentialretrieval: 2,
      owneremailaddress: 'ann@contoso.com',
    })
  })

  test('every write tells when and by whom, and gives a higher row version even where nothing changes', () => {
    const { world } = smallWorld()
    const { mailboxId } = createPerson(world, 'systemuser')
    const before = rowOf(world, 'mailbox', mailboxId)
    world.advance(60_000)

    world.update(world.callers.limited, 'mailbox', mailboxId, { name: before['name'] ?? null })

    const after = rowOf(world, 'mailbox', mailboxId)
    expect(pick(after, 'modifiedon', 'createdon')).toEqual({
      modifiedon: '2026-11-23T08:01:00Z',
      createdon: '2026-11-23T08:00:00Z',
    })
    expect(referenceId(world, 'mailbox', mailboxId, 'modifiedby')).toBe(world.callers.limited.userId)
    expect(Number(after['versionnumber'])).toBeGreaterThan(Number(before['versionnumber']))
  })

  test('a piece of work sees one moment, even with a running clock', () => {
    let realMs = 0
    const { world } = smallWorld({ clock: { speed: 60, realTimeMs: () => realMs } })
    const { mailboxId } = createPerson(world, 'queue')
    world.update(world.callers.admin, 'mailbox', mailboxId, { testemailconfigurationscheduled: true })

    const [before, after] = world.atomically(() => {
      const moments = [world.now(), rowOf(world, 'mailbox', mailboxId)] as const
      realMs += 10_000
      return [moments, [world.now(), rowOf(world, 'mailbox', mailboxId)]]
    })

    expect(after).toEqual(before)
    expect(rowOf(world, 'mailbox', mailboxId)['testemailconfigurationscheduled']).toBe(false)
  })

  test('a failing piece of work undoes everything in it', () => {
    const { world, profileId } = smallWorld()
    const { admin } = world.callers
    const before = JSON.stringify(world.snapshot().tables)

    const fault = faultOf(() =>
      world.atomically(() => {
        const { mailboxId } = createPerson(world, 'queue')
        world.update(admin, 'mailbox', mailboxId, { testemailconfigurationscheduled: true })
        world.update(admin, 'emailserverprofile', profileId, { name: 'Other' })
        world.update(admin, 'emailserverprofile', profileId, { servertype: 99 })
      }),
    )
    world.advance(3_600_000)

    expect(fault.status).toBe(400)
    expect(JSON.stringify(world.snapshot().tables)).toBe(before)
  })
})

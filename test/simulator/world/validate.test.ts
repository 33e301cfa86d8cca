import { describe, expect, test } from 'vitest'
import type { Row } from '../../../src/simulator/world.ts'
import { createPerson, faultOf, pick, profile, rowOf, smallWorld } from './small-world.ts'

const ANY = '00000000-0000-4000-8000-000000000001'

describe('columns of a request', () => {
  test.each<{ reason: string; columns: Row; status: number; says: string }>([
    { reason: 'unknown column', columns: { incomming: 2 }, status: 400, says: "'incomming'" },
    { reason: 'read-only column', columns: { isforwardmailbox: false }, status: 400, says: 'not valid for update' },
    { reason: 'primary key', columns: { mailboxid: ANY }, status: 400, says: "'mailboxid'" },
    {
      reason: 'text longer than its column',
      columns: { name: 'x'.repeat(201) },
      status: 400,
      says: "exceeded the maximum allowed length of '200'",
    },
    { reason: 'number where text belongs', columns: { name: 1 }, status: 400, says: 'Edm.String' },
    {
      reason: 'text where a number belongs',
      columns: { incomingemaildeliverymethod: '2' },
      status: 400,
      says: 'Edm.Int32',
    },
    {
      reason: 'fraction where an integer belongs',
      columns: { verboseloggingenabled: 1.5 },
      status: 400,
      says: 'Edm.Int32',
    },
    {
      reason: 'number above the limit',
      columns: { verboseloggingenabled: 101 },
      status: 400,
      says: 'outside the valid range',
    },
    {
      reason: 'option that does not exist',
      columns: { incomingemaildeliverymethod: 7 },
      status: 400,
      says: 'Accepted Values: 0,1,2,3',
    },
    {
      reason: 'number where a boolean belongs',
      columns: { processanddeleteemails: 1 },
      status: 400,
      says: 'Edm.Boolean',
    },
    {
      reason: 'something that is no date',
      columns: { ewsurl: 'x', lastautodiscoveredon: 'yesterday' },
      status: 400,
      says: 'Edm.DateTimeOffset',
    },
    { reason: 'null for a required column', columns: { name: null }, status: 400, says: 'cannot be set to NULL' },
    { reason: 'empty text for a required column', columns: { name: '' }, status: 400, says: 'cannot be set to NULL' },
    {
      reason: 'lookup written as text',
      columns: { emailserverprofile: ANY },
      status: 400,
      says: "'emailserverprofile'",
    },
    {
      reason: 'reference to a row that is not there',
      columns: { emailserverprofile: profile(ANY) },
      status: 404,
      says: `emailserverprofile With Id = ${ANY} Does Not Exist`,
    },
    {
      reason: 'reference to a row of the wrong table',
      columns: { emailserverprofile: { entity: 'queue', id: ANY } },
      status: 400,
      says: 'emailserverprofile',
    },
    {
      reason: 'status reason of another state',
      columns: { statuscode: 2 },
      status: 400,
      says: '2 is not a valid status code for state code 0',
    },
  ])('$reason is refused and changes nothing', ({ columns, status, says }) => {
    const { world } = smallWorld()
    const { mailboxId } = createPerson(world, 'systemuser')
    const before = rowOf(world, 'mailbox', mailboxId)

    const fault = faultOf(() => world.update(world.callers.admin, 'mailbox', mailboxId, columns))

    expect(fault.status).toBe(status)
    expect(fault.message).toContain(says)
    expect(rowOf(world, 'mailbox', mailboxId)).toBe(before)
  })

  test.each<{ reason: string; columns: Row; stored: Row }>([
    {
      reason: 'an offset becomes UTC',
      columns: { lastautodiscoveredon: '2026-01-01T02:00:00+02:00' },
      stored: { lastautodiscoveredon: '2026-01-01T00:00:00Z' },
    },
    {
      reason: 'a fraction of a second is dropped',
      columns: { lastautodiscoveredon: '2026-01-01T00:00:00.123Z' },
      stored: { lastautodiscoveredon: '2026-01-01T00:00:00Z' },
    },
    {
      reason: 'a date-only column loses its time',
      columns: { processemailreceivedafter: '2026-01-01T10:00:00Z' },
      stored: { processemailreceivedafter: '2026-01-01T00:00:00Z' },
    },
    { reason: 'empty text is null', columns: { username: '' }, stored: { username: null } },
    { reason: 'a state brings its status reason', columns: { statecode: 1 }, stored: { statecode: 1, statuscode: 2 } },
    {
      reason: 'state and status reason may come together',
      columns: { statecode: 1, statuscode: 2 },
      stored: { statecode: 1, statuscode: 2 },
    },
    {
      reason: 'of a secret only its presence is kept',
      columns: { password: 's3cret' },
      stored: { ispasswordset: true, password: null },
    },
    {
      reason: 'a secret can be taken away',
      columns: { password: null },
      stored: { ispasswordset: false, password: null },
    },
    {
      reason: 'an optional column can be emptied',
      columns: { emailserverprofile: null },
      stored: { emailserverprofile: null },
    },
  ])('$reason', ({ columns, stored }) => {
    const { world } = smallWorld()
    const { mailboxId } = createPerson(world, 'systemuser')

    world.update(world.callers.admin, 'mailbox', mailboxId, columns)

    expect(pick(rowOf(world, 'mailbox', mailboxId), ...Object.keys(stored))).toEqual(stored)
    expect(JSON.stringify(world.snapshot())).not.toContain('s3cret')
  })

  test('a read-only column is ignored where the switch says so', () => {
    const { world } = smallWorld({ switches: { readOnlyColumn: 'ignore' } })
    const { mailboxId } = createPerson(world, 'systemuser')

    world.update(world.callers.admin, 'mailbox', mailboxId, { isforwardmailbox: true, name: 'New name' })

    expect(rowOf(world, 'mailbox', mailboxId)).toMatchObject({ isforwardmailbox: false, name: 'New name' })
  })

  test('in 8.2 a test result cannot be faked', () => {
    const { world } = smallWorld({ version: '8.2' })
    const { mailboxId } = createPerson(world, 'systemuser')

    const fault = faultOf(() => world.update(world.callers.admin, 'mailbox', mailboxId, { actstatus: 1 }))

    expect(fault.status).toBe(400)
  })

  test('ids are the same in any case', () => {
    const { world, profileId } = smallWorld()
    const { mailboxId } = createPerson(world, 'systemuser')

    world.update(world.callers.admin, 'mailbox', mailboxId.toUpperCase(), {
      emailserverprofile: profile(profileId.toUpperCase()),
    })

    expect(rowOf(world, 'mailbox', mailboxId)['emailserverprofile']).toEqual(profile(profileId))
  })
})

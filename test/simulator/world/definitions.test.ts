import { describe, expect, test } from 'vitest'
import { definitionsOf } from '../../../src/simulator/definitions/index.ts'

const tables = definitionsOf('9.1')
const column = (table: Parameters<typeof tables.get>[0], name: string) => tables.get(table)?.attributes.get(name)

describe('definitions', () => {
  test.each([
    { table: 'emailserverprofile' as const, set: 'emailserverprofiles', columns: 70 },
    { table: 'mailbox' as const, set: 'mailboxes', columns: 97 },
    { table: 'organization' as const, set: 'organizations', columns: 38 },
    { table: 'queue' as const, set: 'queues', columns: 31 },
    { table: 'systemuser' as const, set: 'systemusers', columns: 25 },
    { table: 'tracelog' as const, set: 'tracelogs', columns: 31 },
    { table: 'team' as const, set: 'teams', columns: 3 },
    { table: 'privilege' as const, set: 'privileges', columns: 3 },
  ])('$table is served as $set with all its columns', ({ table, set, columns }) => {
    const definition = tables.get(table)

    expect(definition?.entitySet).toBe(set)
    expect(definition?.attributes.size).toBe(columns)
    expect(definition?.attributes.has(definition.primaryId)).toBe(true)
    expect(definition?.attributes.has(definition.primaryName)).toBe(true)
  })

  test.each([
    {
      table: 'mailbox' as const,
      name: 'emailaddress',
      reason: 'text with a limit and a format',
      has: { type: 'String', maxLength: 100, format: 'Email', create: true, update: true, read: true },
    },
    {
      table: 'mailbox' as const,
      name: 'password',
      reason: 'a secret is written and never read',
      has: { create: true, update: true, read: false },
    },
    {
      table: 'mailbox' as const,
      name: 'regardingobjectid',
      reason: 'one lookup, two targets, read-only',
      has: { targets: ['queue', 'systemuser'], create: false, update: false },
    },
    {
      table: 'mailbox' as const,
      name: 'verboseloggingenabled',
      reason: 'a number in spite of its name',
      has: { type: 'Integer', min: 0, max: 100, required: 'SystemRequired' },
    },
    { table: 'mailbox' as const, name: 'enabledforact', reason: 'true from creation', has: { initial: true } },
    {
      table: 'mailbox' as const,
      name: 'testmailboxaccesscompletedon',
      reason: 'never is a date',
      has: { initial: '1900-01-01T00:00:00Z' },
    },
    {
      table: 'mailbox' as const,
      name: 'lastsyncerrorcode',
      reason: 'an integer without own limits has those of its type',
      has: { min: -2147483648, max: 2147483647 },
    },
    {
      table: 'emailserverprofile' as const,
      name: 'incomingpartnerapplication',
      reason: 'no simulated table is its target',
      has: { targets: [] },
    },
    {
      table: 'emailserverprofile' as const,
      name: 'name',
      reason: 'required on forms only',
      has: { required: 'ApplicationRequired' },
    },
    {
      table: 'organization' as const,
      name: 'name',
      reason: 'the organization cannot be renamed',
      has: { update: false, read: true },
    },
  ])('$table.$name: $reason', ({ table, name, has }) => {
    expect(column(table, name)).toMatchObject(has)
  })

  test('a status reason knows its state', () => {
    expect(column('queue', 'statuscode')?.options).toEqual([
      { value: 1, label: 'Active', state: 0 },
      { value: 2, label: 'Inactive', state: 1 },
    ])
  })

  test('queues have no delivery method 1', () => {
    expect(column('queue', 'incomingemaildeliverymethod')?.options?.map(({ value }) => value)).toEqual([0, 2, 3])
    expect(column('systemuser', 'incomingemaildeliverymethod')?.options?.map(({ value }) => value)).toEqual([
      0, 1, 2, 3,
    ])
  })

  test('two navigation properties read one column of a mailbox, and neither can be bound', () => {
    const navigation = tables.get('mailbox')?.navigation

    expect(navigation?.get('regardingobjectid')).toEqual({
      column: 'regardingobjectid',
      target: 'systemuser',
      bindable: false,
    })
    expect(navigation?.get('regardingobjectid_queue')).toEqual({
      column: 'regardingobjectid',
      target: 'queue',
      bindable: false,
    })
    expect(navigation?.has('regardingobjectid_systemuser')).toBe(false)
    expect(navigation?.get('ownerid')).toEqual({ column: 'ownerid', target: 'principal', bindable: true })
    expect(navigation?.get('emailserverprofile')?.bindable).toBe(true)
  })

  test('every navigation property and collection names a column that is there', () => {
    const missing = [...tables.values()].flatMap((table) => [
      ...[...table.navigation.values()].filter(({ column: name }) => !table.attributes.has(name)),
      ...[...table.collections.values()].filter(
        ({ entity, column: name }) => !tables.get(entity)?.attributes.has(name),
      ),
    ])

    expect(missing).toEqual([])
  })

  test('the statuses of a mailbox are read-only in 8.2 and writable later', () => {
    const in82 = definitionsOf('8.2').get('mailbox')?.attributes

    for (const name of ['incomingemailstatus', 'outgoingemailstatus', 'actstatus']) {
      expect(in82?.get(name)?.update).toBe(false)
      expect(column('mailbox', name)?.update).toBe(true)
    }
  })
})

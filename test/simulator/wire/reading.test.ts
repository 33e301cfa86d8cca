import { describe, expect, it } from 'vitest'
import { startApi, stored, userMailboxes } from './exchange.ts'

describe('reading rows', () => {
  it('gives every selected column, the key and the etag, in JSON with the version header', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)

    const answer = await api.call(`mailboxes(${id})?$select=name,_emailserverprofile_value`)

    expect(answer.status).toBe(200)
    expect(answer.headers['odata-version']).toBe('4.0')
    expect(answer.headers['content-type']).toBe('application/json; odata.metadata=minimal')
    expect(answer.headers['date']).toBe('Mon, 23 Nov 2026 08:00:00 GMT')
    const row = stored(api, 'mailbox', id)
    expect(answer.json()).toEqual({
      '@odata.context': `${api.root}$metadata#mailboxes(name,_emailserverprofile_value)/$entity`,
      '@odata.etag': `W/"${row['versionnumber']}"`,
      name: row['name'],
      _emailserverprofile_value: (row['emailserverprofile'] as { id: string }).id,
      mailboxid: id,
    })
  })

  it('gives all readable columns without $select, and secrets never', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)

    const row = (await api.call(`mailboxes(${id})`)).json()

    expect(row).toHaveProperty('testmailboxaccesscompletedon')
    expect(row).toHaveProperty('_regardingobjectid_value')
    expect(row).toHaveProperty('ispasswordset')
    expect(row).not.toHaveProperty('password')
    expect(row).not.toHaveProperty('regardingobjectid')
  })

  const refused = [
    { path: 'mailboxes?$select=nosuchcolumn', status: 400, reason: 'an unknown property is an error' },
    { path: 'mailboxes?$select=regardingobjectid', status: 400, reason: 'a lookup is only read as _x_value' },
    { path: 'mailboxes?$select=password', status: 400, reason: 'a write-only column is no property' },
    { path: 'mailboxes?$skip=5', status: 400, reason: '$skip is not supported' },
    { path: 'mailboxes?$search=ann', status: 400, reason: 'unknown query options are not ignored' },
    { path: 'mailboxes?$select=name&$select=name', status: 400, reason: 'an option may come once' },
    { path: 'mailboxes?$top=-1', status: 400, reason: '$top is a number' },
    { path: 'mailboxes?$orderby=name sideways', status: 400, reason: 'only asc and desc' },
    { path: 'mailboxes?$expand=regardingobjectid_systemuser', status: 400, reason: 'that navigation does not exist' },
    { path: 'mailboxes?$expand=ownerid($select=fullname)', status: 400, reason: 'principal has no fullname' },
    { path: 'mailboxs', status: 404, reason: 'unknown set' },
    { path: 'Mailboxes', status: 404, reason: 'sets are told apart by case' },
    { path: 'mailboxes(4711)', status: 400, reason: 'a key is a GUID' },
    { path: 'mailboxes(00000000-0000-0000-0000-000000000001)', status: 404, reason: 'no such row' },
    { path: 'mailboxes(00000000-0000-0000-0000-000000000001)/nothing', status: 404, reason: 'no such member' },
  ]
  it.each(refused)('answers $status to $path: $reason', async ({ path, status }) => {
    const api = await startApi()

    const answer = await api.call(path)

    expect(answer.status).toBe(status)
    expect(answer.json()).toHaveProperty('error.message')
  })

  it('expands single lookups with their own $select', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)

    const row = (
      await api.call(
        `mailboxes(${id})?$select=name&$expand=regardingobjectid($select=fullname),regardingobjectid_queue,ownerid`,
      )
    ).json()

    const userId = (stored(api, 'mailbox', id)['regardingobjectid'] as { id: string }).id
    expect(row['regardingobjectid']).toEqual({
      '@odata.etag': expect.stringMatching(/^W\/"\d+"$/),
      fullname: stored(api, 'systemuser', userId)['fullname'],
      systemuserid: userId,
      ownerid: userId,
    })
    expect(row['regardingobjectid_queue'], 'the mailbox belongs to a user').toBeNull()
    expect(row['ownerid']).toMatchObject({ '@odata.type': '#Microsoft.Dynamics.CRM.systemuser' })
  })

  it('adds the annotations that are asked for, in the language of the organization', async () => {
    const api = await startApi({ language: 1031 })
    const [id = ''] = userMailboxes(api)
    const path = `mailboxes(${id})?$select=isforwardmailbox,_ownerid_value,statecode`

    const all = (await api.call(path, { headers: { Prefer: 'odata.include-annotations="*"' } })).json()
    const some = await api.call(path, {
      headers: { Prefer: 'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"' },
    })
    const none = (await api.call(path)).json()

    expect(all['isforwardmailbox@OData.Community.Display.V1.FormattedValue']).toBe('Nein')
    expect(all['_ownerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty']).toBe('ownerid')
    expect(Object.keys(some.json()).filter((name) => name.includes('@') && !name.startsWith('@'))).toEqual([
      '_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname',
    ])
    expect(some.headers['preference-applied']).toContain('odata.include-annotations')
    expect(Object.keys(none).filter((name) => name.includes('@') && !name.startsWith('@'))).toEqual([])
  })

  it('reads what stands behind a row: a property, a lookup, its reference, a collection', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    const row = stored(api, 'mailbox', id)
    const profileId = (row['emailserverprofile'] as { id: string }).id

    const property = await api.call(`mailboxes(${id})/name`)
    const empty = await api.call(`mailboxes(${id})/hostid`)
    const lookup = await api.call(`mailboxes(${id})/emailserverprofile?$select=name`)
    const wrongLookup = await api.call(`mailboxes(${id})/regardingobjectid_queue`)
    const reference = await api.call(`mailboxes(${id})/emailserverprofile/$ref`)
    const collection = await api.call(`emailserverprofiles(${profileId})/emailserverprofile_mailbox?$select=name`)
    const count = await api.call(`emailserverprofiles(${profileId})/emailserverprofile_mailbox/$count`)

    expect(property.json()).toMatchObject({ value: row['name'] })
    expect(empty.status).toBe(204)
    expect(lookup.json()).toMatchObject({ emailserverprofileid: profileId })
    expect(wrongLookup.status).toBe(204)
    expect(reference.json()).toMatchObject({ '@odata.id': `${api.root}emailserverprofiles(${profileId})` })
    expect(collection.json().value.map((mailbox) => mailbox['mailboxid'])).toContain(id)
    expect(count.text).toBe(String(collection.json().value.length))
  })

  it('orders by several columns, rows without a value first', async () => {
    const api = await startApi()

    const answer = await api.call(
      'systemusers?$select=internalemailaddress,fullname&$orderby=internalemailaddress,fullname desc',
    )

    const addresses = answer.json().value.map((user) => user['internalemailaddress'])
    const known = addresses.filter((address): address is string => address !== null)
    expect(addresses.slice(0, addresses.length - known.length).every((address) => address === null)).toBe(true)
    expect(known).toEqual([...known].sort())
    expect(addresses[0], 'the users every organization has are without an address').toBeNull()
    const nameless = answer.json().value.filter((user) => user['internalemailaddress'] === null)
    const names = nameless.map((user) => String(user['fullname']).toLowerCase())
    expect(names).toEqual([...names].sort().reverse())
  })

  it('answers 304 to a known etag only where the table compares etags', async () => {
    const loose = await startApi()
    const strict = await startApi({ switches: { optimisticConcurrency: true } })
    const ask = async (api: typeof loose, prefer: Record<string, string>) => {
      const [id = ''] = userMailboxes(api)
      const etag = `W/"${stored(api, 'mailbox', id)['versionnumber']}"`
      return (await api.call(`mailboxes(${id})?$select=name`, { headers: { 'If-None-Match': etag, ...prefer } })).status
    }

    expect(await ask(loose, {})).toBe(200)
    expect(await ask(strict, {})).toBe(304)
    expect(await ask(strict, { Prefer: 'odata.include-annotations="*"' }), 'annotations forbid 304').toBe(200)
  })

  it('refuses a caller without the privilege, naming it', async () => {
    const api = await startApi()
    const limited = await startApi({
      callers: () => ({ ...api.simulator.world.callers.admin, privileges: new Set(['prvReadUser']) }),
    })

    const answer = await limited.call('mailboxes?$select=name')

    expect(answer.status).toBe(403)
    expect(answer.text).toContain('prvReadMailbox')
  })
})

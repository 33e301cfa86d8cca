import { describe, expect, it } from 'vitest'
import { startApi, stored, userMailboxes } from './exchange.ts'

const NOWHERE = '00000000-0000-4000-8000-000000000001'
const NEW_PROFILE = { name: 'New', servertype: 3, useautodiscover: true }

describe('creating', () => {
  it('answers 204 with the address of the row twice', async () => {
    const api = await startApi()

    const answer = await api.call('emailserverprofiles', { method: 'POST', body: NEW_PROFILE })

    expect(answer.status).toBe(204)
    expect(answer.text).toBe('')
    const address = answer.headers['odata-entityid']
    expect(answer.headers['location']).toBe(address)
    const id = /emailserverprofiles\((.+)\)$/.exec(String(address))?.[1] ?? ''
    expect(address).toBe(`${api.root}emailserverprofiles(${id})`)
    expect(stored(api, 'emailserverprofile', id)).toMatchObject({ name: 'New', servertype: 3 })
  })

  it('answers 201 with the row, shaped by $select, where the client prefers it', async () => {
    const api = await startApi()

    const answer = await api.call('emailserverprofiles?$select=name', {
      method: 'POST',
      body: { ...NEW_PROFILE, emailserverprofileid: NOWHERE },
      headers: { Prefer: 'return=representation' },
    })

    expect(answer.status).toBe(201)
    expect(answer.headers['preference-applied']).toBe('return=representation')
    expect(answer.json()).toMatchObject({ name: 'New', emailserverprofileid: NOWHERE })
    expect(answer.json()).not.toHaveProperty('servertype')
  })

  it('answers 412 to an id that is taken', async () => {
    const api = await startApi()
    const body = { ...NEW_PROFILE, emailserverprofileid: NOWHERE }
    await api.call('emailserverprofiles', { method: 'POST', body })

    const answer = await api.call('emailserverprofiles', { method: 'POST', body })

    expect(answer.status).toBe(412)
  })
})

describe('PATCH', () => {
  it('changes the columns given and answers 204 with the address', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    const before = stored(api, 'mailbox', id)

    const answer = await api.call(`mailboxes(${id})`, {
      method: 'PATCH',
      headers: { 'If-Match': '*' },
      body: { incomingemaildeliverymethod: 0, processemailreceivedafter: '2026-03-01T01:00:00+01:00' },
    })

    expect(answer.status).toBe(204)
    expect(answer.headers['odata-entityid']).toBe(`${api.root}mailboxes(${id})`)
    const after = stored(api, 'mailbox', id)
    expect(after).toMatchObject({ incomingemaildeliverymethod: 0, processemailreceivedafter: '2026-03-01T00:00:00Z' })
    expect(Number(after['versionnumber'])).toBeGreaterThan(Number(before['versionnumber']))
  })

  it('answers 200 with the row where the client prefers it, without $expand', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)

    const answer = await api.call(`mailboxes(${id})?$select=outgoingemaildeliverymethod&$expand=ownerid`, {
      method: 'PATCH',
      headers: { 'If-Match': '*', Prefer: 'return=representation' },
      body: { outgoingemaildeliverymethod: 0 },
    })

    expect(answer.status).toBe(200)
    expect(answer.json()).toMatchObject({ outgoingemaildeliverymethod: 0, mailboxid: id })
    expect(answer.json()).not.toHaveProperty('ownerid')
  })

  it('of an unknown id creates a row, for PATCH is an upsert', async () => {
    const api = await startApi()

    const answer = await api.call(`emailserverprofiles(${NOWHERE})`, { method: 'PATCH', body: NEW_PROFILE })

    expect(answer.status).toBe(204)
    expect(stored(api, 'emailserverprofile', NOWHERE)['name']).toBe('New')
  })

  const conditional = [
    {
      headers: { 'If-Match': '*' },
      exists: false,
      status: 404,
      message: `emailserverprofile With Id = ${NOWHERE} Does Not Exist`,
      reason: 'an update is asked for',
    },
    {
      headers: { 'If-None-Match': '*' },
      exists: true,
      status: 412,
      message: 'A record with matching key values already exists.',
      reason: 'a create is asked for',
    },
  ]
  it.each(conditional)('answers $status to $headers: $reason', async ({ headers, exists, status, message }) => {
    const api = await startApi()
    if (exists) await api.call(`emailserverprofiles(${NOWHERE})`, { method: 'PATCH', body: NEW_PROFILE })

    const answer = await api.call(`emailserverprofiles(${NOWHERE})`, { method: 'PATCH', body: NEW_PROFILE, headers })

    expect(answer.status).toBe(status)
    expect(answer.json()).toMatchObject({ error: { code: '', message } })
  })

  const etags = [
    { concurrency: true, stale: true, status: 412, reason: 'a stale etag where etags are compared' },
    { concurrency: true, stale: false, status: 204, reason: 'a fresh etag' },
    { concurrency: false, stale: true, status: 204, reason: 'etags are ignored where they are not compared' },
  ]
  it.each(etags)('answers $status: $reason', async ({ concurrency, stale, status }) => {
    const api = await startApi({ switches: { optimisticConcurrency: concurrency } })
    const [id = ''] = userMailboxes(api)
    const etag = `W/"${stored(api, 'mailbox', id)['versionnumber']}"`
    if (stale) api.simulator.idleWrites(99)

    const answer = await api.call(`mailboxes(${id})`, {
      method: 'PATCH',
      headers: { 'If-Match': etag },
      body: { outgoingemaildeliverymethod: 0 },
    })

    expect(answer.status).toBe(status)
    if (status === 412) {
      expect(answer.text).toContain(
        "The version of the existing record doesn't match the RowVersion property provided.",
      )
    }
  })

  const refused = [
    { body: '{"name": ', status: 400, reason: 'malformed JSON' },
    { body: '[]', status: 400, reason: 'no JSON object' },
    { body: { nosuchcolumn: 1 }, status: 400, reason: 'an unknown column' },
    {
      body: { 'regardingobjectid_systemuser@odata.bind': `/systemusers(${NOWHERE})` },
      status: 400,
      reason: 'no such navigation',
    },
    { body: { 'emailserverprofile@odata.bind': '/nonsense' }, status: 400, reason: 'no reference' },
    { body: { 'emailserverprofile@odata.bind': `/queues(${NOWHERE})` }, status: 400, reason: 'a row of another table' },
    {
      body: { 'emailserverprofile@odata.bind': `/emailserverprofiles(${NOWHERE})` },
      status: 404,
      reason: 'no such profile',
    },
    { body: { 'emailserverprofile@odata.bind': null }, status: 400, reason: 'a lookup is cleared with $ref' },
    { body: { emailserverprofile: null }, status: 400, reason: 'a lookup is not a plain property' },
    { body: { _emailserverprofile_value: NOWHERE }, status: 400, reason: 'the value of a lookup is read-only' },
    { body: { incomingemaildeliverymethod: '2' }, status: 400, reason: 'text for a number' },
    { body: { incomingemaildeliverymethod: 2.5 }, status: 400, reason: 'a fraction for an integer' },
    { body: { incomingemaildeliverymethod: 9 }, status: 400, reason: 'an unknown option' },
    { body: { testemailconfigurationscheduled: 1 }, status: 400, reason: 'a number for a boolean' },
    { body: { processemailreceivedafter: '2026-03-01' }, status: 400, reason: 'a date without time and zone' },
    { body: { name: 5 }, status: 400, reason: 'a number for text' },
    { body: { name: 'x'.repeat(201) }, status: 400, reason: 'too long' },
    { body: { name: null }, status: 400, reason: 'null for a required column' },
    { body: { mailboxstatus: 1 }, status: 400, reason: 'a read-only column' },
  ]
  it.each(refused)('answers $status and changes nothing: $reason', async ({ body, status }) => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    const before = stored(api, 'mailbox', id)

    const answer = await api.call(`mailboxes(${id})`, { method: 'PATCH', headers: { 'If-Match': '*' }, body })

    expect(answer.status, answer.text).toBe(status)
    expect(answer.json()).toHaveProperty('error.message')
    expect(stored(api, 'mailbox', id)).toBe(before)
  })

  it('wants JSON', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)

    const answer = await api.call(`mailboxes(${id})`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'text/plain' },
      body: { outgoingemaildeliverymethod: 0 },
    })

    expect(answer.status).toBe(415)
  })
})

describe('lookups', () => {
  const forms = [
    { uri: (id: string) => `/emailserverprofiles(${id})`, reason: 'with a slash' },
    { uri: (id: string) => `emailserverprofiles(${id})`, reason: 'without' },
    { uri: (id: string, root: string) => `${root}emailserverprofiles(${id})`, reason: 'absolute' },
  ]
  it.each(forms)('are bound by the address of a row: $reason', async ({ uri }) => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    await api.call(`emailserverprofiles(${NOWHERE})`, { method: 'PATCH', body: NEW_PROFILE })

    const answer = await api.call(`mailboxes(${id})`, {
      method: 'PATCH',
      headers: { 'If-Match': '*' },
      body: { 'emailserverprofile@odata.bind': uri(NOWHERE, api.root) },
    })

    expect(answer.status, answer.text).toBe(204)
    expect(stored(api, 'mailbox', id)['emailserverprofile']).toEqual({ entity: 'emailserverprofile', id: NOWHERE })
  })

  it('are cleared by DELETE of $ref and set by PUT of it', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    const profile = stored(api, 'mailbox', id)['emailserverprofile'] as { id: string }
    const path = `mailboxes(${id})/emailserverprofile/$ref`

    const cleared = await api.call(path, { method: 'DELETE' })
    const between = stored(api, 'mailbox', id)['emailserverprofile']
    const set = await api.call(path, {
      method: 'PUT',
      body: { '@odata.id': `${api.root}emailserverprofiles(${profile.id})` },
    })

    expect([cleared.status, between, set.status]).toEqual([204, null, 204])
    expect(stored(api, 'mailbox', id)['emailserverprofile']).toEqual(profile)
  })

  it('that the server keeps are not bindable', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    const user = (stored(api, 'mailbox', id)['regardingobjectid'] as { id: string }).id

    const bound = await api.call(`mailboxes(${id})`, {
      method: 'PATCH',
      body: { 'regardingobjectid@odata.bind': `/systemusers(${user})` },
    })
    const cleared = await api.call(`mailboxes(${id})/regardingobjectid/$ref`, { method: 'DELETE' })

    expect([bound.status, cleared.status]).toEqual([400, 405])
  })
})

describe('single properties', () => {
  it('are set by PUT and emptied by DELETE', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)

    const put = await api.call(`mailboxes(${id})/ewsurl`, { method: 'PUT', body: { value: 'https://ews' } })
    const between = stored(api, 'mailbox', id)['ewsurl']
    const deleted = await api.call(`mailboxes(${id})/ewsurl`, { method: 'DELETE' })

    expect([put.status, between, deleted.status]).toEqual([204, 'https://ews', 204])
    expect(stored(api, 'mailbox', id)['ewsurl']).toBeNull()
  })

  it('are not navigation properties, and not emptied where a value is required', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)

    const lookup = await api.call(`mailboxes(${id})/emailserverprofile`, { method: 'PUT', body: { value: null } })
    const required = await api.call(`mailboxes(${id})/name`, { method: 'DELETE' })

    expect([lookup.status, required.status]).toEqual([405, 400])
  })
})

describe('deleting', () => {
  it('answers 204, then 404', async () => {
    const api = await startApi()
    await api.call(`emailserverprofiles(${NOWHERE})`, { method: 'PATCH', body: NEW_PROFILE })

    const first = await api.call(`emailserverprofiles(${NOWHERE})`, { method: 'DELETE' })
    const second = await api.call(`emailserverprofiles(${NOWHERE})`, { method: 'DELETE' })

    expect([first.status, second.status]).toEqual([204, 404])
  })

  it('answers 405 where the table has no such message', async () => {
    const api = await startApi()
    const { userId } = api.simulator.world.callers.admin

    const user = await api.call(`systemusers(${userId})`, { method: 'DELETE' })
    const organization = await api.call('organizations', { method: 'POST', body: { name: 'x' } })
    const set = await api.call('mailboxes', { method: 'DELETE' })
    const whole = await api.call(`systemusers(${userId})`, { method: 'PUT', body: {} })

    expect([user.status, organization.status, set.status, whole.status]).toEqual([405, 405, 405, 405])
  })
})

// What is true only later, only in part, or only until somebody else comes.
import { describe, expect, it } from 'vitest'
import { type Api, startApi, stored, userMailboxes } from './exchange.ts'

async function startWith(options: Parameters<typeof startApi>[0] = {}): Promise<{ api: Api; id: string }> {
  const api = await startApi(options)
  return { api, id: userMailboxes(api)[0] ?? '' }
}

describe('a write', () => {
  it('may come true later', async () => {
    const { api, id } = await startWith()
    api.simulator.faults.add({ kind: 'late-write', delayMs: 60_000 })

    const { status } = await api.call(`mailboxes(${id})`, { method: 'PATCH', body: { actdeliverymethod: 2 } })
    const atOnce = stored(api, 'mailbox', id)['actdeliverymethod']
    api.simulator.advance(59_000)
    const before = stored(api, 'mailbox', id)['actdeliverymethod']
    api.simulator.advance(1000)

    expect([status, atOnce, before]).toEqual([204, 1, 1])
    expect(stored(api, 'mailbox', id)['actdeliverymethod']).toBe(2)
  })

  it('that comes true late meets what stands there then', async () => {
    const { api, id } = await startWith()
    api.simulator.faults.add({ kind: 'late-write', delayMs: 60_000 })

    await api.call(`mailboxes(${id})`, { method: 'PATCH', body: { name: 'First' } })
    await api.call(`mailboxes(${id})`, { method: 'PATCH', body: { name: 'Second' } })
    api.simulator.advance(60_000)

    expect(stored(api, 'mailbox', id)['name']).toBe('First')
  })

  it('that is refused is refused at once, and never comes true', async () => {
    const { api, id } = await startWith()
    api.simulator.faults.add({ kind: 'late-write', delayMs: 60_000 })

    const { status } = await api.call(`mailboxes(${id})`, { method: 'PATCH', body: { actdeliverymethod: 9 } })
    api.simulator.advance(60_000)

    expect(status).toBe(400)
    expect(stored(api, 'mailbox', id)['actdeliverymethod']).toBe(1)
  })

  it('is awaited with the tests', async () => {
    const { api, id } = await startWith()
    api.simulator.faults.add({ kind: 'late-write', delayMs: 60_000 })

    await api.call(`mailboxes(${id})`, { method: 'PATCH', body: { testemailconfigurationscheduled: true } })
    api.simulator.world.advanceUntilIdle(3_600_000)

    expect(stored(api, 'mailbox', id)['testemailconfigurationscheduled']).toBe(false)
    expect(String(stored(api, 'mailbox', id)['testmailboxaccesscompletedon']) > '2026-11-23').toBe(true)
  })

  it('may be true for some columns only, bound ones among them', async () => {
    const { api, id } = await startWith()
    const before = stored(api, 'mailbox', id)
    const [other] =
      [...api.simulator.world.rows('emailserverprofile')].find(([, row]) => row['name'] === 'Old Exchange') ?? []
    api.simulator.faults.add({
      kind: 'lying-write',
      columns: ['emailserverprofile', 'actdeliverymethod'],
      times: 'always',
    })

    const { status } = await api.call(`mailboxes(${id})`, {
      method: 'PATCH',
      body: { 'emailserverprofile@odata.bind': `/emailserverprofiles(${other})`, actdeliverymethod: 2, name: 'New' },
    })

    const { emailserverprofile, actdeliverymethod, name } = stored(api, 'mailbox', id)
    expect(status).toBe(204)
    expect({ emailserverprofile, actdeliverymethod, name }).toEqual({
      emailserverprofile: before['emailserverprofile'],
      actdeliverymethod: 1,
      name: 'New',
    })
  })
})

describe('somebody else', () => {
  it('may write between a read and a write', async () => {
    const { api, id } = await startWith({ switches: { optimisticConcurrency: true } })
    const { '@odata.etag': etag } = (await api.call(`mailboxes(${id})?$select=name`)).json()
    api.simulator.faults.add({ kind: 'edit-first', columns: { name: 'By hand' }, match: { method: 'PATCH' } })

    const headers = { 'If-Match': String(etag) }
    const { status } = await api.call(`mailboxes(${id})`, { method: 'PATCH', body: { name: 'By us' }, headers })

    const { name, modifiedby } = stored(api, 'mailbox', id)
    const by = typeof modifiedby === 'object' ? api.simulator.world.rows('systemuser').get(modifiedby?.id ?? '') : {}
    expect([status, name, by?.['fullname']]).toEqual([412, 'By hand', 'Sam Someone'])
  })

  it('does nothing to a row that is not there, or to a set', async () => {
    const { api } = await startWith()
    api.simulator.faults.add({ kind: 'edit-first', columns: { name: 'By hand' }, times: 'always' })

    const answers = await Promise.all([
      api.call('mailboxes?$select=name'),
      api.call('mailboxes(00000000-0000-4000-8000-000000000000)'),
    ])

    expect(answers.map(({ status }) => status)).toEqual([200, 404])
  })
})

describe('where nothing runs in the background', () => {
  it.each([{ asynchronousService: false }, { backgroundOperations: false }, { administrationMode: true }])(
    'tests wait and no row is written: %o',
    async (conditions) => {
      const { api, id } = await startWith({ conditions })

      await api.call(`mailboxes(${id})`, { method: 'PATCH', body: { testemailconfigurationscheduled: true } })
      api.simulator.advance(86_400_000)

      const waiting = (
        await api.call(`mailboxes(${id})?$select=testemailconfigurationscheduled,processingstatecode`)
      ).json()
      expect(waiting).toMatchObject({ testemailconfigurationscheduled: true, processingstatecode: 0 })
      expect(api.simulator.idleWrites(5)).toEqual([])
    },
  )

  it('administration mode keeps out who is no administrator', async () => {
    const { api } = await startWith({ conditions: { administrationMode: true } })

    const statuses = await Promise.all(
      ['admin', 'reader', 'limited'].map(
        async (name) => (await api.call('WhoAmI()', { headers: { Authorization: `Bearer simulator-${name}` } })).status,
      ),
    )

    expect(statuses).toEqual([200, 403, 403])
  })
})

describe('the text of an alert', () => {
  it.each([
    { language: 1031, text: /bestanden/ },
    { language: 1036, text: /a réussi son test/ },
    { language: 1041, text: /テスト/ },
    { language: 3082, text: /superó la prueba/ },
    { language: 1049, text: /passed its test/ },
  ])('is in language $language', async ({ language, text }) => {
    const { api, id } = await startWith({ language })

    await api.call(`mailboxes(${id})`, { method: 'PATCH', body: { testemailconfigurationscheduled: true } })
    api.simulator.world.advanceUntilIdle(3_600_000)

    const [alert] = (await api.call('tracelogs?$select=text,tracecode')).json().value
    expect(alert?.['text']).toMatch(text)
    expect(alert?.['tracecode']).toBe(70_020)
  })
})

describe('an Exchange that refuses the organization', () => {
  it('is an alert about the profile too, refreshed when it happens again', async () => {
    const { api } = await startWith({ conditions: { exchange: 'refusing' } })
    const [profile] = (await api.call("emailserverprofiles?$filter=name eq 'Exchange Online'")).json().value

    for (const id of userMailboxes(api).slice(0, 3)) {
      await api.call(`mailboxes(${id})`, { method: 'PATCH', body: { testemailconfigurationscheduled: true } })
    }
    api.simulator.world.advanceUntilIdle(3_600_000)

    const path = `emailserverprofiles(${profile?.['emailserverprofileid']})/tracelog_EmailServerProfile?$select=level,text`
    const alerts = (await api.call(path)).json().value
    expect(alerts).toEqual([expect.objectContaining({ level: 3, text: expect.stringContaining('Exchange Online') })])
  })
})

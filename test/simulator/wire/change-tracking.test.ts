import { describe, expect, it } from 'vitest'
import { type Api, send, startApi, userMailboxes } from './exchange.ts'

const TRACK = { Prefer: 'odata.track-changes' }
const DAY_MS = 86_400_000

interface Delta {
  readonly value: readonly Record<string, unknown>[]
  readonly '@odata.deltaLink'?: string
  readonly '@odata.nextLink'?: string
  readonly '@odata.context': string
}

function startTracking(): Promise<Api> {
  return startApi({ switches: { changeTracking: true, errorShape: 'modern' } })
}

async function read(link: string, headers: Readonly<Record<string, string>> = {}): Promise<Delta> {
  return (await send(link, { headers })).json() as unknown as Delta
}

async function firstLink(api: Api): Promise<string> {
  const first = (await api.call('mailboxes?$select=name', { headers: TRACK })).json()
  return String(first['@odata.deltaLink'])
}

describe('a delta link', () => {
  it('ends a tracked set, and says at first that nothing has changed', async () => {
    const api = await startTracking()

    const first = await api.call('mailboxes?$select=name', { headers: TRACK })
    const link = String(first.json()['@odata.deltaLink'])
    const next = await read(link)

    expect(first.headers['preference-applied']).toContain('odata.track-changes')
    expect(link).toMatch(/^http:\/\/.*\/mailboxes\?\$select=name&\$deltatoken=\d+%21\d\d%2F\d\d%2F\d{4}%20/)
    expect(next['@odata.context']).toMatch(/#mailboxes\(name\)\/\$delta$/)
    expect(next.value).toEqual([])
    expect(next['@odata.deltaLink']).toMatch(/\$deltatoken=/)
  })

  it('stands on the last page only, and tells what changed while the pages were read', async () => {
    const api = await startTracking()
    const [id = ''] = userMailboxes(api)
    const prefer = { Prefer: 'odata.track-changes,odata.maxpagesize=5' }

    const first = await read(`${api.root}mailboxes?$select=name`, prefer)
    await api.call(`mailboxes(${id})`, { method: 'PATCH', body: { name: 'Changed meanwhile' } })
    const second = await read(String(first['@odata.nextLink']), prefer)
    const delta = await read(String(second['@odata.deltaLink']))

    expect(first['@odata.deltaLink']).toBeUndefined()
    expect(delta.value.map((row) => row['mailboxid'])).toEqual([id])
  })

  it('gives rows that changed and rows that are gone, and then the rest', async () => {
    const api = await startTracking()
    const [changed = '', gone = ''] = userMailboxes(api)
    const link = await firstLink(api)

    await api.call(`mailboxes(${changed})`, { method: 'PATCH', body: { name: 'Changed' } })
    await api.call(`mailboxes(${gone})`, { method: 'DELETE' })
    const delta = await read(link)
    const after = await read(String(delta['@odata.deltaLink']))

    expect(delta.value).toEqual([
      expect.objectContaining({ mailboxid: changed, name: 'Changed' }),
      { '@odata.context': `${api.root}$metadata#mailboxes/$deletedEntity`, id: gone, reason: 'deleted' },
    ])
    expect(after.value).toEqual([])
  })

  it('does not tell of a deletion that was undone', async () => {
    const api = await startTracking()
    const [id = ''] = userMailboxes(api)
    const link = await firstLink(api)
    api.simulator.faults.add({ kind: 'lying-write', match: { method: 'DELETE' } })

    const { status } = await api.call(`mailboxes(${id})`, { method: 'DELETE' })

    expect(status).toBe(204)
    expect((await read(link)).value).toEqual([])
  })

  it('expires after the days that the organization says', async () => {
    const api = await startTracking()
    const link = await firstLink(api)

    api.simulator.advance(7 * DAY_MS)
    const inTime = await send(link)
    api.simulator.advance(1000)
    const late = await send(link)

    expect([inTime.status, late.status]).toEqual([200, 400])
    expect(late.json()['error']).toMatchObject({ code: '0x80044352' })
  })

  it.each([
    { query: "$filter=name eq 'Ann'", reason: 'a filter' },
    { query: '$orderby=name', reason: 'an order' },
    { query: '$expand=ownerid', reason: 'an expansion' },
    { query: '$top=3', reason: 'a bound' },
  ])('is not to be had with $reason', async ({ query }) => {
    const api = await startTracking()

    const answer = await api.call(`mailboxes?${query}`, { headers: TRACK })

    expect(answer.status).toBe(400)
  })

  it('is refused when its token is none', async () => {
    const api = await startTracking()

    const answer = await api.call('mailboxes?$deltatoken=yesterday')

    expect(answer.status).toBe(400)
  })
})

import { describe, expect, it } from 'vitest'
import { type Api, send, startApi, userMailboxes } from './exchange.ts'

const SMALL = { Prefer: 'odata.maxpagesize=3' }

async function readAll(api: Api, path: string, headers: Record<string, string> = {}): Promise<string[][]> {
  const pages: string[][] = []
  let answer = await api.call(path, { headers })
  for (;;) {
    expect(answer.status, answer.text).toBe(200)
    pages.push(answer.json().value.map((row) => String(row['mailboxid'])))
    const link = answer.json()['@odata.nextLink']
    if (typeof link !== 'string') return pages
    answer = await send(link, { headers })
  }
}

describe('pages of a set', () => {
  it('are of the size asked for, follow each other by nextLink, and hold every row once', async () => {
    const api = await startApi()

    const pages = await readAll(api, 'mailboxes?$select=name', SMALL)

    const all = pages.flat()
    expect(pages.slice(0, -1).every((page) => page.length === 3)).toBe(true)
    expect(new Set(all).size).toBe(all.length)
    expect(all).toHaveLength(api.simulator.world.rows('mailbox').size)
  })

  it('carry the documented cookie in an absolute link and echo the preference', async () => {
    const api = await startApi()

    const answer = await api.call('mailboxes?$select=name', { headers: SMALL })

    const last = String(answer.json().value[2]?.['mailboxid']).toUpperCase()
    const link = String(answer.json()['@odata.nextLink'])
    expect(answer.headers['preference-applied']).toBe('odata.maxpagesize=3')
    expect(
      link.startsWith(
        `${api.root}mailboxes?$select=name&$skiptoken=%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253ccookie`,
      ),
    ).toBe(true)
    expect(link).toContain(`%253cmailboxid%2520last%253d%2522%257b${last}%257d%2522`)
    expect(link.endsWith('%20istracking=%22False%22%20/%3E')).toBe(true)
  })

  it('never hold more than 5000 rows, and 5000 where nothing is said', async () => {
    const api = await startApi({ maxPageSize: 4 })

    const unsaid = await readAll(api, 'mailboxes?$select=name')
    const tooMany = await readAll(api, 'mailboxes?$select=name', { Prefer: 'odata.maxpagesize=9' })

    expect(unsaid[0]).toHaveLength(4)
    expect(tooMany[0]).toHaveLength(4)
    expect(unsaid.flat()).toEqual(tooMany.flat())
  })

  it('keep filter and order', async () => {
    const api = await startApi()
    const filter = encodeURIComponent("isforwardmailbox eq false and contains(emailaddress,'@contoso.com')")

    const pages = await readAll(api, `mailboxes?$select=name&$filter=${filter}&$orderby=emailaddress desc`, SMALL)

    const { world } = api.simulator
    const addresses = pages.flat().map((id) => String(world.rows('mailbox').get(id)?.['emailaddress']).toLowerCase())
    expect(addresses.length).toBeGreaterThan(6)
    expect(addresses).toEqual([...addresses].sort().reverse())
  })

  it('go on after the last row read, whatever is created or deleted meanwhile', async () => {
    const api = await startApi()
    const first = await api.call('emailserverprofiles?$select=name', { headers: { Prefer: 'odata.maxpagesize=1' } })
    const { world } = api.simulator
    const seen = String(first.json().value[0]?.['emailserverprofileid'])
    const before = '00000000-0000-4000-8000-000000000001'
    const after = 'ffffffff-ffff-4fff-bfff-ffffffffffff'
    for (const id of [before, after]) {
      world.create(world.callers.admin, 'emailserverprofile', {
        emailserverprofileid: id,
        name: id,
        servertype: 3,
        useautodiscover: true,
      })
    }

    const rest: string[] = []
    let link = first.json()['@odata.nextLink']
    while (typeof link === 'string') {
      const page = await send(link, { headers: { Prefer: 'odata.maxpagesize=1' } })
      rest.push(...page.json().value.map((row) => String(row['emailserverprofileid'])))
      link = page.json()['@odata.nextLink']
    }

    expect(rest).toContain(after)
    expect(rest).not.toContain(before)
    expect(rest).not.toContain(seen)
  })

  const altered = [
    { change: (link: string) => link.replace('pagenumber=%222', 'pagenumber=%223'), reason: 'the page number' },
    { change: (link: string) => link.replace(/%257b[0-9A-F]{8}/, '%257b00000000'), reason: 'the last row' },
    { change: (link: string) => link.replace('$select=name', '$select=emailaddress'), reason: 'the columns' },
    { change: (link: string) => `${link}&$top=1`, reason: 'an option more' },
    { change: (link: string) => link.replace(/skiptoken=.*/, 'skiptoken=%3Cnonsense'), reason: 'nonsense' },
  ]
  it.each(altered)('refuse a link that was altered: $reason', async ({ change }) => {
    const api = await startApi()
    const link = String((await api.call('mailboxes?$select=name', { headers: SMALL })).json()['@odata.nextLink'])

    const answer = await send(change(link), { headers: SMALL })

    expect(change(link)).not.toBe(link)
    expect(answer.status).toBe(400)
  })

  it('refuse a link followed with another page size', async () => {
    const api = await startApi()
    const link = String((await api.call('mailboxes?$select=name', { headers: SMALL })).json()['@odata.nextLink'])

    expect((await send(link)).status).toBe(400)
    expect((await send(link, { headers: SMALL })).status).toBe(200)
  })

  it('name another host where the server stands behind a proxy', async () => {
    const api = await startApi({ linkOrigin: 'http://crm-app01.internal:5555' })

    const answer = await api.call('mailboxes?$select=name', { headers: SMALL })

    expect(answer.json()['@odata.nextLink']).toMatch(
      /^http:\/\/crm-app01\.internal:5555\/contoso-sales\/api\/data\/v9\.1\//,
    )
  })

  it('$top bounds the answer, gives no link, and is ignored beside a page size', async () => {
    const api = await startApi()

    const alone = await api.call('mailboxes?$select=name&$top=2')
    const beside = await api.call('mailboxes?$select=name&$top=2', { headers: SMALL })

    expect(alone.json().value).toHaveLength(2)
    expect(alone.json()).not.toHaveProperty('@odata.nextLink')
    expect(beside.json().value).toHaveLength(3)
    expect(beside.json()).toHaveProperty('@odata.nextLink')
  })
})

describe('counts', () => {
  it('are given with $count=true, for the whole filter and on every page', async () => {
    const api = await startApi()
    const users = userMailboxes(api).length
    const filter = encodeURIComponent('regardingobjectid/systemuserid ne null')

    const answer = await api.call(`mailboxes?$select=name&$count=true&$filter=${filter}`, { headers: SMALL })
    const bare = await api.call(`mailboxes/$count?$filter=${filter}`)

    expect(answer.json()['@odata.count']).toBe(users)
    expect(bare.text).toBe(String(users))
    expect(bare.headers['content-type']).toBe('text/plain')
  })

  it('stop at 5000, and only an annotation tells that there is more', async () => {
    const api = await startApi({ mailboxes: 5100 })

    const answer = await api.call('mailboxes?$select=name&$count=true', {
      headers: { Prefer: 'odata.maxpagesize=1,odata.include-annotations="Microsoft.Dynamics.CRM.*"' },
    })
    const bare = await api.call('mailboxes/$count')

    expect(answer.json()['@odata.count']).toBe(5000)
    expect(answer.json()['@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded']).toBe(true)
    expect(bare.text).toBe('5000')
  })
})

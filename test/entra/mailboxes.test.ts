import { describe, expect, it } from 'vitest'
import type { MailboxFact } from '../../src/entra/tenant.ts'
import { startDirectory } from './directory.ts'
import { type Answer, errorOf, graphError, never } from './tenant-server.ts'

const USER = '12345678-0000-4000-8000-000000000001'

interface Person {
  readonly users?: Answer
  readonly settings?: Answer
}

const found = (...proxyAddresses: string[]): Answer => ({ json: { value: [{ id: USER, proxyAddresses }] } })
const PURPOSE: Answer = { json: { '@odata.context': 'x', value: 'shared' } }

async function factOf(
  address: string,
  { users, settings }: Person,
  patienceMs?: number,
): Promise<MailboxFact | undefined> {
  const { client } = await startDirectory(
    {
      before: ({ path, isPart }) => {
        if (!isPart) return undefined
        return path.startsWith('/users?') ? users : settings
      },
    },
    patienceMs === undefined ? {} : { patienceMs },
  )
  return (await client.reader().mailboxes([address], never)).get(address)
}

describe('the mailbox of an address', () => {
  it.each<{ reason: string; person: Person; fact: MailboxFact }>([
    {
      reason: 'answers, with its primary address',
      person: { users: found('smtp:anna@contoso.com', 'SMTP:anna.berg@contoso.com', 'x500:/o=x'), settings: PURPOSE },
      fact: { state: 'Present', primaryAddress: 'anna.berg@contoso.com', purpose: 'shared' },
    },
    { reason: 'is nobody’s', person: { users: { json: { value: [] } } }, fact: { state: 'Absent', why: 'NoSuchUser' } },
    {
      reason: 'is not in Exchange Online',
      person: { users: found('SMTP:anna@contoso.com'), settings: graphError(404, 'MailboxNotEnabledForRESTAPI') },
      fact: { state: 'Absent', why: 'NotInExchangeOnline' },
    },
  ])('$reason', async ({ person, fact }) => {
    expect(await factOf('anna@contoso.com', person)).toEqual(fact)
  })

  it.each<{ reason: string; person: Person; why: RegExp }>([
    {
      reason: 'the permission is missing or narrowed',
      person: { users: found('SMTP:anna@contoso.com'), settings: graphError(403, 'ErrorAccessDenied') },
      why: /MailboxSettings\.Read/,
    },
    {
      reason: 'users may not be read',
      person: { users: graphError(403, 'Authorization_RequestDenied') },
      why: /User\.Read\.All/,
    },
    {
      reason: 'a 404 says something else',
      person: { users: found('SMTP:anna@contoso.com'), settings: graphError(404, 'ResourceNotFound') },
      why: /ResourceNotFound/,
    },
    { reason: 'two users have it', person: { users: { json: { value: [{}, {}] } } }, why: /2 users/ },
    { reason: 'the user does not have it', person: { users: found('SMTP:other@contoso.com') }, why: /does not have/ },
    {
      reason: 'the list is not whole',
      person: { users: { json: { value: [], '@odata.nextLink': 'x' } } },
      why: /whole/,
    },
    { reason: 'the answer is no list', person: { users: { json: {} } }, why: /whole/ },
  ])('is unknown where $reason', async ({ person, why }) => {
    const fact = await factOf('anna@contoso.com', person)

    expect(fact).toMatchObject({ state: 'Unknown', why: expect.stringMatching(why) })
  })

  it('that stays throttled is unknown, after asking again within the patience', async () => {
    const users = graphError(429, 'TooManyRequests', '', { 'Retry-After': '5' })

    expect(await factOf('anna@contoso.com', { users }, 20_000)).toMatchObject({
      state: 'Unknown',
      why: expect.stringMatching(/429/),
    })
  })

  it('is asked for by the filter of its address, quotes doubled, with only the fields that are needed', async () => {
    const { client, asked } = await startDirectory({
      before: ({ isPart }) => (isPart ? { json: { value: [] } } : undefined),
    })

    await client.reader().mailboxes(["o'neil@contoso.com"], never)

    expect(asked()[0]?.json).toEqual({
      requests: [
        {
          id: '0',
          method: 'GET',
          url: `/users?$count=true&$filter=${encodeURIComponent("proxyAddresses/any(p:p eq 'smtp:o''neil@contoso.com') or proxyAddresses/any(p:p eq 'SMTP:o''neil@contoso.com')")}&$select=id,proxyAddresses`,
          headers: { ConsistencyLevel: 'eventual' },
        },
      ],
    })
  })
})

describe('many mailboxes', () => {
  const addresses = Array.from({ length: 45 }, (_, index) => `person${index}@contoso.com`)

  it('go in batches of twenty, and only what was throttled is asked again', async () => {
    const throttled = new Set(['person3@contoso.com', 'person44@contoso.com'])
    const { client, asked, time } = await startDirectory({
      before: ({ path, isPart }) => {
        if (!isPart) return undefined
        if (!path.startsWith('/users?')) return PURPOSE
        const address = /smtp:([^']*)/.exec(path)?.[1] ?? ''
        if (throttled.delete(address)) return graphError(429, 'TooManyRequests', '', { 'Retry-After': '7.5' })
        return found(`SMTP:${address}`)
      },
    })

    const facts = await client.reader().mailboxes(addresses, never)

    expect([...facts.values()].every(({ state }) => state === 'Present')).toBe(true)
    const sizes = asked().map(({ json }) => (json as { requests: unknown[] }).requests.length)
    expect(sizes.slice(0, 4).sort()).toEqual([2, 20, 20, 5].sort())
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(45 + 2 + 45)
    expect(time.waits).toEqual([7500])
  })

  it('are asked for once by a reader', async () => {
    const { client, asked } = await startDirectory({
      before: ({ isPart }) => (isPart ? { json: { value: [] } } : undefined),
    })
    const reader = client.reader()

    await reader.mailboxes(['a@contoso.com'], never)
    const again = await reader.mailboxes(['a@contoso.com'], never)

    expect(again.get('a@contoso.com')).toEqual({ state: 'Absent', why: 'NoSuchUser' })
    expect(asked()).toHaveLength(1)
  })

  it('fail together where nothing can be asked at all', async () => {
    const { client } = await startDirectory({ before: () => graphError(403, 'Authorization_RequestDenied') })

    expect(await errorOf(client.reader().mailboxes(addresses, never))).toMatchObject({ code: 'Forbidden' })
  })
})

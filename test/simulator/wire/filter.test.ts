import { describe, expect, it } from 'vitest'
import { type Api, startApi, stored, userMailboxes } from './exchange.ts'

/** Three mailboxes with known columns; the rest of the organization stays as seeded. */
async function startKnown(options = {}): Promise<{ api: Api; ids: readonly [string, string, string] }> {
  const api = await startApi(options)
  const [a = '', b = '', c = ''] = userMailboxes(api)
  const { world } = api.simulator
  world.update(world.callers.admin, 'mailbox', a, { ewsurl: "O'Brien_1 (x)", itemsprocessedforlastsync: 3 })
  world.update(world.callers.admin, 'mailbox', b, {
    ewsurl: 'obrien%2',
    itemsprocessedforlastsync: 7,
    lastautodiscoveredon: '2026-02-03T04:05:06Z',
  })
  world.update(world.callers.admin, 'mailbox', c, { ewsurl: 'Zulu', itemsprocessedforlastsync: null })
  return { api, ids: [a, b, c] }
}

async function found({ api, ids }: Awaited<ReturnType<typeof startKnown>>, filter: string): Promise<string> {
  const path = `mailboxes?$select=mailboxid&$filter=${encodeURIComponent(filter)}`
  const answer = await api.call(path)
  expect(answer.status, answer.text).toBe(200)
  const matched = answer.json().value.map((row) => row['mailboxid'])
  return ids.map((id, at) => (matched.includes(id) ? 'abc'[at] : '')).join('')
}

describe('$filter', () => {
  const cases = [
    { filter: "ewsurl eq 'ZULU'", expected: 'c', reason: 'text compares without regard to case' },
    { filter: "ewsurl eq 'O''Brien_1 (x)'", expected: 'a', reason: 'a quote is doubled' },
    { filter: "ewsurl ne 'zulu'", expected: 'ab', reason: 'not equal' },
    { filter: "contains(ewsurl,'brien')", expected: 'ab', reason: 'contains' },
    { filter: "startswith(ewsurl,'o')", expected: 'ab', reason: 'startswith' },
    { filter: "endswith(ewsurl,'2')", expected: 'b', reason: 'endswith' },
    { filter: "contains(ewsurl,'[%]2')", expected: 'b', reason: 'a bracketed wildcard is itself' },
    { filter: "startswith(ewsurl,'o%1')", expected: 'a', reason: 'the text functions take LIKE wildcards' },
    { filter: "endswith(ewsurl,'_ulu')", expected: 'c', reason: 'the underscore is any character' },
    { filter: 'itemsprocessedforlastsync gt 3', expected: 'b', reason: 'rows without a value are not greater' },
    { filter: 'itemsprocessedforlastsync ge 3', expected: 'ab', reason: 'ge' },
    { filter: 'itemsprocessedforlastsync lt 7', expected: 'a', reason: 'rows without a value are not smaller' },
    { filter: 'itemsprocessedforlastsync le 7', expected: 'ab', reason: 'le' },
    { filter: 'itemsprocessedforlastsync eq null', expected: 'c', reason: 'null' },
    { filter: 'itemsprocessedforlastsync ne null', expected: 'ab', reason: 'not null' },
    { filter: 'itemsprocessedforlastsync ne 3', expected: 'bc', reason: 'not equal includes rows without a value' },
    { filter: 'not (itemsprocessedforlastsync eq 3)', expected: 'bc', reason: 'so does not' },
    {
      filter: "not contains(ewsurl,'brien') and isforwardmailbox eq false",
      expected: 'c',
      reason: 'not binds tighter',
    },
    {
      filter: "ewsurl eq 'zulu' or ewsurl eq 'obrien%2' and itemsprocessedforlastsync eq 3",
      expected: 'c',
      reason: 'and binds tighter than or',
    },
    {
      filter: "(ewsurl eq 'zulu' or ewsurl eq 'obrien%2') and itemsprocessedforlastsync eq 7",
      expected: 'b',
      reason: 'parentheses',
    },
    { filter: 'lastautodiscoveredon gt 2026-02-03T04:05:05Z', expected: 'b', reason: 'dates' },
    { filter: 'lastautodiscoveredon eq 2026-02-03T05:05:06+01:00', expected: 'b', reason: 'a date in another zone' },
    { filter: 'lastautodiscoveredon lt 2026-02-03', expected: 'ac', reason: 'a date without a time' },
    {
      filter: 'Microsoft.Dynamics.CRM.In(PropertyName=\'ewsurl\',PropertyValues=["zulu","O\'Brien_1 (x)"])',
      expected: 'ac',
      reason: 'In takes JSON strings',
    },
    {
      filter: "Microsoft.Dynamics.CRM.In(PropertyName='itemsprocessedforlastsync',PropertyValues=['3','7'])",
      expected: 'ab',
      reason: 'In over numbers',
    },
    { filter: "emailserverprofile/name ne null and ewsurl eq 'zulu'", expected: 'c', reason: 'columns of a lookup' },
    { filter: "regardingobjectid_queue/name ne null and ewsurl eq 'zulu'", expected: '', reason: 'a user is no queue' },
  ]
  it.each(cases)('$filter finds "$expected": $reason', async ({ filter, expected }) => {
    const known = await startKnown()

    expect(await found(known, filter)).toBe(expected)
  })

  it('finds rows by bare and by quoted GUIDs, and by long lists of them', async () => {
    const known = await startKnown()
    const { api, ids } = known
    const [a, b] = ids
    const userOf = (id: string) => (stored(api, 'mailbox', id)['regardingobjectid'] as { id: string }).id

    expect(await found(known, `_regardingobjectid_value eq ${userOf(a).toUpperCase()}`)).toBe('a')
    expect(await found(known, `_regardingobjectid_value eq '${userOf(a)}'`)).toBe('a')
    expect(await found(known, `mailboxid eq ${a} or mailboxid eq ${b}`)).toBe('ab')
  })

  const refused = [
    { filter: "name eq 'O'Brien'", reason: 'an undoubled quote' },
    { filter: "name eq 'open", reason: 'an unterminated literal' },
    { filter: 'name eq 5', reason: 'text is not compared with a number' },
    { filter: "statecode eq '1'", reason: 'a number is not compared with text' },
    { filter: "testmailboxaccesscompletedon gt '2026-01-01'", reason: 'a date is not quoted' },
    { filter: "_ownerid_value eq 'nobody'", reason: 'a lookup is compared with a GUID' },
    { filter: "ownerid eq 'x'", reason: 'a lookup is filtered as _x_value' },
    { filter: 'name gt null', reason: 'null has no order' },
    { filter: 'name', reason: 'not a condition' },
    { filter: "name eq 'x' and", reason: 'an open end' },
    { filter: "(name eq 'x'", reason: 'an open parenthesis' },
    { filter: "name eq 'x')", reason: 'one parenthesis too many' },
    { filter: "tolower(name) eq 'x'", reason: 'a function that is not known' },
    { filter: "contains(statecode,'1')", reason: 'contains wants text' },
    { filter: 'name eq emailaddress', reason: 'columns are not compared with columns' },
    { filter: `${'('.repeat(200)}name eq 'x'${')'.repeat(200)}`, reason: 'nested too deeply' },
    { filter: Array(600).fill("name eq 'x'").join(' or '), reason: 'more conditions than a query may have' },
  ]
  it.each(refused)('answers 400: $reason', async ({ filter }) => {
    const api = await startApi()

    const answer = await api.call(`mailboxes?$filter=${encodeURIComponent(filter)}`)

    expect(answer.status).toBe(400)
    expect(answer.json()).toHaveProperty('error.message')
  })

  it('does not know In and related columns where the switch says so', async () => {
    const api = await startApi({ switches: { inFunction: false } })

    const inAnswer = await api.call(
      `mailboxes?$filter=${encodeURIComponent("Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=['x'])")}`,
    )
    const related = await api.call(`mailboxes?$filter=${encodeURIComponent("emailserverprofile/name eq 'x'")}`)

    expect([inAnswer.status, related.status]).toEqual([400, 400])
  })
})

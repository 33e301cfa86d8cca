import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { FaultRule } from '../../../src/simulator/index.ts'
import { type Api, type Received, send, startApi, stored, userMailboxes } from './exchange.ts'

const SMALL = { Prefer: 'odata.maxpagesize=3' }
const off = { method: 'PATCH', headers: { 'If-Match': '*' }, body: { outgoingemaildeliverymethod: 0 } }

function outgoing(api: Api, id: string): unknown {
  return stored(api, 'mailbox', id)['outgoingemaildeliverymethod']
}

async function outcome(sent: Promise<Received>): Promise<number | 'lost'> {
  try {
    return (await sent).status
  } catch {
    return 'lost'
  }
}

describe('answers in place of the real one', () => {
  const cases: readonly {
    rule: FaultRule
    status: number
    type: string | undefined
    headers?: Record<string, string>
    text?: string
  }[] = [
    {
      rule: { kind: 'status', status: 429, retryAfter: 1.5 },
      status: 429,
      type: 'json',
      headers: { 'retry-after': '1.5' },
    },
    {
      rule: { kind: 'status', status: 503, retryAfterDateMs: 30_000, body: 'html' },
      status: 503,
      type: 'html',
      headers: { 'retry-after': 'Mon, 23 Nov 2026 08:00:30 GMT' },
    },
    { rule: { kind: 'status', status: 500, body: 'empty' }, status: 500, type: undefined, text: '' },
    {
      rule: { kind: 'status', status: 400, code: '0x80044331', message: 'too long' },
      status: 400,
      type: 'json',
      text: '"code":"0x80044331","message":"too long"',
    },
    { rule: { kind: 'html', page: 'iis-404' }, status: 404, type: 'html' },
    { rule: { kind: 'html', page: 'iis-500' }, status: 500, type: 'html' },
    { rule: { kind: 'html', page: 'iis-502' }, status: 502, type: 'html' },
    { rule: { kind: 'html', page: 'iis-503' }, status: 503, type: 'html', text: 'Service Unavailable' },
    { rule: { kind: 'html', page: 'sign-in' }, status: 200, type: 'html', text: '/adfs/ls/' },
    {
      rule: { kind: 'redirect' },
      status: 302,
      type: 'html',
      headers: { location: 'https://adfs.contoso.example/adfs/ls/?wa=wsignin1.0&wtrealm=crm' },
    },
    { rule: { kind: 'expired-token' }, status: 401, type: 'text/plain' },
  ]
  it.each(cases)('$rule', async ({ rule, status, type, headers = {}, text = '' }) => {
    const api = await startApi({ switches: { errorShape: 'modern' } })
    api.simulator.faults.add(rule)

    const answer = await api.call('WhoAmI()')
    const next = await api.call('WhoAmI()')

    expect(answer.status).toBe(status)
    if (type === undefined) expect(answer.headers['content-type']).toBeUndefined()
    else expect(answer.headers['content-type']).toContain(type)
    expect(answer.headers).toMatchObject(headers)
    expect(answer.text).toContain(text)
    expect(next.status, 'a fault strikes once unless said otherwise').toBe(200)
  })

  it('leave the operation undone, or done where the answer alone is lost', async () => {
    const api = await startApi()
    const [a = '', b = ''] = userMailboxes(api)
    api.simulator.faults.add({ kind: 'html', page: 'iis-502' })
    api.simulator.faults.add({ kind: 'html', page: 'iis-502', effect: true })

    const answers = [await api.call(`mailboxes(${a})`, off), await api.call(`mailboxes(${b})`, off)]

    expect(answers.map((answer) => answer.status)).toEqual([502, 502])
    expect([outgoing(api, a), outgoing(api, b)]).toEqual([2, 0])
  })
})

describe('spoilt answers', () => {
  it('lose their body, change their type, begin with a mark, end in the middle', async () => {
    const api = await startApi()
    const ask = async (rule: FaultRule) => {
      api.simulator.faults.add(rule)
      return api.call('WhoAmI()')
    }
    const good = await api.call('WhoAmI()')

    const empty = await ask({ kind: 'empty-body' })
    const plain = await ask({ kind: 'content-type', contentType: 'text/plain' })
    const marked = await ask({ kind: 'byte-order-mark' })
    const half = await ask({ kind: 'truncated-body' })

    expect([empty.status, empty.text]).toEqual([200, ''])
    expect([plain.headers['content-type'], plain.text]).toEqual(['text/plain', good.text])
    expect(marked.text).toBe(`\uFEFF${good.text}`)
    expect(half.text).toBe(good.text.slice(0, Math.floor(good.text.length / 2)))
    expect(half.headers['content-length']).toBe(String(half.text.length))
  })

  it('show a clock that is wrong', async () => {
    const api = await startApi()
    api.simulator.faults.add({ kind: 'date-skew', skewMs: -3_600_000, times: 'always' })

    expect((await api.call('WhoAmI()')).headers['date']).toBe('Mon, 23 Nov 2026 07:00:00 GMT')
    expect((await api.call('WhoAmI()')).headers['date']).toBe('Mon, 23 Nov 2026 07:00:00 GMT')
  })
})

describe('connections', () => {
  const resets = [
    { effect: false, value: 2, reason: 'before the write took effect' },
    { effect: true, value: 0, reason: 'after it did' },
  ]
  it.each(resets)('are reset $reason', async ({ effect, value }) => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    api.simulator.faults.add({ kind: 'reset', effect })

    const result = await outcome(api.call(`mailboxes(${id})`, off))

    expect([result, outgoing(api, id)]).toEqual(['lost', value])
    expect(api.simulator.log().at(-1)).toMatchObject({ method: 'PATCH', status: undefined })
  })

  it('end in the middle of a body that promised more', async () => {
    const api = await startApi()
    api.simulator.faults.add({ kind: 'half-body' })

    expect(await outcome(api.call('mailboxes?$select=name'))).toBe('lost')
  })

  it('may never bring an answer, and closing the simulator ends them', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    api.simulator.faults.add({ kind: 'no-answer', effect: true })
    const lost = outcome(api.call(`mailboxes(${id})`, off))
    while (outgoing(api, id) !== 0) await new Promise((resolve) => setImmediate(resolve))

    await api.simulator.close()

    expect(await lost).toBe('lost')
  })

  it('bring headers and body late, but whole', async () => {
    const api = await startApi()
    const good = await api.call('WhoAmI()')
    api.simulator.faults.add({ kind: 'slow-headers', delayMs: 5 })
    api.simulator.faults.add({ kind: 'slow-body', delayMs: 6, chunks: 3 })

    const late = await api.call('WhoAmI()')
    const pieces = await piecesOf(`${api.root}WhoAmI()`)

    expect(late.text).toBe(good.text)
    expect(pieces.length).toBe(3)
    expect(pieces.join('')).toBe(good.text)
  })
})

describe('lies of reads', () => {
  it('cut a list: no link although rows remain, while the count betrays it', async () => {
    const api = await startApi()
    api.simulator.faults.add({ kind: 'cut-pages', match: { path: 'mailboxes' } })

    const answer = (await api.call('mailboxes?$select=name&$count=true', { headers: SMALL })).json()

    expect(answer.value).toHaveLength(3)
    expect(answer).not.toHaveProperty('@odata.nextLink')
    expect(answer['@odata.count']).toBe(api.simulator.world.rows('mailbox').size)
  })

  const orders = ['', '&$orderby=emailaddress']
  it.each(orders)('repeat a row on the next page (%s)', async (order) => {
    const api = await startApi()
    api.simulator.faults.add({ kind: 'duplicate-row' })

    const first = (await api.call(`mailboxes?$select=name${order}`, { headers: SMALL })).json()
    const second = (await send(String(first['@odata.nextLink']), { headers: SMALL })).json()
    const third = (await send(String(second['@odata.nextLink']), { headers: SMALL })).json()

    expect(second.value[0]).toEqual(first.value[2])
    expect(third.value[0]).not.toEqual(second.value[2])
  })

  it('name a wrong host in the link', async () => {
    const api = await startApi()
    api.simulator.faults.add({ kind: 'link-host', origin: 'http://crm-app01' })

    const link = (await api.call('mailboxes?$select=name', { headers: SMALL })).json()['@odata.nextLink']

    expect(link).toMatch(/^http:\/\/crm-app01\/contoso-sales\/api\//)
  })

  it('hide rows as if rights were lost: fewer rows, a complete list, and a count that agrees', async () => {
    const api = await startApi({ mailboxes: 60 })
    const [id = ''] = userMailboxes(api)
    const total = api.simulator.world.rows('mailbox').size
    api.simulator.faults.add({ kind: 'hide-rows', ids: [id], share: 0.3, times: 'always' })

    const list = (await api.call('mailboxes?$select=name&$count=true')).json()
    const again = (await api.call('mailboxes?$select=name&$count=true')).json()
    const row = await api.call(`mailboxes(${id})`)

    expect(list.value.length).toBeLessThan(total * 0.85)
    expect(list.value.length).toBeGreaterThan(total * 0.5)
    expect(list['@odata.count']).toBe(list.value.length)
    expect(again, 'the same rows every time').toEqual(list)
    expect(row.status).toBe(404)
  })
})

describe('lies of writes', () => {
  it('say 204 and change nothing', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    const before = stored(api, 'mailbox', id)
    api.simulator.faults.add({ kind: 'lying-write', match: { method: 'PATCH' } })

    const lie = await api.call(`mailboxes(${id})`, off)
    const untouched = stored(api, 'mailbox', id)
    const truth = await api.call(`mailboxes(${id})`, off)

    expect([lie.status, truth.status]).toEqual([204, 204])
    expect(untouched).toBe(before)
    expect(outgoing(api, id)).toBe(0)
  })

  it('do not hide a refusal', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    api.simulator.faults.add({ kind: 'lying-write' })

    const answer = await api.call(`mailboxes(${id})`, { ...off, body: { name: 5 } })

    expect(answer.status).toBe(400)
  })
})

describe('rules', () => {
  it('strike what they match, after a grace, so many times', async () => {
    const api = await startApi()
    api.simulator.faults.add({
      kind: 'status',
      status: 503,
      times: 2,
      after: 1,
      match: { method: 'GET', path: '/^queues\\?.*name/' },
    })
    const ask = async (path: string) => (await api.call(path)).status

    const others = [await ask('mailboxes?$select=name'), await ask('queues?$select=queueid')]
    const met = [
      await ask('queues?$select=name'),
      await ask('queues?$select=name'),
      await ask('queues?$select=name'),
      await ask('queues?$select=name'),
    ]

    expect(others).toEqual([200, 200])
    expect(met).toEqual([200, 503, 503, 200])
  })

  it('draw their chances from the seed', async () => {
    const pattern = async (seed: number) => {
      const api = await startApi({ seed })
      api.simulator.faults.add({ kind: 'status', status: 429, times: 'always', probability: 0.5 })
      const statuses: number[] = []
      for (let round = 0; round < 20; round++) statuses.push((await api.call('WhoAmI()')).status)
      return statuses
    }

    const [first, same, other] = [await pattern(1), await pattern(1), await pattern(2)]

    expect(first).toEqual(same)
    expect(first).not.toEqual(other)
    expect(new Set(first)).toEqual(new Set([200, 429]))
  })

  it('reach parts of a batch only where they are meant to', async () => {
    const api = await startApi()
    const ids = userMailboxes(api)
    const path = new URL(api.root).pathname
    const parts = ids.map(
      (id) =>
        `--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nPATCH ${path}mailboxes(${id}) HTTP/1.1\r\nIf-Match: *\r\nContent-Type: application/json\r\n\r\n{"outgoingemaildeliverymethod":0}\r\n`,
    )
    api.simulator.faults.add({ kind: 'status', status: 500, match: { path: 'mailboxes(' }, times: 'always' })
    api.simulator.faults.add({ kind: 'status', status: 429, retryAfter: 2, match: { operation: 'part' }, after: 1 })
    api.simulator.faults.add({ kind: 'lying-write', match: { operation: 'part', path: 'mailboxes(' }, after: 2 })

    const answer = await api.call('$batch', {
      method: 'POST',
      headers: { 'Content-Type': 'multipart/mixed;boundary=b', Prefer: 'odata.continue-on-error' },
      body: `${parts.join('')}--b--\r\n`,
    })

    const statuses = [...answer.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]))
    expect(answer.status).toBe(200)
    expect(statuses).toEqual([204, 429, 204, ...ids.slice(3).map(() => 204)])
    expect(answer.text).toContain('Retry-After: 2\r\n')
    expect(ids.map((id) => outgoing(api, id))).toEqual([0, 2, 2, ...ids.slice(3).map(() => 0)])
  })

  it('of an unknown kind, or that cannot work, are refused', async () => {
    const api = await startApi()

    expect(() => api.simulator.faults.add({ kind: 'gremlin' } as unknown as FaultRule)).toThrow(
      /unknown fault kind 'gremlin'/,
    )
    expect(() => api.simulator.faults.add({ kind: 'status' } as unknown as FaultRule)).toThrow(/needs 'status'/)
    expect(() => api.simulator.faults.add({ kind: 'reset', match: { operation: 'part' } })).toThrow(
      /cannot strike a part/,
    )
  })
})

/** The pieces in which a body arrives. */
function piecesOf(url: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { agent: false }, (response) => {
      const pieces: string[] = []
      response.on('data', (chunk: Buffer) => pieces.push(chunk.toString('utf8')))
      response.on('end', () => resolve(pieces))
    })
    sending.on('error', reject)
    sending.end()
  })
}

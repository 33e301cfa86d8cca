import { afterEach, describe, expect, it } from 'vitest'
import type { ExplainShape, ObjectPage, ScopeShape } from '../../../src/daemon/api/shapes.ts'
import type { Drift, ScopeReport } from '../../../src/daemon/board.ts'
import { conditionsOf } from '../../../src/reconcile/conditions.ts'
import { change, exception, outcome, resultOf, verdict } from '../../reconcile/fake-result.ts'
import { emptyBoard, reportOf, type ServedApi, serveApi, standingOf } from './serving.ts'

const OBJECTS = '/api/v1/scopes/organization/sales/objects'

/** Addresses that only differ by case, and names that mean something to whatever prints them without care. */
const HOSTILE = [
  'ann@contoso.com',
  'Ann@contoso.com',
  '<script>alert(1)</script>@contoso.com',
  'level=error\r\nmsg=forged@contoso.com',
  '=cmd()@contoso.com',
  'b\u202eob@contoso.com',
  `${'x'.repeat(400)}@contoso.com`,
  '__proto__',
  'a/b?c#d%20e@contoso.com',
]

let served: ServedApi
afterEach(() => served.close())

function desiredOf(addresses: readonly string[]) {
  const origin = { file: 'sales.yaml', line: 9, column: 5 }
  const mailboxes = new Map(addresses.map((address) => [address, { address, set: 'sales', origin }]))
  return { name: 'sales', mailboxes, profiles: new Map() } as never
}

async function serveReport(report: ScopeReport, addresses: readonly string[]): Promise<ReturnType<typeof emptyBoard>> {
  const board = emptyBoard()
  board.setScope(standingOf(desiredOf(addresses), report))
  served = await serveApi({ board })
  return board
}

async function keysAt(query: string): Promise<readonly string[]> {
  const { body, status, text } = await served.get<ObjectPage>(`${OBJECTS}?${query}`)
  if (status !== 200) throw new Error(text)
  return body.items.map(({ key }) => key)
}

describe('states of objects', () => {
  const names = [
    'healthy',
    'failing',
    'held',
    'unclear',
    'running',
    'untested',
    'to-begin',
    'never-begun',
    'planned',
    'refused',
    'waits-and-fails',
  ]
  const result = () =>
    resultOf({
      wished: names,
      verdicts: {
        healthy: 'True',
        failing: verdict('False', 'Unauthorized'),
        held: 'True',
        unclear: 'True',
        running: verdict('Unknown', 'TestRunning'),
        'to-begin': verdict('Unknown', 'NotBegun'),
        'never-begun': verdict('Unknown', 'NotBegun'),
        planned: 'True',
        refused: 'True',
        'waits-and-fails': verdict('False', 'Unauthorized'),
      },
      changes: [change('planned'), change('refused'), change('to-begin')],
      outcomes: [outcome('refused', 'Failed', { code: 'Forbidden', message: 'no' })],
      exceptions: [
        exception('held', 'Held', 'Held'),
        exception('unclear', 'Unknown', 'Unknown'),
        exception('waits-and-fails', 'Waiting', 'Waiting'),
      ],
    })

  it.each([
    { key: 'healthy', state: 'healthy', reason: 'its test passed' },
    { key: 'failing', state: 'failing', reason: 'its test failed' },
    { key: 'held', state: 'waiting', reason: 'it works, but it is not settled' },
    { key: 'unclear', state: 'unknown', reason: 'it cannot be told' },
    { key: 'running', state: 'waiting', reason: 'a test ends by itself' },
    { key: 'untested', state: 'unknown', reason: 'nothing tells whether a mailbox works' },
    { key: 'to-begin', state: 'waiting', reason: 'what is planned for it brings a test' },
    { key: 'never-begun', state: 'unknown', reason: 'nothing is planned that would bring a test' },
    { key: 'planned', state: 'healthy', reason: 'it works while a change is planned' },
    { key: 'refused', state: 'failing', reason: 'what was written was refused' },
    { key: 'waits-and-fails', state: 'failing', reason: 'what fails is looked at first' },
  ])('$key is $state: $reason', async ({ key, state }) => {
    await serveReport(reportOf(result()), names)

    expect(await keysAt(`kind=Mailbox&state=${state}`)).toContain(key)
  })

  it('each mailbox is counted in one state, and the filter finds as many', async () => {
    await serveReport(reportOf(result()), names)

    const { body } = await served.get<ScopeShape>('/api/v1/scopes/organization/sales')

    const { total, healthy, waiting, failing, unknown } = body.mailboxes ?? ({} as never)
    expect([total, healthy + waiting + failing + unknown]).toEqual([names.length, names.length])
    for (const [state, count] of Object.entries({ healthy, waiting, failing, unknown }))
      expect(await keysAt(`kind=Mailbox&state=${state}`), state).toHaveLength(count)
  })

  it('what took effect is planned no more, and what was refused is told', async () => {
    await serveReport(
      reportOf({ ...result(), outcomes: [outcome('planned', 'Applied'), ...(result().outcomes ?? [])] }),
      names,
    )

    const { body } = await served.get<ScopeShape>('/api/v1/scopes/organization/sales')

    expect(body.plan?.changes).toBe(2)
    expect(body.causes).toContainEqual(expect.objectContaining({ code: 'Forbidden', count: 1, heading: 'failed' }))
    expect(body.tone).toBe('trouble')
  })

  it('finds the objects of a cause by its code, as many as the cause counts', async () => {
    await serveReport(reportOf(result()), names)

    const { body } = await served.get<ScopeShape>('/api/v1/scopes/organization/sales')

    for (const code of ['Unauthorized', 'Held', 'Unknown', 'Waiting']) {
      const count = body.causes.find((cause) => cause.code === code)?.count
      expect(await keysAt(`cause=${code}`), code).toHaveLength(count ?? -1)
    }
  })
})

describe('pages of objects', () => {
  const many = Array.from({ length: 25 }, (_, index) => `person-${String(index).padStart(2, '0')}@contoso.com`)
  const verdicts = Object.fromEntries(many.map((key, index) => [key, index % 3 === 0 ? 'False' : 'True'] as const))

  async function walk(query: string, between?: () => void): Promise<readonly string[]> {
    const seen: string[] = []
    let cursor = ''
    for (let page = 0; page < 20; page += 1) {
      const { body } = await served.get<ObjectPage>(`${OBJECTS}?${query}${cursor}`)
      seen.push(...body.items.map(({ key }) => key))
      if (body.next === undefined) return seen
      cursor = `&cursor=${body.next}`
      between?.()
    }
    throw new Error('the pages have no end')
  }

  it.each(['label', '-label', 'state', '-state'])('by %s tell every object once', async (sort) => {
    await serveReport(reportOf(resultOf({ wished: many, verdicts })), many)

    const whole = await keysAt(`kind=Mailbox&limit=500&sort=${sort}`)

    expect(await walk(`kind=Mailbox&limit=4&sort=${sort}`)).toEqual(whole)
    expect([...whole].sort()).toEqual(many)
  })

  it('by state begin with what fails', async () => {
    await serveReport(reportOf(resultOf({ wished: many, verdicts })), many)

    const keys = await keysAt('kind=Mailbox&sort=state&limit=9')

    expect(keys.every((key) => verdicts[key] === 'False')).toBe(true)
  })

  it.each(['label', 'state'])('by %s stay right when a new pass arrives in between', async (sort) => {
    const board = await serveReport(reportOf(resultOf({ wished: many, verdicts })), many)
    let passes = 0
    const newPass = () => {
      passes += 1
      const wished = [...many.slice(0, -1).filter((_, index) => index !== passes), `aaa-${passes}@contoso.com`]
      board.setScope(standingOf(desiredOf(wished), reportOf(resultOf({ wished, verdicts: { ...verdicts } }))))
    }

    const seen = await walk(`kind=Mailbox&limit=5&sort=${sort}`, newPass)

    expect(seen).toEqual([...new Set(seen)])
    const alwaysThere = many.filter((_, index) => index > passes && index < many.length - 1)
    expect(alwaysThere.filter((key) => !seen.includes(key))).toEqual([])
  })

  it.each([
    { query: 'limit=0', reason: 'no rows' },
    { query: 'limit=501', reason: 'more than the most' },
    { query: 'limit=ten', reason: 'no number' },
    { query: 'state=broken', reason: 'no state' },
    { query: 'sort=key', reason: 'no order' },
    { query: `q=${'x'.repeat(321)}`, reason: 'longer than any address' },
  ])('refuse $query: $reason', async ({ query }) => {
    await serveReport(reportOf(resultOf({ wished: many })), many)

    expect(await served.get(`${OBJECTS}?${query}`)).toMatchObject({ status: 400 })
  })

  it('refuse the cursor of another order', async () => {
    await serveReport(reportOf(resultOf({ wished: many })), many)
    const { body } = await served.get<ObjectPage>(`${OBJECTS}?limit=1&sort=label`)

    const answer = await served.get(`${OBJECTS}?limit=1&sort=state&cursor=${body.next}`)

    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'BadCursor' } } })
  })

  it('tell drift, and filter by it', async () => {
    const drift: Drift = {
      stage: 'mailbox',
      kind: 'Mailbox',
      key: many[3] ?? '',
      label: many[3] ?? '',
      sentence: 'is approved',
      since: '2026-11-20T08:00:00.000Z',
    }
    await serveReport(reportOf(resultOf({ wished: many, verdicts }), { drift: [drift] }), many)

    expect(await keysAt('kind=Mailbox&drifted=true')).toEqual([many[3]])
    expect(await keysAt('kind=Mailbox&drifted=false&limit=500')).toHaveLength(many.length - 1)
  })

  it('leave out what nobody manages unless it is asked for', async () => {
    const report = reportOf(resultOf({ wished: many, verdicts }))
    const wished = new Set(many.slice(1))
    const presence = new Map([
      ['Mailbox', { kind: 'Mailbox', wished, present: wished, labels: new Map(), complete: true }],
    ])
    const result = { ...report.result, presence }
    await serveReport({ ...report, result, conditions: conditionsOf(result) }, many.slice(1))

    expect(await keysAt('kind=Mailbox&limit=500')).toHaveLength(24)
    expect(await keysAt('kind=Mailbox&limit=500&unmanaged=with')).toHaveLength(25)
    expect(await keysAt('kind=Mailbox&unmanaged=only')).toEqual([many[0]])
  })
})

describe('what a process that stays running says of what it does not write', () => {
  const planned = resultOf({ wished: ['ann'], changes: [change('ann')], more: { reads: new Map() } })
  const guard = {
    guard: 'move',
    decision: 'override',
    message: '12 of 40 mailboxes move; if that is meant, say --allow move',
  } as const
  const drift: Drift = {
    stage: 'mailbox',
    kind: 'Mailbox',
    key: 'ann',
    label: 'ann',
    sentence: 'ann is approved',
    since: '2026-11-20T08:00:00.000Z',
    by: 'Bob Admin',
  }
  const held = { code: 'NoChangeWindow', message: 'no change window is open before 22:00 UTC' }

  async function serveWith(result: typeof planned, more: object): Promise<void> {
    const board = emptyBoard()
    board.setScope(standingOf(desiredOf(['ann']), reportOf(result, { drift: [drift] }), more))
    served = await serveApi({ board })
  }

  const ask = (key: string, kind: string) => served.get<ExplainShape>(`${OBJECTS}/${key}?kind=${kind}`)

  it.each([
    { result: planned, more: {}, next: 'The next pass makes it so.', reason: 'nothing holds it' },
    {
      result: planned,
      more: { held },
      next: /^It cannot be written: No change window|no change window/,
      reason: 'it is held',
    },
    {
      result: { ...planned, verdicts: [guard], decision: 'override' as const },
      more: { held: { code: 'OverrideNeeded', message: guard.message } },
      next: /`move` stops the whole organization; if that is meant, commit an Override for it\.$/,
      reason: 'a guard asks',
    },
    { result: planned, more: { policy: 'Observe' }, next: /policy is Observe/, reason: 'it only observes' },
  ])('tells the next step where $reason', async ({ result, more, next }) => {
    await serveWith(result, more)

    const { body } = await ask('ann', 'Mailbox')

    expect(body.next).toMatch(next)
    expect(JSON.stringify(body)).not.toMatch(/`mailkeel apply|--allow/)
    expect(body.notes).toContain('drift: ann is approved (noticed 2026-11-20 08:00 UTC, changed by Bob Admin)')
  })

  it('tells of the organization that it is held, and why', async () => {
    await serveWith(planned, { held })

    const { body } = await ask('sales', 'Organization')

    expect(body.links.find(({ broken }) => broken)).toMatchObject({ name: 'held', text: held.message })
  })

  it('tells guards and what holds a scope without a flag of the command line', async () => {
    const more = { held: { code: 'OverrideNeeded', message: guard.message } }
    await serveWith({ ...planned, verdicts: [guard], decision: 'override' }, more)

    const { body, text } = await served.get<ScopeShape>('/api/v1/scopes/organization/sales')

    expect(body.guards[0]?.message).toBe('12 of 40 mailboxes move; if that is meant, commit an Override for it')
    expect(text).not.toContain('--allow')
  })
})

describe('A24, A25, A26: hostile names', () => {
  it('come out as text of JSON that nothing obeys, each for itself', async () => {
    await serveReport(reportOf(resultOf({ wished: HOSTILE })), HOSTILE)

    const { body, text, type } = await served.get<ObjectPage>(`${OBJECTS}?kind=Mailbox`)

    expect(type).toBe('application/json; charset=utf-8')
    expect(body.items.map(({ key }) => key).toSorted()).toEqual(HOSTILE.toSorted())
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is what is looked at.
    expect(text).not.toMatch(/[\u0000-\u001f\u007f\u202e]/)
  })

  it.each(HOSTILE)('%j is found by its key and explained', async (key) => {
    await serveReport(reportOf(resultOf({ wished: HOSTILE, more: { reads: new Map() } })), HOSTILE)

    const answer = await served.get<ExplainShape>(`${OBJECTS}/${encodeURIComponent(key)}?kind=Mailbox`)

    expect(answer.status).toBe(200)
    expect(answer.body.title.startsWith(key)).toBe(true)
  })

  it('addresses that only differ by case are both found by either', async () => {
    await serveReport(reportOf(resultOf({ wished: HOSTILE })), HOSTILE)

    expect(await keysAt('kind=Mailbox&q=ANN%40contoso')).toEqual(['Ann@contoso.com', 'ann@contoso.com'])
  })
})

describe('50,000 mailboxes', () => {
  it('are paged in a few milliseconds once they are indexed, and never stop the process for long', async () => {
    const wished = Array.from({ length: 50_000 }, (_, index) => `${(index * 7919) % 50_000}.person@contoso.com`)
    const verdicts = Object.fromEntries(
      wished.map((key, index) => [key, index % 10 === 0 ? verdict('False', 'Unauthorized') : 'True'] as const),
    )
    await serveReport(reportOf(resultOf({ wished, verdicts })), wished)
    const turns = countTurns()
    const first = await served.get<ObjectPage>(`${OBJECTS}?kind=Mailbox&sort=state`)
    const others = turns.stop()

    const begun = process.cpuUsage()
    let cursor = first.body.next
    for (let page = 0; page < 10; page += 1) {
      const { body } = await served.get<ObjectPage>(`${OBJECTS}?kind=Mailbox&sort=state&cursor=${cursor}`)
      cursor = body.next
    }
    const { user } = process.cpuUsage(begun)

    expect(first.body).toMatchObject({ total: 50_000, items: { length: 100 } })
    // A wide margin, as the machine of a test is busy: alone it is 4 ms a page.
    expect(user / 1000 / 10).toBeLessThan(60)
    // No turn is longer than 4,096 objects: 13 turns to look at them, 13 to sort, and those that merge and part.
    expect(others).toBeGreaterThan(50)
  }, 30_000)
})

/** How often somebody else got a turn. */
function countTurns(): { stop(): number } {
  let turns = 0
  let isOver = false
  const next = () => {
    turns += 1
    if (!isOver) setImmediate(next)
  }
  setImmediate(next)
  return {
    stop() {
      isOver = true
      return turns
    },
  }
}

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startSimulator } from '../../../src/simulator/index.ts'
import { type Api, type Sent, send, startApi, stored, userMailboxes } from './exchange.ts'

function control({ root }: Api, path: string, sent: Sent = {}) {
  return send(`${new URL(root).origin}/_simulator/${path}`, sent)
}

const off = {
  method: 'PATCH',
  headers: { 'If-Match': '*' },
  body: { outgoingemaildeliverymethod: 0, password: 'hunter2' },
}

describe('what was asked', () => {
  it('is counted by route, with reads, writes and the parts of batches', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    const path = new URL(api.root).pathname
    await api.call('mailboxes?$select=name')
    await api.call('mailboxes?$select=name&$top=1')
    await api.call(`mailboxes(${id})`, off)
    await api.call('$batch', {
      method: 'POST',
      headers: { 'Content-Type': 'multipart/mixed;boundary=b' },
      body: `--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nPATCH ${path}mailboxes(${id}) HTTP/1.1\r\nIf-Match: *\r\nContent-Type: application/json\r\n\r\n{"outgoingemaildeliverymethod":2}\r\n--b--\r\n`,
    })

    const counts = (await control(api, 'requests')).json()
    await control(api, 'requests', { method: 'DELETE' })
    const after = (await control(api, 'requests')).json()

    expect(counts).toEqual({
      routes: { 'GET mailboxes': 2, 'PATCH mailboxes(id)': 2, 'POST $batch': 1 },
      requests: 4,
      batches: 1,
      operations: 4,
      reads: 2,
      writes: 2,
    })
    expect(after).toMatchObject({ routes: {}, requests: 0, writes: 0 })
  })

  it('is logged with columns and conditions, and without values', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    await api.call(`mailboxes(${id})`, off)
    await api.call(`mailboxes(${id})`, { method: 'PATCH', body: { name: 5 } })

    const log = await control(api, 'log?last=2')

    expect(JSON.parse(log.text)).toEqual([
      {
        kind: 'request',
        at: '2026-11-23T08:00:00.000Z',
        method: 'PATCH',
        path: `mailboxes(${id})`,
        ifMatch: '*',
        columns: ['outgoingemaildeliverymethod', 'password'],
        status: 204,
      },
      expect.objectContaining({ columns: ['name'], status: 400 }),
    ])
    expect(log.text).not.toContain('hunter2')
  })
})

describe('control routes', () => {
  it('add, list and remove faults', async () => {
    const api = await startApi()

    const added = await control(api, 'faults', {
      method: 'POST',
      body: { kind: 'html', page: 'iis-503', times: 'always' },
    })
    const struck = await api.call('WhoAmI()')
    const listed = (await control(api, 'faults')).json()
    await control(api, `faults/${String(added.json()['id'])}`, { method: 'DELETE' })
    const healed = await api.call('WhoAmI()')

    expect([struck.status, healed.status]).toEqual([503, 200])
    expect(listed['active']).toEqual([{ id: 1, rule: { kind: 'html', page: 'iis-503', times: 'always' }, hits: 1 }])
    expect(listed['kinds']).toContain('lying-write')
  })

  it('let someone drift rows, and the server write on its own', async () => {
    const api = await startApi()
    const kinds = JSON.parse((await control(api, 'drift')).text) as { name: string }[] | string[]
    const [first] = kinds
    const kind = typeof first === 'string' ? first : first?.name
    const versions = () => [...api.simulator.world.rows('mailbox').values()].map((row) => row['versionnumber'])
    const before = versions()

    const drifted = await control(api, 'drift', { method: 'POST', body: { kind, count: 1 } })
    const idle = await control(api, 'idle-writes', { method: 'POST', body: { count: 2 } })
    const unknown = await control(api, 'drift', { method: 'POST', body: { kind: 'continental' } })

    expect(drifted.json()['ids']).toHaveLength(1)
    expect(idle.json()['ids']).toHaveLength(2)
    expect(versions()).not.toEqual(before)
    expect(unknown.status).toBe(400)
  })

  it('move the clock, and with it the tests that run', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    await api.call(`mailboxes(${id})`, {
      method: 'PATCH',
      headers: { 'If-Match': '*' },
      body: { testemailconfigurationscheduled: true },
    })

    const waiting = (await control(api, 'tests')).json()
    const moved = await control(api, 'clock', { method: 'POST', body: { advanceMs: 600_000 } })
    const shown = await control(api, 'clock')

    expect(Number(waiting['waiting']) + Number(waiting['running'])).toBe(1)
    expect(moved.json()['now']).toBe('2026-11-23T08:10:00.000Z')
    expect(shown.json()['now']).toBe('2026-11-23T08:10:00.000Z')
    expect(stored(api, 'mailbox', id)).toMatchObject({ testemailconfigurationscheduled: false, incomingemailstatus: 1 })
  })

  it('show and change what is true about a mailbox, by address in any case', async () => {
    const api = await startApi()
    const [id = ''] = userMailboxes(api)
    const address = String(stored(api, 'mailbox', id)['emailaddress']).toUpperCase()

    await control(api, `mailboxes/${address}`, { method: 'POST', body: { autodiscoverFails: true } })
    const shown = JSON.parse((await control(api, `mailboxes/${address}`)).text) as Record<string, unknown>[]

    expect(shown).toEqual([
      expect.objectContaining({
        mailbox: expect.objectContaining({ mailboxid: id }),
        owner: expect.objectContaining({ internalemailaddress: stored(api, 'mailbox', id)['emailaddress'] }),
        truth: { autodiscoverFails: true },
      }),
    ])
  })

  it('switch the asynchronous service off and change the pace', async () => {
    const api = await startApi()

    const conditions = await control(api, 'conditions', { method: 'POST', body: { asynchronousService: false } })
    const pace = await control(api, 'pace', { method: 'POST', body: { latencyMs: 1, operationCostMs: 0.5 } })

    expect(conditions.json()).toMatchObject({ asynchronousService: false })
    expect(pace.json()).toEqual({ latencyMs: 1, operationCostMs: 0.5 })
    expect((await api.call('WhoAmI()')).status).toBe(200)
  })

  const mistakes = [
    { path: 'nonsense', sent: {}, status: 404 },
    { path: 'faults', sent: { method: 'POST', body: { kind: 'gremlin' } }, status: 400 },
    { path: 'clock', sent: { method: 'POST', body: { advanceMs: 'soon' } }, status: 400 },
    { path: 'clock', sent: { method: 'POST', body: '{' }, status: 400 },
  ]
  it.each(mistakes)('answer $status to a mistake at $path', async ({ path, sent, status }) => {
    const api = await startApi()

    const answer = await control(api, path, sent)

    expect(answer.status).toBe(status)
    expect(answer.json()['error']).toEqual(expect.any(String))
  })
})

describe('static pages', () => {
  it('are rendered once and then the same bytes, until the simulator ends', async () => {
    const api = await startApi({ staticPages: true })
    const [id = ''] = userMailboxes(api)
    const path = 'mailboxes?$select=outgoingemaildeliverymethod'
    const before = await api.call(path)

    await api.call(`mailboxes(${id})`, { ...off, body: { outgoingemaildeliverymethod: 0 } })
    const after = await api.call(path)
    const other = await api.call(path, { headers: { Prefer: 'odata.maxpagesize=2' } })
    const row = await api.call(`mailboxes(${id})?$select=outgoingemaildeliverymethod`)

    expect(after.text).toBe(before.text)
    expect(other.json().value).toHaveLength(2)
    expect(row.json()['outgoingemaildeliverymethod'], 'only sets are kept').toBe(0)
  })
})

describe('the state directory', () => {
  async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'simulator-state-'))
    try {
      await work(directory)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }

  it('carries a world over a restart', async () => {
    await inDirectory(async (stateDirectory) => {
      const first = await startApi({ stateDirectory })
      const [id = ''] = userMailboxes(first)
      await first.call(`mailboxes(${id})`, { ...off, body: { outgoingemaildeliverymethod: 0 } })
      const row = stored(first, 'mailbox', id)
      await first.simulator.close()

      const second = await startApi({ stateDirectory, mailboxes: 1, seed: 99 })

      expect(stored(second, 'mailbox', id)).toEqual(row)
      expect(second.simulator.world.organizationId).toBe(first.simulator.world.organizationId)
      expect(await readdir(stateDirectory)).toEqual(['simulator-state.json'])
    })
  })

  it('that is damaged is said so, and left alone', async () => {
    await inDirectory(async (stateDirectory) => {
      const file = join(stateDirectory, 'simulator-state.json')
      await writeFile(file, '{"half":')

      await expect(startSimulator({ stateDirectory })).rejects.toThrow(/is damaged/)
      expect(await readFile(file, 'utf8')).toBe('{"half":')
    })
  })
})

describe('closing', () => {
  it('cuts idle connections and pending waits at once, and may be done twice', async () => {
    const api = await startApi({ latencyMs: 60_000 })
    const pending = api.call('WhoAmI()').then(
      () => 'answered',
      () => 'cut',
    )
    await new Promise((resolve) => setImmediate(resolve))

    await api.simulator.close()
    await api.simulator.close()

    expect(await pending).toBe('cut')
  })

  it('frees the port', async () => {
    const api = await startApi()
    const { port } = api.simulator
    await api.simulator.close()

    const next = await startApi({ port })

    expect(next.simulator.port).toBe(port)
  })
})

import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { memoryPath, openMemory } from '../../src/reconcile/memory.ts'
import type { ScopeMemory } from '../../src/reconcile/memory-file.ts'
import { countingIds, temporaryDirectory, tickingClock } from './fake-scope.ts'

function open(directory: string, mode: 'plan' | 'apply' = 'apply') {
  return openMemory({ directory, mode, now: tickingClock(), newId: countingIds() })
}

const SALES = 'organization/sales'

/** The file of that scope. */
function fileIn(directory: string): string {
  return memoryPath(directory, SALES)
}

/** What stands beside it. */
function besides(directory: string): Promise<string[]> {
  return readdir(join(directory, 'organization'))
}

/** A memory file that somebody else left. */
async function leave(directory: string, content: string): Promise<void> {
  await mkdir(join(directory, 'organization'), { recursive: true })
  await writeFile(fileIn(directory), content)
}

const MEMORY: ScopeMemory = {
  seen: new Map([
    ['Mailbox', new Set(['ann@contoso.com', 'bob@contoso.com'])],
    ['EmailServerProfile', new Set(['exchange-online'])],
  ]),
  changedAt: new Map([['Mailbox', new Map([['ann@contoso.com', '2026-11-20T08:00:00.000Z']])]]),
  applied: { revision: 'r1', digest: 'd1', at: '2026-11-20T08:00:00.000Z' },
  organization: { organizationId: 'org-1', version: '9.1.27.15' },
  rollouts: new Map([['sales', { wave: 2, waves: 4, since: '2026-11-20T08:00:00.000Z' }]]),
}

describe('the memory', () => {
  it('remembers per scope, over processes', async () => {
    const directory = await temporaryDirectory()
    const first = open(directory)
    await first.remember('organization/sales', MEMORY)
    await first.remember('organization/support', { seen: new Map(), changedAt: new Map() })

    const second = open(directory)

    expect(await second.recall('organization/sales')).toEqual(MEMORY)
    expect(await second.recall('organization/support')).toEqual({ seen: new Map(), changedAt: new Map() })
    expect(await second.recall('organization/none')).toEqual({ seen: new Map(), changedAt: new Map() })
    expect(second.notices(SALES)).toEqual([])
    expect((await besides(directory)).sort()).toEqual(['sales.json', 'support.json'])
  })

  it('is for its owner alone, and leaves no draft behind', async () => {
    const directory = join(await temporaryDirectory(), 'state')

    await open(directory).remember('organization/sales', MEMORY)

    expect(((await stat(fileIn(directory))).mode & 0o777).toString(8)).toBe('600')
    expect(await besides(directory)).toEqual(['sales.json'])
  })

  it('is not written where nothing is new', async () => {
    const directory = await temporaryDirectory()
    await open(directory).remember('organization/sales', MEMORY)
    const before = await stat(fileIn(directory))

    await open(directory).remember('organization/sales', MEMORY)

    expect((await stat(fileIn(directory))).ino).toBe(before.ino)
  })

  it('keeps what scopes remember side by side', async () => {
    const directory = await temporaryDirectory()
    const memory = open(directory)

    await Promise.all(Array.from({ length: 8 }, (_, index) => memory.remember(`organization/o${index}`, MEMORY)))

    const after = open(directory)
    for (let index = 0; index < 8; index += 1) expect(await after.recall(`organization/o${index}`)).toEqual(MEMORY)
  })

  it.each<{ reason: string; content: string }>([
    { reason: 'torn', content: '{"version":"mailkeel.memory/v1","scope":"organization/sales","se' },
    { reason: 'empty', content: '' },
    {
      reason: 'of another version',
      content: '{"version":"mailkeel.memory/v2","scope":"organization/sales","seen":{},"changedAt":{}}',
    },
    {
      reason: 'of another scope',
      content: '{"version":"mailkeel.memory/v1","scope":"organization/other","seen":{},"changedAt":{}}',
    },
    { reason: 'something else', content: '[]' },
    {
      reason: 'of the wrong shape inside',
      content: '{"version":"mailkeel.memory/v1","scope":"organization/sales","seen":{"Mailbox":[1]},"changedAt":{}}',
    },
  ])('that is $reason is set aside, said, and begun anew', async ({ content }) => {
    const directory = await temporaryDirectory()
    await leave(directory, content)
    const memory = open(directory)

    const recalled = await memory.recall('organization/sales')
    await memory.remember('organization/sales', MEMORY)

    expect(recalled).toEqual({ seen: new Map(), changedAt: new Map() })
    const [aside, fresh] = (await besides(directory)).sort().reverse()
    expect([aside, fresh]).toEqual(['sales.json.corrupt-20261120T080001.000Z', 'sales.json'])
    expect(await readFile(join(directory, 'organization', aside ?? ''), 'utf8')).toBe(content)
    expect(memory.notices(SALES)).toEqual([{ code: 'MemoryDamaged', message: expect.stringContaining('set aside as') }])
  })

  it('that is damaged is only told, not moved, where nothing is applied', async () => {
    const directory = await temporaryDirectory()
    await leave(directory, 'no JSON')
    const memory = open(directory, 'plan')

    await memory.recall('organization/sales')

    expect(await besides(directory)).toEqual(['sales.json'])
    expect(memory.notices(SALES)).toEqual([{ code: 'MemoryDamaged', message: expect.any(String) }])
  })

  it('that is damaged is told of its own scope only, and for an hour', async () => {
    const directory = await temporaryDirectory()
    await leave(directory, 'no JSON')
    let now = Date.parse('2026-11-20T08:00:00Z')
    const memory = openMemory({ directory, mode: 'apply', now: () => new Date(now), newId: countingIds() })
    await Promise.all([memory.recall(SALES), memory.recall('organization/support')])

    const told = [memory.notices(SALES).length, memory.notices('organization/support').length]
    now += 3_600_000

    expect(told).toEqual([1, 0])
    expect(memory.notices(SALES)).toEqual([])
  })

  it('is read anew each time: another process may have worked on the scope meanwhile', async () => {
    const directory = await temporaryDirectory()
    const here = open(directory)
    await here.remember(SALES, MEMORY)

    await open(directory).remember(SALES, { ...MEMORY, seen: new Map() })

    expect((await here.recall(SALES)).seen.size).toBe(0)
  })

  it('that cannot be read is a notice', async () => {
    const directory = await temporaryDirectory()
    await mkdir(fileIn(directory), { recursive: true })
    const memory = open(directory, 'plan')

    await memory.recall('organization/sales')

    expect(memory.notices(SALES)).toEqual([{ code: 'MemoryUnreadable', message: expect.any(String) }])
  })

  it('that could not be saved is saved the next time, also where nothing else is new', async () => {
    const parent = await temporaryDirectory()
    const directory = join(parent, 'state')
    await writeFile(directory, 'in the way')
    const memory = open(directory)
    await expect(memory.remember('organization/sales', MEMORY)).rejects.toMatchObject({
      code: 'StateDirectoryUnusable',
    })
    const { rm } = await import('node:fs/promises')
    await rm(directory)

    await memory.remember('organization/sales', MEMORY)

    expect(await open(directory).recall('organization/sales')).toEqual(MEMORY)
  })

  it('holds 100,000 mailboxes', async () => {
    const directory = await temporaryDirectory()
    const keys = Array.from({ length: 100_000 }, (_, index) => `person.${index}@contoso.com`)
    const large: ScopeMemory = {
      seen: new Map([['Mailbox', new Set(keys)]]),
      changedAt: new Map([['Mailbox', new Map(keys.map((key) => [key, '2026-11-20T08:00:00.000Z']))]]),
    }
    await open(directory).remember('organization/sales', large)

    const recalled = await open(directory).recall('organization/sales')

    expect(recalled.seen.get('Mailbox')?.size).toBe(100_000)
    expect(recalled.changedAt.get('Mailbox')?.size).toBe(100_000)
  })
})

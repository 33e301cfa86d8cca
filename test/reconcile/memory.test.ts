import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openMemory } from '../../src/reconcile/memory.ts'
import type { ScopeMemory } from '../../src/reconcile/memory-file.ts'
import { countingIds, temporaryDirectory, tickingClock } from './fake-scope.ts'

function open(directory: string, mode: 'plan' | 'apply' = 'apply') {
  return openMemory({ path: join(directory, 'memory.json'), mode, now: tickingClock(), newId: countingIds() })
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
    expect(second.notices()).toEqual([])
  })

  it('is for its owner alone, and leaves no draft behind', async () => {
    const directory = join(await temporaryDirectory(), 'state')

    await open(directory).remember('organization/sales', MEMORY)

    expect(((await stat(join(directory, 'memory.json'))).mode & 0o777).toString(8)).toBe('600')
    expect(await readdir(directory)).toEqual(['memory.json'])
  })

  it('is not written where nothing is new', async () => {
    const directory = await temporaryDirectory()
    await open(directory).remember('organization/sales', MEMORY)
    const before = await stat(join(directory, 'memory.json'))

    await open(directory).remember('organization/sales', MEMORY)

    expect((await stat(join(directory, 'memory.json'))).ino).toBe(before.ino)
  })

  it('keeps what scopes remember side by side', async () => {
    const directory = await temporaryDirectory()
    const memory = open(directory)

    await Promise.all(Array.from({ length: 8 }, (_, index) => memory.remember(`organization/o${index}`, MEMORY)))

    const after = open(directory)
    for (let index = 0; index < 8; index += 1) expect(await after.recall(`organization/o${index}`)).toEqual(MEMORY)
  })

  it.each<{ reason: string; content: string }>([
    { reason: 'torn', content: '{"version":"mailkeel.memory/v1","scopes":{"organization/sales":{"se' },
    { reason: 'empty', content: '' },
    { reason: 'of another version', content: '{"version":"mailkeel.memory/v2","scopes":{}}' },
    { reason: 'something else', content: '[]' },
    {
      reason: 'of the wrong shape inside',
      content:
        '{"version":"mailkeel.memory/v1","scopes":{"organization/sales":{"seen":{"Mailbox":[1]},"changedAt":{}}}}',
    },
  ])('that is $reason is set aside, said, and begun anew', async ({ content }) => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, 'memory.json'), content)
    const memory = open(directory)

    const recalled = await memory.recall('organization/sales')
    await memory.remember('organization/sales', MEMORY)

    expect(recalled).toEqual({ seen: new Map(), changedAt: new Map() })
    const [aside, fresh] = (await readdir(directory)).sort().reverse()
    expect([aside, fresh]).toEqual(['memory.json.corrupt-20261120T080001.000Z', 'memory.json'])
    expect(await readFile(join(directory, aside ?? ''), 'utf8')).toBe(content)
    expect(memory.notices()).toEqual([{ code: 'MemoryDamaged', message: expect.stringContaining('set aside as') }])
  })

  it('that is damaged is only told, not moved, where nothing is applied', async () => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, 'memory.json'), 'no JSON')
    const memory = open(directory, 'plan')

    await memory.recall('organization/sales')

    expect(await readdir(directory)).toEqual(['memory.json'])
    expect(memory.notices()).toEqual([{ code: 'MemoryDamaged', message: expect.any(String) }])
  })

  it('that cannot be read is a notice', async () => {
    const directory = await temporaryDirectory()
    await mkdir(join(directory, 'memory.json'))
    const memory = open(directory, 'plan')

    await memory.recall('organization/sales')

    expect(memory.notices()).toEqual([{ code: 'MemoryUnreadable', message: expect.any(String) }])
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

import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openIntents } from '../../../src/reconcile/journal-reader.ts'
import { temporaryDirectory } from '../fake-scope.ts'

const victim = fileURLToPath(new URL('./victim.mjs', import.meta.url))

/** What a pass came to. */
interface Told {
  readonly results: readonly string[]
  readonly notices: readonly string[]
  readonly failure?: { readonly message: string }
}

function run(directory: string, ...more: readonly string[]) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [victim, directory, ...more], {
    encoding: 'utf8',
  })
  if (status !== 0 && signal !== 'SIGKILL') throw new Error(`the run ended with ${status}: ${stderr}`)
  return { killed: signal === 'SIGKILL', told: stdout === '' ? [] : (JSON.parse(stdout) as readonly Told[]) }
}

async function writesOf(
  directory: string,
): Promise<readonly { run: string; table: string; key: string; fields: object }[]> {
  const text = await readFile(join(directory, 'writes.jsonl'), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

async function remoteOf(directory: string): Promise<unknown> {
  return JSON.parse(await readFile(join(directory, 'remote.json'), 'utf8'))
}

/** Cuts the last record of the journal in half, as a process that dies while it writes leaves it. */
async function tearJournal(directory: string): Promise<boolean> {
  const folder = join(directory, 'state', 'journal', 'organization', 'test')
  const file = join(folder, (await readdir(folder)).sort().at(-1) ?? '')
  const text = await readFile(file, 'utf8')
  const last = text.lastIndexOf('\n', text.length - 2) + 1
  await truncate(file, Buffer.byteLength(text.slice(0, last + Math.floor((text.length - last) / 2))))
  return text.slice(last).includes('"type":"intents"')
}

/** What a run that nobody kills leaves behind. */
const GOAL = {
  profile: { p1: { on: true, size: 3 }, p2: { on: true } },
  mailbox: {
    a: { on: true, size: 9 },
    b: { on: true, size: 9 },
    c: { on: true, size: 9 },
    d: { on: true, size: 9 },
  },
}
const WRITES = 5
const MOMENTS = [
  ...[1, 2, 3, 4, 5, 6].map((number) => ({ at: 'record', number, torn: false })),
  ...[2, 3, 5].map((number) => ({ at: 'record', number, torn: true })),
  ...[1, 3, 5].map((number) => ({ at: 'write', number, torn: false })),
]

describe('B16 a process that is killed while it applies', () => {
  it('leaves what a whole run leaves, when nobody kills it', async () => {
    const directory = await temporaryDirectory()

    const { told } = run(directory)

    expect(told.map(({ results }) => results)).toEqual([['Applied', 'Applied', 'Applied', 'Applied', 'Applied'], []])
    expect(await remoteOf(directory)).toEqual(GOAL)
    expect(await writesOf(directory)).toHaveLength(WRITES)
  })

  it.each(MOMENTS)('after $at $number (torn: $torn) is completed by the next run, nothing twice', async (moment) => {
    const directory = await temporaryDirectory()
    const first = run(directory, moment.at, String(moment.number), '1')
    expect(first.killed).toBe(true)
    if (moment.torn) await tearJournal(directory)
    const open = await openIntents(join(directory, 'state'), 'organization/test')

    const [second, third] = run(directory, '', '0', '2').told

    expect(second?.failure).toBeUndefined()
    expect(await remoteOf(directory)).toEqual(GOAL)
    const writes = (await writesOf(directory)).map(({ table, key }) => `${table}/${key}`)
    expect([...writes].sort()).toEqual(['mailbox/a', 'mailbox/b', 'mailbox/c', 'profile/p1', 'profile/p2'])
    expect(second?.notices).toEqual(open.length > 0 ? ['PassInterrupted'] : [])
    expect(await openIntents(join(directory, 'state'), 'organization/test')).toEqual([])
    expect(third).toEqual({ results: [], notices: [] })
  })

  it('sends nothing whose intent is not whole in the journal', async () => {
    const directory = await temporaryDirectory()

    run(directory, 'record', '2', '1')
    const isIntent = await tearJournal(directory)

    expect(isIntent).toBe(true)
    await expect(writesOf(directory)).rejects.toThrow('ENOENT')
  })
})

/** A run whose files may grow to so many blocks of 512 bytes, which is what a full disk looks like to it. */
function runOnSmallDisk(directory: string, blocks: number): void {
  const limited = `ulimit -f ${blocks}; exec "$0" "$@"`
  const { signal } = spawnSync('sh', ['-c', limited, process.execPath, victim, directory, 'write', '99', '1'])
  expect(signal).toBeNull()
}

describe('B17 a disk that is full', () => {
  it.each([1, 2, 3, 4, 5, 6, 8, 12])('after %i blocks: the next run completes it, nothing twice', async (blocks) => {
    const directory = await temporaryDirectory()
    runOnSmallDisk(directory, blocks)

    const [second, third] = run(directory, '', '0', '2').told

    expect(second?.failure).toBeUndefined()
    expect(await remoteOf(directory)).toEqual(GOAL)
    const writes = (await writesOf(directory)).map(({ table, key }) => `${table}/${key}`)
    expect([...writes].sort()).toEqual(['mailbox/a', 'mailbox/b', 'mailbox/c', 'profile/p1', 'profile/p2'])
    expect(await openIntents(join(directory, 'state'), 'organization/test')).toEqual([])
    expect(third?.results).toEqual([])
  })

  it('with no room for the first intent nothing is sent', async () => {
    const directory = await temporaryDirectory()

    runOnSmallDisk(directory, 1)

    await expect(writesOf(directory)).rejects.toThrow('ENOENT')
  })
})

describe('B17 a state directory that cannot be written', () => {
  it.each([
    { reason: 'it is below a file', name: 'state' },
    { reason: 'its journal is a file', name: 'state/journal' },
    { reason: 'the journal of the scope is below a file', name: 'state/journal/organization' },
  ])('sends nothing when $reason', async ({ name }) => {
    const directory = await temporaryDirectory()
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), 'in the way')

    const { status, stdout } = spawnSync(process.execPath, [victim, directory, 'write', '99', '1'], {
      encoding: 'utf8',
    })

    const [told] = stdout === '' ? [] : (JSON.parse(stdout) as readonly Told[])
    expect(status !== 0 || told?.failure !== undefined).toBe(true)
    await expect(writesOf(directory)).rejects.toThrow('ENOENT')
  })
})

// From the board to a real receiver over HTTP, across a restart.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type BoardWriter, createBoard } from '../../../src/daemon/board.ts'
import { attachMessages } from '../../../src/daemon/messages/attach.ts'
import { type Machine, thisMachine } from '../../../src/machine.ts'
import { loadConfiguration } from '../../../src/spec/configuration/load.ts'
import { type Receiver, startReceiver } from '../../notify/receiver.ts'
import { CANARY_SECRET } from '../../setup/canary.ts'
import { failing, reportOf, standingOf } from './standings.ts'

const SOURCE = { kind: 'git', place: 'here', lookedAt: 'then', enforced: { id: 'r1', seenAt: 'then' } } as const

async function folderFor(receiver: Receiver, more = ''): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mailkeel-messages-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'url'), `${receiver.origin}/hook/${CANARY_SECRET}\n`)
  await writeFile(
    join(folder, 'mailkeel.yaml'),
    `apiVersion: mailkeel/v1
kind: Configuration
spec:
  source: { directory: spec }
  notifications:
    - { name: hook, type: Webhook, url: { file: url }, on: [Failed, Applied, InvalidRevision] ${more} }
`,
  )
  return folder
}

/** Messages over a board, with a clock that the test moves; waiting after a failure is over at once. */
async function started(folder: string, board: BoardWriter) {
  const loaded = await loadConfiguration(join(folder, 'mailkeel.yaml'))
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const { configuration } = loaded
  let [now, ids] = [Date.UTC(2026, 10, 23), 0]
  const machine: Machine = {
    ...thisMachine(),
    now: () => new Date(now),
    newId: () => `${folder.slice(-4)}-${now}-${++ids}`,
    // Looks by themselves stand still; the test looks.
    sleep: (ms, signal) =>
      ms === 5_000
        ? new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }))
        : new Promise((resolve) => setTimeout(resolve, 1)),
  }
  const warnings: string[] = []
  const log = { warn: (fields: object, text: string) => void warnings.push(`${text} ${JSON.stringify(fields)}`) }
  const messages = await attachMessages({ configuration, machine, board, stateDirectory: folder, log })
  if (!messages) throw new Error('no channel')
  onTestFinished(() => messages.close())
  return {
    messages,
    warnings,
    async after(ms: number) {
      now += ms
      await messages.look()
    },
  }
}

function boardWith(...failingCounts: readonly number[]): BoardWriter {
  const board = createBoard(SOURCE, '2026-11-23T08:00:00Z')
  failingCounts.forEach((count, index) => {
    const name = `org${index}`
    board.setScope(standingOf(name, { report: reportOf(name, { conditions: failing(count) }) }))
  })
  return board
}

/** Each message once: one that was under way at the end is sent again after the start, under the same id. */
const typesOf = ({ received }: Receiver) => {
  const events = received.map(({ body }) => JSON.parse(body) as { id: string; type: string })
  return [...new Map(events.map(({ id, type }) => [id, type])).values()]
}
const MINUTE = 60_000

test('a failure is posted once it stays, its recovery too, and a restart in between is not noticed', async () => {
  const receiver = await startReceiver()
  const folder = await folderFor(receiver)
  const first = await started(folder, boardWith(31))
  await first.after(0)
  await first.after(3 * MINUTE)
  await vi.waitFor(() => expect(typesOf(receiver)).toEqual(['mailkeel.failed.began']))
  await first.messages.close()

  const board = createBoard({ kind: 'git', place: 'here' }, '2026-11-23T09:00:00Z')
  const second = await started(folder, board)
  await second.after(10 * MINUTE)
  await second.after(10 * MINUTE)
  expect(typesOf(receiver)).toHaveLength(1)
  board.setSource(SOURCE)
  board.setScope(standingOf('org0', { report: reportOf('org0') }))
  await second.after(MINUTE)
  await second.after(2 * MINUTE)

  await vi.waitFor(() => expect(typesOf(receiver)).toEqual(['mailkeel.failed.began', 'mailkeel.failed.recovered']))
  const incidents = receiver.received.map(({ body }) => JSON.parse(body).data.incident)
  expect(new Set(incidents).size).toBe(1)
})

test('what could not be sent before the end is sent after the next start', async () => {
  const receiver = await startReceiver()
  receiver.answer = { status: 503 }
  const folder = await folderFor(receiver)
  const first = await started(folder, boardWith(31))
  await first.after(0)
  await first.after(3 * MINUTE)
  await vi.waitFor(() => expect(first.warnings.length).toBeGreaterThan(0))
  await first.messages.close()
  receiver.answer = { status: 202 }
  const before = receiver.received.length

  await started(folder, boardWith(31))

  await vi.waitFor(() => expect(receiver.received.length).toBe(before + 1))
  expect(new Set(receiver.received.map(({ body }) => JSON.parse(body).id)).size).toBe(1)
  expect(first.warnings.join()).toContain('HTTP 503')
  expect(first.warnings.join()).not.toContain(CANARY_SECRET)
})

test('a pass that wrote is told, to those who want it', async () => {
  const receiver = await startReceiver()
  const board = boardWith(0)
  const running = await started(await folderFor(receiver), board)
  const applied = { id: 'c', stage: 'mailbox', kind: 'mailbox', key: 'ann', label: 'ann', result: 'Applied' } as const

  board.tell({
    type: 'pass',
    scope: 'organization/org0',
    report: reportOf('org0', { outcomes: [applied] }),
    tookMs: 5,
  })
  await running.after(0)

  await vi.waitFor(() => expect(typesOf(receiver)).toEqual(['mailkeel.applied.told']))
  expect(JSON.parse(receiver.received[0]?.body ?? '').data.title).toBe('org0 at 3f2a91c00000: 1 mailbox written')
})

test('a channel for some organizations hears nothing of others', async () => {
  const receiver = await startReceiver()
  const running = await started(await folderFor(receiver, ', organizations: [org1]'), boardWith(31, 7))

  await running.after(0)
  await running.after(3 * MINUTE)

  await vi.waitFor(() => expect(receiver.received).toHaveLength(1))
  expect(receiver.received[0]?.body).toContain('org1: 7 mailboxes do not work')
})

test('what is kept is for the owner alone and holds no address of a channel', async () => {
  const receiver = await startReceiver()
  receiver.answer = { status: 503 }
  const folder = await folderFor(receiver)
  const running = await started(folder, boardWith(31))
  await running.after(0)
  await running.after(3 * MINUTE)

  const path = join(folder, 'messages.json')
  const text = await readFile(path, 'utf8')

  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(text).toContain('mailkeel.messages/v1')
  expect(text).not.toContain(CANARY_SECRET)
})

test('a file that cannot be read is a memory of nothing: what is wrong is told anew', async () => {
  const receiver = await startReceiver()
  const folder = await folderFor(receiver)
  await writeFile(join(folder, 'messages.json'), '{"version":"mailkeel.messages/v1","ledger":')
  const running = await started(folder, boardWith(31))

  await running.after(0)
  await running.after(3 * MINUTE)

  await vi.waitFor(() => expect(typesOf(receiver)).toEqual(['mailkeel.failed.began']))
})

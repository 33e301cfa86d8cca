import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { silentLog } from '../../../src/daemon/log.ts'
import { startPruning } from '../../../src/daemon/loop/pruning.ts'
import { temporaryDirectory } from '../../reconcile/fake-scope.ts'

const HEADER = '{"version":"mailkeel.journal/v1","scope":"organization/sales","createdAt":"2025-01-01T00:00:00.000Z"}'

/** A machine whose days go by when a test says so. */
function calendar(start: string) {
  let now = Date.parse(start)
  let wake: (() => void) | undefined
  const waits: number[] = []
  return {
    waits,
    machine: {
      now: () => new Date(now),
      sleep: (ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          waits.push(ms)
          wake = () => {
            now += ms
            resolve()
          }
          signal?.addEventListener('abort', () => reject(new Error('woken')), { once: true })
        }),
    },
    async nextDay() {
      const current = wake
      current?.()
      while (wake === current) await new Promise(setImmediate)
    },
  }
}

it('looks soon after the start and then once a day, removes what is too old, and nothing before a revision said which overrides there are', async () => {
  const directory = await temporaryDirectory()
  const folder = join(directory, 'journal', 'organization', 'sales')
  await mkdir(folder, { recursive: true })
  const old = '{"sequence":1,"time":"2026-01-01T12:00:00.000Z","pass":"p","type":"pass-finished","results":{},"open":0}'
  await writeFile(join(folder, '000001.jsonl'), `${HEADER}\n${old}\n`)
  await writeFile(join(folder, '000002.jsonl'), `${HEADER}\n`)
  const days = calendar('2026-02-01T00:00:00Z')
  const pruning = startPruning({
    stateDirectory: directory,
    keepFor: '10d',
    machine: days.machine,
    log: silentLog,
  })
  const left: number[] = []

  for (const day of [1, 2, 3, 4]) {
    if (day === 3) pruning.onRevision({ overrides: [] })
    await days.nextDay()
    left.push((await readdir(folder)).length)
  }
  await pruning.stop()

  expect(left).toEqual([2, 2, 1, 1])
  expect(days.waits).toEqual([600_000, ...Array(4).fill(86_400_000)])
})

// The program as a process against a server that cuts short and throttles, and afterwards. What else can go wrong is tried in e2e/.
import { afterEach, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { directoryWith, mailkeel } from '../cli/process.ts'
import { documentOf, ORGANIZATION, organizationOf, PROFILE, setOf } from '../stack/spec.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import { differences, pictureOf, plainAddresses, wrongWrites } from '../stack/world.ts'

const open: Stack[] = []
afterEach(async () => {
  for (const stack of open.splice(0)) await stack.close()
})

async function messy() {
  const stack = await startStack({ mailboxes: 20, queues: 3, mess: ['old-profile', 'pending'], maxPageSize: 6 })
  open.push(stack)
  const { world } = stack.simulator
  const spec = ORGANIZATION + PROFILE + setOf('users', plainAddresses(world, 'systemuser'))
  const configuration = documentOf('Configuration', undefined, {
    source: { directory: 'spec' },
    policy: 'Enforce',
    identities: { nobody: { type: 'None' } },
    organizations: { 'contoso-sales': { url: stack.simulator.url, reading: 'nobody' } },
    guards: { 'old-mail': { maximum: 1000 } },
    network: { totalTimeout: '1s', requestTimeout: '2s' },
  })
  const cwd = directoryWith({ 'mailkeel.yaml': configuration, 'spec/a.yaml': spec })
  const run = (...words: string[]) => mailkeel(words, { cwd })
  return { stack, run, desired: await organizationOf({ 'a.yaml': spec }) }
}

it('B3: a server that loses the rest of the pages: the program ends with 5 and writes to no mailbox', async () => {
  const { stack, run, desired } = await messy()
  const { simulator } = stack
  const before = pictureOf(simulator.world)
  simulator.faults.add({ kind: 'cut-pages', match: { method: 'GET', path: 'mailboxes' }, times: 'always' })

  const { code, stdout } = await run('apply', '--yes', '--allow', 'change')

  expect(code).toBe(EXIT.unknown)
  expect(stdout).toContain('unknown')
  expect(wrongWrites(before, simulator.world, desired)).toEqual([])
  const written = differences(before, pictureOf(simulator.world)).map(({ table }) => table)
  expect(written.filter((table) => table !== 'emailserverprofile')).toEqual([])
})

it('B1: after the faults one apply brings everything in order, and the next plan ends with 0 and writes nothing', async () => {
  const { stack, run } = await messy()
  const { simulator } = stack
  simulator.faults.add({ kind: 'status', status: 429, times: 'always', match: { path: 'mailboxes' } })
  await run('apply', '--yes', '--allow', 'change')
  simulator.faults.clear()

  const applied = await run('apply', '--yes', '--allow', 'change')
  simulator.world.advanceUntilIdle(24 * 3_600_000)
  simulator.resetRequests()
  const planned = await run('plan')

  expect([EXIT.inSync, EXIT.partly]).toContain(applied.code)
  expect(planned.code).toBe(EXIT.inSync)
  expect(simulator.requests().writes).toBe(0)
})

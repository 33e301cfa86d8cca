// A server that throttles, loses answers, answers in part or lies while it is written to. What was written is what the spec asks for and
// nothing else; what is told of each change is true; and passes without the fault bring everything in order.
import { afterEach, describe, expect, it } from 'vitest'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { runPass } from '../../src/reconcile/pass.ts'
import { openState } from '../../src/reconcile/state.ts'
import type { FaultRule } from '../../src/simulator/index.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { ORGANIZATION, organizationOf, PROFILE, setOf } from '../stack/spec.ts'
import { ALLOWED, GUARDS, type Stack, type StackOptions, startStack } from '../stack/stack.ts'
import { differences, pictureOf, plainAddresses, rowWith, wrongWrites } from '../stack/world.ts'

const open: Stack[] = []
afterEach(async () => {
  for (const stack of open.splice(0)) await stack.close()
})

/** No mailbox whose test somebody asked for: it would end while waiting, and what is due would be another matter. */
const MESS = [
  'no-new-profile',
  'defaults',
  'old-profile',
  'methods',
  'pending',
  'unapproved',
  'rejected',
  'untested',
  'case',
]

async function messy(options: StackOptions = {}): Promise<{ stack: Stack; desired: DesiredOrganization }> {
  const stack = await startStack({ mailboxes: 24, queues: 4, mess: MESS, batchSize: 5, ...options })
  open.push(stack)
  return { stack, desired: await everythingOf(stack) }
}

async function everythingOf({ simulator: { world } }: Stack): Promise<DesiredOrganization> {
  const queues = plainAddresses(world, 'queue').map((address) => ({ address, type: 'Queue' }))
  const sets = setOf('users', plainAddresses(world, 'systemuser')) + setOf('queues', queues)
  return organizationOf({ 'sales.yaml': ORGANIZATION + PROFILE + sets })
}

const BATCH = { method: 'POST', path: '$batch' }
const PATCH_PARTS = { method: 'PATCH', path: '/^(mailboxes|systemusers|queues)/', operation: 'part' } as const

interface Row {
  readonly name: string
  readonly fault: FaultRule
  /** Strikes batches that write, and only those whose text holds this; else `match` of the fault decides. */
  readonly writes?: string
  /** How many batches that write are spared first. */
  readonly spared?: number
  /** How many are struck; all where absent. */
  readonly struck?: number
  /** What may be told of changes. */
  readonly results: readonly string[]
  /** Codes of the reasons of those that did not succeed. */
  readonly codes?: readonly string[]
  readonly options?: StackOptions
  readonly reason: string
}

const FAULTS: readonly Row[] = [
  {
    name: 'B4: 204 and nothing changed',
    fault: { kind: 'lying-write', match: PATCH_PARTS, times: 'always' },
    results: ['Applied', 'WriteNotEffective', 'Blocked'],
    codes: ['WriteNotEffective'],
    reason: 'only reading again tells',
  },
  {
    name: 'B4: 204 and nothing changed, now and then',
    fault: { kind: 'lying-write', match: PATCH_PARTS, times: 'always', probability: 0.3 },
    results: ['Applied', 'WriteNotEffective', 'Blocked'],
    codes: ['WriteNotEffective'],
    reason: 'one liar does not speak for the others',
  },
  {
    name: 'B4: 204, and the change comes an hour later',
    fault: { kind: 'late-write', delayMs: 3_600_000, match: PATCH_PARTS, times: 'always', probability: 0.5 },
    results: ['Applied', 'WriteNotEffective', 'Blocked'],
    codes: ['WriteNotEffective'],
    reason: 'what is not there yet is not there',
  },
  {
    name: 'B5: done, and the connection is reset',
    fault: { kind: 'reset', effect: true },
    writes: 'PATCH',
    struck: 3,
    results: ['Applied'],
    reason: 'a change of settings may be sent again; reading again tells that it took effect',
  },
  {
    name: 'B5: done, and the answer never comes',
    fault: { kind: 'no-answer', effect: true },
    writes: 'PATCH',
    struck: 2,
    results: ['Applied'],
    options: { deadlineMs: 700 },
    reason: 'the deadline ends the wait',
  },
  {
    name: 'B5: done, and a proxy says 504',
    fault: { kind: 'status', status: 504, body: 'html', effect: true },
    writes: 'PATCH',
    struck: 2,
    results: ['Applied'],
    reason: 'the status of a proxy says nothing about the server behind it',
  },
  {
    name: 'B5: done, and every answer is lost',
    fault: { kind: 'reset', effect: true },
    writes: '',
    results: ['Applied'],
    reason: 'no answer says that it failed; reading again tells that it took effect',
  },
  {
    name: 'B5: not done, and every answer is lost',
    fault: { kind: 'reset' },
    writes: 'PATCH',
    results: ['Applied', 'Unknown', 'Blocked'],
    codes: ['Unreachable'],
    reason: 'reading again shows the old values, and they may still change',
  },
  {
    name: 'B5: the answer to creating the profile is lost',
    fault: { kind: 'reset', effect: true },
    writes: 'emailserverprofiles',
    results: ['Applied'],
    reason: 'it is looked up by the identifier it was given',
  },
  {
    name: 'B5: creating the profile comes to nothing once',
    fault: { kind: 'reset' },
    writes: 'emailserverprofiles',
    struck: 1,
    results: ['Applied', 'Unknown', 'Blocked'],
    reason: 'nobody knows until the row is looked up, and mailboxes wait for it',
  },
  {
    name: 'B1: 429 for every batch',
    fault: { kind: 'status', status: 429, retryAfter: 1.5 },
    writes: 'PATCH',
    results: ['Applied', 'Failed', 'Blocked'],
    codes: ['Throttled'],
    options: { patienceMs: 60_000 },
    reason: 'patience ends, and what was surely not done is failed',
  },
  {
    name: 'B1: 429 for every third part of a batch',
    fault: { kind: 'status', status: 429, retryAfter: 2, match: PATCH_PARTS, times: 'always', probability: 0.3 },
    results: ['Applied'],
    reason: 'what was throttled is sent again after the wait',
  },
  {
    name: 'B1: 503 for some batches',
    fault: { kind: 'status', status: 503 },
    writes: 'PATCH',
    struck: 2,
    results: ['Applied'],
    reason: 'changes of settings are sent again',
  },
  {
    name: 'B3: half of the answer to every batch',
    fault: { kind: 'truncated-body' },
    writes: 'PATCH',
    results: ['Applied'],
    reason: 'the parts that are missing are looked up',
  },
  {
    name: 'B3: half of the answer to every batch, then the connection closes',
    fault: { kind: 'half-body' },
    writes: 'PATCH',
    results: ['Applied'],
    reason: 'no part of such an answer is believed',
  },
  {
    name: 'B3: nothing with 200 for every batch',
    fault: { kind: 'empty-body' },
    writes: 'PATCH',
    results: ['Applied'],
    reason: 'nothing is not done, and not failed either',
  },
  {
    name: 'B1: the token expires in the middle',
    fault: { kind: 'expired-token' },
    writes: 'PATCH',
    spared: 2,
    results: ['Applied', 'Failed', 'Blocked'],
    codes: ['Unauthenticated'],
    reason: 'nothing more is sent',
  },
  {
    name: 'B1: a sign-in page with 200 in the middle',
    fault: { kind: 'html', page: 'sign-in' },
    writes: 'PATCH',
    spared: 2,
    results: ['Applied', 'Failed', 'Blocked'],
    codes: ['Unauthenticated'],
    reason: '200 does not mean done',
  },
  {
    name: 'B1: a missing privilege for some rows',
    fault: {
      kind: 'status',
      status: 403,
      code: '0x80040220',
      message: 'Principal user (Id=x, type=8) is missing prvWriteMailbox privilege (Id=y)',
      match: PATCH_PARTS,
      times: 'always',
      probability: 0.4,
    },
    results: ['Applied', 'Failed', 'Blocked'],
    codes: ['PrivilegeMissing'],
    reason: 'one row that is refused stops no other',
  },
  {
    name: 'B1: 500 with an effect for some rows',
    fault: { kind: 'status', status: 500, effect: true, match: PATCH_PARTS, times: 'always', probability: 0.4 },
    results: ['Applied'],
    reason: 'reading again tells that it took effect, whatever was answered',
  },
  {
    name: 'B1: 500 without an effect for some rows',
    fault: { kind: 'status', status: 500, match: PATCH_PARTS, times: 'always', probability: 0.4 },
    results: ['Applied', 'Unknown', 'Blocked'],
    codes: ['Unavailable'],
    reason: 'it may have taken effect later; the next pass looks again',
  },
  {
    name: 'B5: a row is gone when it is written',
    fault: { kind: 'status', status: 404, match: PATCH_PARTS, times: 3 },
    results: ['Applied', 'Failed', 'Blocked'],
    codes: ['NotFound'],
    reason: 'an update never creates',
  },
]

/** Lets a fault strike batches that write, and tells how many it struck. */
function striking({ fault, writes, spared = 0, struck = Number.POSITIVE_INFINITY }: Row) {
  let seen = 0
  let on = true
  const beforeSend: StackOptions['beforeSend'] = (request, { faults }) => {
    const isWriting = request.url.endsWith('$batch') && /\r\n(PATCH|POST|DELETE) /.test(String(request.body))
    if (!on || writes === undefined || !isWriting || !String(request.body).includes(writes)) return
    seen += 1
    if (seen > spared && seen <= spared + struck) faults.add({ ...fault, times: 1, match: BATCH })
  }
  function stop(): void {
    on = false
  }
  return { beforeSend, count: () => Math.max(0, seen - spared), stop }
}

function idsOf(result: PassResult, ...wanted: readonly string[]): readonly string[] {
  return (result.outcomes ?? []).filter((outcome) => wanted.includes(outcome.result)).map(({ id }) => id)
}

function resultsOf({ outcomes = [] }: PassResult): readonly string[] {
  return [...new Set(outcomes.map(({ result }) => result))]
}

function planned({ plan }: PassResult): ReadonlySet<string> {
  return new Set(plan.steps.flatMap(({ changes }) => changes.map(({ id }) => id)))
}

describe.each(FAULTS)('$name ($reason)', (row) => {
  it('writes nothing wrong, tells what is true, and heals', async () => {
    const strike = striking(row)
    const { stack, desired } = await messy({ ...row.options, beforeSend: strike.beforeSend })
    const { simulator } = stack
    const before = pictureOf(simulator.world)
    const id = row.writes === undefined ? simulator.faults.add(row.fault) : undefined

    const faulty = await stack.pass(desired)

    strike.stop()
    const hits = simulator.faults.list().find((active) => active.id === id)?.hits ?? strike.count()
    simulator.faults.clear()
    const next = await stack.pass(desired, { mode: 'plan' })
    expect(hits).toBeGreaterThan(0)
    expect(faulty.failure).toBeUndefined()
    expect(wrongWrites(before, simulator.world, desired)).toEqual([])
    expect(resultsOf(faulty).filter((result) => !row.results.includes(result))).toEqual([])
    const told = new Set(faulty.outcomes?.map(({ reason }) => reason?.code))
    expect(row.codes?.filter((code) => !told.has(code)) ?? []).toEqual([])
    const still = planned(next)
    expect(idsOf(faulty, 'Applied').filter((one) => still.has(one))).toEqual([])
    expect(idsOf(faulty, 'Failed', 'WriteNotEffective').filter((one) => !still.has(one))).toEqual([])
    await expectToHeal(stack, desired)
  })
})

/** Passes without faults, waiting for tests between, until there is nothing to do; then nothing may be written. */
async function expectToHeal({ simulator, pass }: Stack, desired: DesiredOrganization): Promise<void> {
  for (let passes = 0; passes < 2; passes += 1) {
    await pass(desired)
    simulator.world.advanceUntilIdle(24 * 3_600_000)
  }
  const before = pictureOf(simulator.world)
  simulator.resetRequests()

  const last = await pass(desired)

  expect(last.plan.steps).toEqual([])
  expect(simulator.requests().writes).toBe(0)
  expect(differences(before, pictureOf(simulator.world))).toEqual([])
}

it('B5: a profile whose creation was never answered is there once', async () => {
  const strike = striking({
    name: '',
    fault: { kind: 'reset', effect: true },
    writes: 'emailserverprofiles',
    results: [],
    reason: '',
  })
  const { stack, desired } = await messy({ beforeSend: strike.beforeSend })

  await stack.pass(desired)
  await stack.pass(desired)

  expect(rowWith(stack.simulator.world, 'emailserverprofile', 'name', 'Exchange Online')).toBeDefined()
})

it('B4: 204, and only the profile did not change: what is half true is told as not true, and heals', async () => {
  const { stack, desired } = await messy()
  const before = pictureOf(stack.simulator.world)
  const profileOnly = { kind: 'lying-write', columns: ['emailserverprofile'] } as const
  stack.simulator.faults.add({ ...profileOnly, match: PATCH_PARTS, times: 'always' })

  const { outcomes = [] } = await stack.pass(desired)
  const wrong = wrongWrites(before, stack.simulator.world, desired)
  stack.simulator.faults.clear()

  const told = outcomes.filter(({ stage, result }) => stage === 'mailbox' && result !== 'Applied')
  expect(told.length).toBeGreaterThan(3)
  expect(new Set(told.map(({ result }) => result))).toEqual(new Set(['WriteNotEffective']))
  expect(wrong).toEqual([])
  await expectToHeal(stack, desired)
})

it('B2: an organization that throttles for ever ends with its deadline, and does not keep another from its pass', async () => {
  const [throttled, healthy] = await Promise.all([messy({ patienceMs: 90_000 }), messy()])
  throttled.stack.simulator.faults.add({ kind: 'status', status: 429, retryAfter: 5, times: 'always', match: {} })
  const startedAt = throttled.stack.simulator.world.now().getTime()
  const directory = healthy.stack.stateDirectory
  const now = () => healthy.stack.simulator.world.now()
  const newId = idsFrom('pass')
  const state = await openState({ directory, mode: 'apply', now, newId })
  const test = { ...throttled.desired, name: 'contoso-test' }

  const [one, other] = await runPass(
    [throttled.stack.scopeOf(test), healthy.stack.scopeOf(healthy.desired)],
    { revision: 'r1', mode: 'apply', allow: ALLOWED, signal: new AbortController().signal },
    { guards: () => GUARDS, memory: state.memory, openJournal: state.openJournal, now, newId },
  )
  await state.close()

  expect(one?.plan.steps).toEqual([])
  expect(new Set(one?.plan.stages.map(({ incomplete }) => incomplete?.code))).toEqual(new Set(['Throttled']))
  expect(throttled.stack.simulator.requests().writes).toBe(0)
  const tookMs = throttled.stack.simulator.world.now().getTime() - startedAt
  expect(tookMs).toBeGreaterThan(5_000)
  expect(tookMs).toBeLessThan(20 * 60_000)
  expect(new Set(other?.outcomes?.map(({ result }) => result))).toEqual(new Set(['Applied']))
})

it('B16: a pass that is cancelled in the middle of its batches leaves what the spec asks for, and the next one goes on', async () => {
  const { stack, desired } = await messy({ batchSize: 2 })
  const before = pictureOf(stack.simulator.world)
  const controller = new AbortController()

  const cut = await stack.pass(desired, {
    signal: controller.signal,
    onEvent: (event) => {
      if (event.type === 'apply' && event.event.type === 'written' && event.event.stage === 'mailbox')
        controller.abort()
    },
  })

  expect(idsOf(cut, 'Cancelled').length).toBeGreaterThan(0)
  expect(idsOf(cut, 'Applied').length).toBeGreaterThan(0)
  expect(wrongWrites(before, stack.simulator.world, desired)).toEqual([])
  await expectToHeal(stack, desired)
})

function idsFrom(prefix: string): () => string {
  let count = 0
  return () => {
    count += 1
    return `${prefix}-${count}`
  }
}

// The contract every writing stage keeps, run for each of them with the real client against the simulator on a socket.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Change } from '../../src/engine/index.ts'
import type { FaultRule, SimulatorOptions } from '../../src/simulator/index.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { STAGES as ALL, apply, changesOf, exceptionsOf, linesOf, plan } from '../stages/pass.ts'
import { type Simulated, startSimulated } from '../stages/simulated.ts'
import { CONTRACT_CASES, type ContractCase } from './cases.ts'

/** Faults that strike while a change is written; each may lose an answer, a batch or one operation of it. */
const FAULTS: readonly { readonly reason: string; readonly rules: readonly FaultRule[] }[] = [
  {
    reason: 'the answer is lost after the write took effect',
    rules: [{ kind: 'no-answer', effect: true, match: WRITES() }],
  },
  { reason: 'the connection breaks before the write', rules: [{ kind: 'reset', match: WRITES() }] },
  { reason: 'the connection breaks after the write', rules: [{ kind: 'reset', effect: true, match: WRITES() }] },
  { reason: 'half an answer arrives', rules: [{ kind: 'half-body', match: WRITES() }] },
  { reason: 'the server is throttled', rules: [{ kind: 'status', status: 429, retryAfter: 1, match: WRITES() }] },
  { reason: 'the server fails', rules: [{ kind: 'status', status: 500, match: WRITES() }] },
  { reason: 'the server is away', rules: [{ kind: 'html', page: 'iis-503', match: WRITES() }] },
  {
    reason: 'one operation of the batch is refused',
    rules: [{ kind: 'status', status: 500, match: { operation: 'part', path: '/^(?!.*select)/' } }],
  },
  {
    reason: 'the server says done and does nothing',
    rules: [{ kind: 'lying-write', match: { operation: 'any' } }],
  },
]

function WRITES(): FaultRule['match'] & object {
  return { method: 'POST', path: '$batch' }
}

const TIDY: SimulatorOptions = { mailboxes: 3, queues: 2, mess: ['none'] }

describe.each(CONTRACT_CASES)('stage $stage', (given) => {
  let remote: Simulated

  beforeEach(async () => {
    remote = await startSimulated(TIDY)
  })

  afterEach(async () => {
    await remote.close()
  })

  it('an absent object is created or waited for, and nothing else is done', async () => {
    given.remove?.(remote.simulator.world)

    const { plan: planned } = await plan(remote, given.desired)

    if (given.absent === 'never') expect(exceptionsOf(planned)).toEqual([])
    else if (given.absent === 'create')
      expect(own(given, planned)).toEqual([expect.stringContaining(`create ${given.key}`)])
    else {
      expect(own(given, planned)).toEqual([])
      expect(exceptionsOf(planned)).toContain(`${given.stage} Waiting NotInCrm ${given.key}`)
    }
  })

  it('what was created is in sync, and applying its plan again is harmless', async () => {
    given.remove?.(remote.simulator.world)
    const { plan: planned } = await plan(remote, given.desired)

    const first = await apply(remote, given.desired, planned)
    const rows = countRows(remote)
    const second = await apply(remote, given.desired, planned)

    expect(first.outcomes.map(({ result }) => result)).toEqual(first.outcomes.map(() => 'Applied'))
    expect(second.outcomes.map(({ result }) => result)).toEqual(second.outcomes.map(() => 'AlreadyDone'))
    expect(countRows(remote)).toEqual(rows)
    expect(linesOf((await plan(remote, given.desired)).plan)).toEqual([])
  })

  it('an object that cannot be told is unknown, and nothing is written for it', async () => {
    await converge(remote, given)
    given.drifts[0]?.tamper(remote.simulator.world)
    given.confuse(remote.simulator.world)
    const before = remote.simulator.requests().writes

    const { plan: planned } = await plan(remote, given.desired)
    await apply(remote, given.desired, planned)

    expect(exceptionsOf(planned)).toContain(
      `${given.stage} Unknown ${given.confusion} ${given.confusedKey ?? given.key}`,
    )
    expect(own(given, planned)).toEqual([])
    expect(remote.simulator.requests().writes).toBe(before)
  })

  it('an object that became unknown after planning is not written', async () => {
    await converge(remote, given)
    given.drifts[0]?.tamper(remote.simulator.world)
    const { plan: planned } = await plan(remote, given.desired)
    remote.simulator.faults.add({ kind: 'status', status: 500, times: 'always', match: { operation: 'any' } })
    const before = remote.simulator.requests().writes

    const { outcomes } = await apply(remote, given.desired, planned)

    expect(outcomes.map(({ result }) => result)).toEqual(['Unknown'])
    remote.simulator.faults.clear()
    expect(patchesSince(remote, before)).toBe(0)
    expect(linesOf((await plan(remote, given.desired)).plan)).toEqual(linesOf(planned))
  })

  it('an object that somebody changed after planning is not overwritten', async () => {
    const [first, second] = given.rivals
    await converge(remote, given)
    first(remote.simulator.world)
    const { plan: planned } = await plan(remote, given.desired)
    second(remote.simulator.world)
    const before = remote.simulator.requests().writes

    const { outcomes } = await apply(remote, given.desired, planned)

    expect(outcomes.map(({ result }) => result)).toEqual(['Moved'])
    expect(remote.simulator.requests().writes).toBe(before)
  })

  it.each(FAULTS)('converges where $reason', async ({ rules }) => {
    await converge(remote, given)
    const rows = countRows(remote)
    given.drifts[0]?.tamper(remote.simulator.world)
    const { plan: planned } = await plan(remote, given.desired)
    if (rules.some(({ kind }) => kind === 'no-answer')) remote = await impatient(remote)
    for (const rule of rules) remote.simulator.faults.add(rule)

    await apply(remote, given.desired, planned)
    expect(remote.simulator.faults.list().every(({ hits }) => hits > 0)).toBe(true)
    remote.simulator.faults.clear()
    const passes = await converge(remote, given)

    expect(passes).toBeLessThanOrEqual(2)
    expect(countRows(remote)).toEqual(rows)
  })

  it('creating converges where answers are lost, and never makes two of one', async () => {
    given.remove?.(remote.simulator.world)
    const { plan: planned } = await plan(remote, given.desired)
    remote = await impatient(remote)
    remote.simulator.faults.add({ kind: 'no-answer', effect: true, times: 2, match: WRITES() })

    await apply(remote, given.desired, planned)
    remote.simulator.faults.clear()
    await converge(remote, given)

    const names = [...remote.simulator.world.rows('emailserverprofile').values()].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const addresses = [...remote.simulator.world.rows('mailbox').values()].map(({ emailaddress }) => emailaddress)
    expect(new Set(addresses).size).toBe(addresses.length)
  })

  it('an incomplete read plans nothing', async () => {
    given.remove?.(remote.simulator.world)
    remote.simulator.faults.add({
      kind: 'status',
      status: 500,
      times: 'always',
      match: { path: '/^(mailboxes|emailserverprofiles|systemusers)\\?/', operation: 'any' },
    })

    const { plan: planned } = await plan(remote, given.desired)

    expect(linesOf(planned)).toEqual([])
    expect(planned.stages.find(({ stage }) => stage === given.stage)?.incomplete).toBeDefined()
  })

  it('no secret is in a plan, an outcome, an intent or an exception', async () => {
    given.remove?.(remote.simulator.world)
    const { plan: planned, reads } = await plan(remote, given.desired)
    remote.simulator.faults.add({ kind: 'status', status: 400, match: WRITES() })
    const failed = await apply(remote, given.desired, planned)
    remote.simulator.faults.clear()
    const applied = await apply(remote, given.desired, (await plan(remote, given.desired)).plan)

    const said = JSON.stringify([
      planned,
      failed,
      applied,
      [...reads].map(([, read]) => read.complete && [...read.rows]),
    ])
    expect(said).not.toContain(CANARY_SECRET)
    expect(JSON.stringify(remote.simulator.log())).not.toContain(CANARY_SECRET)
  })
})

describe.each(CONTRACT_CASES)('drift, stage $stage', (given) => {
  let remote: Simulated

  beforeAll(async () => {
    remote = await startSimulated(TIDY)
    await converge(remote, given)
  })

  afterEach(() => {
    remote.simulator.world.advanceUntilIdle(60_000)
  })

  afterAll(async () => {
    await remote.close()
  })

  it.each(given.drifts)('drift of $field gives exactly that change, in plain words, and is repaired', async (drift) => {
    drift.tamper(remote.simulator.world)

    const { plan: planned } = await plan(remote, given.desired)
    const before = remote.simulator.requests().writes
    const { outcomes } = await apply(remote, given.desired, planned)

    const fields = [...(drift.fields ?? [drift.field])].sort().join(', ')
    expect(linesOf(planned)).toEqual([`${given.stage} update ${drift.key ?? given.key}: ${fields}`])
    expectPlainWords(changesOf(planned))
    expect(outcomes).toMatchObject([{ result: 'Applied' }])
    expect(remote.simulator.requests().writes - before).toBe(1)
    expect(linesOf((await plan(remote, given.desired)).plan)).toEqual([])
  })
})

/** Plans and applies until nothing is left; gives how many passes wrote something. */
async function converge(remote: Simulated, { desired }: ContractCase): Promise<number> {
  for (let pass = 0; pass < 5; pass += 1) {
    const { plan: planned } = await plan(remote, desired)
    if (changesOf(planned).length === 0) return pass
    await apply(remote, desired, planned)
    remote.simulator.world.advanceUntilIdle(60_000)
  }
  throw new Error('does not converge')
}

/** Words for people: no numbers of options, nothing that was not told. */
function expectPlainWords(changes: readonly Change[]): void {
  for (const { group, one, many } of changes.flatMap(({ phrases }) => phrases)) {
    expect(group).toMatch(/^[a-z]+$/)
    expect(`${one} / ${many}`).not.toMatch(/undefined|null|NaN|\[object|Other\(|[a-z][A-Z]/)
  }
}

/** The same organization, for a client that soon gives up waiting. */
async function impatient(remote: Simulated): Promise<Simulated> {
  const { world } = remote.simulator
  await remote.close()
  return startSimulated({ world }, 500)
}

/** Lines of the stage's own changes to the object of the case. */
function own({ stage, key }: ContractCase, planned: Parameters<typeof linesOf>[0]): readonly string[] {
  return linesOf(planned).filter((line) => line.startsWith(`${stage} `) && line.includes(` ${key}`))
}

function countRows(remote: Simulated): readonly number[] {
  return (['mailbox', 'emailserverprofile', 'systemuser', 'queue'] as const).map(
    (entity) => remote.simulator.world.rows(entity).size,
  )
}

/** Writes that reached a row, not envelopes of batches. */
function patchesSince(remote: Simulated, before: number): number {
  return remote.simulator.requests().writes - before
}

it('every stage that writes has a case', () => {
  const writing = ALL.filter(({ mode }) => mode === 'writes').map(({ name }) => name)

  expect(CONTRACT_CASES.map(({ stage }) => stage)).toEqual(writing)
})

it('every field of every stage has a drift', () => {
  for (const { stage, drifts } of CONTRACT_CASES) {
    const fields = Object.keys(ALL.find(({ name }) => name === stage)?.fields ?? {}).filter((field) => field !== 'type')
    expect([...new Set(drifts.map(({ field }) => field))].sort()).toEqual(fields.sort())
  }
})

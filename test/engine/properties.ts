// The properties of planning and applying, so that the quick and the long run share them.
import fc from 'fast-check'
import { expect } from 'vitest'
import { type Change, digestOf, type Outcome, onlyStops, type Plan } from '../../src/engine/index.ts'
import { checks, desiredLibrary, messyTables, readFaults, writeFault } from './arbitraries.ts'
import { applyTo, idsOf, linesOf, planOf } from './fake-pass.ts'
import { FakeRemote, type Tables } from './fake-remote.ts'
import type { FakeDesired } from './fake-stages.ts'

function idsWhere(outcomes: readonly Outcome[], ...results: readonly Outcome['result'][]): ReadonlySet<string> {
  return new Set(outcomes.filter(({ result }) => results.includes(result)).map(({ id }) => id))
}

function changesOf({ steps }: Plan): readonly Change[] {
  return steps.flatMap(({ changes }) => changes)
}

function isTested({ fields }: Change): boolean {
  return fields.some(({ field }) => field === 'tested')
}

function sorted(ids: Iterable<string>): readonly string[] {
  return [...ids].sort()
}

async function restOf(remote: FakeRemote, desired: FakeDesired): Promise<Plan> {
  return (await planOf(remote, desired)).plan
}

/** Plan, apply, plan: the second plan is empty, and what nobody wishes is as it was. */
export const settles = fc.asyncProperty(desiredLibrary, messyTables, async (desired, tables) => {
  const remote = new FakeRemote(tables)
  const unmanaged = [...remote.tables.book]
    .filter(([key]) => !desired.books.has(key))
    .map(([key, row]) => [key, { ...row }])
  const { plan } = await planOf(remote, desired)

  const outcomes = await applyTo(remote, desired, plan)

  expect(new Set(outcomes.map(({ result }) => result)).size).toBeLessThanOrEqual(1)
  expect(outcomes.map(({ id }) => id)).toEqual(idsOf(plan))
  expect(linesOf(await restOf(remote, desired))).toEqual([])
  for (const [key, row] of unmanaged as [string, object][]) {
    const { tested: _now, ...same } = { ...remote.tables.book.get(key) }
    const { tested: _before, ...before } = row as { tested?: unknown }
    expect(same).toEqual(before)
  }
})

/** Planning twice, or planning from a copy, gives the same plan; it changes nothing. */
export const isPure = fc.asyncProperty(desiredLibrary, messyTables, async (desired, tables) => {
  const remote = new FakeRemote(tables)
  const before = structuredClone(remote.state())

  const [first, second] = [await planOf(remote, desired), await planOf(remote, desired)]

  expect(second.plan).toEqual(first.plan)
  expect(remote.state()).toEqual(before)
})

/** Any subset of a plan, applied, leaves a plan of exactly the rest, with the same ids. */
export const leavesTheRest = fc.asyncProperty(
  desiredLibrary,
  messyTables,
  fc.infiniteStream(fc.boolean()),
  async (desired, tables, choice) => {
    const remote = new FakeRemote(tables)
    const { plan } = await planOf(remote, desired)
    const approved = withCauses(plan, remote, new Set(idsOf(plan).filter(() => choice.next().value)))

    const outcomes = await applyTo(remote, desired, plan, { approved })

    const applied = idsWhere(outcomes, 'Applied')
    expect([...applied].every((id) => approved.has(id))).toBe(true)
    expect(sorted(idsOf(await restOf(remote, desired)))).toEqual(sorted(idsOf(plan).filter((id) => !applied.has(id))))
  },
)

/** A test that another change makes due is approved together with that change; else it is due again when that one is done. */
function withCauses(plan: Plan, remote: FakeRemote, ids: ReadonlySet<string>): ReadonlySet<string> {
  const all = changesOf(plan)
  const shelves = all
    .filter((change) => ids.has(change.id) && isTested(change))
    .flatMap(({ key, fields }) => [
      remote.tables.book.get(key)?.['shelf'],
      fields.find(({ field }) => field === 'shelf')?.to,
    ])
  return new Set([
    ...ids,
    ...all.filter(({ kind, key }) => kind === 'Shelf' && shelves.includes(key)).map(({ id }) => id),
  ])
}

/** However reads fail, nothing is written that was not known just before, and nothing wrong is left behind. */
export const unknownIsNeverWritten = fc.asyncProperty(
  desiredLibrary,
  messyTables,
  readFaults,
  async (desired, tables, faults) => {
    const remote = new FakeRemote(tables)
    let turn = 0
    let known: Readonly<Record<'shelf' | 'book', Error | ReadonlySet<string> | undefined>> = {
      shelf: undefined,
      book: undefined,
    }
    remote.faults.read = (table) => {
      const fault = faults[turn % faults.length]
      turn += 1
      known = { ...known, [table]: fault }
      return fault
    }
    const unwritable: string[] = []
    remote.faults.write = ({ table, key }) => {
      const fault = known[table]
      if (fault instanceof Error || fault?.has(key)) unwritable.push(`${table}/${key}`)
      return undefined
    }

    const { plan } = await planOf(remote, desired)
    const unread = new Set(plan.stages.flatMap(({ stage, incomplete }) => (incomplete ? [stage] : [])))
    const outcomes = await applyTo(remote, desired, plan)

    expect(unwritable).toEqual([])
    expect(plan.steps.filter(({ stage }) => unread.has(stage))).toEqual([])
    remote.faults = {}
    await applyTo(remote, desired, await restOf(remote, desired))
    expect(linesOf(await restOf(remote, desired))).toEqual([])
    for (const { result } of outcomes) expect(['WriteNotEffective', 'Failed', 'Moved']).not.toContain(result)
  },
)

/** However writes fail, an outcome tells the truth, and repeating ends where it should. */
export const outcomesAreTrue = fc.asyncProperty(
  desiredLibrary,
  messyTables,
  fc.array(writeFault, { minLength: 1, maxLength: 9 }),
  async (desired, tables, faults) => {
    const remote = new FakeRemote(tables)
    const { plan } = await planOf(remote, desired)
    let turn = 0
    remote.faults.write = () => {
      turn += 1
      return faults[turn % faults.length]
    }

    const outcomes = await applyTo(remote, desired, plan)
    remote.faults = {}
    const rest = new Set(idsOf(await restOf(remote, desired)))

    // A test can be due again, where the change that made it due did not come about.
    const tests = new Set(changesOf(plan).flatMap((change) => (isTested(change) ? [change.id] : [])))
    for (const id of idsWhere(outcomes, 'Applied')) expect(rest.has(id) && !tests.has(id)).toBe(false)
    for (const id of idsWhere(outcomes, 'Failed', 'WriteNotEffective', 'Blocked')) expect(rest.has(id)).toBe(true)
    await applyTo(remote, desired, await restOf(remote, desired))
    expect(linesOf(await restOf(remote, desired))).toEqual([])
  },
)

/** The digest is that of the set of ids, and the order in which the spec names things does not matter to it. */
export const digestIsOfTheSet = fc.asyncProperty(desiredLibrary, messyTables, async (desired, tables) => {
  const remote = new FakeRemote(tables)
  const turned = { shelves: new Map([...desired.shelves].reverse()), books: new Map([...desired.books].reverse()) }

  const [plan, other] = [(await planOf(remote, desired)).plan, (await planOf(remote, turned)).plan]

  expect(other.digest).toBe(plan.digest)
  expect(plan.digest).toBe(digestOf([...idsOf(plan)].reverse()))
})

/** Behind checks that did not pass nothing is planned but stopping. */
export const gatesHold = fc.asyncProperty(desiredLibrary, messyTables, checks, async (desired, tables, verdicts) => {
  const remote = new FakeRemote(tables)
  const { plan } = await planOf(remote, { ...desired, checks: verdicts })

  for (const { stage, changes } of plan.steps) {
    const isGated = [...verdicts.values()].some(
      ({ ready, gates }) => (ready.status === 'False' || ready.status === 'Unknown') && gates?.includes(stage),
    )
    if (isGated) expect(changes.every(onlyStops)).toBe(true)
  }
})

/** `only` keeps what it names, with the ids of the whole plan; a test that only a change left out makes due is left out too. */
export const onlyDivides = fc.asyncProperty(
  desiredLibrary,
  messyTables,
  fc.constantFrom('shelf', 'book'),
  async (desired, tables, stage) => {
    const remote = new FakeRemote(tables)
    const untested = {
      ...desired,
      books: new Map([...desired.books].map(([key, book]) => [key, { ...book, test: false }])),
    }
    const all = changesOf(await restOf(remote, untested))

    const kept = (await planOf(remote, untested, { only: (change) => change.stage === stage })).plan

    const blocked = new Set(kept.exceptions.map(({ key }) => key))
    const expected = all.filter((change) => change.stage === stage && !blocked.has(change.key))
    expect(idsOf(kept)).toEqual(expected.map(({ id }) => id))
  },
)

/** Two scopes that are planned and applied at the same time come to what each comes to alone. */
export const scopesShareNothing = fc.asyncProperty(
  fc.scheduler(),
  fc.tuple(desiredLibrary, messyTables),
  fc.tuple(desiredLibrary, messyTables),
  async (scheduler, [firstDesired, first], [secondDesired, second]) => {
    const alone = [await applied(first, firstDesired, 'one'), await applied(second, secondDesired, 'two')]

    const together = Promise.all([
      applied(first, firstDesired, 'one', scheduler),
      applied(second, secondDesired, 'two', scheduler),
    ])
    await scheduler.waitFor(together)

    expect(await together).toEqual(alone)
  },
)

async function applied(tables: Tables, desired: FakeDesired, scope: string, scheduler?: fc.Scheduler) {
  const remote = new FakeRemote(tables)
  const turn = async () => {
    if (scheduler) await scheduler.schedule(Promise.resolve(), scope)
  }
  await turn()
  const { plan } = await planOf(remote, desired, { scope })
  await turn()
  const journal = { intend: turn, conclude: turn }
  const outcomes = await applyTo(remote, desired, plan, { journal })
  return { plan, outcomes, state: remote.state() }
}

/** All properties by name. */
export const PROPERTIES = {
  'plan, apply, plan: the second plan is empty and what is unmanaged is untouched': settles,
  'planning is pure': isPure,
  'any subset of a plan, applied, leaves a plan of exactly the rest': leavesTheRest,
  'unknown never becomes a write, however reads fail': unknownIsNeverWritten,
  'outcomes are true, however writes fail': outcomesAreTrue,
  'the digest depends on the set of ids alone': digestIsOfTheSet,
  'nothing but stopping is planned behind a check that did not pass': gatesHold,
  'what `only` keeps has the ids it has in the whole plan': onlyDivides,
  'B18 scopes side by side share nothing': scopesShareNothing,
} as const

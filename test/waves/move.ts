// A whole company moves to another profile: a canary first, then waves; 2 % of the mailboxes fail for reasons of their own; one wave is
// broken. Every pass is a process of its own, and the memory is lost now and then, so what goes on is only what is seen.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { WAITS } from '../../src/engine/index.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { settlementOf } from '../../src/reconcile/settlement.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { type Wave, wavesOf } from '../../src/stages/mailbox/rollout.ts'
import { documentOf, EVERYTHING, ORGANIZATION, organizationOf, setOf } from '../stack/spec.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import { pictureOf, plainAddresses, wrongWrites } from '../stack/world.ts'

/** How big the company is. */
export interface MoveSize {
  readonly mailboxes: number
  readonly waves: readonly number[]
  readonly maximumInFlight: number
}

const MINUTE = 60_000
const NEW_PROFILE = 'Exchange Online 2027'
/** Every so manieth mailbox of a wave fails, whatever is done. */
const FAILING_ONE_IN = 50

/** Plays the story; every expectation is in it. */
export async function playMove({ mailboxes, waves: percents, maximumInFlight }: MoveSize): Promise<void> {
  const stack = await startStack({ seed: 11, mailboxes, queues: 0, mess: [], pace: { maximumInFlight } })
  try {
    const company = await companyOf(stack, percents)
    const before = pictureOf(stack.simulator.world)
    const passes = new Passes(stack, company.desired, maximumInFlight)

    // The third wave is the broken one: half of it has no licence.
    const broken = company.waves[2]?.members ?? []
    const unlicensed = broken.filter((_, index) => index % 2 === 0)
    for (const address of unlicensed) company.setTruth(address, { unlicensed: true })

    const stopped = await passes.untilSettled()

    expect(codesOf(stopped)).toEqual(new Set([WAITS.stopped]))
    expect(stopped.plan.steps[0]?.waits?.message).toMatch(
      /^stopped at wave 2 of the set "everybody": \d+ of [\d,]+ mailboxes failed/,
    )
    expect(stopped.plan.steps[0]?.waits?.message).toContain('licence')
    expect(company.moved(company.waves.slice(0, 2))).toBe('all')
    expect(company.moved(company.waves.slice(3))).toBe('none')
    const writes = stack.simulator.requests().writes

    const still = await passes.once()

    expect([codesOf(still), settlementOf([still])]).toEqual([new Set([WAITS.stopped]), 'settled'])
    expect(stack.simulator.requests().writes).toBe(writes)

    // Somebody gives the licences and tests these mailboxes again in CRM.
    for (const address of unlicensed) company.setTruth(address, {})
    for (const address of unlicensed) company.testAgain(address)

    const ended = await passes.untilSettled()

    expect(ended.plan.steps).toEqual([])
    expect(company.moved(company.waves)).toBe('all')
    expect(company.failing()).toEqual(company.willFail)
    expect(wrongWrites(before, stack.simulator.world, company.desired)).toEqual([])
    expect(passes.order).toEqual(company.waves.map(({ name }) => name))
  } finally {
    await stack.close()
  }
}

/** Passes as they are repeated from outside, with a look at what must hold after each of them. */
class Passes {
  /** Names of waves in the order in which their changes were first applied. */
  readonly order: string[] = []
  readonly #stack: Stack
  readonly #desired: DesiredOrganization
  readonly #maximumInFlight: number
  #count = 0

  constructor(stack: Stack, desired: DesiredOrganization, maximumInFlight: number) {
    this.#stack = stack
    this.#desired = desired
    this.#maximumInFlight = maximumInFlight
  }

  async once(): Promise<PassResult> {
    const { simulator, stateDirectory } = this.#stack
    this.#count += 1
    if (this.#count % 3 === 0) await rm(join(stateDirectory, 'memory'), { recursive: true, force: true })
    const result = await this.#stack.pass(this.#desired)
    const { waiting, running } = simulator.world.tests()
    expect(result.failure).toBeUndefined()
    expect(result.decision).toBe('allow')
    expect(result.outcomes?.every((outcome) => outcome.result === 'Applied') ?? true).toBe(true)
    this.#note(result)
    this.#checkMeter(result, waiting + running)
    simulator.advance(2 * MINUTE)
    return result
  }

  async untilSettled(): Promise<PassResult> {
    for (let passes = 0; passes < 400; passes += 1) {
      const result = await this.once()
      if (settlementOf([result]) === 'settled') return result
    }
    throw new Error('the passes do not settle')
  }

  #note({ plan, outcomes = [] }: PassResult): void {
    const applied = new Set(outcomes.map(({ id }) => id))
    for (const { slice, rollout, changes } of plan.steps) {
      if (!rollout || this.order.includes(slice)) continue
      if (changes.some(({ id }) => applied.has(id))) this.order.push(slice)
    }
  }

  /** Others may ask for as many tests as they like; a pass only adds what there are places for. */
  #checkMeter({ outcomes = [] }: PassResult, inFlight: number): void {
    const asked = outcomes.filter(({ stage }) => stage === 'mailbox').length
    if (asked > 0) expect(inFlight).toBeLessThanOrEqual(this.#maximumInFlight)
  }
}

async function companyOf(stack: Stack, percents: readonly number[]) {
  const { world } = stack.simulator
  const members = plainAddresses(world, 'systemuser')
  const canary = members.slice(3, 5)
  const profile = {
    displayName: NEW_PROFILE,
    serverType: 'ExchangeOnlineHybrid',
    useDefaultTenantId: true,
    autoDiscover: true,
  }
  const desired = await organizationOf({
    'all.yaml': [
      ORGANIZATION,
      documentOf('EmailServerProfile', 'next', profile),
      setOf('everybody', members, { ...EVERYTHING, profile: 'next', rollout: { canary, waves: percents } }),
    ].join(''),
  })
  const waves = wavesOf(members, { canary, waves: percents })
  const ids = new Map([...world.rows('mailbox')].map(([id, row]) => [String(row['emailaddress']).toLowerCase(), id]))
  const idOf = (address: string) => ids.get(address) ?? ''
  const rowOf = (address: string) => world.rows('mailbox').get(idOf(address)) ?? {}
  const willFail = waves
    .flatMap((wave) => wave.members.filter((_, index) => index % FAILING_ONE_IN === FAILING_ONE_IN - 1))
    .sort()
  for (const address of willFail) world.setTruth(idOf(address), { autodiscoverFails: true })
  return {
    desired,
    waves,
    willFail,
    setTruth: (address: string, truth: Parameters<typeof world.setTruth>[1]) => {
      if (!willFail.includes(address)) world.setTruth(idOf(address), truth)
    },
    testAgain: (address: string) => {
      if (rowOf(address)['incomingemailstatus'] !== 2) return
      world.update(world.callers.admin, 'mailbox', idOf(address), { testemailconfigurationscheduled: true })
    },
    failing: () => members.filter((address) => rowOf(address)['incomingemailstatus'] === 2).sort(),
    moved(some: readonly Wave[]): 'all' | 'none' | 'some' {
      const all = some.flatMap((wave) => wave.members)
      const count = all.filter((address) => profileOf(rowOf(address)['emailserverprofile']) === NEW_PROFILE).length
      return count === all.length ? 'all' : count === 0 ? 'none' : 'some'
    },
  }

  function profileOf(value: unknown): unknown {
    const isReference = typeof value === 'object' && value !== null && 'id' in value
    return isReference ? world.rows('emailserverprofile').get(String(value.id))?.['name'] : undefined
  }
}

function codesOf({ plan }: PassResult): ReadonlySet<string | undefined> {
  return new Set(plan.steps.map(({ waits }) => waits?.code))
}

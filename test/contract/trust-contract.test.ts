// The contract every writing stage of a trust keeps, run for each of them with the real clients against a tenant and servers on sockets.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Change } from '../../src/engine/index.ts'
import { trustStages } from '../../src/stages/index.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { changesOf, exceptionsOf, linesOf } from '../stages/pass.ts'
import {
  SCRIPTS,
  SERVER_FAULTS,
  silenceServers,
  silenceTenant,
  TENANT_FAULTS,
  TRUST_CASES,
  type TrustCase,
  type TrustDrift,
} from './trust-cases.ts'
import { pictureOf, startTrustRemote, type TrustRemote } from './trust-remote.ts'

let remote: TrustRemote

beforeAll(async () => {
  remote = await startTrustRemote()
})

afterEach(() => remote.reset())

afterAll(() => remote.close())

describe.each(TRUST_CASES)('stage $stage', (given) => {
  const [first] = given.drifts

  it('every drift gives exactly its change, in plain words, is repaired, and twice is harmless', async () => {
    const before = pictureOf(remote)
    for (const drift of given.drifts) {
      drift.tamper(remote)

      const { plan } = await remote.plan()
      const outcomes = await remote.apply(plan)
      const writes = remote.writes()
      const again = await remote.apply(plan)

      expect(linesOf(plan)).toEqual(linesFor(given, drift))
      expectPlainWords(changesOf(plan))
      expect(outcomes.map(({ result }) => result)).toEqual(outcomes.map(() => 'Applied'))
      expect(again.map(({ result }) => result)).toEqual(again.map(() => 'AlreadyDone'))
      expect(remote.writes()).toBe(writes)
      expect(linesOf((await remote.plan()).plan)).toEqual([])
      if (!given.isUnion) expect(pictureWithoutEnded()).toEqual(before)
    }
    expect(remote.stack.problem()).toBeUndefined()
  })

  it('an object that cannot be told is unknown, and nothing is written for it', async () => {
    first.tamper(remote)
    given.confuse(remote)
    const before = remote.writes()

    const { plan } = await remote.plan()
    await remote.apply(plan)

    expect(exceptionsOf(plan)).toContain(`${given.stage} Unknown ${given.confusion} ${given.key(remote)}`)
    expect(own(given, linesOf(plan))).toEqual([])
    expect(remote.writes()).toBe(before)
  })

  it('an object that became unknown after planning is not written', async () => {
    first.tamper(remote)
    const { plan } = await remote.plan()
    const silence = given.side === 'tenant' ? silenceTenant : silenceServers
    silence(remote)
    const before = remote.writes()

    const outcomes = await remote.apply(plan)

    expect(outcomes.find(({ stage }) => stage === given.stage)?.result).toBe('Unknown')
    expect(remote.writes()).toBe(before)
    await remote.renew()
    expect(linesOf((await remote.plan()).plan)).toEqual(linesOf(plan))
  })

  // Where one thing is there or not, nobody can bring it to a third state.
  if (given.rivals)
    it('an object that somebody changed after planning is not overwritten', async () => {
      const [one, two] = given.rivals ?? [() => {}, () => {}]
      one(remote)
      const { plan } = await remote.plan()
      two(remote)
      const before = remote.writes()

      const outcomes = await remote.apply(plan)

      expect(outcomes.find(({ stage }) => stage === given.stage)?.result).toBe('Moved')
      expect(remote.writes()).toBe(before)
    })

  it('converges whatever goes wrong while it is written', async () => {
    const before = pictureOf(remote)
    for (const { reason, strike } of faultsFor(given)) {
      first.tamper(remote)
      const { plan } = await remote.plan()
      strike()

      await remote.apply(plan)
      await remote.renew()
      const passes = await remote.converge()

      expect(passes, reason).toBeLessThanOrEqual(2)
      if (!given.isUnion) expect(pictureOf(remote), reason).toEqual(before)
      expect(remote.stack.problem(), reason).toBeUndefined()
    }
  })

  it('no secret is in a plan, an outcome, a read, a command line or what a server says', async () => {
    first.tamper(remote)
    const { plan, reads } = await remote.plan()
    const [fault] = faultsFor(given)
    fault?.strike()
    const failed = await remote.apply(plan)
    await remote.renew()
    const next = (await remote.plan()).plan
    const applied = await remote.apply(next)

    const told = [...reads].map(([, read]) => read.complete && [[...read.rows], [...read.unknown]])
    const said = JSON.stringify([
      plan,
      next,
      failed,
      applied,
      told,
      remote.trust.servers.log(),
      remote.trust.entra.requests(),
    ])
    for (const secret of secretsOf(remote)) expect(said).not.toContain(secret)
  })
})

/** The lines of a drift, in the order of apply. */
function linesFor(given: TrustCase, { field, fields = [field], action, entails }: TrustDrift): readonly string[] {
  const told = action === undefined ? `: ${[...fields].sort().join(', ')}` : ''
  return [`${given.stage} ${action ?? 'update'} ${given.key(remote)}${told}`, ...(entails?.(remote) ?? [])]
}

/** Lines of the stage's own changes to the object of the case. */
function own({ stage, key }: TrustCase, lines: readonly string[]): readonly string[] {
  return lines.filter((line) => line.startsWith(`${stage} `) && line.includes(` ${key(remote)}`))
}

/** An ended key of the same certificate stays beside its successor. */
function pictureWithoutEnded(): unknown {
  const { trust } = remote
  for (const principal of trust.tenant.principals.values())
    principal.keys = principal.keys.filter(
      ({ key, endDateTime }) => key !== trust.certificate.der || endDateTime > '2026-01-02',
    )
  return pictureOf(remote)
}

/** All of them for the first stage of each side; for the others those that may lose a write, or all in the long run. */
function faultsFor({ stage, side }: TrustCase): readonly { readonly reason: string; readonly strike: () => void }[] {
  const { entra, servers } = remote.trust
  const isFirst = stage === TRUST_CASES.find((one) => one.side === side)?.stage
  const isChosen = ({ mayLose }: { readonly mayLose?: true }) =>
    isFirst || mayLose || process.env['MAILKEEL_TEST_LONG'] === '1'
  if (side === 'tenant') {
    return TENANT_FAULTS.filter(isChosen).map(({ reason, rule }) => ({
      reason,
      strike: () => void entra.faults.add(rule),
    }))
  }
  return (SCRIPTS[stage] ?? []).flatMap((script) =>
    SERVER_FAULTS.filter(isChosen).map(({ reason, fault }) => ({
      reason: `${script}: ${reason}`,
      strike: () => void servers.faults.add({ times: 1, ...fault, script }),
    })),
  )
}

function secretsOf({ trust, other }: TrustRemote): readonly string[] {
  const files = [trust.certificate, other].map(({ pfx }) => Buffer.from(pfx).toString('base64').slice(200, 260))
  return [CANARY_SECRET, ...files, trust.servers.privateKey.split('\n')[2] ?? CANARY_SECRET]
}

/** Words for people: nothing that was not told. */
function expectPlainWords(changes: readonly Change[]): void {
  for (const { group, one, many } of changes.flatMap(({ phrases }) => phrases)) {
    expect(group).toMatch(/^[a-z]+$/)
    expect(`${one} / ${many}`).not.toMatch(/undefined|null|NaN|\[object/)
  }
}

describe('the suite', () => {
  it('has a case for every stage of a trust that writes', () => {
    const writing = trustStages().filter(({ mode }) => mode === 'writes')

    expect(TRUST_CASES.map(({ stage }) => stage)).toEqual(writing.map(({ name }) => name))
  })

  it('has a drift for every field of every stage', () => {
    for (const { stage, drifts } of TRUST_CASES) {
      const fields = Object.keys(trustStages().find(({ name }) => name === stage)?.fields ?? {})
      expect([...new Set(drifts.map(({ field }) => field))].filter(Boolean).sort()).toEqual(fields.sort())
    }
  })
})

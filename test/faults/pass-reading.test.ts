import { afterEach, describe, expect, it } from 'vitest'
import { changeShareGuard, vanishedGuard } from '../../src/engine/index.ts'
import { conditionsOf } from '../../src/reconcile/conditions.ts'
import { runPass } from '../../src/reconcile/pass.ts'
import type { FaultRule } from '../../src/simulator/index.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { environmentIn, optionsOf, temporaryDirectory } from '../reconcile/fake-scope.ts'
import { mailbox, organization, profile, SERVER_SIDE } from '../stages/desired.ts'
import { changesOf } from '../stages/pass.ts'
import { passOver, startWire, type Wire } from './wire.ts'

const wires: Wire[] = []
afterEach(async () => {
  for (const wire of wires.splice(0)) await wire.close()
})

const GUARDS = [
  changeShareGuard({ kind: 'Mailbox', noun: 'mailboxes', share: 1, minimum: 10 }),
  vanishedGuard({ share: 0.1, allGoneFrom: 3 }),
]

async function start(seed = 7, answerMs?: number): Promise<Wire> {
  const wire = await startWire({ seed, mess: ['default'], mailboxes: 40, queues: 6, maxPageSize: 9 }, answerMs)
  wires.push(wire)
  return wire
}

/** Everything that is in the organization is to use the new profile, approved and tested. */
function specOver(wire: Wire, name = 'contoso-sales'): DesiredOrganization {
  const addresses = new Set<string>()
  const members = [...wire.simulator.world.rows('mailbox').values()].flatMap(({ emailaddress, regardingobjectid }) => {
    if (typeof emailaddress !== 'string' || regardingobjectid === null || typeof regardingobjectid !== 'object')
      return []
    const address = emailaddress.toLowerCase()
    if (addresses.has(address)) return []
    addresses.add(address)
    const type = regardingobjectid.entity === 'queue' ? ('Queue' as const) : ('User' as const)
    return [mailbox(address, { ...SERVER_SIDE, type, profile: 'online', approval: 'Approved', testAndEnable: true })]
  })
  const online = profile('online', { displayName: 'Exchange Online', autoDiscover: true, useDefaultTenantId: true })
  return { ...organization(members, [online]), name }
}

async function environment() {
  return { ...environmentIn(await temporaryDirectory()), guards: GUARDS }
}

const READS: readonly { readonly reason: string; readonly rule: FaultRule; readonly code: RegExp }[] = [
  { reason: 'B1 throttled for ever', rule: { kind: 'status', status: 429, retryAfter: 2 }, code: /^Throttled$/ },
  { reason: 'B1 away', rule: { kind: 'status', status: 503 }, code: /^Unavailable$/ },
  { reason: 'B1 away, as a page of the web server', rule: { kind: 'html', page: 'iis-503' }, code: /^Unavailable$/ },
  { reason: 'B1 cut off', rule: { kind: 'reset' }, code: /^Unreachable$/ },
  { reason: 'B1 signed out', rule: { kind: 'html', page: 'sign-in', status: 200 }, code: /./ },
  { reason: 'B1 refused', rule: { kind: 'status', status: 403 }, code: /^(Forbidden|PrivilegeMissing)$/ },
  { reason: 'B3 half a body', rule: { kind: 'half-body' }, code: /./ },
  { reason: 'B3 a body that ends in the middle of its JSON', rule: { kind: 'truncated-body' }, code: /./ },
  { reason: 'B3 an empty body', rule: { kind: 'empty-body' }, code: /./ },
  { reason: 'B3 a row that comes twice', rule: { kind: 'duplicate-row' }, code: /./ },
  { reason: 'B3 the last page cut short', rule: { kind: 'truncated-body', after: 3 } as FaultRule, code: /./ },
]

describe('a set that cannot be read completely', () => {
  it.each(READS)('$reason: mailboxes are unknown, and no mailbox, user or queue is written', async ({ rule, code }) => {
    const wire = await start()
    wire.simulator.faults.add({ times: 'always', ...rule, match: { method: 'GET', path: 'mailboxes' } })

    const result = await passOver(wire, specOver(wire), await environment())

    const unread = result.plan.stages.filter(({ incomplete }) => incomplete)
    expect(unread.map(({ stage }) => stage)).toEqual(expect.arrayContaining(['mailbox', 'approval', 'test-result']))
    for (const { incomplete } of unread) expect(incomplete?.code).toMatch(code)
    expect(changesOf(result.plan).filter(({ kind }) => kind === 'Mailbox')).toEqual([])
    const mailboxes = conditionsOf(result).filter(({ kind }) => kind === 'Mailbox')
    expect(mailboxes.length).toBeGreaterThan(30)
    for (const { synced, ready } of mailboxes) expect([synced.status, ready.status]).toEqual(['Unknown', 'Unknown'])
    const written = wire.simulator
      .log()
      .filter(({ method, path }) => method === 'PATCH' && !path.startsWith('emailserverprofiles'))
    expect(written).toEqual([])
  })

  it('B1 no answer at all is given up after its time, and is unknown', async () => {
    const wire = await start(7, 300)
    wire.simulator.faults.add({ kind: 'no-answer', times: 'always', match: { method: 'GET', path: 'mailboxes' } })

    const result = await passOver(wire, specOver(wire), await environment())

    expect(result.plan.stages.find(({ stage }) => stage === 'mailbox')?.incomplete?.code).toBe('TimedOut')
    expect(changesOf(result.plan).filter(({ kind }) => kind === 'Mailbox')).toEqual([])
  })
})

describe('a set whose links name another host', () => {
  it('is read completely all the same, from the configured host only', async () => {
    const wire = await start()
    wire.simulator.faults.add({ kind: 'link-host', origin: 'http://192.0.2.1', times: 'always' })

    const result = await passOver(wire, specOver(wire), await environment())

    expect(result.plan.stages.filter(({ incomplete }) => incomplete)).toEqual([])
    expect(new Set(result.outcomes?.map(({ result: came }) => came))).toEqual(new Set(['Applied']))
  })
})

describe('B14 a set that is complete and shrank', () => {
  it('is not believed where everything vanished, and nobody can allow it', async () => {
    const wire = await start()
    const desired = specOver(wire)
    const remembered = await environment()
    await passOver(wire, desired, remembered)
    wire.simulator.faults.add({
      kind: 'hide-rows',
      share: 1,
      times: 'always',
      match: { method: 'GET', path: 'mailboxes' },
    })
    wire.simulator.resetRequests()

    const allow = new Set(['vanished', 'change-share'])
    const result = await passOver(wire, desired, remembered, { allow })

    expect(result.outcomes).toBeUndefined()
    expect(result.decision).toBe('blocked')
    expect(wire.simulator.requests().writes).toBe(0)
  })

  it('is not believed where a profile that we created vanished: it is not created twice', async () => {
    const wire = await start()
    const desired = specOver(wire)
    const remembered = await environment()
    await passOver(wire, desired, remembered)
    const profiles = wire.simulator.world.rows('emailserverprofile').size
    wire.simulator.faults.add({
      kind: 'hide-rows',
      share: 1,
      times: 'always',
      match: { method: 'GET', path: 'emailserverprofiles' },
    })

    const result = await passOver(wire, desired, remembered)

    expect(result.decision).toBe('override')
    expect(result.outcomes).toBeUndefined()
    expect(wire.simulator.world.rows('emailserverprofile').size).toBe(profiles)
  })

  it('needs a person where a part vanished, and then loses nothing', async () => {
    const wire = await start()
    const desired = specOver(wire)
    const remembered = await environment()
    await passOver(wire, desired, remembered)
    wire.simulator.faults.add({
      kind: 'hide-rows',
      share: 0.5,
      times: 'always',
      match: { method: 'GET', path: 'mailboxes' },
    })

    const hidden = await passOver(wire, desired, remembered)
    wire.simulator.faults.clear()
    const back = await passOver(wire, desired, remembered)

    expect(hidden.decision).toBe('override')
    expect(hidden.verdicts.find(({ guard }) => guard === 'vanished')?.message).toContain('were there before')
    expect(hidden.outcomes).toBeUndefined()
    expect(back.decision).toBe('allow')
  })
})

describe('B2 an organization that throttles without end', () => {
  it('ends its own pass, and leaves the others alone', async () => {
    const [throttled, healthy] = [await start(7), await start(8)]
    throttled.simulator.faults.add({ kind: 'status', status: 429, retryAfter: 5, times: 'always' })

    const scopes = [throttled.scope(specOver(throttled, 'throttled')), healthy.scope(specOver(healthy, 'healthy'))]
    const [first, second] = await runPass(scopes, optionsOf(), await environment())

    expect(first?.plan.stages.every(({ incomplete }) => incomplete?.code === 'Throttled')).toBe(true)
    expect(first?.outcomes).toBeUndefined()
    expect(second?.outcomes?.length).toBeGreaterThan(20)
    expect(new Set(second?.outcomes?.map(({ result }) => result))).toEqual(new Set(['Applied']))
    expect(throttled.simulator.requests().writes).toBe(0)
  })
})

describe('writing to a server that lies or loses', () => {
  it('B4 says done and does nothing: told as not effective, and planned again with the same ids', async () => {
    const wire = await start()
    const desired = specOver(wire)
    const remembered = await environment()
    wire.simulator.faults.add({ kind: 'lying-write', times: 'always', match: { operation: 'any', path: 'mailboxes' } })

    const result = await passOver(wire, desired, remembered)
    wire.simulator.faults.clear()
    const again = await passOver(wire, desired, remembered, { mode: 'plan' })

    const lied = result.outcomes?.filter(({ result: came }) => came === 'WriteNotEffective') ?? []
    expect(lied.length).toBeGreaterThan(10)
    expect(lied.every(({ stage }) => stage === 'mailbox')).toBe(true)
    expect(new Set(changesOf(again.plan).map(({ id }) => id))).toEqual(new Set(lied.map(({ id }) => id)))
    const synced = conditionsOf(result).filter(({ synced: { code } }) => code === 'WriteNotEffective')
    expect(synced).toHaveLength(lied.length)
  })

  it('B5 loses its answers: what took effect is told as applied, and nothing is done twice', async () => {
    const wire = await start(7, 2000)
    const desired = specOver(wire)
    const remembered = await environment()
    wire.simulator.faults.add({ kind: 'reset', effect: true, times: 2, match: { method: 'POST', path: '$batch' } })

    const result = await passOver(wire, desired, remembered)
    const again = await passOver(wire, desired, remembered, { mode: 'plan' })

    expect(new Set(result.outcomes?.map(({ result: came }) => came))).toEqual(new Set(['Applied']))
    expect(changesOf(again.plan)).toEqual([])
  })
})

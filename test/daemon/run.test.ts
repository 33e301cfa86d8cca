import { describe, expect, it } from 'vitest'
import type { BoardEvent } from '../../src/daemon/board.ts'
import { createGate, FIRST, setMethod, startFleet, until, writes } from './fleet.ts'

const MINUTE_MS = 60_000

const passesIn = (events: readonly BoardEvent[], scope = `organization/${FIRST}`) =>
  events.filter((event) => event.type === 'pass' && event.scope === scope)

describe('mailkeel run', () => {
  it('applies the first revision and comes to rest in sync', async () => {
    const { harness, spec, organizations } = await startFleet()

    const id = await harness.push(spec())
    await harness.advance(15 * MINUTE_MS)

    const standing = harness.standing(FIRST)
    expect(organizations.get(FIRST)?.requests().writes).toBeGreaterThan(0)
    expect(standing).toMatchObject({ phase: 'Idle', policy: 'Enforce', revision: id })
    expect(standing.failure).toBeUndefined()
    expect(standing.held).toBeUndefined()
    expect(standing.inSyncSince).toBeDefined()
    expect(standing.report?.result.plan.steps).toEqual([])
    expect(standing.report?.conditions.filter(({ ready }) => ready.status === 'False')).toEqual([])
    expect(harness.daemon.board.source().enforced?.id).toBe(id)
  })

  it('corrects drift within one interval, and tells it', async () => {
    const { harness, spec, organizations } = await startFleet()
    await harness.push(spec())
    await harness.advance(30 * MINUTE_MS)
    const before = harness.events.length

    setMethod(organizations.get(FIRST), 'ann@contoso.com', 0)
    await harness.advance(11 * MINUTE_MS)

    const told = harness.events
      .slice(before)
      .flatMap((event) => (event.type === 'pass' ? event.report.drift : []))
      .map(({ kind }) => kind)
    expect(told).toContain('Mailbox')
    await harness.advance(5 * MINUTE_MS)
    expect(harness.standing(FIRST).inSyncSince).toBeDefined()
  })

  it('never has more than one pass over a scope, and makes one of many triggers', async () => {
    const gate = createGate()
    const { harness, spec } = await startFleet({ beforeSend: () => gate.pass() })
    await harness.push(spec())
    await harness.advance(30 * MINUTE_MS)
    const before = passesIn(harness.events).length
    gate.close()

    harness.daemon.wakeAll()
    await until(() => gate.held > 0)
    for (let count = 0; count < 20; count += 1) harness.daemon.wakeAll()
    const working = harness.daemon.working()
    gate.open()
    await harness.settled()

    expect(working).toBe(1)
    expect(passesIn(harness.events).length - before).toBe(2)
  })

  it('takes over a new revision at once, and writes nothing more of the one before', async () => {
    const gate = createGate()
    const sent: string[] = []
    const { harness, spec, organizations } = await startFleet({
      beforeSend: async (request) => {
        await gate.pass()
        if (writes(request)) sent.push(request.url)
      },
    })
    gate.close()
    const old = { ...spec() }
    harness.source.push(old)
    await until(() => gate.held > 0)

    const none = Object.fromEntries(
      Object.entries(old).map(([file, text]) => [
        file,
        text.replace(/kind":"MailboxSet.*$/ms, 'kind":"EmailSettings","spec":{}}\n'),
      ]),
    )
    const id = harness.source.push(none)
    await until(() => harness.standing(FIRST).revision === id)
    gate.open()
    await harness.settled()

    expect(harness.standing(FIRST).report?.result.revision).toBe(id)
    expect(organizations.get(FIRST)?.world.tests()).toMatchObject({ waiting: 0, running: 0 })
    const broken = passesIn(harness.events).map((event) => event.type === 'pass' && event.report.result.failure?.code)
    expect(broken).toEqual(['Cancelled', undefined])
  })

  it('observes only where the policy says so, also of one organization', async () => {
    const { harness, spec, organizations } = await startFleet({
      beside: ['contoso-test'],
      configure: (text) => text.replace(/("contoso-test":\{)/, '$1"policy":"Observe",'),
    })

    await harness.push(spec())
    await harness.advance(30 * MINUTE_MS)

    expect(organizations.get(FIRST)?.requests().writes).toBeGreaterThan(0)
    expect(organizations.get('contoso-test')?.requests().writes).toBe(0)
    expect(harness.standing('contoso-test')).toMatchObject({ policy: 'Observe', phase: 'Idle' })
    expect(harness.standing('contoso-test').report?.result.plan.steps).not.toEqual([])
  })

  it('leaves alone what is no longer in the spec', async () => {
    const { harness, spec, organizations } = await startFleet({ beside: ['contoso-test'] })
    await harness.push(spec())
    await harness.advance(30 * MINUTE_MS)
    organizations.get('contoso-test')?.resetRequests()

    await harness.push(spec([FIRST]))
    await harness.advance(30 * MINUTE_MS)

    expect(harness.daemon.board.scopes().map(({ name }) => name)).toEqual([FIRST])
    expect(organizations.get('contoso-test')?.requests().requests).toBe(0)
  })

  it('holds nothing while results of tests are outstanding, and comes back for them', async () => {
    const { harness, spec } = await startFleet({ simulator: { mess: ['untested'] } })

    await harness.push(spec())
    const waiting = harness.standing(FIRST)
    const working = harness.daemon.working()
    await harness.advance(20 * MINUTE_MS)

    expect(working).toBe(0)
    expect(Date.parse(waiting.nextPassAt ?? '') - Date.parse(waiting.lastPassAt ?? '')).toBe(20_000)
    expect(
      harness
        .standing(FIRST)
        .report?.conditions.filter(({ kind }) => kind === 'Mailbox')
        .map(({ ready }) => ready.status),
    ).toEqual(['True', 'True', 'True'])
  })

  it('writes only while a change window is open, and comes back when one opens', async () => {
    let opensAt = Number.POSITIVE_INFINITY
    const reason = { code: 'NoChangeWindow', message: 'no change window is open' }
    const { harness, spec, organizations } = await startFleet({
      windowAt: (_organization, now) =>
        now.getTime() >= opensAt ? { open: true } : { open: false, reason, opensAt: new Date(opensAt) },
    })
    opensAt = harness.machine.now().getTime() + 5 * MINUTE_MS

    await harness.push(spec())
    const before = { held: harness.standing(FIRST).held, writes: organizations.get(FIRST)?.requests().writes }
    await harness.advance(5 * MINUTE_MS + 1)
    await harness.settled()

    expect(before).toEqual({ held: reason, writes: 0 })
    expect(harness.standing(FIRST).held).toBeUndefined()
    expect(organizations.get(FIRST)?.requests().writes).toBeGreaterThan(0)
  })
})

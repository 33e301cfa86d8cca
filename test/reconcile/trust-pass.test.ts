import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { trustGuardsOf } from '../../src/reconcile/guards.ts'
import { openMemory } from '../../src/reconcile/memory.ts'
import { runPass } from '../../src/reconcile/pass.ts'
import { countingIds, environmentIn, optionsOf, temporaryDirectory } from './fake-scope.ts'
import { FakeTrust, organizationOf } from './fake-trust.ts'

const OPEN = { guards: () => [] }

describe('a pass over a trust and its organizations', () => {
  it('applies the trust first, so that its organization sees it working in the same pass', async () => {
    const trust = new FakeTrust('contoso', ['sales'])
    const sales = organizationOf('sales', 'trust/contoso')
    const environment = environmentIn(await temporaryDirectory(), OPEN)

    const results = await runPass([sales], optionsOf(), environment, [trust.scope()])

    expect(results.map(({ scope }) => scope)).toEqual(['trust/contoso', 'organization/sales'])
    expect(results[0]?.outcomes?.map(({ result }) => result)).toEqual(['Applied'])
    expect(sales.told.map((view) => view?.state)).toEqual(['Working'])
    expect(results[0]?.views?.get('sales')?.certificate).toBe('9f2c')
  })

  it.each([
    ['Planned', 'Working', 'a first plan shows what follows once the trust is there'],
    ['Observed', 'Broken', 'whoever asks how things are is told how they are'],
  ] as const)('tells organizations of a plan the trust as it is %s', async (trustAs, state, reason) => {
    const trust = new FakeTrust('contoso', ['sales'])
    const sales = organizationOf('sales', 'trust/contoso')
    const environment = environmentIn(await temporaryDirectory(), OPEN)

    await runPass([sales], optionsOf({ mode: 'plan', trustAs }), environment, [trust.scope()])

    expect(
      sales.told.map((view) => view?.state),
      reason,
    ).toEqual([state])
    expect(trust.credentials.size).toBe(0)
  })

  it('looks at a trust once for all of its organizations, and once more where it was written', async () => {
    const trust = new FakeTrust('contoso', ['sales', 'service'])
    const organizations = [organizationOf('sales', 'trust/contoso'), organizationOf('service', 'trust/contoso')]
    const environment = environmentIn(await temporaryDirectory(), OPEN)
    trust.credentials.set('contoso', '9f2c')

    const results = await runPass(organizations, optionsOf(), environment, [trust.scope()])

    expect(trust.observed).toBe(1)
    expect(results.filter(({ scope }) => scope === 'trust/contoso')).toHaveLength(1)
    expect(organizations.map(({ told }) => told[0]?.state)).toEqual(['Working', 'Working'])
  })

  it('a trust that hangs delays only its own organizations', async () => {
    const slow = new FakeTrust('slow', ['waiting'])
    const quick = new FakeTrust('quick', ['going'])
    let open = () => {}
    slow.gate = new Promise((resolve) => {
      open = resolve
    })
    const finished: string[] = []
    let goesOn = () => {}
    const others = new Promise<void>((resolve) => {
      goesOn = resolve
    })
    const onEvent = ({ type, scope }: { readonly type: string; readonly scope: string }) => {
      if (type !== 'finished') return
      finished.push(scope)
      if (finished.includes('organization/going') && finished.includes('organization/alone')) goesOn()
    }
    const organizations = [
      organizationOf('waiting', 'trust/slow'),
      organizationOf('going', 'trust/quick'),
      organizationOf('alone'),
    ]
    const environment = environmentIn(await temporaryDirectory(), OPEN)

    const running = runPass(organizations, optionsOf({ mode: 'plan', onEvent }), environment, [
      slow.scope(),
      quick.scope(),
    ])
    await others
    const before = [...finished]
    open()
    await running

    expect(before.sort()).toEqual(['organization/alone', 'organization/going', 'trust/quick'])
    expect(finished).toContain('organization/waiting')
  })

  it('an organization goes on where the pass over its trust fails, and is told that nothing is known', async () => {
    const trust = new FakeTrust('contoso', ['sales'])
    const sales = organizationOf('sales', 'trust/contoso')
    const usual = environmentIn(await temporaryDirectory(), OPEN)
    const environment: typeof usual = {
      ...usual,
      openJournal: (scope, pass) =>
        scope.startsWith('trust/') ? Promise.reject(new Error('the disk is full')) : usual.openJournal(scope, pass),
    }

    const [first, second] = await runPass([sales], optionsOf(), environment, [trust.scope()])

    expect(first?.failure?.message).toBe('the disk is full')
    expect(second?.failure).toBeUndefined()
    expect(sales.told[0]).toMatchObject({ state: 'Unknown', reason: { message: 'the disk is full' } })
  })
})

describe('when the trust was last seen working', () => {
  it('is remembered for the passes that cannot read it, also by another process', async () => {
    const directory = await temporaryDirectory()
    const trust = new FakeTrust('contoso', ['sales'])
    trust.credentials.set('contoso', '9f2c')
    const before = organizationOf('sales', 'trust/contoso')
    const after = organizationOf('sales', 'trust/contoso')

    const [proven] = await runPass([before], optionsOf(), environmentIn(directory, OPEN), [trust.scope()])
    trust.unknown = { code: 'Unavailable', message: 'the tenant does not answer' }
    await runPass([after], optionsOf(), environmentIn(directory, OPEN), [trust.scope()])

    expect(after.told[0]).toMatchObject({ state: 'Unknown', reason: { code: 'Unavailable' } })
    const [at] = [after.told[0]?.provenAt ?? '']
    expect(Date.parse(at)).toBeGreaterThanOrEqual(Date.parse((proven as PassResult).startedAt))
  })

  it('is not remembered by a plan, nor while the trust is broken', async () => {
    const directory = await temporaryDirectory()
    const trust = new FakeTrust('contoso', ['sales'])
    const environment = environmentIn(directory, OPEN)

    await runPass([organizationOf('sales', 'trust/contoso')], optionsOf({ mode: 'plan' }), environment, [trust.scope()])

    expect((await environment.memory.recall('trust/contoso')).provenAt).toBeUndefined()
  })

  it('outlives passes that remember other things, and a memory without it is read', async () => {
    const directory = await temporaryDirectory()
    const open = () =>
      openMemory({ directory: join(directory, 'memory'), mode: 'apply', now: () => new Date(), newId: countingIds() })
    const trust = new FakeTrust('contoso', ['sales'])
    await runPass([], optionsOf(), environmentIn(directory, OPEN), [trust.scope()])
    const first = (await open().recall('trust/contoso')).provenAt?.get('sales')
    trust.unknown = { code: 'Unavailable', message: 'the tenant does not answer' }

    await runPass([], optionsOf({ revision: 'r2' }), environmentIn(directory, OPEN), [trust.scope()])

    expect(first).toBeDefined()
    expect((await open().recall('trust/contoso')).provenAt?.get('sales')).toBe(first)
  })
})

describe('guards of a trust', () => {
  it('keep it from being written, while its organization is told how it is', async () => {
    const trust = new FakeTrust('contoso', ['sales'])
    const sales = organizationOf('sales', 'trust/contoso')
    const refusing = {
      name: 'tenant-id',
      counted: () => [],
      judge: () => ({ decision: 'override', message: '1 organization gets a tenant id' }) as const,
    }
    const environment = environmentIn(await temporaryDirectory(), {
      guards: (scope) => (scope === 'trust/contoso' ? [refusing] : []),
    })

    const [result] = await runPass([sales], optionsOf(), environment, [trust.scope()])

    expect(result?.decision).toBe('override')
    expect(trust.credentials.size).toBe(0)
    expect(sales.told[0]?.state).toBe('Broken')
  })

  it('are those of a trust and no others', () => {
    const guards = trustGuardsOf({
      guards: { 'tenant-id': { maximum: 0 }, 'credential-retire': { maximum: 1 } } as never,
    })

    expect(guards.map(({ name }) => name)).toEqual(['tenant-id', 'credential-retire'])
  })
})

import { describe, expect, it } from 'vitest'
import { createAnswers, withoutOverdrawn } from '../../src/reconcile/answers.ts'
import { permitsOf, trustPermitsOf } from '../../src/reconcile/permits.ts'
import type { DesiredOverride } from '../../src/spec/desired.ts'
import { mailbox, organization } from '../stages/desired.ts'
import { FakeTrust } from './fake-trust.ts'

const NOW = new Date('2026-11-20T08:00:00Z')
const SALES = organization([
  mailbox('ann@contoso.com'),
  mailbox('bob@contoso.com'),
  mailbox('info@contoso.com', { set: 'support' }),
])

function override(more: Partial<DesiredOverride> = {}): DesiredOverride {
  return {
    name: 'migration',
    organization: 'contoso-sales',
    guard: 'change',
    limit: 5,
    reason: 'sales moves',
    expires: '2026-12-01T00:00:00Z',
    origin: { file: 'overrides.yaml', line: 1, column: 1 },
    ...more,
  }
}

describe('an override as a permit', () => {
  it.each<{ reason: string; more?: Partial<DesiredOverride>; uncommitted?: string; fault?: string }>([
    { reason: 'counts' },
    { reason: 'counts for a set', more: { sets: ['sales'] } },
    { reason: 'counts a moment before its end', more: { expires: '2026-11-20T08:00:01Z' } },
    {
      reason: 'is over at its end',
      more: { expires: '2026-11-20T08:00:00Z' },
      fault: 'it expired on 2026-11-20T08:00:00Z',
    },
    { reason: 'has an end nobody can read', more: { expires: 'soon' }, fault: 'it expired on soon' },
    {
      reason: 'is elsewhere',
      more: { organization: 'contoso-test' },
      fault: 'it is for the organization contoso-test',
    },
    { reason: 'is not committed', uncommitted: 'commit it', fault: 'commit it' },
    {
      reason: 'names a set without anybody',
      more: { sets: ['sales', 'gone'] },
      fault: 'no mailbox is in the set gone that it names',
    },
  ])('$reason', ({ more, uncommitted, fault }) => {
    const faults = new Map(uncommitted === undefined ? [] : [['overrides.yaml', uncommitted]])

    const [permit] = permitsOf(SALES, [override(more)], faults)(NOW)

    expect(permit?.fault).toBe(fault)
  })

  it('covers the members of its sets, or everything', () => {
    const [some, all] = permitsOf(SALES, [override({ sets: ['sales'] }), override()], new Map())(NOW)

    expect(some?.objects).toEqual(new Map([['Mailbox', new Set(['ann@contoso.com', 'bob@contoso.com'])]]))
    expect(all?.objects).toBeUndefined()
  })
})

describe('what a stage asks while it plans', () => {
  const permits = (more: Partial<DesiredOverride> = {}) =>
    permitsOf(SALES, [override({ guard: 'rollout', ...more })], new Map())(NOW)

  it('is answered by name for everybody', () => {
    const answers = createAnswers(new Set(['rollout']), [])

    expect([answers.allows('rollout', 'ann@contoso.com'), answers.allows('other', 'ann@contoso.com')]).toEqual([
      true,
      false,
    ])
    expect(answers.verdicts()).toEqual([
      {
        guard: 'rollout',
        decision: 'override',
        message: '1 mailbox goes on although the rollout stopped',
        overridden: true,
      },
    ])
  })

  it('is answered by an override for those it covers', () => {
    const answers = createAnswers(new Set(), permits({ sets: ['sales'] }))

    const said = ['ann@contoso.com', 'info@contoso.com'].map((key) => answers.allows('rollout', key))

    expect(said).toEqual([true, false])
    expect(answers.verdicts()).toMatchObject([{ overridden: true, overrides: [{ name: 'migration', covered: 1 }] }])
  })

  it('is answered by none that is asked about more than its limit', () => {
    const asked = ['ann@contoso.com', 'bob@contoso.com']
    const answers = createAnswers(new Set(), permits({ limit: 1 }))
    for (const key of asked) answers.allows('rollout', key)

    const again = createAnswers(new Set(), withoutOverdrawn(permits({ limit: 1 }), answers.overdrawn()))
    const overdrawn = createAnswers(new Set(), withoutOverdrawn(answers.overdrawn(), answers.overdrawn()))

    expect(answers.overdrawn()).toHaveLength(1)
    expect(overdrawn.allows('rollout', 'ann@contoso.com')).toBe(false)
    expect(again.overdrawn()).toHaveLength(0)
    expect(overdrawn.verdicts()).toMatchObject([
      { decision: 'allow', message: expect.stringContaining('more than its limit of 1 would go on') },
    ])
  })

  it('is not answered by an override that does not count, and that is said', () => {
    const answers = createAnswers(new Set(), permits({ expires: '2026-11-01T00:00:00Z' }))

    expect(answers.allows('rollout', 'ann@contoso.com')).toBe(false)
    expect(answers.verdicts()).toMatchObject([{ decision: 'allow', message: expect.stringContaining('it expired') }])
  })

  it('that nobody asked says nothing', () => {
    expect(createAnswers(new Set(['rollout']), permits()).verdicts()).toEqual([])
  })
})

describe('an override as a permit of a trust', () => {
  const trust = new FakeTrust('contoso', ['contoso-sales', 'contoso-service']).desired
  const permitOf = (more: Partial<DesiredOverride>) => trustPermitsOf(trust, [override(more)], new Map())(NOW)[0]

  it('a tenant id passes for the organization that it is for, and for no other', () => {
    const permit = permitOf({ guard: 'tenant-id' })

    expect(permit?.fault).toBeUndefined()
    expect(permit?.objects).toEqual(new Map([['TenantId', new Set(['contoso-sales'])]]))
  })

  it('a credential belongs to all organizations of the trust', () => {
    expect(permitOf({ guard: 'credential-retire' })).toMatchObject({ guard: 'credential-retire', limit: 5 })
    expect(permitOf({ guard: 'credential-retire' })?.objects).toBeUndefined()
  })

  it.each([
    [{ organization: 'fabrikam' }, 'it is for the organization fabrikam'],
    [{ expires: '2026-11-19T00:00:00Z' }, 'it expired on 2026-11-19T00:00:00Z'],
  ])('%o does not count', (more, fault) => {
    expect(permitOf({ guard: 'tenant-id', ...more })?.fault).toBe(fault)
  })

  it('one for sets covers nothing, because no mailbox is changed', () => {
    expect(permitOf({ guard: 'credential-retire', sets: ['sales'] })?.objects).toEqual(
      new Map([['Mailbox', new Set()]]),
    )
  })
})

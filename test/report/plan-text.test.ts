import { describe, expect, it } from 'vitest'
import { planText } from '../../src/report/plan-text.ts'
import { viewPlan } from '../../src/report/plan-view.ts'
import { PLAIN } from '../../src/report/terminal.ts'
import { approval, change, conditions, exception, input, passResult, plan, summary } from './samples.ts'

const STYLE = { paint: PLAIN, width: 110, commands: ['mailkeel apply --yes', 'mailkeel plan --details'] }

describe('a plan as text', () => {
  it('says first how many people are touched and whether anybody stops', () => {
    const result = passResult({
      plan: plan([change('ann@contoso.com'), approval('ann@contoso.com'), approval('q@x.de')]),
    })

    const [first] = planText(viewPlan(input(result, ['q@x.de'])), STYLE).split('\n')

    expect(first).toBe('contoso-sales at 3f2a91c: 3 changes for 1 person and 1 queue, nothing stops')
  })

  it.each([
    { reason: 'no mailbox changes', others: [], said: 'mail of people stops' },
    {
      reason: 'a mailbox stops too',
      others: [change('ann@contoso.com', { effects: ['stop'] })],
      said: '1 person stops, mail of others too',
    },
  ])('does not say that nothing stops where settings of the organization stop mail and $reason', ({ others, said }) => {
    const settings = change('e-mail settings', { stage: 'email-settings', kind: 'EmailSettings', effects: ['stop'] })
    const result = passResult({ plan: plan([settings, ...others]) })

    const [first] = planText(viewPlan(input(result)), STYLE).split('\n')

    expect(first).toContain(said)
  })

  it('tells changes that say the same in one sentence, names three and counts the rest', () => {
    const labels = ['ann', 'bob', 'cora', 'dora', 'eve', 'finn']
    const result = passResult({ plan: plan(labels.map((label, index) => approval(label, 9 + index))) })

    const text = planText(viewPlan(input(result)), STYLE)

    expect(text).toContain('approve    6 mailboxes are newly approved   sales.yaml:9-14\n')
    expect(text).toContain('             ann, bob, cora and 3 more\n')
  })

  it('tells a single change by its name', () => {
    const result = passResult({ plan: plan([approval('ann@contoso.com')]) })

    expect(planText(viewPlan(input(result)), STYLE)).toContain(
      'approve    ann@contoso.com is newly approved   sales.yaml:9',
    )
  })

  it('is one line when there is nothing to do', () => {
    const result = passResult()
    const healthy = ['ann', 'bob'].map((label) => conditions(label))

    const text = planText(viewPlan({ ...input(result), conditions: healthy }), STYLE)

    expect(text).toBe('contoso-sales at 3f2a91c: in sync, 2 mailboxes healthy, checked in 1.2 s\n')
  })

  it('lists what waits, what is unknown and what is not managed', () => {
    const unknown = exception('bob', {
      state: 'Unknown',
      reason: { code: 'Ambiguous', message: 'bob: two mailboxes have this address' },
    })
    const exceptions = [exception('dora'), exception('eve'), exception('dora', { stage: 'approval' }), unknown]
    const result = passResult({ plan: plan([], { exceptions, stages: [summary({ unmanaged: 118 })] }) })

    const text = planText(viewPlan(input(result)), STYLE)

    expect(text.split('\n')).toEqual([
      'contoso-sales at 3f2a91c: nothing to apply, 2 waiting, 1 unknown, checked in 1.2 s',
      '',
      '  waiting    2 mailboxes: no user or queue in CRM has this address yet',
      '             dora, eve',
      '  unknown    bob: two mailboxes have this address',
      '  unmanaged  118 mailboxes; mailkeel leaves them alone',
      '',
      'mailkeel apply --yes  ·  mailkeel plan --details',
      '',
    ])
  })

  it('never calls a scope in sync whose state could not be read', () => {
    const incomplete = { code: 'Throttled', message: 'CRM answered 429 five times; try again later' }
    const stages = [summary({ incomplete }), summary({ stage: 'approval', incomplete })]
    const result = passResult({ plan: plan([], { stages }) })

    const text = planText(viewPlan(input(result)), STYLE)

    expect(text).toContain('contoso-sales at 3f2a91c: state unknown')
    expect(text.match(/CRM answered 429/g)).toHaveLength(1)
  })

  it('shows the guard that objects and in the headline that it does', () => {
    const verdict = {
      guard: 'change',
      decision: 'override' as const,
      message: '12 of 20 managed mailboxes change',
    }
    const result = passResult({ plan: plan([change('ann')]), verdicts: [verdict], decision: 'override' })

    const text = planText(viewPlan(input(result)), STYLE)

    expect(text).toContain('1 change for 1 person, nothing stops, waits for an override')
    expect(text).toContain('guard      12 of 20 managed mailboxes change')
  })

  it('breaks long sentences to the width of the terminal and never beyond it', () => {
    const long = 'goes from a profile with a long name to another profile with a name that is longer still'
    const changes = ['ann', 'bob'].map((label) =>
      change(label, { phrases: [{ group: 'move', one: long, many: long }] }),
    )
    const view = viewPlan(input(passResult({ plan: plan(changes) })))

    for (const width of [40, 60, 80]) {
      const lines = planText(view, { ...STYLE, width, commands: [] })
        .split('\n')
        .slice(1)
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width)
    }
  })

  it('says that somebody stops before anything else is read', () => {
    const stop = change('ann', { effects: ['stop'], phrases: [{ group: 'stop', one: 'stops', many: 'stop' }] })
    const result = passResult({ plan: plan([stop, change('bob')]) })

    expect(viewPlan(input(result)).headline).toBe('2 changes for 2 people, 1 person stops')
  })

  it('counts every mailbox once, so that the numbers of the headline add up', () => {
    const exceptions = [
      exception('dora'),
      exception('eve', { state: 'Held' }),
      exception('eve', { stage: 'approval', state: 'Waiting' }),
    ]
    const known = [
      conditions('ann'),
      conditions('bob', 'False', { code: 'MailboxNotFound', message: 'no mailbox' }),
      conditions('cora', 'Unknown', { code: 'TestScheduled', message: 'its test is scheduled' }),
      conditions('dora', 'Unknown', { code: 'NotInCrm', message: 'not in CRM' }),
      conditions('eve'),
    ]

    const { headline } = viewPlan({ ...input(passResult({ plan: plan([], { exceptions }) })), conditions: known })

    expect(headline).toBe(
      'nothing to apply, 1 of 5 mailboxes healthy, 1 fails, 1 is pending, 1 waiting, 1 held, checked in 1.2 s',
    )
  })

  it('never says in sync where every mailbox is held', () => {
    const result = passResult({ plan: plan([], { exceptions: [exception('ann', { state: 'Held' })] }) })

    const { headline } = viewPlan({ ...input(result), conditions: [conditions('ann')] })

    expect(headline).toBe('nothing to apply, 0 of 1 mailbox healthy, 1 held, checked in 1.2 s')
  })

  it('sends nobody to make mailboxes anew that a guard misses, and explains exit code 4', () => {
    const verdict = { guard: 'vanished', decision: 'blocked' as const, message: '20 of 20 objects are missing' }
    const reason = { code: 'NotInCrm', message: 'not in CRM yet; give a user this address there' }
    const result = passResult({
      plan: plan([], { exceptions: [exception('ann', { reason })] }),
      verdicts: [verdict],
      decision: 'blocked',
    })

    const text = planText(viewPlan(input(result)), STYLE).replace(/\s+/g, ' ')

    expect(text).toContain('no changes, blocked by a guard, 1 waiting')
    expect(text).toContain('waiting ann: CRM shows no such mailbox now')
    expect(text).not.toContain('give a user')
    expect(text).toContain('no flag passes this guard, so the run ends with exit code 4')
  })

  it('tells what could not be read by its cause, once for all sets, with what to look at', () => {
    const failed = (what: string) => ({
      code: 'Unauthenticated',
      message: `reading ${what} of crm.contoso.com: the sign-in was refused`,
    })
    const stages = [
      summary({ stage: 'email-server-profile', incomplete: failed('profiles') }),
      summary({ incomplete: failed('mailboxes') }),
    ]
    const advise = () => 'Check `identities.crm` of mailkeel.yaml.'

    const view = viewPlan({ ...input(passResult({ plan: plan([], { stages }) })), advise })

    expect(view.unread).toEqual([
      expect.objectContaining({
        text: 'profiles and mailboxes could not be read completely: the sign-in was refused',
        next: 'Check `identities.crm` of mailkeel.yaml.',
      }),
    ])
  })

  it('never tells what is true of one object as if it were true of all', () => {
    const reason = (pair: string) => ({
      code: 'AmbiguousAddress',
      message: `2 mailboxes in CRM have this address (${pair}); give each its own, or deactivate the others`,
    })
    const exceptions = [
      exception('karim', { state: 'Unknown', reason: reason('Karim Berger, Klara Berger') }),
      exception('laura', { state: 'Unknown', reason: reason('Laura Vogt, Lars Vogt') }),
    ]

    const text = planText(viewPlan(input(passResult({ plan: plan([], { exceptions }) }))), { ...STYLE, width: 200 })

    expect(text).toContain(
      '2 mailboxes: 2 mailboxes in CRM have this address; give each its own, or deactivate the others\n',
    )
    expect(text).toContain('karim, laura')
    expect(text).not.toContain('Berger')
  })

  it('tells messages with nothing in common each by itself, and many of them by an example', () => {
    const of = (label: string) =>
      exception(label, { state: 'Unknown', reason: { code: 'Odd', message: `the value of ${label} is odd` } })
    const few = viewPlan(input(passResult({ plan: plan([], { exceptions: ['ann', 'bob'].map(of) }) })))
    const labels = ['ann', 'bob', 'cora', 'dora', 'eve', 'finn']
    const many = viewPlan(input(passResult({ plan: plan([], { exceptions: labels.map(of) }) })))

    expect(few.remarks.map(({ text }) => text)).toEqual([
      'ann: the value of ann is odd',
      'bob: the value of bob is odd',
    ])
    expect(many.remarks.map(({ text }) => text)).toEqual([
      '6 mailboxes, each for a reason of its own, such as ann: the value of ann is odd',
    ])
  })

  it('counts tests where nothing but tests is asked for', () => {
    const tests = ['ann', 'bob'].map((label) => change(label, { effects: ['test'] }))
    const view = viewPlan({ ...input(passResult({ plan: plan(tests) })), about: 'tests' })

    expect(view.headline).toBe('2 tests for 2 people')
    expect(planText(view, { ...STYLE, commands: [] })).not.toContain('plan 7c1e')
  })

  it('says before anything else that it may be the wrong organization', () => {
    const ready = { status: 'False' as const, code: 'AnotherOrganization', message: 'the organization is adventure' }
    const rows = new Map([['unique-name', { fields: {}, ref: undefined, forbidsAll: true as const, ready }]])
    const reads = new Map([['prerequisites', { complete: true as const, rows, unknown: new Map() }]])

    const { headline } = viewPlan(input(passResult({ reads, plan: plan([change('ann')]) })))

    expect(headline).toMatch(/^WRONG ORGANIZATION, nothing is written: the organization is adventure/)
  })

  it('is not in sync where the spec holds back what would change', () => {
    const held = exception('ann', { state: 'Held', bySpec: true, would: ['be approved'] })
    const known = [conditions('ann'), conditions('bob')]

    const { headline } = viewPlan({
      ...input(passResult({ plan: plan([], { exceptions: [held] }) })),
      conditions: known,
    })

    expect(headline).toMatch(/^nothing to apply, 1 of 2 mailboxes healthy, 1 held/)
  })

  it('tells what this version does not apply only where everything is told', () => {
    const notices = [{ code: 'SpecNotApplied', message: 'Tenant is in the spec; this version does not apply it yet' }]
    const view = viewPlan(input(passResult({ notices })))

    expect(planText(view, STYLE).split('\n')).toHaveLength(2)
    expect(planText(view, STYLE, true)).toContain('Tenant is in the spec')
  })
})

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
})

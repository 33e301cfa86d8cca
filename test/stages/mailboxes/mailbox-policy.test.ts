import { describe, expect, it } from 'vitest'
import { computePlan, observeAll, type Plan } from '../../../src/engine/index.ts'
import type { DesiredMailbox, Suspension } from '../../../src/spec/desired.ts'
import { stands, suspensionReason } from '../../../src/stages/mailboxes/mailbox-policy.ts'
import { mailbox, organization, profile, SERVER_SIDE } from '../desired.ts'
import { memory, peopled, person } from '../memory.ts'
import { exceptionsOf, linesOf, plan, STAGES } from '../pass.ts'

const ANN = 'ann@contoso.com'
const INFO = 'info@contoso.com'
const OTHER = profile('other', { displayName: 'Other' })
/** The pass is on 2026-11-20 at 08:00 UTC. */
const STANDING: Suspension = { owner: 'ann', reason: 'ticket 4711', until: '2026-11-21' }
const ENDED: Suspension = { owner: 'bob', reason: 'ticket 4712', until: '2026-11-20' }
const STOPPED = { incoming: 'None', outgoing: 'None', appointmentsContactsTasks: 'None' } as const
const FORWARD = { type: 'Forward', name: 'Info', owner: { user: ANN } } as const

describe('what stands until an end', () => {
  it.each([
    { until: '2026-11-21', stands: true, reason: 'tomorrow' },
    { until: '2026-11-20', stands: false, reason: 'a day ends it as it begins' },
    { until: '2026-11-20T08:00:01Z', stands: true, reason: 'in a second' },
    { until: '2026-11-20T08:00:00Z', stands: false, reason: 'now' },
    { until: '2026-11-20T09:30:00+02:00', stands: false, reason: 'half an hour ago, elsewhere' },
  ])('$until: $reason', ({ until, stands: expected }) => {
    const now = new Date('2026-11-20T08:00:00Z')

    expect(stands({ until }, now)).toBe(expected)
    expect(suspensionReason({ ...STANDING, until }, now) !== undefined).toBe(expected)
  })
})

describe('a mailbox that the spec holds back', () => {
  it.each([
    { reason: 'suspended by itself', fields: { suspensions: [STANDING] }, code: 'Suspended' },
    { reason: 'suspended by two, of which one ended', fields: { suspensions: [ENDED, STANDING] }, code: 'Suspended' },
    { reason: 'only observed', fields: { policy: 'Observe' }, code: 'ObserveOnly' },
    {
      reason: 'suspended and observed',
      fields: { policy: 'Observe', suspensions: [STANDING] },
      code: 'Suspended',
    },
  ] as const)('is not written, and tells what would be done: $reason', async ({ fields, code }) => {
    const planned = await planFor({ ...SERVER_SIDE, testAndEnable: true, approval: 'Approved', ...fields })

    expect(linesOf(planned)).toEqual([])
    expect(exceptionsOf(planned)).toEqual([`approval Held ${code} ${ANN}`, `mailbox Held ${code} ${ANN}`])
    expect(planned.exceptions.map(({ would, bySpec }) => ({ would, bySpec }))).toEqual([
      { would: ['be newly approved'], bySpec: true },
      { would: ['receive by server-side synchronization', 'be tested'], bySpec: true },
    ])
  })

  it('is not even stopped: a person said so', async () => {
    const planned = await planFor({ ...STOPPED, approval: 'Rejected', suspensions: [STANDING] })

    expect(linesOf(planned)).toEqual([])
    expect(planned.exceptions.at(-1)?.would).toContain('stop sending e-mail')
  })

  it('is not created', async () => {
    const planned = await planFor({ ...FORWARD, suspensions: [STANDING] }, INFO)

    expect(linesOf(planned)).toEqual([])
    expect(exceptionsOf(planned)).toEqual([`mailbox-identity Held Suspended ${INFO}`, `mailbox Held Suspended ${INFO}`])
    expect(planned.exceptions[0]?.would).toEqual(['be created as a forward mailbox'])
  })

  it('that is in order is no exception', async () => {
    expect(exceptionsOf(await planFor({ outgoing: 'ServerSideSync', suspensions: [STANDING] }))).toEqual([])
  })

  it('is written again once that ended', async () => {
    const planned = await planFor({ ...SERVER_SIDE, policy: 'Enforce', suspensions: [ENDED] })

    expect(linesOf(planned)).toEqual([`mailbox update ${ANN}: incoming`])
  })

  it('that is inactive is told as that, and what CRM says is not what the spec asked', async () => {
    const rows = peopled(person(1, ANN, { mailbox: { active: false, incoming: 'None' } }))

    const planned = await plan(memory(rows), organization([mailbox(ANN, { ...SERVER_SIDE, suspensions: [STANDING] })]))

    expect(planned.plan.exceptions).toMatchObject([{ state: 'Held', reason: { code: 'MailboxInactive' } }])
    expect(planned.plan.exceptions[0]).not.toHaveProperty('bySpec')
  })
})

describe('an organization that is suspended', () => {
  it('holds everything, also what would be created', async () => {
    const desired = organization([mailbox(ANN, { ...SERVER_SIDE, profile: 'other' })], [OTHER])
    const now = new Date('2026-11-20T08:00:00Z')
    const reader = memory(stoppedAnn()).reader()
    const reads = await observeAll({ stages: STAGES, reader, desired, now, signal: new AbortController().signal })
    const hold = suspensionReason(STANDING, now)

    const { plan: planned } = computePlan({
      scope: 'organization/contoso-sales',
      revision: 'r1',
      stages: STAGES,
      desired,
      reads,
      now,
      ...(hold && { hold }),
    })

    expect(linesOf(planned)).toEqual([])
    expect(planned.exceptions.map(({ stage, bySpec, would }) => [stage, bySpec, would])).toEqual([
      ['email-server-profile', true, ['be created']],
      ['mailbox', true, ['go from "Exchange Online" to "Other"', 'receive by server-side synchronization']],
    ])
  })
})

describe('fields that are left alone', () => {
  const entry = (field: string, until = '2026-12-01') => ({ field, reason: 'gateway', until })
  it.each([
    { reason: 'one method', ignore: [entry('incoming')], lines: ['approval', 'mailbox update: test'] },
    { reason: 'the approval', ignore: [entry('approval')], lines: ['mailbox update: incoming, test'] },
    { reason: 'the test', ignore: [entry('test')], lines: ['approval', 'mailbox update: incoming'] },
    {
      reason: 'one that ended counts no more',
      ignore: [entry('incoming', '2026-11-20')],
      lines: ['approval', 'mailbox update: incoming, test'],
    },
    {
      reason: 'one that ended does not end another one',
      ignore: [entry('incoming', '2026-11-19'), entry('incoming')],
      lines: ['approval', 'mailbox update: test'],
    },
  ])('$reason', async ({ ignore, lines }) => {
    const wish = { ...SERVER_SIDE, testAndEnable: true, approval: 'Approved', ignore } as Partial<DesiredMailbox>

    const planned = await planFor(wish)

    const told = linesOf(planned).map((line) =>
      line.startsWith('approval') ? 'approval' : line.replace(` ${ANN}`, '').replace(/ +/g, ' '),
    )
    expect(told).toEqual(lines)
  })
})

describe('a part that is not managed', () => {
  it('is not created or renamed without settings', async () => {
    const planned = await planFor({ ...FORWARD, manage: ['approval'] }, INFO)

    expect(linesOf(planned)).toEqual([])
    expect(exceptionsOf(planned).at(0)).toBe(`mailbox-identity Waiting NotInCrm ${INFO}`)
  })

  it('is not renamed', async () => {
    const planned = await planFor({ previousAddress: ANN, manage: ['test'] }, 'new@contoso.com')

    expect(linesOf(planned)).toEqual([])
  })
})

function stoppedAnn() {
  return peopled(
    person(1, ANN, { mailbox: { incoming: 'None', testCompletedOn: null }, holder: { approval: 'Pending' } }),
  )
}

async function planFor(fields: Partial<DesiredMailbox>, address = ANN): Promise<Plan> {
  return (await plan(memory(stoppedAnn()), organization([mailbox(address, fields)]))).plan
}

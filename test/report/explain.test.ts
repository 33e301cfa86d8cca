// Explanations of simulated mailboxes: what is true about each is known, so what is said of it can be held against that.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conditionsOf } from '../../src/reconcile/conditions.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { explanationMarkdown, explanationsJson } from '../../src/report/explain-forms.ts'
import { explainOrganization } from '../../src/report/explain-organization.ts'
import { explainSet } from '../../src/report/explain-set.ts'
import { explanationText } from '../../src/report/explain-text.ts'
import { type ExplainInput, type Explanation, explainObject } from '../../src/report/explain-view.ts'
import { jsonText } from '../../src/report/hostile-text.ts'
import { PLAIN } from '../../src/report/terminal.ts'
import type { Truth } from '../../src/simulator/index.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { explainInput, explainMember, explainStranger, firstBroken } from '../stack/explaining.ts'
import { EVERYTHING, ORGANIZATION, organizationOf, PROFILE, setOf } from '../stack/spec.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import { plainAddresses, rowWith } from '../stack/world.ts'

/** What is true of the managed mailboxes; what is said of every cause is in explain-causes.test.ts. */
const TRUTHS: readonly Truth[] = [
  { exchangeAddress: null },
  { exchangeAddress: 'x@contoso.com' },
  { unlicensed: true },
  { autodiscoverFails: true },
  { credentialsRefused: true },
  { heldBy: 'other' },
  { failingDirection: 'outgoing' },
  { failingDirection: 'incoming' },
]

const LEFT_ALONE = ['healthy', 'inactive', 'disabled user', 'without methods', 'missing in Exchange'] as const

let stack: Stack
let desired: DesiredOrganization
let planned: PassResult
/** Managed mailboxes, one for each row, then one that is healthy. */
let managed: readonly string[]
let strangers: Readonly<Record<(typeof LEFT_ALONE)[number], string>>

beforeAll(async () => {
  stack = await startStack({ mailboxes: 24, queues: 1, mess: ['none'] })
  const { world, setTruth } = stack.simulator
  const addresses = plainAddresses(world, 'systemuser')
  managed = addresses.slice(0, TRUTHS.length + 1)
  const others = addresses.slice(TRUTHS.length + 1)
  strangers = Object.fromEntries(LEFT_ALONE.map((what, index) => [what, others[index] ?? ''])) as typeof strangers
  const spec = ORGANIZATION + PROFILE + setOf('sales', [...managed, 'newcomer@contoso.com'], EVERYTHING)
  desired = await organizationOf({ 'sales.yaml': spec })
  for (const [index, truth] of TRUTHS.entries()) setTruth(managed[index] ?? '', truth)
  edit('mailbox', 'emailaddress', strangers.inactive, { statecode: 1, statuscode: 2 })
  edit('systemuser', 'internalemailaddress', strangers['disabled user'], { isdisabled: true })
  edit('mailbox', 'emailaddress', strangers['without methods'], {
    incomingemaildeliverymethod: 0,
    outgoingemaildeliverymethod: 0,
    actdeliverymethod: 2,
  })
  setTruth(strangers['missing in Exchange'], { exchangeAddress: null })
  await stack.pass(desired)
  for (const address of [...managed, strangers['missing in Exchange']])
    edit('mailbox', 'emailaddress', address, { testemailconfigurationscheduled: true })
  world.advanceUntilIdle(24 * 3_600_000)
  planned = await stack.pass(desired, { mode: 'plan' })
}, 60_000)
afterAll(() => stack.close())

/** Somebody changes a row by hand, past mailkeel. */
function edit(
  table: 'mailbox' | 'systemuser',
  column: string,
  value: string,
  values: Readonly<Record<string, unknown>>,
) {
  const { world } = stack.simulator
  const [id] = rowWith(world, table, column, value)
  world.update(world.callers.admin, table, id, values as never)
}

function inputFor(result: PassResult, of: DesiredOrganization = desired): ExplainInput {
  return explainInput(stack, result, of)
}

function explained(address: string, input = inputFor(planned)): Explanation {
  return explainMember(input, address)
}

function explainedStranger(address: string): Promise<Explanation> {
  return explainStranger(stack, desired, address)
}

describe('a mailbox that does not work', () => {
  it('says how many others have the same cause', () => {
    const input = inputFor(planned)
    const code = conditionsOf(planned).find(({ key }) => key === managed[0])?.ready.code ?? ''
    const twice = input.conditions.map((one) =>
      one.key === managed[8] ? { ...one, ready: { ...one.ready, status: 'False' as const, code } } : one,
    )

    const told = explained(managed[0] ?? '', { ...input, conditions: twice })

    expect(told.alike).toBe(1)
    expect(told.headline).toContain('1 other with the same cause')
  })

  it('an address CRM does not have waits, and is broken at its mailbox', () => {
    const told = explained('newcomer@contoso.com')

    expect(told.headline).toBe('newcomer@contoso.com waits: not in CRM yet')
    expect(firstBroken(told)).toBe('mailbox')
  })
})

describe('a mailbox that works', () => {
  it('has no broken link, and the spec says where it is asked for', () => {
    const told = explained(managed.at(-1) ?? '')

    expect(told.state).toBe('works')
    expect(told.links.filter(({ state }) => state === 'broken')).toEqual([])
    expect(told.links[0]).toMatchObject({ name: 'spec', words: expect.stringContaining('set "sales"') })
    expect(told.next).toBeUndefined()
  })

  it('is not said to be in order while it is not as the spec says: what is planned is the first break', async () => {
    const name = managed.at(-1) ?? ''
    const [failing = '', healthy = '', ...rest] = [managed[0], managed.at(-2), ...managed.slice(1, -2)].map(String)
    const files =
      ORGANIZATION +
      PROFILE +
      setOf('sales', [healthy, ...rest]) +
      setOf('less', [failing, name], { ...EVERYTHING, outgoing: 'None' })
    const other = await organizationOf({ 'sales.yaml': files })
    const result = await stack.pass(other, { mode: 'plan' })
    const less = { ...inputFor(result, other), applyCommand: 'mailkeel apply --only less' }

    const told = explainObject(less, { kind: 'Mailbox', key: name, label: name })

    expect(told.headline).toContain('is not as the spec says yet: it stops sending e-mail')
    expect(told.next).toBe('`mailkeel apply --only less` makes it so.')
    // What keeps mail from flowing now comes before what is not written yet.
    const broken = explainObject(less, { kind: 'Mailbox', key: failing, label: failing })
    expect(broken.headline).toContain('does not work: ')
    expect(broken.next).not.toContain('makes it so')
    expect(broken.links.some(({ words }) => words.startsWith('planned: '))).toBe(true)
    expect(explainObject({ ...less, policy: 'Observe' }, { kind: 'Mailbox', key: name, label: '' }).next).toMatch(
      /policy is Observe/,
    )
  })
})

describe('a mailbox that the spec holds back', () => {
  const suspensions = [{ owner: 'ann', reason: 'moves house', until: '2099-12-01' }]
  const HELD = [
    { reason: 'suspended', member: { suspensions }, of: {}, says: 'suspended until 2099-12-01 by ann: moves house' },
    { reason: 'only observed', member: { policy: 'Observe' as const }, of: {}, says: 'only observed' },
    {
      reason: 'in an organization that is suspended',
      member: {},
      of: { suspend: { owner: 'ann', reason: 'moves house', until: '2099-12-01' } },
      says: 'suspended until 2099-12-01 by ann: moves house',
    },
  ]

  it.each(HELD)('$reason: that is told once, also while it works and nothing differs', async ({ member, of, says }) => {
    const healthy = managed.at(-1) ?? ''
    const known = desired.mailboxes.get(healthy)
    if (!known) throw new Error('it is not managed')
    const held = { ...desired, ...of, mailboxes: new Map([...desired.mailboxes, [healthy, { ...known, ...member }]]) }
    const result = await stack.pass(held, { mode: 'plan' })

    const { headline, links, state } = explained(healthy, inputFor(result, held))

    expect(links.filter(({ words }) => words.startsWith(says))).toMatchObject([{ name: 'held', state: 'told' }])
    expect([headline.split(':')[0], state]).toEqual([`${healthy} works`, 'works'])
  })

  it('is told once where something differs: it is what keeps that from being written', async () => {
    const healthy = managed.at(-1) ?? ''
    const known = desired.mailboxes.get(healthy)
    if (!known) throw new Error('it is not managed')
    const changed = { ...known, suspensions, incoming: 'None' as const }
    const held = { ...desired, mailboxes: new Map([...desired.mailboxes, [healthy, changed]]) }
    const result = await stack.pass(held, { mode: 'plan' })

    const { links } = explained(healthy, inputFor(result, held))

    expect(links.filter(({ name }) => name === 'held')).toMatchObject([{ state: 'broken', trouble: 'Held' }])
  })
})

describe('a mailbox that nobody prepared', () => {
  it.each([
    { what: 'healthy', says: /works, and is not managed/, state: 'works' },
    { what: 'inactive', says: /the mailbox is inactive/, state: 'broken' },
    { what: 'disabled user', says: /the user is disabled/, state: 'broken' },
    { what: 'without methods', says: /is not set up to synchronize.*no set of the spec/, state: 'broken' },
    { what: 'missing in Exchange', says: /Exchange has no mailbox/, state: 'broken' },
  ] as const)('$what: the truth is told, and that it is not managed', async ({ what, says, state }) => {
    const told = await explainedStranger(strangers[what])

    expect(told.headline).toMatch(says)
    expect(told.state).toBe(state)
    expect(told.links[0]?.words).toContain('no set of the spec names it')
    expect(told.next ?? '').not.toContain('remove')
  })

  it('an address CRM does not know: says so, with what it may be a slip of', async () => {
    const near = managed[0] ?? ''
    const told = await explainedStranger(near.replace('@', 'x@'))

    expect(told.headline).toMatch(/no user, queue or mailbox in CRM has this address/)
    expect(told.next).toContain(`Did you mean ${near}?`)
  })

  it('two mailboxes with the address are told as such, and neither is taken', async () => {
    const taken = strangers.healthy
    const [other] = plainAddresses(stack.simulator.world, 'systemuser').slice(-1)
    const [id] = rowWith(stack.simulator.world, 'mailbox', 'emailaddress', other ?? '')
    const { world } = stack.simulator
    const before = world.rows('mailbox').get(id)?.['emailaddress'] as string
    edit('mailbox', 'emailaddress', before, { emailaddress: taken })

    const told = await explainedStranger(taken)

    expect(told.state).toBe('unknown')
    expect(told.headline).toMatch(/2 mailboxes in CRM have this address/)
  })
})

describe('a set, a profile, an organization', () => {
  it('a set tells its members by cause', () => {
    const members = [...desired.mailboxes.values()]

    const told = explainSet(inputFor(planned), 'sales', members)

    expect(told.headline).toMatch(/^set "sales": 1 of 10 mailboxes healthy, 8 fail, 1 waiting$/)
    expect(told.remarks.map(({ code }) => code)).toContain('MissingInExchange')
    expect(told.state).toBe('broken')
  })

  it('a profile tells how the mailboxes on it do', () => {
    const told = explainObject(inputFor(planned), { kind: 'EmailServerProfile', key: 'exchange-online', label: '"EO"' })

    expect(told.links.find(({ name }) => name === 'mailboxes')?.words).toMatch(
      /^1 of 9 managed mailboxes on it work, 8 fail/,
    )
    expect(told.links.find(({ name }) => name === 'profile')?.words).toContain('Exchange Online (hybrid)')
  })

  it.each([
    { change: {}, around: {}, broken: undefined, reason: 'nothing is in the way' },
    { change: { policy: 'Observe' as const }, around: {}, broken: 'policy', reason: 'the policy' },
    {
      change: {},
      around: { lockHeldBy: 'another mailkeel works here; wait for it' },
      broken: 'lock',
      reason: 'a lock',
    },
    {
      change: {
        verdicts: [{ guard: 'stop', decision: 'override' as const, message: '5 of 9 stop; say --allow stop' }],
      },
      around: {},
      broken: 'guard',
      reason: 'a guard',
    },
  ])('why nothing happens: $reason', ({ change, around, broken }) => {
    const { verdicts = [], ...rest } = { verdicts: [], ...change }
    const input = { ...inputFor({ ...planned, verdicts }), ...rest }

    const told = explainOrganization(input, around)

    expect(told.links.find(({ isFirst }) => isFirst)?.name).toBe(broken)
    expect(told.links.map(({ name }) => name)).toEqual(expect.arrayContaining(['spec', 'policy', 'lock', 'changes']))
  })

  it('what cannot be read is unknown, not broken, and told once', () => {
    const incomplete = { code: 'Unreachable', message: 'reading mailboxes: the server does not answer' }
    const stages = planned.plan.stages.map((stage) => ({ ...stage, incomplete }))
    const reads = new Map(
      [...planned.reads.keys()].map((name) => [name, { complete: false, reason: incomplete } as const]),
    )

    const told = explained(managed[0] ?? '', {
      ...inputFor({ ...planned, reads, plan: { ...planned.plan, stages } }),
      conditions: [],
    })

    expect(told.state).toBe('unknown')
    expect(told.links.filter(({ state }) => state === 'unknown')).toHaveLength(1)
  })
})

describe('in every form', () => {
  it('the broken link is marked, and what follows from it stands behind', () => {
    const text = explanationText(explained(managed[0] ?? ''), { paint: PLAIN, width: 120, commands: [] })

    expect(text).toMatch(/^ {2}test .*← broken here$/m)
    expect(text).toMatch(/\nNext: Create the mailbox/)
  })

  it('hostile names stay harmless', () => {
    const name = '\u001b[2Jann\u202e@contoso.com <img src=x> @everyone\nall is well'
    const told = explainObject(inputFor(planned), { kind: 'Mailbox', key: managed[0] ?? '', label: name })
    const text = explanationText(told, { paint: PLAIN, width: 120, commands: [] })
    const markdown = explanationMarkdown(told)
    const json = jsonText(explanationsJson(6, [told]))

    for (const form of [text, markdown, json]) expect(form).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u)
    expect(text.split('\n')[0]).toContain('all is well')
    expect(markdown).not.toMatch(/(?<!\\)<img/)
  })
})

// The trust over the whole of mailkeel: it breaks for everybody, is told once, is mended, is proven by a few, and then everybody follows.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { conditionsOf } from '../../src/reconcile/conditions.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'
import { explainOrganization } from '../../src/report/explain-organization.ts'
import { explanationText } from '../../src/report/explain-text.ts'
import { statusText } from '../../src/report/status-text.ts'
import { viewStatus } from '../../src/report/status-view.ts'
import { PLAIN } from '../../src/report/terminal.ts'
import type { Vocabulary } from '../../src/report/vocabulary.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import type { TrustView } from '../../src/trust/view.ts'
import { BROKEN, WORKING } from '../stages/surrounded.ts'
import { explainInput, explainMember } from './explaining.ts'
import { EVERYTHING, ORGANIZATION, organizationOf, PROFILE, setOf } from './spec.ts'
import { type Stack, startStack } from './stack.ts'
import { plainAddresses } from './world.ts'

const MAILBOXES = 300
const MINUTE_MS = 60_000
const STYLE = { paint: PLAIN, width: 400, commands: [] }
const MAILBOX = { one: 'mailbox', many: 'mailboxes' }
const VOCABULARY: Vocabulary = {
  byStage: new Map(['mailbox', 'mailbox-identity', 'approval', 'test-result'].map((stage) => [stage, MAILBOX])),
  byKind: new Map([['Mailbox', MAILBOX]]),
}

let stack: Stack
let trust: TrustView
let desired: DesiredOrganization
let members: readonly string[]

beforeEach(async () => {
  trust = WORKING
  stack = await startStack({
    mailboxes: MAILBOXES,
    queues: 0,
    mess: ['none'],
    pace: { maximumInFlight: 1_000 },
    surroundings: () => ({ trust }),
  })
  members = plainAddresses(stack.simulator.world, 'systemuser')
  desired = await organizationOf({ 's.yaml': ORGANIZATION + PROFILE + setOf('sales', members, EVERYTHING) })
})

afterEach(() => stack.close())

/** Passes until nothing is asked for any more; how many tests each of them asked for. */
async function settled(): Promise<readonly number[]> {
  const asked: number[] = []
  for (let pass = 0; pass < 8; pass += 1) {
    const { outcomes = [] } = await stack.pass(desired)
    asked.push(outcomes.length)
    if (outcomes.length === 0) return asked
    stack.simulator.world.advanceUntilIdle(24 * 60 * MINUTE_MS)
    stack.simulator.advance(MINUTE_MS)
  }
  throw new Error(`tests are asked for again and again: ${asked.join(', ')}`)
}

function statusOf(result: PassResult): string {
  return statusText(viewStatus({ result, desired, conditions: conditionsOf(result), vocabulary: VOCABULARY }), STYLE)
}

/** Everybody is tested while Exchange refuses the sign-in. */
async function failEverybody() {
  const { world } = stack.simulator
  world.setConditions({ exchange: 'certificate-invalid' })
  for (const [id] of world.rows('mailbox'))
    world.update(world.callers.admin, 'mailbox', id, { testemailconfigurationscheduled: true })
  world.advanceUntilIdle(24 * 60 * MINUTE_MS)
  stack.simulator.advance(MINUTE_MS)
  trust = BROKEN
}

function mend() {
  const { world } = stack.simulator
  world.setConditions({ exchange: 'working' })
  trust = { ...WORKING, changedAt: world.now().toISOString() }
  stack.simulator.advance(MINUTE_MS)
}

describe('a trust that broke for everybody', () => {
  it('B22: is told in one line, with its reason and one next step', async () => {
    await settled()
    await failEverybody()

    const status = statusOf(await stack.pass(desired, { mode: 'plan' }))

    const lines = status.split('\n').filter((line) => line.includes('the trust with Exchange Online is broken'))
    expect(lines).toEqual([
      `  failing    ${MAILBOXES} mailboxes: the trust with Exchange Online is broken: certificate 9F2C…A1 in CRM; Entra has 77D0…3B only`,
    ])
    expect(status).toContain('→ `mailkeel apply --only credential` adds it again.')
  })

  it('is the first broken link of each, and nobody is tested while it is', async () => {
    await settled()
    await failEverybody()

    const result = await stack.pass(desired)
    const told = explainMember(explainInput(stack, result, desired), members[0] ?? '')
    const text = explanationText(told, STYLE)

    expect(result.outcomes ?? []).toEqual([])
    expect(text).toMatch(
      /^.* does not work: certificate 9F2C…A1 in CRM; Entra has 77D0…3B only \(299 others with the same cause\)/,
    )
    expect(text).toMatch(/trust +certificate 9F2C…A1 in CRM; Entra has 77D0…3B only +← broken here/)
    expect(told.next).toBe('`mailkeel apply --only credential` adds it again.')
  })

  it('is told whole for the organization', async () => {
    trust = BROKEN
    const input = explainInput(stack, await stack.pass(desired, { mode: 'plan' }), desired)

    const told = explainOrganization(input, {})

    expect(
      told.links.filter(({ name }) => name.startsWith('trust ')).map(({ name, state }) => `${name} ${state}`),
    ).toEqual(['trust certificate good', 'trust credential broken'])
    expect(told.links.find(({ isFirst }) => isFirst)?.name).toBe('trust credential')
  })

  it('mended, is proven by one mailbox of those that failed; the others follow, once', async () => {
    await settled()
    await failEverybody()
    mend()

    const asked = await settled()

    expect(asked).toEqual([1, MAILBOXES - 1, 0])
    expect(statusOf(await stack.pass(desired, { mode: 'plan' }))).toMatch(/: 300 mailboxes healthy,/)
  })

  it('mended in vain, costs one test and no more', async () => {
    await settled()
    await failEverybody()
    trust = { ...WORKING, changedAt: stack.simulator.world.now().toISOString() }
    stack.simulator.advance(MINUTE_MS)

    const asked = await settled()

    expect(asked).toEqual([1, 0])
  })

  it('a rotation of a trust that works costs one test', async () => {
    await settled()
    trust = { ...WORKING, changedAt: stack.simulator.world.now().toISOString() }
    stack.simulator.advance(MINUTE_MS)

    const asked = await settled()

    expect(asked).toEqual([1, 0])
  })
})

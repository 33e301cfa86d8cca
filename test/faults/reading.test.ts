// A server that throttles, fails, cuts short or lies while it is read. Whatever it says, nothing is written that the spec does not ask for;
// what could not be read completely is unknown with its reason; and the first pass without the fault brings everything in order.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PassResult } from '../../src/reconcile/contract.ts'
import type { FaultRule } from '../../src/simulator/index.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { ORGANIZATION, organizationOf, PROFILE, setOf } from '../stack/spec.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import { differences, pictureOf, plainAddresses, wrongWrites } from '../stack/world.ts'

interface Row {
  readonly name: string
  readonly fault: FaultRule
  /** The reason of the stages that read mailboxes. */
  readonly code: string
  readonly reason: string
}

const READS = { method: 'GET' }
const ALWAYS = 'always'

const UNREADABLE: readonly Row[] = [
  {
    name: 'B1: 429 without Retry-After',
    fault: { kind: 'status', status: 429 },
    code: 'Throttled',
    reason: 'a throttled read says nothing about what is there',
  },
  {
    name: 'B1: 429 with Retry-After in seconds',
    fault: { kind: 'status', status: 429, retryAfter: 7.5 },
    code: 'Throttled',
    reason: 'waiting as asked does not help where it never ends',
  },
  {
    name: 'B1: 503 with Retry-After as a date',
    fault: { kind: 'status', status: 503, retryAfterDateMs: 20_000 },
    code: 'Unavailable',
    reason: 'the date is relative to the clock of the server',
  },
  {
    name: 'B1: 503 with a page of IIS',
    fault: { kind: 'html', page: 'iis-503' },
    code: 'Unavailable',
    reason: 'the application pool is down; the page is no answer of the Web API',
  },
  { name: 'B1: 500', fault: { kind: 'status', status: 500 }, code: 'Unavailable', reason: 'nothing was read' },
  {
    name: 'B1: 504 with nothing',
    fault: { kind: 'status', status: 504, body: 'empty' },
    code: 'TimedOut',
    reason: 'a proxy gave up',
  },
  {
    name: 'B1: a connection that is reset',
    fault: { kind: 'reset' },
    code: 'Unreachable',
    reason: 'no answer at all',
  },
  {
    name: 'B1: 404 of IIS',
    fault: { kind: 'html', page: 'iis-404' },
    code: 'NotUnderstood',
    reason: 'a 404 that is not of the Web API does not mean that there are no mailboxes',
  },
  {
    name: 'B1: 404 of the Web API',
    fault: { kind: 'status', status: 404 },
    code: 'NotFound',
    reason: 'a set that is not found is not an empty set',
  },
  {
    name: 'B1: 403',
    fault: { kind: 'status', status: 403 },
    code: 'Forbidden',
    reason: 'a right that was taken away is no empty set',
  },
  {
    name: 'B3: 200 with an empty body',
    fault: { kind: 'empty-body' },
    code: 'NotUnderstood',
    reason: 'nothing is not an empty list',
  },
  {
    name: 'B3: half of the JSON under the right length',
    fault: { kind: 'truncated-body' },
    code: 'Incomplete',
    reason: 'the transport saw nothing wrong; the JSON ends in the middle',
  },
  {
    name: 'B3: half a page, then the connection closes',
    fault: { kind: 'half-body' },
    code: 'Incomplete',
    reason: 'the length says that more was to come',
  },
  {
    name: 'B3: the list of pages ends early',
    fault: { kind: 'cut-pages' },
    code: 'Incomplete',
    reason: 'the count says that more rows exist',
  },
  {
    name: 'B3: a row comes twice',
    fault: { kind: 'duplicate-row' },
    code: 'Incomplete',
    reason: 'pages that overlap may as well have left out a row',
  },
  {
    name: 'B1: the sign-in page with status 200',
    fault: { kind: 'html', page: 'sign-in' },
    code: 'Unauthenticated',
    reason: 'AD FS answers 200 with a form',
  },
  {
    name: 'B1: a redirect to the sign-in page',
    fault: { kind: 'redirect' },
    code: 'Unauthenticated',
    reason: 'a redirect is not followed',
  },
  {
    name: 'B1: a token that expired',
    fault: { kind: 'expired-token' },
    code: 'Unauthenticated',
    reason: 'the source has no other token',
  },
]

let stack: Stack
let desired: DesiredOrganization

beforeAll(async () => {
  stack = await startStack({ mailboxes: 30, queues: 6, mess: ['default'], pageSize: 4 })
  const { world } = stack.simulator
  const queues = plainAddresses(world, 'queue').map((address) => ({ address, type: 'Queue' }))
  const sets = setOf('users', plainAddresses(world, 'systemuser')) + setOf('queues', queues)
  desired = await organizationOf({ 'sales.yaml': ORGANIZATION + PROFILE + sets })
})

afterAll(() => stack.close())

/** Why the stages that read mailboxes are unknown. */
function reasonsOf({ plan }: PassResult): ReadonlySet<string | undefined> {
  return new Set(plan.stages.filter(({ kind }) => kind === 'Mailbox').map(({ incomplete }) => incomplete?.code))
}

/** Faults that need a second page; some sets have one row. */
const OF_PAGES: ReadonlySet<FaultRule['kind']> = new Set(['cut-pages', 'duplicate-row'])

describe.each(UNREADABLE)('$name ($reason)', ({ fault, code }) => {
  it.each(['mailboxes', 'systemusers', 'queues'])('in %s, makes mailboxes unknown and writes none', async (set) => {
    const { simulator } = stack
    const before = pictureOf(simulator.world)
    simulator.resetRequests()
    simulator.faults.add({ ...fault, times: ALWAYS, match: { ...READS, path: `/^${set}\\?/` } })

    const result = await stack.pass(desired, { allow: new Set(['change', 'stop']) })

    simulator.faults.clear()
    expect(reasonsOf(result)).toEqual(new Set([code]))
    expect(wrongWrites(before, simulator.world, desired)).toEqual([])
    expect(
      simulator.log().filter(({ method, path }) => method === 'PATCH' && !path.startsWith('emailserverp')),
    ).toEqual([])
    expect(result.failure).toBeUndefined()
  })
})

describe.each(UNREADABLE.filter(({ fault }) => !OF_PAGES.has(fault.kind)))('$name ($reason)', ({ fault }) => {
  it('everywhere, writes nothing at all', async () => {
    const { simulator } = stack
    const before = pictureOf(simulator.world)
    simulator.resetRequests()
    simulator.faults.add({ ...fault, times: ALWAYS, match: READS })

    const result = await stack.pass(desired)

    simulator.faults.clear()
    expect(result.plan.steps).toEqual([])
    expect(result.plan.stages.every(({ incomplete }) => incomplete !== undefined)).toBe(true)
    expect(differences(before, pictureOf(simulator.world))).toEqual([])
    expect(simulator.requests().writes).toBe(0)
  })
})

describe('B3: a list of pages that ends at a full page beyond the 5,000 rows the server counts', () => {
  it('is not taken for the whole set, and no mailbox is written', async () => {
    const large = await startStack({ mailboxes: 5_200, queues: 0, mess: ['untested', 'old-profile'] })
    try {
      const { world, faults } = large.simulator
      const users = await organizationOf({
        'sales.yaml': ORGANIZATION + PROFILE + setOf('users', plainAddresses(world, 'systemuser').slice(0, 5_150)),
      })
      const before = pictureOf(world)
      faults.add({ kind: 'cut-pages', times: ALWAYS, match: READS })

      const result = await large.pass(users)

      expect(reasonsOf(result)).toEqual(new Set(['Incomplete']))
      expect(differences(before, pictureOf(world)).filter(({ table }) => table !== 'emailserverprofile')).toEqual([])
    } finally {
      await large.close()
    }
  })
})

describe('what a server does to answers without harm', () => {
  it.each<{ name: string; fault: FaultRule }>([
    { name: 'a wrong content type', fault: { kind: 'content-type', contentType: 'text/html' } },
    { name: 'a byte order mark', fault: { kind: 'byte-order-mark' } },
    {
      name: 'links to the next page that name an inner host',
      fault: { kind: 'link-host', origin: 'http://crm-inner' },
    },
    { name: 'slow headers', fault: { kind: 'slow-headers', delayMs: 2 } },
    { name: 'a slow body', fault: { kind: 'slow-body', delayMs: 2, chunks: 3 } },
    { name: 'a throttled read now and then', fault: { kind: 'status', status: 429, probability: 0.2 } },
  ])('$name: everything is read', async ({ fault }) => {
    stack.simulator.faults.add({ ...fault, times: ALWAYS, match: READS })

    const result = await stack.pass(desired, { mode: 'plan' })

    stack.simulator.faults.clear()
    expect(result.plan.stages.filter(({ incomplete }) => incomplete !== undefined)).toEqual([])
    expect(result.plan.steps.flatMap(({ changes }) => changes).length).toBeGreaterThan(10)
  })
})

it('the first pass without a fault brings everything in order, and the next finds nothing to do', async () => {
  const { simulator } = stack
  const before = pictureOf(simulator.world)

  const first = await stack.pass(desired)
  simulator.world.advanceUntilIdle(24 * 3_600_000)
  simulator.resetRequests()
  const second = await stack.pass(desired)

  expect(new Set(first.outcomes?.map(({ result }) => result))).toEqual(new Set(['Applied']))
  expect(wrongWrites(before, simulator.world, desired)).toEqual([])
  expect(second.plan.steps).toEqual([])
  expect(simulator.requests().writes).toBe(0)
})

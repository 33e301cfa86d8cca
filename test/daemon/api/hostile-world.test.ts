// A simulated organization in the usual disorder and with hostile names, half of it managed: everything that the API tells of it can be asked
// for, is text that nothing obeys, and names nobody to an Overview.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExplainShape, ObjectPage, ScopeShape } from '../../../src/daemon/api/shapes.ts'
import { EVERYTHING, ORGANIZATION, organizationOf, PROFILE, setOf } from '../../stack/spec.ts'
import { type Stack, startStack } from '../../stack/stack.ts'
import { plainAddresses } from '../../stack/world.ts'
import { emptyBoard, NOW, reportOf, type ServedApi, serveApi, standingOf } from './serving.ts'

const SCOPE = '/api/v1/scopes/organization/contoso-sales'
const OWNER = 'dora.owner@contoso.com'

let stack: Stack
let api: ServedApi
/** Every name and address that CRM knows. */
let people: readonly string[]

beforeAll(async () => {
  stack = await startStack({ mailboxes: 60, queues: 4, mess: ['all'] })
  const { world } = stack.simulator
  const managed = plainAddresses(world, 'systemuser').slice(0, 25)
  const suspend = { owner: OWNER, reason: 'Dora is on leave', until: '2027-01-31' }
  const spec =
    ORGANIZATION +
    PROFILE +
    setOf('sales', [...managed.slice(1), 'newcomer@contoso.com'], EVERYTHING) +
    setOf('held', managed.slice(0, 1), { ...EVERYTHING, suspend })
  const desired = await organizationOf({ 'sales.yaml': spec })
  await stack.pass(desired, { by: 'ann@build-7' })
  world.advanceUntilIdle(24 * 3_600_000)
  const result = await stack.pass(desired, { mode: 'plan' })
  const board = emptyBoard()
  const reason = { code: 'Unreachable', message: `CRM does not answer ${OWNER}` }
  const trouble = { reason, since: NOW, attempts: 3 }
  const revision = { id: 'b0b', subject: 'Dora leaves', author: OWNER, seenAt: NOW }
  const problem = { file: 'sales.yaml', line: 3, column: 5, message: `${OWNER} is in two sets` }
  board.setSource({ ...board.source(), failure: trouble, refused: { revision, reason, problems: [problem] } })
  const runway = [{ ...END, source: `told by ${OWNER}` }]
  const notices = [{ code: 'Interrupted', message: `${OWNER} was being changed` }]
  const report = reportOf({ ...result, notices }, { runway })
  board.setScope(standingOf(desired, report, { failure: trouble, held: { code: 'Suspended', message: `by ${OWNER}` } }))
  api = await serveApi({ board, stateDirectory: stack.stateDirectory })
  people = [OWNER, 'Dora', 'Ann Example', 'ann@', ...namesIn(world)]
}, 60_000)

afterAll(async () => {
  await api.close()
  await stack.close()
})

const END = {
  kind: 'VendorDate',
  label: 'Exchange Online EWS',
  on: '2027-04-01',
  daysLeft: 129,
  severity: 'Calm',
  confidence: 'Certain',
  endsConnection: true,
} as const

function namesIn(world: Stack['simulator']['world']): readonly string[] {
  const columns = ['fullname', 'internalemailaddress', 'emailaddress', 'name']
  const all = (['systemuser', 'queue', 'mailbox'] as const).flatMap((table) =>
    [...world.rows(table).values()].flatMap((row) =>
      columns.map((column) => (row as Readonly<Record<string, unknown>>)[column]),
    ),
  )
  return all.filter((name): name is string => typeof name === 'string' && name.length > 3)
}

describe('a hostile organization', () => {
  it('tells a Reader what is wrong in words, with what to do', async () => {
    const { body } = await api.get<ScopeShape>(SCOPE)

    expect(body.tone).toBe('trouble')
    expect(body.causes.length).toBeGreaterThan(3)
    expect(body.causes.some(({ next }) => next !== undefined)).toBe(true)
    expect(body.causes.some(({ message }) => message.includes(OWNER))).toBe(true)
    expect(body.mailboxes?.unmanaged).toBeGreaterThan(20)
  })

  it('explains everything it lists, managed or not', async () => {
    const { body } = await api.get<ObjectPage>(`${SCOPE}/objects?unmanaged=with&limit=500`)

    for (const { kind, key, label, unmanaged } of body.items) {
      const path = `${SCOPE}/objects/${encodeURIComponent(key)}?kind=${kind}`
      const answer = await api.get<ExplainShape>(path)
      expect([label, answer.status]).toEqual([label, 200])
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is what is looked at.
      expect(answer.text).not.toMatch(/[\u0000-\u001f\u007f\u202e]/)
      if (unmanaged) expect(answer.body.links[0]?.text).toContain('names it, so mailkeel leaves it alone')
    }
    expect(body.items.some(({ unmanaged }) => unmanaged)).toBe(true)
  })

  it.each(['/api/v1/overview', '/api/v1/source', SCOPE, `${SCOPE}/history`, `${SCOPE}/trend`])(
    'names nobody to an Overview at %s, as it does to a Reader',
    async (path) => {
      const overview = await api.get(path, 'Overview')
      const reader = await api.get(path, 'Reader')

      expect(overview.status).toBe(200)
      expect(people.filter((name) => overview.text.includes(JSON.stringify(name).slice(1, -1)))).toEqual([])
      expect(overview.text).not.toContain('@')
      if (!path.endsWith('/trend')) expect(people.some((name) => reader.text.includes(name))).toBe(true)
    },
  )

  it('tells an Overview as many objects of each cause that fails as a Reader', async () => {
    const [overview, reader] = await Promise.all([
      api.get<ScopeShape>(SCOPE, 'Overview'),
      api.get<ScopeShape>(SCOPE, 'Reader'),
    ])

    const counts = ({ causes }: ScopeShape) => {
      const all = new Map<string, number>()
      for (const { heading, code, count } of causes)
        if (heading === 'failing') all.set(code, (all.get(code) ?? 0) + count)
      return Object.fromEntries(all)
    }
    expect(counts(overview.body)).toEqual(counts(reader.body))
    expect(Object.keys(counts(overview.body)).length).toBeGreaterThan(1)
    expect(overview.body.mailboxes).toEqual(reader.body.mailboxes)
  })
})

// The API over real passes: a simulated organization with its trust, reconciled, and what the passes told on a board.
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type {
  ExplainShape,
  HistoryPage,
  ObjectPage,
  OverviewShape,
  ScopeShape,
  TrendShape,
} from '../../../src/daemon/api/shapes.ts'
import type { BoardWriter } from '../../../src/daemon/board.ts'
import { loadConfiguration } from '../../../src/spec/configuration/load.ts'
import type { DesiredState } from '../../../src/spec/desired.ts'
import { FIRST_ORGANIZATION, startTrustStack, TENANT, TRUST_SCOPE, type TrustStack } from '../../stack/trust.ts'
import { rowWith } from '../../stack/world.ts'
import { emptyBoard, reportOf, type ServedApi, serveApi, standingOf } from './serving.ts'

const ORGANIZATION = `organization/${FIRST_ORGANIZATION}`
const SCOPE = `/api/v1/scopes/${ORGANIZATION}`

let stack: TrustStack
let spec: DesiredState
let board: BoardWriter
let api: ServedApi
/** Managed addresses, in order. */
let members: readonly string[]
let people: readonly string[]

beforeAll(async () => {
  stack = await startTrustStack()
  spec = await stack.specWith('s2s-2026')
  members = [...(spec.organizations.get(FIRST_ORGANIZATION)?.mailboxes.keys() ?? [])].sort()
  board = emptyBoard()
  const configuration = await loadConfiguration(`${stack.folder}/mailkeel.yaml`)
  if (!configuration.ok) throw new Error('the configuration has problems')
  api = await serveApi({
    board,
    stateDirectory: stack.stateDirectory,
    configuration: configuration.configuration,
  })
  await pass()
  stack.finishTests()
  const { world } = stack.simulator
  const [drifted] = rowWith(world, 'mailbox', 'emailaddress', members[1] ?? '')
  world.update(world.callers.admin, 'mailbox', drifted, { outgoingemaildeliverymethod: 0 })
  await pass()
  stack.finishTests()
  await pass()
  people = [...members, ...stack.simulator.world.rows('systemuser').values()].map((one) =>
    typeof one === 'string' ? one : String(one.fullname),
  )
}, 60_000)

afterAll(async () => {
  await api.close()
  await stack.close()
})

/** One pass over everything, told on the board. */
async function pass(): Promise<void> {
  const results = await stack.pass(spec, { by: 'ann@build-7' })
  for (const [scope, result] of results) {
    const desired = [...spec.organizations.values(), ...spec.trusts.values()].find(
      ({ name }) => scope === `organization/${name}` || scope === `trust/${name}`,
    )
    if (!desired) throw new Error(`no ${scope}`)
    const report = reportOf(result)
    board.setScope(standingOf(desired, report))
    board.tell({ type: 'pass', scope, report, tookMs: 1 })
  }
}

describe('the API over real passes', () => {
  it('tells every scope at a glance, trusts first', async () => {
    const { body, type } = await api.get<OverviewShape>('/api/v1/overview')

    expect(type).toBe('application/json; charset=utf-8')
    expect(body.scopes.map(({ scope }) => scope)).toEqual([TRUST_SCOPE, ORGANIZATION])
    expect(body.scopes[0]).toMatchObject({ tone: 'calm', headline: expect.stringContaining('CRM signs in with') })
    expect(body.scopes[1]).toMatchObject({
      tone: 'calm',
      headline: expect.stringContaining('3 mailboxes healthy'),
      mailboxes: { total: 3, healthy: 3, waiting: 0, failing: 0, unknown: 0, drifted: 0 },
    })
    expect(body.scopes[1]?.stages.map(({ title, tone }) => [title, tone])).toEqual([
      ['Prerequisites', 'calm'],
      ['Profiles', 'calm'],
      ['E-mail settings', 'calm'],
      ['Mailboxes', 'calm'],
      ['Approval', 'calm'],
      ['Methods and profile', 'calm'],
      ['Test & Enable', 'calm'],
    ])
  })

  it('finds an object by a part of its name, whatever its case', async () => {
    const [first = ''] = members
    const word = first.slice(0, first.indexOf('@')).toUpperCase()

    const { body } = await api.get<ObjectPage>(`${SCOPE}/objects?kind=Mailbox&q=${encodeURIComponent(word)}`)

    expect(body.items.map(({ key }) => key)).toContain(first)
    expect(body.items.every(({ state }) => state === 'healthy')).toBe(true)
  })

  it('explains a mailbox as the command line does, and says of when it is', async () => {
    const { body } = await api.get<ExplainShape>(`${SCOPE}/objects/${encodeURIComponent(members[0] ?? '')}`)

    expect(body).toMatchObject({ tone: 'calm', title: expect.stringContaining(`${members[0]} works`) })
    expect(body.links.map(({ name }) => name)).toEqual(expect.arrayContaining(['spec', 'approval', 'trust', 'test']))
    expect(body.notes.at(-1)).toMatch(/^as seen by the pass of \d{4}-/)
  })

  it.each([
    { path: `${SCOPE}/objects/${FIRST_ORGANIZATION}?kind=Organization`, title: FIRST_ORGANIZATION },
    { path: `/api/v1/scopes/${TRUST_SCOPE}/objects/${TENANT}?kind=Trust`, title: `trust ${TENANT}` },
  ])('explains the whole of $title with its last pass from the journal', async ({ path, title }) => {
    const { body } = await api.get<ExplainShape>(path)

    expect(body.title).toContain(title)
    expect(body.links.find(({ name }) => name === 'last pass')?.text).toMatch(/by ann@build-7.*applied/)
  })

  it('explains every object that it lists', async () => {
    for (const scope of [ORGANIZATION, TRUST_SCOPE]) {
      const { body } = await api.get<ObjectPage>(`/api/v1/scopes/${scope}/objects?unmanaged=with&limit=500`)

      for (const { kind, key } of body.items) {
        const path = `/api/v1/scopes/${scope}/objects/${encodeURIComponent(key)}?kind=${kind}`
        expect(await api.get(path), `${kind} ${key}`).toMatchObject({ status: 200 })
      }
    }
  })

  it('pages through what was done, newest first, by a cursor that is a time', async () => {
    const first = await api.get<HistoryPage>(`${SCOPE}/history?limit=1`)
    const rest = await api.get<HistoryPage>(`${SCOPE}/history?limit=100&cursor=${first.body.next}`)

    const times = [...first.body.items, ...rest.body.items].map(({ time }) => time)
    expect(times.length).toBeGreaterThan(1)
    expect(times).toEqual([...new Set(times)].sort().reverse())
    const sentences = rest.body.items.at(-1)?.changes.map(({ sentence }) => sentence)
    expect(sentences).toContain('polls every 10 minutes instead of 5')
  })

  it('finds in the history what was done to one mailbox', async () => {
    const { body } = await api.get<HistoryPage>(`${SCOPE}/history?q=${encodeURIComponent(members[1] ?? '')}`)

    const labels = new Set(body.items.flatMap(({ changes }) => changes.map(({ label }) => label)))
    expect([...labels]).toEqual([members[1]])
  })

  it('keeps a point for each pass', async () => {
    const { body } = await api.get<TrendShape>(`${SCOPE}/trend`)

    expect(body.points).toHaveLength(3)
    expect(body.points.at(-1)).toMatchObject({ healthy: 3, failing: 0 })
    expect(body.points[0]?.changes).toBeGreaterThan(0)
  })

  it.each([
    { path: '/api/v1/scopes/organization/nobody', status: 404, code: 'NoSuchScope' },
    { path: '/api/v1/scopes/organization/__proto__', status: 404, code: 'NoSuchScope' },
    { path: `${SCOPE}/objects/nobody%40contoso.com`, status: 404, code: 'NoSuchObject' },
    { path: `${SCOPE}/objects?cursor=!!`, status: 400, code: 'BadCursor' },
    { path: `${SCOPE}/objects?cursor=W10`, status: 400, code: 'BadCursor' },
    { path: `${SCOPE}/history?cursor=yesterday`, status: 400, code: 'BadCursor' },
  ])('answers $status to $path', async ({ path, status, code }) => {
    expect(await api.get(path)).toMatchObject({ status, body: { error: { code } } })
  })

  it('says that nothing is known before the first pass', async () => {
    const [desired] = spec.organizations.values()
    const early = emptyBoard()
    if (desired) early.setScope(standingOf(desired, undefined, { phase: 'Starting' }))
    const served = await serveApi({ board: early })

    const scope = await served.get<ScopeShape>(SCOPE)
    const objects = await served.get(`${SCOPE}/objects`)

    expect(scope.body).toMatchObject({ tone: 'waiting', headline: 'no pass has come to its end yet', stages: [] })
    expect(objects).toMatchObject({ status: 409, body: { error: { code: 'NotObservedYet' } } })
    await served.close()
  })
})

describe('the description of the API', () => {
  it('is an OpenAPI document', async () => {
    const { body } = await api.get<Record<string, unknown>>('/api/v1/openapi.json')

    const validator = new Validator()
    const { valid, errors } = await validator.validate(body)

    expect(errors ?? []).toEqual([])
    expect([valid, validator.version]).toEqual([true, '3.1'])
  })

  it('holds every answer to its schema, for every role', async () => {
    const { body: description } = await api.get<Description>('/api/v1/openapi.json')
    const ajv = new Ajv2020({ strict: false, formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/ } })
    ajv.addSchema({ $id: 'api', ...description })
    const paths = Object.keys(description.paths).filter((path) => path !== '/api/v1/openapi.json')

    for (const path of paths) {
      for (const role of ['Reader', 'Overview'] as const) {
        const name = description.paths[path]?.get.responses['200'].content['application/json'].schema.$ref
        const validate = ajv.compile({ $ref: `api${name}` })
        const { body } = await api.get(filled(path), role)
        expect([path, validate(body), validate.errors ?? []]).toEqual([path, true, []])
      }
    }
    expect(paths).toHaveLength(7)
  })
})

interface Description {
  readonly paths: Readonly<Record<string, { get: { responses: { '200': { content: Content } } } }>>
}
type Content = { 'application/json': { schema: { $ref: string } } }

function filled(path: string): string {
  return path
    .replace('{kind}', 'organization')
    .replace('{name}', FIRST_ORGANIZATION)
    .replace('{key}', encodeURIComponent(members[0] ?? ''))
}

describe('an Overview', () => {
  it('is told no name and no address of anybody', async () => {
    const paths = ['/api/v1/overview', '/api/v1/source', SCOPE, `${SCOPE}/history`, `${SCOPE}/trend`]
    for (const scope of ['', ...['/history', '/trend']]) paths.push(`/api/v1/scopes/${TRUST_SCOPE}${scope}`)

    for (const path of paths) {
      const { text, status } = await api.get(path, 'Overview')
      expect(status).toBe(200)
      expect(people.filter((name) => text.includes(name))).toEqual([])
      expect(text).not.toMatch(/@|Ann/)
    }
  })

  it('cannot find out who there is by searching the history', async () => {
    const answer = await api.get(`${SCOPE}/history?q=${encodeURIComponent(members[0] ?? '')}`, 'Overview')

    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'ReadersOnly' } } })
  })
})

import { asTruth, type Conditions, DRIFT_KINDS } from '../../world/index.ts'
import { FAULT_LAYERS, type FaultRule } from '../faults/kinds.ts'
import type { Answer, WireRequest } from '../http.ts'
import { splitTarget } from '../query/options.ts'
import type { Control } from './actions.ts'

const PREFIX = '/_simulator/'

/** What can be controlled: every organization, and whether there are more. */
export interface Controls {
  readonly organizations: readonly { readonly name: string; readonly control: Control }[]
  readonly add: (body: Readonly<Record<string, unknown>>) => unknown
}

/**
 * Answers a request below `/_simulator/`; undefined for every other path. Only this machine may ask. Bodies and answers are JSON; a
 * mistake is 400 with `{"error"}`. `/_simulator/organizations/<name>/` has the routes of another organization than the first.
 */
export function answerControl(controls: Controls, request: WireRequest, remoteAddress: string): Answer | undefined {
  if (!request.target.startsWith(PREFIX)) return undefined
  if (!isLoopback(remoteAddress)) return json(403, { error: 'the control routes answer only this machine' })
  const { path, query } = splitTarget(request.target.slice(PREFIX.length))
  const { control, segments } = addressed(controls, path.split('/').map(decodeURIComponent))
  const [first = '', ...rest] = segments
  const route = ROUTES[`${request.method} ${first}`]
  if (route === undefined)
    return json(404, { error: `no control route ${request.method} ${first}`, routes: ROUTE_NAMES })
  try {
    const body = request.body.trim() === '' ? {} : (JSON.parse(request.body) as Readonly<Record<string, unknown>>)
    if (control === undefined) throw new Error('no organization has this name')
    return json(200, route(control, { rest, body, query: new URLSearchParams(query), controls }) ?? { ok: true })
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) })
  }
}

/** The organization that a path is about, and what is left of the path. */
function addressed({ organizations }: Controls, segments: readonly string[]) {
  const [first, name, ...rest] = segments
  if (first !== 'organizations' || name === undefined) return { control: organizations[0]?.control, segments }
  return { control: organizations.find((organization) => organization.name === name)?.control, segments: rest }
}

interface Asked {
  readonly controls: Controls
  readonly rest: readonly string[]
  readonly body: Readonly<Record<string, unknown>>
  readonly query: URLSearchParams
}

type Route = (control: Control, asked: Asked) => unknown

const ROUTES: Readonly<Record<string, Route>> = {
  'GET requests': (control) => control.requests(),
  'DELETE requests': (control) => control.resetRequests(),
  'GET log': (control, { query }) => control.log(query.has('last') ? Number(query.get('last')) : undefined),
  'GET faults': (control) => ({ active: control.faults.list(), kinds: Object.keys(FAULT_LAYERS) }),
  'POST faults': (control, { body }) => ({ id: control.faults.add(body as unknown as FaultRule) }),
  'DELETE faults': (control, { rest }) =>
    rest[0] === undefined ? control.faults.clear() : control.faults.remove(Number(rest[0])),
  'GET drift': () => DRIFT_KINDS,
  'POST drift': (control, { body }) => ({ ids: control.drift(String(body['kind']), numberIn(body, 'count', 1)) }),
  'POST idle-writes': (control, { body }) => ({ ids: control.idleWrites(numberIn(body, 'count', 1)) }),
  'GET clock': (control) => ({ now: control.world.now().toISOString() }),
  'POST clock': (control, { body }) => {
    if ('untilIdleMs' in body) control.world.advanceUntilIdle(numberIn(body, 'untilIdleMs', 0))
    else control.advance(numberIn(body, 'advanceMs', 0))
    return { now: control.world.now().toISOString() }
  },
  'GET tests': (control) => control.world.tests(),
  'GET conditions': (control) => control.world.conditions,
  'POST conditions': (control, { body }) => {
    control.setConditions(body as Partial<Conditions>)
    return control.world.conditions
  },
  'GET mailboxes': (control, { rest }) => control.mailboxes(rest[0] ?? ''),
  'POST mailboxes': (control, { rest, body }) => ({ changed: control.setTruth(rest[0] ?? '', asTruth(body)) }),
  'POST passwords': (control, { body }) => control.setPassword(String(body['user']), String(body['password'])),
  'GET organizations': (_control, { controls }) => controls.organizations.map(({ name }) => name),
  'POST organizations': (_control, { body, controls }) => controls.add(body),
  'GET pace': (control) => control.pace,
  'POST pace': (control, { body }) => {
    control.pace.latencyMs = numberIn(body, 'latencyMs', control.pace.latencyMs)
    control.pace.operationCostMs = numberIn(body, 'operationCostMs', control.pace.operationCostMs)
    return control.pace
  },
}

const ROUTE_NAMES = Object.keys(ROUTES)

function numberIn(body: Readonly<Record<string, unknown>>, name: string, otherwise: number): number {
  const value = body[name] ?? otherwise
  if (typeof value !== 'number' || !(value >= 0)) throw new Error(`'${name}' must be a number that is not negative`)
  return value
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.replace('::ffff:', '').startsWith('127.')
}

function json(status: number, value: unknown): Answer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: `${JSON.stringify(value)}\n` }
}

import type { Answer, WireRequest } from '../../wire/http.ts'
import type { EntraExchange } from '../exchange.ts'
import { frontDoorPage, redirect, spoilt } from '../faults/answers.ts'
import { type EntraEffects, entraEffectsOf } from '../faults/effects.ts'
import type { EntraFaultRules, EntraTarget } from '../faults/rules.ts'
import type { ForeignHooks } from '../foreign.ts'
import type { TokenSubject } from '../login/tokens.ts'
import type { EntraLog } from '../request-log.ts'
import { type BatchAnswer, type BatchPart, batchParts, runBatch } from './batch.ts'
import { graphAnswer, type Traced, tracedHeaders } from './graph-answer.ts'
import type { GraphContext, GraphResult } from './operation.ts'
import { GraphRefusal, graphErrorBody } from './refusal.ts'
import { parsedBody, serveOne } from './serve-one.ts'
import { callerOf, type SignInCheck } from './sign-in-check.ts'

/** What Graph works with. `now` of the check is the time on the wire, that of the context the time of the directory. */
export interface GraphFront {
  readonly context: GraphContext
  readonly check: SignInCheck
  readonly faults: EntraFaultRules
  readonly foreign: ForeignHooks
  readonly log: EntraLog
  readonly random: () => number
}

const BATCH = '$batch'

/** A request below the version of Graph, ready to be answered. `below` is its path and query there, without the first slash. */
export function prepareGraph(front: GraphFront, request: WireRequest, below: string): EntraExchange {
  const target: EntraTarget = { operation: 'graph', method: request.method, path: decoded(below) }
  front.foreign.strike(target)
  const effects = entraEffectsOf(front.faults.take(target))
  const traced = tracedOf(front, request)
  const caller = lookUp(front, request)
  return {
    delivery: effects.delivery,
    run() {
      const own = () => serve(front, { ...request, target: below }, caller, effects)
      const result = faulty(front, effects, request.target, own, traced)
      return effects.reshape.reduce((answer, fault) => spoilt(answer, fault, front.check.now()), result)
    },
    record: (status) => front.log.record(entryOf(target, request, caller, status)),
  }
}

type Caller = TokenSubject | GraphRefusal

function lookUp({ check }: GraphFront, { headers }: WireRequest): Caller {
  try {
    return callerOf(check, headers['authorization'])
  } catch (error) {
    if (error instanceof GraphRefusal) return error
    throw error
  }
}

function serve(front: GraphFront, request: WireRequest, caller: Caller, effects: EntraEffects): GraphResult {
  if (caller instanceof GraphRefusal) throw caller
  if (request.target !== BATCH) return serveOne(front.context, request, caller, effects, false)
  if (request.method !== 'POST') {
    throw new GraphRefusal(405, 'BadRequest', 'Specified HTTP method is not allowed for the request target.')
  }
  const answers = runBatch(batchParts(parsedBody(request)), (part) => servePart(front, part, caller))
  return { status: 200, body: { responses: shuffled(answers, front.random) } }
}

function servePart(front: GraphFront, { id, request }: BatchPart, caller: TokenSubject): BatchAnswer {
  const below = request.target.slice(1)
  const target: EntraTarget = { operation: 'part', method: request.method, path: decoded(below) }
  front.foreign.strike(target)
  const effects = entraEffectsOf(front.faults.take(target))
  const own = () => serveOne(front.context, { ...request, target: below }, caller, effects, true)
  const traced = tracedOf(front, request)
  const answer = partAnswer(id, insteadResult(effects, own, traced))
  front.log.record(entryOf(target, request, caller, answer.status))
  return answer
}

function partAnswer(id: string, { status, body, headers }: GraphResult): BatchAnswer {
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' }
  return {
    id,
    status,
    headers: { 'Cache-Control': 'no-cache', ...type, ...headers },
    ...(body === undefined ? {} : { body }),
  }
}

function faulty(
  front: GraphFront,
  effects: EntraEffects,
  target: string,
  own: () => GraphResult,
  traced: Traced,
): Answer {
  const { instead } = effects
  if (instead?.kind === 'redirect') return redirect(instead, `${front.check.origin()}${target}`)
  if (instead?.kind === 'html') {
    if (instead.effect === true) insteadResult({ ...effects, instead: undefined }, own, traced)
    return frontDoorPage(instead)
  }
  return graphAnswer(insteadResult(effects, own, traced), traced)
}

/** The operation's own result or the fault's, refusals as results. */
function insteadResult({ instead }: EntraEffects, own: () => GraphResult, traced: Traced): GraphResult {
  try {
    if (instead?.kind === 'status') {
      if (instead.effect === true) own()
      throw refusalOf(instead)
    }
    if (instead?.kind === 'claims-challenge') throw traced.challenge()
    return own()
  } catch (error) {
    if (!(error instanceof GraphRefusal)) throw error
    return { status: error.status, headers: error.headers, body: graphErrorBody(error, traced.ids) }
  }
}

function refusalOf(fault: { status: number; code?: string; message?: string; retryAfter?: number | string }) {
  const usual = fault.status === 429 ? 'TooManyRequests' : fault.status === 503 ? 'ServiceNotAvailable' : 'UnknownError'
  const message = fault.message ?? `The simulated directory answers ${fault.status}.`
  const wait = fault.retryAfter === undefined ? {} : { 'Retry-After': String(fault.retryAfter) }
  const throttled: Record<string, string> =
    fault.status === 429 ? { 'x-ms-throttle-information': 'WriteLimitExceeded' } : {}
  return new GraphRefusal(fault.status, fault.code ?? usual, message, { ...throttled, ...wait })
}

function tracedOf({ check, context }: GraphFront, { headers }: WireRequest): Traced {
  return tracedHeaders({ check, context }, headers)
}

function entryOf(target: EntraTarget, request: WireRequest, caller: Caller, status: number | undefined) {
  return {
    ...target,
    clientId: caller instanceof GraphRefusal ? undefined : caller.clientId,
    clientRequestId: request.headers['client-request-id'],
    members: memberNames(request.body),
    status,
  }
}

function memberNames(body: string): readonly string[] {
  try {
    return body.trimStart().startsWith('{') ? Object.keys(JSON.parse(body) as object) : []
  } catch {
    return []
  }
}

function decoded(target: string): string {
  try {
    return decodeURIComponent(target.replaceAll('+', ' '))
  } catch {
    return target
  }
}

/** The same members in a drawn order. */
function shuffled<T>(members: readonly T[], random: () => number): readonly T[] {
  return members
    .map((member) => ({ member, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ member }) => member)
}

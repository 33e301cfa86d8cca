// What stands between the socket and the operations: who calls, which faults strike, batches taken apart, everything written down. A
// request is first prepared, which tells how many operations it costs, and then run in one go, so that it is atomic by itself.

import { type Caller, CrmFault } from '../../world.ts'
import { type BatchItem, type BatchPart, countRequests, parseBatch } from '../batch/parse.ts'
import { batchAnswer } from '../batch/print.ts'
import { resolveTarget, runBatch } from '../batch/run.ts'
import { type LoggedOperation, memberNames, type RequestLog } from '../control/request-log.ts'
import { asFault, badRequest, errorAnswer } from '../errors.ts'
import { type Effects, effectsOf, serveWith, withoutDropped } from '../faults/effects.ts'
import type { DeliveryFault } from '../faults/kinds.ts'
import { htmlPage, uriTooLong } from '../faults/pages.ts'
import type { FaultRules, FaultTarget } from '../faults/rules.ts'
import type { Answer, Operation, WireRequest } from '../http.ts'
import { parsePreferences } from '../query/preferences.ts'
import type { SignIn } from '../sign-in/sign-in.ts'
import type { Call, ReadLies, Service } from './call.ts'
import { serveOperation } from './operations.ts'
import { checkHeaders, isServiceTarget, linkRoot, rootedOperation } from './root.ts'
import type { StaticPages } from './static-pages.ts'

/** Everything a request passes on its way to the operations. */
export interface Front {
  readonly service: Service
  readonly signIn: SignIn
  readonly faults: FaultRules
  readonly log: RequestLog
  readonly staticPages: StaticPages | undefined
}

/** A request understood: what it costs, how its answer travels, and the answer itself. */
export interface Exchange {
  readonly operations: number
  readonly delivery: DeliveryFault | undefined
  /** Serves the request, once. */
  readonly run: () => Answer
  /** Writes the request down with the status it was answered with, if any. */
  readonly record: (status: number | undefined) => void
}

/** Longest URL outside of a batch, in bytes: the bound of the HTTP driver of Windows for a request line. */
const LONGEST_URL = 16_384

/**
 * Understands a request. `origin` is `scheme://host[:port]` as the client sees it, `connection` the same object for requests over the same
 * connection. Never throws.
 */
export function prepare(front: Front, request: WireRequest, origin: string, connection: object): Exchange {
  if (request.target.length > LONGEST_URL) return simple(front, request, () => uriTooLong())
  const page = front.signIn.page?.(request, origin)
  if (page === undefined && !isServiceTarget(front.service, request.target))
    return simple(front, request, () => htmlPage('iis-404'))
  const path = below(front, request.target).replace(/^\//, '')
  const isSignIn = front.signIn.isSignIn?.(request) === true
  const effects = takeEffects(front, request.method, path, isSignIn ? 'sign-in' : 'request')
  const serve = page ? answered(page) : admitted(front, request, origin, connection, effects)
  const isBatch = path.startsWith('$batch')
  return {
    operations: serve.operations,
    delivery: effects.delivery,
    run: () => serveWith(front.service.world, origin, path, effects, serve.run),
    record: (status) => front.log.record(logged(front, request, path, isBatch ? 'batch' : 'request', status)),
  }
}

interface Served {
  readonly operations: number
  readonly run: (lies: ReadLies) => Answer
}

function simple(front: Front, request: WireRequest, run: () => Answer): Exchange {
  const record = (status: number | undefined) =>
    front.log.record(logged(front, request, request.target.slice(0, 200), 'request', status))
  return { operations: 1, delivery: undefined, run, record }
}

function answered(answer: Answer): Served {
  return { operations: 1, run: () => answer }
}

function admitted(front: Front, request: WireRequest, origin: string, connection: object, effects: Effects): Served {
  const admission = front.signIn.admit(front.service, request, origin, connection)
  if ('answer' in admission) return answered(admission.answer)
  const refusal = closedFor(front, admission.caller)
  if (refusal !== undefined) return { operations: 1, run: () => refusing(front, () => fail(refusal)) }
  return service(front, admission.caller, withoutDropped(request, effects), origin, effects)
}

/** In administration mode only administrators may sign in (Microsoft: administration mode); the text is not documented. */
function closedFor({ service: { world } }: Front, caller: Caller): CrmFault | undefined {
  const mayAdminister = caller.privileges.has(ADMINISTER)
  if (mayAdminister || !world.isInAdministrationMode) return undefined
  return new CrmFault(403, '0x80040220', 'The organization is in administration mode. Only administrators may sign in.')
}

function service(front: Front, caller: Caller, request: WireRequest, origin: string, effects: Effects): Served {
  try {
    const { version, operation } = rootedOperation(front.service, request)
    const root = linkRoot(front.service, origin, version)
    if (operation.path === '$batch' && operation.method === 'POST') {
      const items = parseBatch(operation)
      return { operations: countRequests(items), run: () => serveBatch(front, caller, operation, items, origin) }
    }
    const cacheable = effects.reshape.length === 0 && Object.keys(effects.lies).length === 0
    const run = (lies: ReadLies) => refusing(front, () => serveOne(front, { caller, root, lies }, operation))
    const pages = cacheable ? front.staticPages : undefined
    return { operations: 1, run: (lies) => (pages === undefined ? run(lies) : pages.serve(operation, () => run(lies))) }
  } catch (error) {
    return { operations: 1, run: () => refusing(front, () => fail(error)) }
  }
}

function serveOne(front: Front, place: Pick<Call, 'caller' | 'root' | 'lies'>, operation: Operation): Answer {
  checkHeaders(operation)
  const { service: shared } = front
  return serveOperation({ service: shared, world: shared.world, created: NOTHING, ...place }, operation)
}

function serveBatch(
  front: Front,
  caller: Caller,
  envelope: Operation,
  items: readonly BatchItem[],
  origin: string,
): Answer {
  const { world, newId } = front.service
  const { continueOnError } = parsePreferences(envelope.headers['prefer'])
  const { status, answers } = runBatch(items, {
    serve: (part, created) => servePart(front, caller, part, created, origin),
    atomically: (work) => world.atomically(work),
    continueOnError: continueOnError && world.switches.continueOnError,
  })
  return batchAnswer(status, answers, newId)
}

function servePart(
  front: Front,
  caller: Caller,
  part: BatchPart,
  created: ReadonlyMap<string, string>,
  origin: string,
): Answer {
  const path = below(front, part.target)
  const effects = takeEffects(front, part.method, path, 'part')
  const answer = serveWith(front.service.world, origin, path, effects, (lies) =>
    refusing(front, () => {
      const target = localTarget(front, resolveTarget(part.target, created))
      const { version, operation } = rootedOperation(front.service, { ...withoutDropped(part, effects), target })
      if (operation.path.startsWith('$batch')) throw badRequest('A batch cannot hold another batch.')
      const root = linkRoot(front.service, origin, version)
      const { service: shared } = front
      return streamed(serveOperation({ service: shared, world: shared.world, caller, root, lies, created }, operation))
    }),
  )
  front.log.record(logged(front, part, path, 'part', answer.status))
  return answer
}

/** The target of a part as a path. Only absolute URLs and absolute paths are documented; anything else is refused. */
function localTarget(front: Front, target: string): string {
  const path = target.replace(/^https?:\/\/[^/]+/i, '')
  if (!path.startsWith('/')) throw badRequest('Invalid URI: the URL of a batch part must be absolute or begin with /.')
  if (isServiceTarget(front.service, path)) return path
  throw badRequest('The URL of a batch part must lie under the service root.')
}

/** Reads inside a batch come with one parameter more (Microsoft, Web API: execute batch operations). */
function streamed(answer: Answer): Answer {
  if (answer.status !== 200 || !String(answer.headers['Content-Type'] ?? '').includes('odata.metadata=minimal'))
    return answer
  const type = 'application/json; odata.metadata=minimal; odata.streaming=true'
  return { ...answer, headers: { ...answer.headers, 'Content-Type': type } }
}

/** A privilege that only administrators of the simulated organization hold. */
const ADMINISTER = 'prvApproveRejectEmailAddress'

const NOTHING: ReadonlyMap<string, string> = new Map()

function refusing(front: Front, serve: () => Answer): Answer {
  try {
    return serve()
  } catch (error) {
    return errorAnswer(asFault(error), front.service.world.switches.errorShape)
  }
}

function fail(error: unknown): never {
  throw error
}

function takeEffects(front: Front, method: string, path: string, operation: FaultTarget['operation']): Effects {
  return effectsOf(front.faults.take({ method, path: decodedOrAsIs(path), operation }))
}

/** A target below its service root, still encoded; the target itself where it has none. */
function below(front: Front, target: string): string {
  const path = target.replace(/^https?:\/\/[^/]+/i, '')
  if (!isServiceTarget(front.service, path)) return path
  return path.slice(front.service.organizationPath.length).replace(/^\/api\/data\/[^/?]*\/?/, '')
}

function decodedOrAsIs(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function logged(
  front: Front,
  request: WireRequest,
  path: string,
  kind: LoggedOperation['kind'],
  status: number | undefined,
): LoggedOperation {
  return {
    kind,
    at: front.service.world.now().toISOString(),
    method: request.method,
    path,
    ifMatch: request.headers['if-match'],
    ifNoneMatch: request.headers['if-none-match'],
    prefer: request.headers['prefer'],
    columns: memberNames(request.body),
    status,
  }
}

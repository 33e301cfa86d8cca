import { CrmFault, type Row, type World } from '../../world.ts'
import { errorAnswer } from '../errors.ts'
import type { Answer, WireRequest } from '../http.ts'
import type { ReadLies } from '../service/call.ts'
import { bearerChallenge } from '../sign-in/challenges.ts'
import type { DeliveryFault, Fault, InsteadFault, LieFault, ReshapeFault } from './kinds.ts'
import { htmlPage } from './pages.ts'

/** The faults of one operation, sorted by what they do to it. */
export interface Effects {
  readonly lies: ReadLies
  readonly lyingWrite: boolean
  /** Columns of the body that are silently dropped. */
  readonly dropped: readonly string[]
  /** So much later the write takes effect. */
  readonly delayMs: number | undefined
  /** What somebody else writes first. */
  readonly edit: Readonly<Row> | undefined
  readonly instead: InsteadFault | undefined
  readonly reshape: readonly ReshapeFault[]
  readonly delivery: DeliveryFault | undefined
}

/** Sorts taken faults. */
export function effectsOf(faults: readonly Fault[]): Effects {
  const reshape: ReshapeFault[] = []
  let lies: ReadLies = {}
  let lyingWrite = false
  let dropped: readonly string[] = []
  let delayMs: number | undefined
  let edit: Readonly<Row> | undefined
  let instead: InsteadFault | undefined
  let delivery: DeliveryFault | undefined
  for (const fault of faults) {
    switch (fault.kind) {
      case 'status':
      case 'html':
      case 'redirect':
      case 'expired-token':
        instead = fault
        break
      case 'empty-body':
      case 'content-type':
      case 'byte-order-mark':
      case 'truncated-body':
      case 'date-skew':
        reshape.push(fault)
        break
      case 'lying-write':
        if (fault.columns === undefined) lyingWrite = true
        else dropped = fault.columns
        break
      case 'late-write':
        delayMs = fault.delayMs
        break
      case 'edit-first':
        edit = fault.columns
        break
      case 'hide-rows':
      case 'duplicate-row':
      case 'cut-pages':
      case 'link-host':
        lies = { ...lies, ...lieOf(fault) }
        break
      default:
        delivery = fault
    }
  }
  return { lies, lyingWrite, dropped, delayMs, edit, instead, reshape, delivery }
}

/** Serves an operation under its faults, without those of delivery. `path` is below the service root. */
export function serveWith(
  world: World,
  origin: string,
  path: string,
  effects: Effects,
  serve: (lies: ReadLies) => Answer,
): Answer {
  const { instead, edit } = effects
  if (edit !== undefined) editFirst(world, path, edit)
  if (instead !== undefined) {
    if ('effect' in instead && instead.effect === true) serve(effects.lies)
    return insteadAnswer(world, origin, instead)
  }
  const own = served(world, effects, () => serve(effects.lies))
  return effects.reshape.reduce((answer, fault) => reshaped(world, answer, fault), own)
}

function served(world: World, { lyingWrite, delayMs }: Effects, serve: () => Answer): Answer {
  if (!lyingWrite && delayMs === undefined) return serve()
  const answer = undone(world, serve)
  if (delayMs !== undefined && answer.status < 400) world.later(delayMs, () => void serve())
  return answer
}

/** Somebody else writes the row that the path names; a path that names none is left alone. */
function editFirst(world: World, path: string, columns: Readonly<Row>): void {
  const [, entitySet, id] = /^([a-z]+)\(([0-9a-f-]{36})\)/i.exec(path) ?? []
  const definition = [...world.definitions.values()].find((known) => known.entitySet === entitySet)
  if (definition !== undefined && id !== undefined) world.editByHand(definition.name, id, columns)
}

/** The request without the members that a lie drops, bound lookups among them. */
export function withoutDropped<R extends WireRequest>(request: R, { dropped }: Effects): R {
  if (dropped.length === 0 || !request.body.trimStart().startsWith('{')) return request
  const members = Object.entries(JSON.parse(request.body) as object)
  const kept = members.filter(([name]) => !dropped.includes(name.split('@')[0] ?? name))
  return { ...request, body: JSON.stringify(Object.fromEntries(kept)) }
}

function insteadAnswer(world: World, origin: string, fault: InsteadFault): Answer {
  switch (fault.kind) {
    case 'status':
      return { ...statusBody(world, fault), status: fault.status, headers: statusHeaders(world, fault) }
    case 'html':
      return htmlPage(fault.page, fault.status)
    case 'redirect': {
      const location = fault.location ?? 'https://adfs.contoso.example/adfs/ls/?wa=wsignin1.0&wtrealm=crm'
      return { status: 302, headers: { Location: location, 'Content-Type': 'text/html; charset=utf-8' }, body: '' }
    }
    case 'expired-token':
      return bearerChallenge(origin, true)
  }
}

type StatusFault = InsteadFault & { readonly kind: 'status' }

function statusBody(world: World, fault: StatusFault): Answer {
  if (fault.body === 'empty') return { status: fault.status, headers: {}, body: '' }
  if (fault.body === 'html') return htmlPage('iis-503', fault.status)
  const message = fault.message ?? `The simulated server answers ${fault.status}.`
  return errorAnswer(new CrmFault(fault.status, fault.code ?? '0x80040216', message), world.switches.errorShape)
}

function statusHeaders(world: World, fault: StatusFault): Answer['headers'] {
  const { headers } = statusBody(world, fault)
  if (fault.retryAfterDateMs !== undefined) {
    return { ...headers, 'Retry-After': new Date(world.now().getTime() + fault.retryAfterDateMs).toUTCString() }
  }
  return fault.retryAfter === undefined ? headers : { ...headers, 'Retry-After': String(fault.retryAfter) }
}

function reshaped(world: World, answer: Answer, fault: ReshapeFault): Answer {
  switch (fault.kind) {
    case 'empty-body':
      return { ...answer, body: '' }
    case 'content-type':
      return { ...answer, headers: { ...answer.headers, 'Content-Type': fault.contentType } }
    case 'byte-order-mark':
      return { ...answer, body: `\uFEFF${String(answer.body)}` }
    case 'truncated-body': {
      const bytes = Buffer.from(answer.body)
      return { ...answer, body: bytes.subarray(0, Math.floor(bytes.length * (fault.keep ?? 0.5))) }
    }
    case 'date-skew':
      return {
        ...answer,
        headers: { ...answer.headers, Date: new Date(world.now().getTime() + fault.skewMs).toUTCString() },
      }
  }
}

type ReadLie = Exclude<LieFault, { readonly kind: 'lying-write' | 'late-write' | 'edit-first' }>

function lieOf(fault: ReadLie): ReadLies {
  switch (fault.kind) {
    case 'duplicate-row':
      return { overlap: true }
    case 'cut-pages':
      return { cut: true }
    case 'link-host':
      return { linkOrigin: fault.origin }
    case 'hide-rows': {
      const ids = new Set(fault.ids ?? [])
      const share = fault.share ?? 0
      return { hides: (id) => ids.has(id) || shareOf(id) < share }
    }
  }
}

/** Where an id falls in [0, 1): always the same, so that a hidden row stays hidden. */
function shareOf(id: string): number {
  let hash = 2166136261
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 16777619)
  return (hash >>> 0) / 4294967296
}

/** Runs a write and takes it back, keeping its answer. A refusal stays a refusal. */
function undone(world: World, serve: () => Answer): Answer {
  const kept: { answer?: Answer } = {}
  try {
    world.atomically(() => {
      kept.answer = serve()
      throw UNDO
    })
  } catch (error) {
    if (error !== UNDO || kept.answer === undefined) throw error
  }
  if (kept.answer === undefined) throw new Error('the write was not served')
  return kept.answer
}

const UNDO = new Error('a lying write is taken back')

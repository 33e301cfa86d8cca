import type { Answer, WireRequest } from '../../wire/http.ts'
import type { EntraExchange } from '../exchange.ts'
import { frontDoorPage, redirect, retryHeaders, spoilt } from '../faults/answers.ts'
import { entraEffectsOf } from '../faults/effects.ts'
import type { EntraInsteadFault } from '../faults/kinds.ts'
import type { EntraFaultRules } from '../faults/rules.ts'
import type { ForeignHooks } from '../foreign.ts'
import type { EntraLog } from '../request-log.ts'
import { answerAuthorize } from './authorize.ts'
import { documentAnswer, instanceDiscovery, openIdConfiguration } from './documents.ts'
import { SignInRefusal } from './sign-in-errors.ts'
import { answerTokenRequest, type LoginOptions, signInRefused } from './token-endpoint.ts'

/** What the sign-in works with. */
export interface LoginFront extends LoginOptions {
  readonly faults: EntraFaultRules
  readonly foreign: ForeignHooks
  readonly log: EntraLog
}

const TOKEN = /^\/([^/]+)\/oauth2\/v2\.0\/token$/
const CONFIGURATION = /^\/([^/]+)(?:\/v2\.0)?\/\.well-known\/openid-configuration$/
const AUTHORIZE = /^\/([^/]+)\/oauth2\/v2\.0\/authorize$/
const KEYS = /^\/[^/]+\/discovery\/v2\.0\/keys$/

/** A request to the sign-in, ready to be answered. Documents are never faulty; tokens are. */
export function prepareLogin(front: LoginFront, request: WireRequest): EntraExchange {
  const { pathname } = new URL(request.target, 'http://simulated')
  const tenantName = TOKEN.exec(pathname)?.[1]
  if (tenantName === undefined || request.method !== 'POST') {
    return { delivery: undefined, run: () => document(front, request, pathname), record: () => undefined }
  }
  const target = { operation: 'sign-in', method: request.method, path: pathname.slice(1) } as const
  front.foreign.strike(target)
  const effects = entraEffectsOf(front.faults.take(target))
  const form = new URLSearchParams(request.body)
  return {
    delivery: effects.delivery,
    run() {
      const { instead } = effects
      const own = () => answerTokenRequest(front, request, decodeURIComponent(tenantName))
      if (instead !== undefined && 'effect' in instead && instead.effect === true) own()
      const answer = instead === undefined ? own() : insteadAnswer(front, instead, request, own)
      return effects.reshape.reduce((current, fault) => spoilt(current, fault, front.now()), answer)
    },
    record: (status) =>
      front.log.record({
        ...target,
        clientId: form.get('client_id') ?? undefined,
        clientRequestId: form.get('client-request-id') ?? undefined,
        members: [...form.keys()],
        status,
      }),
  }
}

function document(front: LoginFront, { method, target }: WireRequest, pathname: string): Answer {
  if (method === 'GET' && AUTHORIZE.exec(pathname)?.[1]?.toLowerCase() === front.tenant.tenantId.toLowerCase()) {
    return answerAuthorize(front, target)
  }
  const named = CONFIGURATION.exec(pathname)?.[1]
  if (named !== undefined) {
    const known = [front.tenant.tenantId, ...front.tenant.domains.map(({ name }) => name)]
    if (known.includes(named.toLowerCase())) return openIdConfiguration(front)
    return signInRefused(front, new SignInRefusal(90002))
  }
  if (pathname === '/common/discovery/instance') return instanceDiscovery(front)
  if (KEYS.test(pathname)) return documentAnswer(front.tokens.keySet())
  return { status: 404, headers: { 'Content-Type': 'text/html' }, body: '' }
}

function insteadAnswer(front: LoginFront, fault: EntraInsteadFault, request: WireRequest, own: () => Answer): Answer {
  switch (fault.kind) {
    case 'html':
      return frontDoorPage(fault)
    case 'redirect':
      return redirect(fault, `${front.origin()}${request.target}`)
    case 'empty-token':
      return withoutToken(own())
    case 'sign-in-error': {
      const answer = signInRefused(front, new SignInRefusal(fault.number), request)
      return { ...answer, headers: { ...answer.headers, ...retryHeaders(fault.retryAfter) } }
    }
    case 'status': {
      const headers = { 'Content-Type': 'application/json; charset=utf-8', ...retryHeaders(fault.retryAfter) }
      const error = { error: fault.code ?? 'temporarily_unavailable', error_description: fault.message ?? 'Simulated.' }
      return { status: fault.status, headers, body: JSON.stringify(error) }
    }
    case 'claims-challenge':
      return own()
  }
}

function withoutToken(answer: Answer): Answer {
  const { access_token: _, ...rest } = JSON.parse(String(answer.body)) as Record<string, unknown>
  return { ...answer, body: JSON.stringify(rest) }
}

// The Web API says in many ways that something failed: an OData error with an empty code and an innererror (9.0), the same with a
// 0x code (later), ASP.NET's own shape, IIS and AD FS pages, nothing at all. The status decides; the text is only shown.
// (Microsoft, Web API: compose HTTP requests and handle errors.)
import type { HttpResponse, NetworkError, NetworkFailure } from '../../network/http.ts'
import { redact } from '../../network/redact.ts'
import { CrmError, type CrmFailure } from '../organization.ts'
import { asObject, type Body } from './body.ts'
import { headerOf, readChallenges } from './headers.ts'

/** Longest text of a server that is passed on. */
const MESSAGE_LIMIT = 300
const PRIVILEGE = /\bprv[A-Z][A-Za-z]+\b/
const PRIVILEGE_DENIED_CODE = '0x80040220'
const DUPLICATE_KEY_CODES = new Set(['0x80040237', '0x80060892'])

/** An answer as far as errors are concerned: of a request or of one part of a batch. */
export interface Answer {
  readonly status: number
  readonly headers: HttpResponse['headers']
  readonly body: Body
}

/** What the server itself says about a failure; both empty where it says nothing. */
export interface ServerError {
  readonly code: string
  readonly message: string
}

/** Reads any of the error shapes. Never gives a stack trace or a body that is not an error. */
export function readServerError(body: Body): ServerError {
  if (body.kind !== 'json') return { code: '', message: '' }
  const outer = asObject(body.value)
  const error = asObject(outer?.['error'])
  const inner = asObject(error?.['innererror'])
  const message = [error?.['message'], inner?.['message'], outer?.['Message'], outer?.['ExceptionMessage']].find(
    (text) => typeof text === 'string' && text.trim() !== '',
  )
  const code = error?.['code']
  return {
    code: typeof code === 'string' ? code.toLowerCase() : '',
    message: typeof message === 'string' ? singleLine(message) : '',
  }
}

/** Whether the body is an error of the Web API itself and not of something in front of it. */
export function isApiError(body: Body): boolean {
  return body.kind === 'json' && asObject(asObject(body.value)?.['error']) !== undefined
}

/** Whether the server asks to sign in: 401, a redirect to AD FS, or its sign-in page with any status. */
export function isSignIn(answer: Answer): boolean {
  if (answer.status === 401) return true
  if (answer.status >= 300 && answer.status < 400) {
    return /\/adfs\/|\/login|signin/i.test(headerOf(answer.headers, 'location') ?? '')
  }
  return answer.status < 500 && answer.body.kind === 'html' && answer.body.signIn
}

/**
 * Question: what tells that a row with our key is there already? 412 is documented for `If-None-Match`; the codes are those of a
 * duplicate key (Microsoft, Web API: conditional operations), 409 is what HTTP would say.
 */
export function saysAlreadyThere(answer: Answer): boolean {
  return answer.status === 412 || answer.status === 409 || DUPLICATE_KEY_CODES.has(readServerError(answer.body).code)
}

/** Question: what does a server say to a version segment it does not know? Any refusal of the route itself counts. */
export function refusesVersion(answer: Answer): boolean {
  return !isSignIn(answer) && [400, 404, 405, 410, 501].includes(answer.status)
}

/** The error of an answer that is not what was hoped for. `doing` says what was being done, to what: `reading mailboxes of crm.contoso.com`. */
export function toCrmError(answer: Answer, doing: string): CrmError {
  const said = readServerError(answer.body)
  const code = failureOf(answer, said)
  return new CrmError(code, `${doing}: ${explain(code, answer, said)}`, { status: answer.status })
}

/** The error of an exchange that came to nothing. */
export function fromNetworkError(error: NetworkError, doing: string): CrmError {
  const code = NETWORK_FAILURES[error.failure]
  return new CrmError(code, `${doing}: ${singleLine(error.message)}`, { cause: error })
}

const NETWORK_FAILURES = {
  timeout: 'TimedOut',
  reset: 'Unreachable',
  refused: 'Unreachable',
  unresolved: 'Unreachable',
  tls: 'Unreachable',
  proxy: 'Unreachable',
  truncated: 'Incomplete',
  'too-large': 'NotUnderstood',
  aborted: 'Cancelled',
  fenced: 'Cancelled',
  'forbidden-host': 'Unreachable',
  malformed: 'NotUnderstood',
} as const satisfies Record<NetworkFailure, CrmFailure>

const STATUS_FAILURES: Readonly<Record<number, CrmFailure>> = {
  400: 'Invalid',
  403: 'Forbidden',
  405: 'Unsupported',
  408: 'TimedOut',
  409: 'Conflict',
  412: 'Conflict',
  413: 'Invalid',
  429: 'Throttled',
  500: 'Unavailable',
  501: 'Unsupported',
  502: 'Unavailable',
  503: 'Unavailable',
  504: 'TimedOut',
}

function failureOf(answer: Answer, said: ServerError): CrmFailure {
  const { status, body } = answer
  if (isSignIn(answer)) return 'Unauthenticated'
  if (status >= 400 && status < 500 && said.code === PRIVILEGE_DENIED_CODE) return 'PrivilegeMissing'
  if (status === 403 && PRIVILEGE.test(said.message)) return 'PrivilegeMissing'
  // A 404 of IIS or of a proxy says nothing about the row; only the Web API's own does.
  if (status === 404) return isApiError(body) || body.kind === 'empty' ? 'NotFound' : 'NotUnderstood'
  if (status < 400) return body.kind === 'broken' ? 'Incomplete' : 'NotUnderstood'
  return STATUS_FAILURES[status] ?? (status >= 500 ? 'Unavailable' : 'Invalid')
}

function explain(code: CrmFailure, answer: Answer, said: ServerError): string {
  const text = said.message === '' ? '' : `: ${said.message}`
  switch (code) {
    case 'Unauthenticated':
      return notSignedIn(answer)
    case 'PrivilegeMissing': {
      const privilege = PRIVILEGE.exec(said.message)?.[0]
      // A server that names the privilege says nothing else that helps: ids of the account and of the role.
      const told = privilege === undefined ? ` (HTTP ${answer.status}${text})` : ''
      return `the identity lacks ${privilege ?? 'a privilege'}; grant it in one of its security roles${told}`
    }
    case 'NotUnderstood':
      return `HTTP ${answer.status} with ${nameOf(answer.body)} instead of an answer of the Web API; check the URL and what stands in front of the server`
    case 'Incomplete':
      return `HTTP ${answer.status} with half an answer`
    default:
      return `HTTP ${answer.status}${text}`
  }
}

function notSignedIn(answer: Answer): string {
  if (answer.status !== 401) {
    return `HTTP ${answer.status} with a sign-in page; the identity is not accepted here, or OAuth is not enabled on the server`
  }
  const { schemes } = readChallenges(answer.headers)
  const offered = schemes.length > 0 ? ` (the server offers ${[...new Set(schemes)].join(', ')})` : ''
  return `HTTP 401, the identity is not accepted${offered}`
}

function nameOf(body: Body): string {
  const names = {
    json: 'unexpected JSON',
    broken: 'half a JSON text',
    html: 'a web page',
    text: 'plain text',
    empty: 'nothing',
  }
  return names[body.kind]
}

/** A text of a server made safe to show: one line, capped, nothing that looks like a token. */
export function singleLine(text: string): string {
  const flat = redact(text)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    .replace(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\s]+/g, ' ')
    .trim()
  return flat.length > MESSAGE_LIMIT ? `${flat.slice(0, MESSAGE_LIMIT - 1)}…` : flat
}

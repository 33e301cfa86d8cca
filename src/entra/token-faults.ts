// What a refused sign-in means. It is told by `error` (RFC 6749) and the status; the numbers are hints for people, because Microsoft changes
// them ("Microsoft Entra authentication and authorization error codes").
import type { HttpResponse } from '../network/http.ts'
import { toMessage } from '../network/redact.ts'
import { parseRetryAfter } from '../network/retry-after.ts'
import { jsonOf, plainWord, requestIdOf, withDetails } from './failure.ts'
import { asRecord } from './fields.ts'
import { EntraError } from './tenant.ts'

/** What the token endpoint answered, and when. */
export interface TokenAnswer {
  readonly response: HttpResponse
  /** Milliseconds since 1970, by our clock. */
  readonly endedAt: number
  readonly clockSkewMs: number
}

const PASSING: ReadonlySet<number> = new Set([90006, 90012, 90033, 90090])
const TENANT_THROTTLED = 90055
const CLOCK = 700024

const HINTS: Readonly<Record<number, string>> = {
  7000215: 'the client secret is wrong; check `clientSecret` of the identity: its value is needed, not its id',
  7000222:
    'the client secret has expired; create a new secret in Entra ID (App registrations > Certificates & secrets), and put it where the identity reads it',
  7000218: 'the request carried no credential',
  700016:
    'the tenant has no application with this client id; check clientId and tenantId, or have an administrator consent',
  7000112: 'the application is disabled in the tenant',
  90002: 'there is no such tenant in this cloud; check `tenantId` and `cloud` of the Tenant',
  90038: 'the tenant is in another cloud; check cloud',
  900382: 'the application is in another cloud; check cloud',
  500011: 'the tenant does not know Microsoft Graph at this address; check cloud',
  50012: 'the signature is not of a certificate that the application has; upload the certificate that signs',
  50027: 'the signed token was not understood',
  70011: 'the scope was not understood; check cloud',
  70021: 'no federated credential of the application fits the token; compare issuer, subject and audience',
  700211: 'no federated credential of the application has the issuer of the token',
  700212: 'no federated credential of the application has the audience of the token (api://AzureADTokenExchange)',
  700213: 'no federated credential of the application has the subject of the token',
  700027: 'the application does not know the certificate that signs, or it has expired; upload the current one',
  7000214: 'the certificate that signs was revoked',
  7000274: 'the signature is not of a certificate that the application has; upload the certificate that signs',
  7000277: 'the signature is not of a certificate that the application has; upload the certificate that signs',
  1000502: 'the certificate that signs is outside its validity',
  530032: 'a policy of the tenant blocks the sign-in',
}

const WITHOUT_RETRY_AFTER = { throttled: 60_000, unavailable: 10_000 } as const

/** The error of an answer without a usable token. Its `retryAfterMs` is given for whatever passes by itself. */
export function tokenFault(answer: TokenAnswer, doing: string): EntraError {
  const { response, endedAt } = answer
  const { status, headers } = response
  const body = asRecord(jsonOf(response.body))
  const error = plainWord(body?.['error'])
  const numbers = numbersOf(body)
  const requestId = requestIdOf(headers) ?? plainWord(body?.['trace_id'])
  const codes = [`HTTP ${status}`, error, ...numbers.map((number) => `AADSTS${number}`)].filter(Boolean).join(' ')
  const said = requestId === undefined ? codes : `${codes}, request-id ${requestId}`
  const afterMs = parseRetryAfter(headers['retry-after'], endedAt, headers['date'])
  if (status === 429 || numbers.includes(TENANT_THROTTLED)) {
    const retryAfterMs = afterMs ?? WITHOUT_RETRY_AFTER.throttled
    return new EntraError('Throttled', `${doing}: Entra ID asks us to wait (${said})`, { requestId, retryAfterMs })
  }
  if (
    status >= 500 ||
    status === 408 ||
    error === 'temporarily_unavailable' ||
    numbers.some((one) => PASSING.has(one))
  ) {
    const retryAfterMs = afterMs ?? WITHOUT_RETRY_AFTER.unavailable
    return new EntraError('Unavailable', `${doing}: Entra ID cannot answer now (${said})`, { requestId, retryAfterMs })
  }
  if (error === undefined) return noOAuthAnswer(status, said, doing, requestId)
  return new EntraError('SignInRefused', `${doing}: ${withDetails(hintFor(numbers, answer, body), said)}`, {
    requestId,
  })
}

/** Neither a token nor an OAuth error: whoever answered is not the token endpoint. */
function noOAuthAnswer(status: number, said: string, doing: string, requestId: string | undefined): EntraError {
  const what =
    status >= 300 && status < 400
      ? 'a redirect came back, which is not followed with a credential; is a proxy in between?'
      : 'the answer is neither a token nor an error of a sign-in; is a proxy in between?'
  return new EntraError('Malformed', `${doing}: ${what} (${said})`, { requestId })
}

function hintFor(
  numbers: readonly number[],
  { clockSkewMs }: TokenAnswer,
  body: Readonly<Record<string, unknown>> | undefined,
): string {
  if (numbers.includes(CLOCK)) return clockHint(clockSkewMs)
  const known = numbers.find((number) => HINTS[number] !== undefined)
  if (known !== undefined) return HINTS[known] ?? ''
  const description = body?.['error_description']
  return typeof description === 'string' ? toMessage(description, 160) : 'the sign-in was refused'
}

function clockHint(skewMs: number): string {
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  const by = seconds === 0 ? '' : `, it is ${seconds} seconds ${skewMs > 0 ? 'behind' : 'ahead of'} that of Entra ID`
  return `the signed token is outside its time range; set the clock of this machine${by}`
}

function numbersOf(body: Readonly<Record<string, unknown>> | undefined): readonly number[] {
  const codes = body?.['error_codes']
  return Array.isArray(codes) ? codes.filter((code) => Number.isInteger(code)).slice(0, 3) : []
}

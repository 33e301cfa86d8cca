// The errors of the sign-in by number (Microsoft, Microsoft Entra authentication and authorization error codes; those above 700020 also from
// public reports). Which `error` and status belong to a number is not documented for all of them; Microsoft says not to depend on numbers.

/** How a numbered error looks. */
export interface SignInErrorShape {
  readonly error: string
  readonly status: number
  readonly text: string
}

const CLIENT = { error: 'invalid_client', status: 401 } as const
const UNAUTHORIZED = { error: 'unauthorized_client', status: 400 } as const
const REQUEST = { error: 'invalid_request', status: 400 } as const
const GRANT = { error: 'invalid_grant', status: 400 } as const
const TRANSIENT = { error: 'temporarily_unavailable', status: 503 } as const

/** What is known of each number. */
export const SIGN_IN_ERRORS: Readonly<Record<number, SignInErrorShape>> = {
  7000215: { ...CLIENT, text: 'Invalid client secret provided.' },
  7000222: { ...CLIENT, text: 'The provided client secret keys for this application are expired.' },
  7000218: {
    ...CLIENT,
    text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  },
  7000214: { ...CLIENT, text: 'The certificate used to sign the client assertion has been revoked.' },
  7000274: { ...CLIENT, text: 'The client assertion contains an invalid signature.' },
  7000277: { ...CLIENT, text: 'The signature algorithm of the client assertion is not supported.' },
  700024: { ...CLIENT, text: 'Client assertion is not within its valid time range.' },
  700027: { ...CLIENT, text: 'The certificate used to sign the client assertion is not registered on application.' },
  700212: { ...CLIENT, text: 'No matching federated identity record found for presented assertion audience.' },
  70021: { ...CLIENT, text: 'No matching federated identity record found for presented assertion.' },
  1000502: { ...CLIENT, text: 'The provided certificate is not within its specified validity window.' },
  50012: { ...CLIENT, text: 'Client assertion failed signature validation.' },
  50027: { ...REQUEST, text: 'JWT token is invalid or malformed.' },
  700016: { ...UNAUTHORIZED, text: 'The application was not found in the directory.' },
  7000112: { ...UNAUTHORIZED, text: 'The application is disabled.' },
  90002: {
    ...REQUEST,
    text: 'The tenant was not found. Check that you have the correct tenant id and are signing in to the correct cloud.',
  },
  90038: { ...REQUEST, text: 'The request redirected to the national cloud of the tenant.' },
  900382: { ...REQUEST, text: 'Confidential client is not supported in cross-cloud requests.' },
  900144: { ...REQUEST, text: 'The request body must contain a parameter that is missing.' },
  500011: { error: 'invalid_resource', status: 400, text: 'The resource principal was not found in the tenant.' },
  70011: {
    error: 'invalid_scope',
    status: 400,
    text: 'The provided value for the input parameter scope is not valid.',
  },
  70003: { error: 'unsupported_grant_type', status: 400, text: 'The grant type is not supported.' },
  70000: { ...GRANT, text: 'The provided grant is invalid or malformed.' },
  70008: { ...GRANT, text: 'The provided authorization code has expired.' },
  54005: {
    ...GRANT,
    text: 'OAuth2 Authorization code was already redeemed, please retry with a new valid code.',
  },
  500112: {
    ...GRANT,
    text: 'The reply address does not match the reply address provided when requesting Authorization code.',
  },
  501481: {
    ...GRANT,
    text: 'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  },
  50011: { ...REQUEST, text: 'The redirect URI specified in the request does not match those of the application.' },
  50034: { ...REQUEST, text: 'The user account does not exist in the directory.' },
  530032: { error: 'access_denied', status: 400, text: 'Blocked by a security policy of the tenant.' },
  90033: { ...TRANSIENT, text: 'A transient error has occurred. Please try again.' },
  90006: { ...TRANSIENT, text: 'The service is temporarily unavailable. Please retry later.' },
  90012: { ...TRANSIENT, text: 'The request has timed out.' },
  90090: { ...TRANSIENT, text: 'The service could not complete the request.' },
  90055: { error: 'temporarily_unavailable', status: 429, text: 'The tenant is throttled, too many requests.' },
}

/** A refusal of the token endpoint, by its number. `detail` replaces the usual text. */
export class SignInRefusal extends Error {
  readonly number: number

  constructor(number: number, detail?: string) {
    super(detail ?? SIGN_IN_ERRORS[number]?.text ?? 'The request was refused.')
    this.name = 'SignInRefusal'
    this.number = number
  }
}

/** The body of an error, with all members that the sign-in gives. */
export function signInErrorBody(
  { number, message }: SignInRefusal,
  ids: { readonly traceId: string; readonly correlationId: string; readonly at: Date; readonly login: string },
): Readonly<Record<string, unknown>> {
  const timestamp = `${ids.at.toISOString().slice(0, 19).replace('T', ' ')}Z`
  const trail = `Trace ID: ${ids.traceId} Correlation ID: ${ids.correlationId} Timestamp: ${timestamp}`
  return {
    error: SIGN_IN_ERRORS[number]?.error ?? 'invalid_request',
    error_description: `AADSTS${number}: ${message} ${trail}`,
    error_codes: [number],
    timestamp,
    trace_id: ids.traceId,
    correlation_id: ids.correlationId,
    error_uri: `${ids.login}/error?code=${number}`,
  }
}

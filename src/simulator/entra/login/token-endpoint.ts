import type { SimulatedApplication, SimulatedTenant } from '../../trust/model.ts'
import type { Answer, WireRequest } from '../../wire/http.ts'
import { CLOUD_HOSTS, GRAPH_APP_ID } from '../clouds.ts'
import type { EntraSwitches } from '../switches.ts'
import { checkAssertion } from './assertion.ts'
import type { Codes } from './codes.ts'
import { SIGN_IN_ERRORS, SignInRefusal, signInErrorBody } from './sign-in-errors.ts'
import type { Tokens } from './tokens.ts'

/** What the token endpoint works with. */
export interface LoginOptions {
  readonly tenant: SimulatedTenant
  readonly tokens: Tokens
  readonly codes: Codes
  readonly switches: EntraSwitches
  /** `http://host:port` of this simulator. */
  readonly origin: () => string
  readonly now: () => Date
  readonly newId: () => string
}

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * Answers a request for a token by client credentials, or by a code that a person brought (Microsoft identity platform and the OAuth 2.0
 * client credentials flow; authorization code flow). `path` names the tenant by its id or one of its domains.
 */
export function answerTokenRequest(options: LoginOptions, request: WireRequest, tenantName: string): Answer {
  try {
    const form = formOf(request)
    requireTenant(options.tenant, tenantName)
    const application = applicationOf(options.tenant, form)
    checkGrant(form)
    checkCredential(options, form, application)
    if (form.get('grant_type') === 'authorization_code') return personAnswer(options, form, application)
    const { token, lifetimeSeconds } = options.tokens.issue(application, audienceOf(options, form))
    const life = { expires_in: lifetimeSeconds, ext_expires_in: lifetimeSeconds }
    return json(200, { token_type: 'Bearer', ...life, access_token: token })
  } catch (error) {
    if (error instanceof SignInRefusal) return signInRefused(options, error, request)
    throw error
  }
}

/** The delegated token is for nobody here: no interface of this simulator takes it. */
function personAnswer(options: LoginOptions, form: URLSearchParams, { clientId }: SimulatedApplication): Answer {
  const { tokens, codes, newId } = options
  const { person, nonce } = codes.redeem(clientId, form)
  const id_token = tokens.issueIdToken(clientId, person, nonce)
  return json(200, { token_type: 'Bearer', scope: 'openid profile', expires_in: 3599, access_token: newId(), id_token })
}

/** A refusal as the endpoint writes it. */
export function signInRefused(options: LoginOptions, refusal: SignInRefusal, request?: WireRequest): Answer {
  const { newId, now, switches, tenant } = options
  const asked = new URL(request?.target ?? '/', 'http://simulated').searchParams.get('client-request-id')
  const ids = { traceId: newId(), correlationId: asked ?? newId(), at: now(), login: CLOUD_HOSTS[tenant.cloud].login }
  const shape = SIGN_IN_ERRORS[refusal.number]
  const status = shape?.error === 'invalid_client' ? switches.invalidClientStatus : (shape?.status ?? 400)
  return json(status, signInErrorBody(refusal, ids))
}

/** The addresses of the token endpoint that an assertion may name, those of the cloud and our own. */
function audiencesOf({ tenant, origin }: Pick<LoginOptions, 'tenant' | 'origin'>): readonly string[] {
  const names = [tenant.tenantId, ...tenant.domains.map(({ name }) => name)]
  const hosts = [CLOUD_HOSTS[tenant.cloud].login, origin()]
  return hosts.flatMap((host) => names.flatMap((name) => [`${host}/${name}/oauth2/v2.0/token`, `${host}/${name}/v2.0`]))
}

function formOf(request: WireRequest): URLSearchParams {
  const type = request.headers['content-type'] ?? ''
  if (/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) return new URLSearchParams(request.body)
  throw new SignInRefusal(900144, "The request body must contain the following parameter: 'grant_type'.")
}

function requireTenant({ tenantId, domains }: SimulatedTenant, named: string): void {
  const known = [tenantId, ...domains.map(({ name }) => name)].map((name) => name.toLowerCase())
  if (known.includes(named.toLowerCase())) return
  throw new SignInRefusal(90002, `Tenant '${named}' not found. Check to make sure you have the correct tenant ID.`)
}

function applicationOf({ applications, displayName }: SimulatedTenant, form: URLSearchParams): SimulatedApplication {
  const clientId = form.get('client_id')
  if (clientId === null || clientId === '') {
    throw new SignInRefusal(900144, "The request body must contain the following parameter: 'client_id'.")
  }
  const found = applications.get(clientId.toLowerCase())
  if (found !== undefined) return found
  const detail = `Application with identifier '${clientId}' was not found in the directory '${displayName}'.`
  throw new SignInRefusal(700016, detail)
}

function checkGrant(form: URLSearchParams): void {
  const grant = form.get('grant_type') ?? ''
  if (grant !== 'client_credentials' && grant !== 'authorization_code') throw new SignInRefusal(70003)
  const claims = form.get('claims')
  if (claims === null) return
  try {
    JSON.parse(claims)
  } catch {
    throw new SignInRefusal(900144, "The parameter 'claims' is not JSON.")
  }
}

function checkCredential(options: LoginOptions, form: URLSearchParams, application: SimulatedApplication): void {
  const secret = form.get('client_secret')
  const assertion = form.get('client_assertion')
  const nowMs = options.now().getTime()
  if (secret !== null) {
    checkSecret(secret, application, nowMs)
    return
  }
  if (assertion === null || form.get('client_assertion_type') !== JWT_BEARER) throw new SignInRefusal(7000218)
  checkAssertion(assertion, { application, audiences: audiencesOf(options), nowMs })
}

function checkSecret(secret: string, { secrets, clientId }: SimulatedApplication, nowMs: number): void {
  const found = secrets.find(({ value }) => value === secret)
  if (found === undefined) {
    throw new SignInRefusal(
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
    )
  }
  if (Date.parse(found.endDateTime) <= nowMs) {
    throw new SignInRefusal(
      7000222,
      `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new keys for your app, or consider using certificate credentials.`,
    )
  }
}

/** The Graph of this cloud, or our own address of it; that of another cloud is a resource nobody knows here. */
function audienceOf({ tenant, origin }: LoginOptions, form: URLSearchParams): string {
  const scope = form.get('scope') ?? ''
  const resource = /^(\S+)\/\.default$/.exec(scope)?.[1]?.replace(/\/$/, '')
  if (resource === undefined) {
    throw new SignInRefusal(70011, `The provided value for the input parameter 'scope' is not valid: '${scope}'.`)
  }
  const known = [CLOUD_HOSTS[tenant.cloud].graph, `${origin()}/graph`, GRAPH_APP_ID]
  if (known.includes(resource)) return resource
  const detail = `The resource principal named ${resource} was not found in the tenant named ${tenant.displayName}.`
  throw new SignInRefusal(500011, detail)
}

function json(status: number, value: unknown): Answer {
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store, no-cache' }
  return { status, headers, body: JSON.stringify(value) }
}

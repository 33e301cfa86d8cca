// Where a browser is sent to sign in (Microsoft identity platform and OAuth 2.0 authorization code flow). Nobody types a password here: who
// signs in is the `login_hint`, or chosen on a page. What the product tells on a page of its own, because it must not send anybody to an
// address that is not registered, is told on a page here too.
import type { SimulatedApplication, SimulatedTenant, SimulatedUser } from '../../trust/model.ts'
import { type Answer, htmlAnswer } from '../../wire/http.ts'
import { SignInRefusal } from './sign-in-errors.ts'
import type { LoginOptions } from './token-endpoint.ts'

/** Not of the product: what the page's own link says. */
const CANCEL = 'simulated_cancel'

/** Answers with a redirect, or with a page. */
export function answerAuthorize(options: LoginOptions, target: string): Answer {
  const asked = new URL(target, 'http://simulated')
  const query = asked.searchParams
  try {
    const application = applicationOf(options.tenant, query)
    const back = redirectUriOf(application, query)
    const send = (result: Readonly<Record<string, string>>) => redirectTo(back, { ...result, ...stateOf(query) })
    if (query.get('response_type') !== 'code') return send({ error: 'unsupported_response_type' })
    if (query.has(CANCEL)) return send({ error: 'access_denied', error_description: 'AADSTS65004: User declined.' })
    const hint = query.get('login_hint')
    if (hint === null) return chooser(options.tenant, asked)
    const person = personOf(options.tenant, hint)
    const { clientId } = application
    const nonce = query.get('nonce') ?? undefined
    return send({
      code: options.codes.give({ clientId, redirectUri: back, person, nonce, challenge: challengeOf(query) }),
    })
  } catch (error) {
    if (!(error instanceof SignInRefusal)) throw error
    return htmlAnswer(
      400,
      `<!DOCTYPE html><title>Sign in</title><p>AADSTS${error.number}: ${escaped(error.message)}</p>`,
    )
  }
}

function applicationOf({ applications }: SimulatedTenant, query: URLSearchParams): SimulatedApplication {
  const found = applications.get((query.get('client_id') ?? '').toLowerCase())
  if (found === undefined) throw new SignInRefusal(700016)
  return found
}

/** Exactly as registered; on this machine the port does not matter (Microsoft, "Redirect URI restrictions and limitations"). */
function redirectUriOf({ redirectUris = [] }: SimulatedApplication, query: URLSearchParams): string {
  const asked = query.get('redirect_uri') ?? ''
  const isOneOf = redirectUris.some((known) => known === asked || (isLocal(known) && known === withoutPort(asked)))
  if (!isOneOf) throw new SignInRefusal(50011)
  return asked
}

function isLocal(address: string): boolean {
  return /^http:\/\/(localhost|127\.0\.0\.1)\//.test(address)
}

function withoutPort(address: string): string {
  return address.replace(/^(http:\/\/(?:localhost|127\.0\.0\.1)):\d{1,5}\//, '$1/')
}

function personOf({ users }: SimulatedTenant, hint: string): SimulatedUser {
  const found = users.get(hint.toLowerCase())
  if (found === undefined) throw new SignInRefusal(50034)
  return found
}

function challengeOf(query: URLSearchParams): string | undefined {
  const challenge = query.get('code_challenge')
  if (challenge === null) return undefined
  if (query.get('code_challenge_method') === 'S256') return challenge
  throw new SignInRefusal(900144, "Only 'S256' is supported here for 'code_challenge_method'.")
}

function stateOf(query: URLSearchParams): Readonly<Record<string, string>> {
  const state = query.get('state')
  return state === null ? {} : { state }
}

function redirectTo(back: string, result: Readonly<Record<string, string>>): Answer {
  const address = new URL(back)
  for (const [name, value] of Object.entries(result)) address.searchParams.set(name, value)
  return { status: 302, headers: { Location: address.href }, body: '' }
}

function chooser({ users, displayName }: SimulatedTenant, asked: URL): Answer {
  const link = (name: string, value: string, text: string) => {
    const address = new URL(asked)
    address.searchParams.set(name, value)
    return `<li><a href="${escaped(address.pathname + address.search)}">${escaped(text)}</a></li>`
  }
  const people = [...users.values()].slice(0, 20).map(({ userPrincipalName: name, appRoles = [] }) => {
    return link('login_hint', name, appRoles.length > 0 ? `${name} (${appRoles.join(', ')})` : name)
  })
  const items = [...people, link(CANCEL, '1', 'Cancel')].join('')
  return htmlAnswer(
    200,
    `<!DOCTYPE html><title>Sign in to ${escaped(displayName)}</title><h1>Pick an account</h1><ul>${items}</ul>`,
  )
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

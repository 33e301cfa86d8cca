// Who may come in. Three questions, in this order: is the request meant for us (Host, Origin), who asks (token, session), and may they see
// this. On loopback without token and sign-in whoever is on this machine is a Reader; then only the Host keeps out a web page of somebody
// else that gave its own name our address (DNS rebinding).
import type { FastifyRequest } from 'fastify'
import { isLoopback } from '../../spec/configuration/loopback.ts'
import { cookieOf } from './cookies.ts'
import { HttpError, type Route, type Viewer } from './route.ts'
import { isSameText, type SharedSecret } from './secret-proof.ts'
import type { Sessions } from './sessions.ts'

/** The cookie of a session. */
export const SESSION_COOKIE = 'mailkeel-session'

/** What the gate goes by. Without token and sessions everybody is a Reader. */
export interface GateRules {
  readonly address: string
  readonly publicUrl?: string
  /** Whether people come by https. */
  readonly isSecure: boolean
  readonly token?: SharedSecret
  readonly sessions?: Sessions
}

/** Lets requests in. */
export interface Gate {
  readonly isOpen: boolean
  /** Throws HttpError 421 or 403 where a request is not meant for us, or made by a page of somebody else. */
  checkPlace(request: FastifyRequest, route: Pick<Route, 'method' | 'access'> | undefined): void
  /** Who asks; undefined where that is nobody we know. */
  viewerOf(request: FastifyRequest): Promise<Viewer | undefined>
}

/** Creates the gate of a server. */
export function createGate(rules: GateRules): Gate {
  const { token, sessions, isSecure } = rules
  const isOpen = token === undefined && sessions === undefined
  const isOurHost = hostRule(rules)
  return {
    isOpen,
    checkPlace(request, route) {
      if (!isOurHost(request.headers.host)) {
        throw new HttpError(421, 'WrongHost', 'this is not the address of this server; see `listener.publicUrl`')
      }
      if (route?.access !== 'Webhook') checkOrigin(request, rules)
    },
    async viewerOf(request) {
      if (isOpen) return { role: 'Reader' }
      const session = cookieOf(request.headers.cookie, SESSION_COOKIE, isSecure)
      const known = session === undefined ? undefined : sessions?.viewerOf(session)
      if (known) return known
      const given = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1]
      if (given === undefined || token === undefined) return undefined
      return isSameText(given, await token.current()) ? { role: 'Reader' } : undefined
    },
  }
}

/** Throws HttpError 401 or 403 where the viewer may not ask the route. */
export function checkRole(route: Pick<Route, 'access'>, viewer: Viewer | undefined): void {
  if (route.access === 'Public' || route.access === 'Webhook') return
  if (!viewer)
    throw new HttpError(401, 'SignInNeeded', 'sign in, or send the token of `listener.token` as bearer token')
  if (route.access === 'Reader' && viewer.role !== 'Reader') {
    throw new HttpError(
      403,
      'ReaderNeeded',
      'your role sees the overview only; an administrator can give you the role Reader',
    )
  }
}

/** On loopback the name decides and not the port: a tunnel may end at another. Elsewhere token and sign-in decide. */
function hostRule({ address, publicUrl }: GateRules): (host: string | undefined) => boolean {
  if (!isLoopback(address)) return (host) => host !== undefined
  const publicName = publicUrl === undefined ? undefined : new URL(publicUrl).hostname
  return (host) => {
    const name = host === undefined ? undefined : URL.parse(`http://${host}`)?.hostname
    return name !== undefined && (isLoopback(name) || name === publicName)
  }
}

/**
 * A page of somebody else may make a browser send what it likes; it cannot change these two headers (Fetch, "Origin header"; Fetch Metadata).
 * With our own referrer policy browsers write `null` into Origin when a form is sent, so the second header counts first.
 */
function checkOrigin({ method, headers }: FastifyRequest, { publicUrl }: GateRules): void {
  const site = headers['sec-fetch-site']
  const isSafe = method === 'GET' || method === 'HEAD'
  if (site === 'same-origin') return
  const { origin } = headers
  if (origin === undefined && isSafe) return
  if (site === undefined && origin !== undefined) {
    const from = URL.parse(origin)
    if (from && (from.host === headers.host?.toLowerCase() || from.origin === originOf(publicUrl))) return
  }
  throw new HttpError(403, 'WrongOrigin', 'another web page made this request; mailkeel answers its own page only')
}

function originOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).origin
}

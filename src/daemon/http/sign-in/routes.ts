// How people come in: with Microsoft Entra ID, or by typing the token once. Either way a session in memory and a cookie come of it.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { newSignInAttempt, type PeopleSignIn, type Person } from '../../../entra/index.ts'
import type { Machine } from '../../../machine.ts'
import { toldError } from '../answers.ts'
import { cookieOf, setCookie } from '../cookies.ts'
import { SESSION_COOKIE } from '../gate.ts'
import type { ListenerLog } from '../log.ts'
import type { Route, Viewer } from '../route.ts'
import { isSameText, type SharedSecret } from '../secret-proof.ts'
import type { Sessions } from '../sessions.ts'
import { SIGN_IN_CSS, SIGN_IN_SCRIPT, signInHtml } from './page.ts'
import { createSeal, localPath, type Seal } from './sealed.ts'

/** The sign-in with Entra ID. */
export interface EntraDoor {
  readonly signIn: PeopleSignIn
  /** What an app role may see. */
  readonly roles: Readonly<Record<string, Viewer['role']>>
  /** `https://mailkeel.contoso.com`: where the browser must be when it leaves, because it comes back there. */
  readonly origin: () => string
}

/** What the routes work with. At least one of `token` and `entra` is there. */
export interface SignInOptions {
  readonly sessions: Sessions
  readonly token?: SharedSecret
  readonly entra?: EntraDoor
  readonly isSecure: boolean
  readonly machine: Pick<Machine, 'now' | 'newId'>
  readonly log: ListenerLog
}

const ATTEMPT_COOKIE = 'mailkeel-signing-in'
const ATTEMPT_MS = 10 * 60_000

/** The routes of the sign-in and the sign-out. */
export function signInRoutes(options: SignInOptions): readonly Route[] {
  const { entra, token } = options
  return [
    page('GET', '/sign-in', 'The page on which people sign in.', (request, reply) => {
      return showPage(options, reply, { to: queryOf(request)['to'] })
    }),
    page('GET', '/sign-in.css', 'The style of that page.', (_request, reply) => {
      return reply.type('text/css; charset=utf-8').header('cache-control', 'public, max-age=3600').send(SIGN_IN_CSS)
    }),
    page('GET', '/sign-in.js', 'Takes the place in the page along.', (_request, reply) => {
      return reply
        .type('text/javascript; charset=utf-8')
        .header('cache-control', 'public, max-age=3600')
        .send(SIGN_IN_SCRIPT)
    }),
    page('POST', '/sign-out', 'Ends the session.', (request, reply) => signOut(options, request, reply)),
    ...(token ? [tokenRoute(options, token)] : []),
    ...(entra ? entraRoutes(options, entra) : []),
  ]
}

function page(method: Route['method'], url: string, summary: string, handle: Route['handle']): Route {
  return { method, url, access: 'Public', summary, handle }
}

function signOut({ sessions, isSecure }: SignInOptions, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const session = cookieOf(request.headers.cookie, SESSION_COOKIE, isSecure)
  if (session !== undefined) sessions.end(session)
  return goTo(reply, '/sign-in', setCookie({ name: SESSION_COOKIE, value: '', maxAgeSeconds: 0, isSecure }))
}

function tokenRoute(options: SignInOptions, token: SharedSecret): Route {
  return page('POST', '/sign-in', 'Signs in with the token.', async (request, reply) => {
    const form = new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '')
    const to = form.get('to')
    if (isSameText(form.get('token') ?? '', await token.current())) {
      return welcome(options, reply, { role: 'Reader' }, localPath(to))
    }
    return showPage(options, reply, {
      status: 401,
      to,
      message: 'This is not the token. An administrator has it: `listener.token`.',
    })
  })
}

function entraRoutes(options: SignInOptions, entra: EntraDoor): readonly Route[] {
  const seal = createSeal()
  return [
    page('GET', '/sign-in/entra', 'Sends the browser to Microsoft Entra ID.', (request, reply) =>
      leave(options, entra, seal, request, reply),
    ),
    page('GET', '/sign-in/callback', 'Where the browser comes back from Microsoft Entra ID.', (request, reply) =>
      comeBack(options, entra, seal, request, reply),
    ),
  ]
}

async function leave(
  { isSecure, machine }: SignInOptions,
  { signIn, origin }: EntraDoor,
  seal: Seal,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const to = localPath(queryOf(request)['to'])
  const { host } = new URL(origin())
  // The cookie of one name is not sent to another: the browser leaves from where it will come back to.
  if (request.headers.host?.toLowerCase() !== host && queryOf(request)['moved'] === undefined) {
    return reply.redirect(`${origin()}/sign-in/entra?moved=1&to=${encodeURIComponent(to)}`, 302)
  }
  const attempt = newSignInAttempt()
  const address = await signIn.address(attempt)
  const value = seal.close({ attempt, to, atMs: machine.now().getTime() })
  const cookie = setCookie({ name: ATTEMPT_COOKIE, value, maxAgeSeconds: ATTEMPT_MS / 1000, isSecure })
  return reply.header('set-cookie', cookie).redirect(address, 302)
}

async function comeBack(
  options: SignInOptions,
  { signIn, roles }: EntraDoor,
  seal: Seal,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { isSecure, machine, log } = options
  const { code, state } = queryOf(request)
  const sealed = cookieOf(request.headers.cookie, ATTEMPT_COOKIE, isSecure)
  const open = sealed === undefined ? undefined : seal.open(sealed)
  // An attempt is good once, whatever comes of it.
  reply.header('set-cookie', setCookie({ name: ATTEMPT_COOKIE, value: '', maxAgeSeconds: 0, isSecure }))
  const refuse = (status: number, message: string) => showPage(options, reply, { status, to: open?.to, message })
  const isOurs = open !== undefined && typeof state === 'string' && isSameText(state, open.attempt.state)
  if (!isOurs || machine.now().getTime() - open.atMs > ATTEMPT_MS) {
    return refuse(400, 'This sign-in was not begun here, or too long ago. Begin again.')
  }
  if (typeof code !== 'string' || code === '') return refuse(401, 'The sign-in was cancelled or refused. Try again.')
  const person = await signIn.person(code, open.attempt).catch((error: unknown) => {
    const id = machine.newId()
    log.error({ id, ...toldError(error) }, 'a person could not be signed in')
    return id
  })
  if (typeof person === 'string')
    return refuse(401, `The sign-in did not succeed; the log of mailkeel has why as ${person}.`)
  const role = roleOf(person, roles)
  if (role) return welcome(options, reply, { role, name: person.name }, open.to)
  const message = `${person.name} has no role here. An administrator assigns one in Entra ID: Enterprise applications > Users and groups.`
  return refuse(403, message)
}

/** The widest of the roles that a person has. */
function roleOf({ roles }: Person, known: EntraDoor['roles']): Viewer['role'] | undefined {
  const found = roles.flatMap((role) => (Object.hasOwn(known, role) ? [known[role]] : []))
  return found.find((role) => role === 'Reader') ?? found[0]
}

function welcome({ sessions, isSecure }: SignInOptions, reply: FastifyReply, viewer: Viewer, to: string): FastifyReply {
  const value = sessions.begin(viewer)
  return goTo(reply, to, setCookie({ name: SESSION_COOKIE, value, maxAgeSeconds: sessions.maxAgeSeconds, isSecure }))
}

function goTo(reply: FastifyReply, path: string, cookie: string): FastifyReply {
  return reply.header('set-cookie', cookie).redirect(path, 303)
}

function showPage(
  { token, entra }: SignInOptions,
  reply: FastifyReply,
  { status = 200, to, message }: { status?: number; to?: unknown; message?: string },
): FastifyReply {
  const offers = { byEntra: entra !== undefined, byToken: token !== undefined, to: localPath(to) }
  return (
    reply
      .code(status)
      .type('text/html; charset=utf-8')
      // With no referrer at all a browser would not say either that the form comes from this page.
      .header('referrer-policy', 'same-origin')
      .send(signInHtml({ ...offers, ...(message !== undefined && { message }) }))
  )
}

function queryOf(request: FastifyRequest): Readonly<Record<string, unknown>> {
  return request.query as Readonly<Record<string, unknown>>
}

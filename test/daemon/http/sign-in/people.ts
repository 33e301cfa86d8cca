// A simulated tenant with people of different roles, and a browser that signs in to it.
import { type RunningEntra, SEEDED_CLIENTS, seedTenant, startEntra } from '../../../../src/simulator/entra/index.ts'
import { type Answered, ask, cookiesOf, NOW, type Running } from '../harness.ts'

export const PEOPLE = {
  'olga@contoso.com': ['Mailkeel.Overview'],
  'rita@contoso.com': ['Other.Role', 'Mailkeel.Overview', 'Mailkeel.Reader'],
  'nora@contoso.com': [],
} as const

/** Where people sign in: a listener in this process, or in another. */
export interface Door {
  readonly listener: Pick<Running['listener'], 'port'>
  readonly ask: Running['ask']
}

/** Starts the tenant. */
export function startPeople(now = () => NOW): Promise<RunningEntra> {
  const addresses = Object.keys(PEOPLE)
  const tenant = seedTenant({ now: now(), addresses, appRoles: PEOPLE, secret: 'simulator-secret' })
  return startEntra({ tenant, now })
}

/** Sections of a configuration that sign people in there. The secret is read from `APP_SECRET`. */
export function entraSections({ tenant, loginUrl }: RunningEntra) {
  const identities = {
    simulator: { type: 'None' },
    page: { type: 'Entra', clientId: SEEDED_CLIENTS.people, clientSecret: { env: 'APP_SECRET' } },
  }
  const signIn = {
    tenantId: tenant.tenantId,
    identity: 'page',
    endpoint: loginUrl,
    roles: { 'Mailkeel.Overview': 'Overview', 'Mailkeel.Reader': 'Reader' },
  }
  return { identities, signIn }
}

/** How far a browser came. */
export interface Journey {
  /** Where Entra ID sent it. */
  readonly back: URL
  /** The cookies that it had then. */
  readonly cookies: string
  readonly host: string
}

/** Goes to sign in and picks somebody; does not come back yet. */
export async function pick(place: Door, address: string, to = '/', extra = ''): Promise<Journey> {
  const host = `localhost:${place.listener.port}`
  const left = await place.ask(`/sign-in/entra?to=${encodeURIComponent(to)}`, { headers: { host } })
  const picked = await ask(`${left.headers.location}&login_hint=${encodeURIComponent(address)}${extra}`)
  return { back: new URL(picked.headers.location ?? ''), cookies: cookiesOf(left), host }
}

/** Comes back from there. */
export function comeBack(place: Door, { back, cookies, host }: Journey): Promise<Answered> {
  return place.ask(back.pathname + back.search, { headers: { host, cookie: cookies } })
}

/** The cookie of somebody who signed in. */
export async function roleSession(place: Door, address: string): Promise<string> {
  return cookiesOf(await comeBack(place, await pick(place, address)))
}

// Who calls. A deployment has one way to sign in, for all its organizations: none, known tokens, Windows, or AD FS.
import type { Caller } from '../../world.ts'
import type { Answer, WireRequest } from '../http.ts'
import type { Service } from '../service/call.ts'
import { type Accounts, createAccounts } from './accounts.ts'
import { type AdfsOptions, createAdfs } from './adfs.ts'
import { bearerChallenge } from './challenges.ts'
import { createWindows } from './windows.ts'

/** How callers sign in: not at all, with the tokens the world knows, as Windows users over NTLM, or with tokens of AD FS. */
export type Authentication = 'none' | 'bearer' | 'windows' | 'adfs'

/** A caller, or the answer that a request gets instead. */
export type Admission = { readonly caller: Caller } | { readonly answer: Answer }

/** One way to sign in. */
export interface SignIn {
  /** Tells the caller. `connection` is the same object for requests that come over the same connection. */
  admit(service: Service, request: WireRequest, origin: string, connection: object): Admission
  /** Answers what belongs to signing in and to no organization; undefined for everything else. */
  page?(request: WireRequest, origin: string): Answer | undefined
  /** Whether this request is part of a handshake or asks for a token; faults tell it from others. */
  isSignIn?(request: WireRequest): boolean
}

/** What ways to sign in are made of. */
export interface SignInOptions {
  readonly authentication: Authentication
  readonly adfs: AdfsOptions
  readonly accounts: Accounts
  readonly now: () => Date
  /** Fresh identifiers, from the simulator's seed. */
  readonly newId: () => string
}

export { type Accounts, type AdfsOptions, createAccounts }

/** The way to sign in that the options name. */
export function createSignIn(options: SignInOptions): SignIn {
  switch (options.authentication) {
    case 'none':
      return { admit: (service, request) => admitToken(service, request) ?? { caller: administrator(service) } }
    case 'bearer':
      return {
        admit: (service, request, origin) =>
          admitToken(service, request) ?? {
            answer: bearerChallenge(origin, request.headers['authorization'] !== undefined),
          },
      }
    case 'windows':
      return createWindows(options)
    case 'adfs':
      return createAdfs(options)
  }
}

function admitToken(service: Service, request: WireRequest): Admission | undefined {
  const caller = service.callers(request.headers['authorization'])
  return caller && { caller }
}

function administrator(service: Service): Caller {
  const caller = service.callers('Bearer simulator-admin')
  if (caller === undefined) throw new Error('the organization knows no administrator')
  return caller
}

// An organization behind AD FS: the challenge of CRM, the token endpoint, and the sign-in page that is shown where OAuth is not enabled.
// Grants and messages as reported for AD FS 2016 and 2019 in public samples and issues (DataverseServiceClient and its on-premises samples).
import { htmlPage } from '../faults/pages.ts'
import type { Answer, WireRequest } from '../http.ts'
import { splitTarget } from '../query/options.ts'
import { bearerChallenge } from './challenges.ts'
import type { SignIn, SignInOptions } from './sign-in.ts'
import { createTokenEndpoint } from './token-endpoint.ts'

/** How the simulated AD FS behaves. */
export interface AdfsOptions {
  /** 2016 gives tokens for a password to confidential clients only; default 2016. */
  readonly version?: '2016' | '2019'
  /** OAuth is enabled in CRM; default true. Where it is not, CRM shows the sign-in page. */
  readonly oauth?: boolean
  /** Where OAuth is off: the page itself, or a redirect to it; default 'page'. */
  readonly signIn?: 'page' | 'redirect'
  /** Life of a token in simulated time; default one hour. */
  readonly tokenLifetimeMs?: number
  /** Whether refresh tokens are given; default false, as details are not documented. */
  readonly refreshTokens?: boolean
}

const AUTHORITY = '/adfs/'
const TOKEN = '/adfs/oauth2/token'

/** Signs in with tokens of AD FS. */
export function createAdfs(options: SignInOptions): SignIn {
  const { adfs } = options
  const endpoint = createTokenEndpoint(options)

  function refused(origin: string, token: string | undefined): Answer {
    if (adfs.oauth !== false) return bearerChallenge(origin, token !== undefined, origin)
    if (adfs.signIn !== 'redirect') return htmlPage('sign-in')
    const location = `${origin}/adfs/ls/?wa=wsignin1.0&wtrealm=${encodeURIComponent(`${origin}/`)}`
    return { status: 302, headers: { Location: location, 'Content-Type': 'text/html; charset=utf-8' }, body: '' }
  }

  return {
    admit(service, request, origin) {
      const token = /^Bearer +(\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1]
      const user = token === undefined || adfs.oauth === false ? undefined : endpoint.userOf(token, `${origin}/`)
      const caller = user === undefined ? undefined : service.callers(`Bearer ${user}`)
      return caller === undefined ? { answer: refused(origin, token) } : { caller }
    },
    page(request, origin) {
      const { path } = splitTarget(request.target)
      if (!path.startsWith(AUTHORITY)) return undefined
      if (path !== TOKEN) return htmlPage('sign-in')
      return endpoint.answer(request, origin)
    },
    isSignIn: (request: WireRequest) => request.target.startsWith(TOKEN),
  }
}

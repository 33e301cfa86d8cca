// Windows authentication as IIS does it: the handshake authenticates the connection, not the request (Microsoft: authenticate with the Web
// API). Whoever is signed in stays so until the connection ends or the password changes.
import type { Answer, WireRequest } from '../http.ts'
import type { Service } from '../service/call.ts'
import { handshakeAnswer, windowsChallenge } from './challenges.ts'
import { challengeMessage, messageType, proofOf, provesPassword } from './ntlm.ts'
import type { Admission, SignIn, SignInOptions } from './sign-in.ts'

interface Session {
  readonly user: string
  readonly generation: number
}

interface Pending {
  readonly scheme: string
  readonly negotiate: Buffer
  readonly challenge: Buffer
  readonly serverChallenge: Buffer
}

const NEGOTIATE = 1
const AUTHENTICATE = 3

/** Signs in domain accounts over NTLM, plain or under the name Negotiate. */
export function createWindows({ accounts, now, newId }: SignInOptions): SignIn {
  const sessions = new WeakMap<object, Session>()
  const pending = new WeakMap<object, Pending>()

  function challenged(connection: object, scheme: string, negotiate: Buffer): Answer {
    const serverChallenge = Buffer.from(newId().replaceAll('-', '').slice(0, 16), 'hex')
    const challenge = challengeMessage(accounts.domain, serverChallenge, now())
    pending.set(connection, { scheme, negotiate, challenge, serverChallenge })
    return handshakeAnswer(scheme, challenge)
  }
  function userProvedBy(connection: object, scheme: string, authenticate: Buffer): string | undefined {
    const begun = pending.get(connection)
    pending.delete(connection)
    const proof = proofOf(authenticate)
    if (begun?.scheme !== scheme || proof === undefined) return undefined
    const user = accounts.userOf(proof.domain === '' ? proof.user : `${proof.domain}\\${proof.user}`)
    const password = user === undefined ? undefined : accounts.passwordOf(user)
    if (password === undefined) return undefined
    return provesPassword({ ...begun, authenticate }, proof, password) ? user : undefined
  }
  function signedIn(service: Service, connection: object): Admission {
    const session = sessions.get(connection)
    const isFresh = session !== undefined && session.generation === accounts.generationOf(session.user)
    const caller = isFresh ? service.callers(`Bearer ${session.user}`) : undefined
    return caller === undefined ? { answer: windowsChallenge() } : { caller }
  }

  return {
    admit(service, request, _origin, connection) {
      const sent = messageIn(request)
      if (sent === undefined) return signedIn(service, connection)
      sessions.delete(connection)
      const type = messageType(sent.bytes)
      if (type === NEGOTIATE) return { answer: challenged(connection, sent.scheme, sent.bytes) }
      const user = type === AUTHENTICATE ? userProvedBy(connection, sent.scheme, sent.bytes) : undefined
      if (user === undefined) return { answer: windowsChallenge() }
      sessions.set(connection, { user, generation: accounts.generationOf(user) })
      return signedIn(service, connection)
    },
    isSignIn: (request) => messageIn(request) !== undefined,
  }
}

function messageIn(request: WireRequest): { readonly scheme: string; readonly bytes: Buffer } | undefined {
  const [, scheme, token] = /^(NTLM|Negotiate) +([A-Za-z0-9+/]+=*)$/i.exec(request.headers['authorization'] ?? '') ?? []
  if (scheme === undefined || token === undefined) return undefined
  return { scheme: scheme.toLowerCase() === 'ntlm' ? 'NTLM' : 'Negotiate', bytes: Buffer.from(token, 'base64') }
}

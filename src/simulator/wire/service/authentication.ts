import type { Caller } from '../../world.ts'
import { type Answer, textAnswer, type WireRequest } from '../http.ts'
import type { Service } from './call.ts'

/** Who may call: anyone as the administrator ('none'), or the bearer of a known token. */
export type Authentication = 'bearer' | 'none'

/** The caller of a request, or undefined where it must be refused with `challenge`. */
export function callerOf(service: Service, authentication: Authentication, request: WireRequest): Caller | undefined {
  const known = service.callers(request.headers['authorization'])
  return known ?? (authentication === 'none' ? service.callers(ADMINISTRATOR) : undefined)
}

/**
 * 401 as an organization behind AD FS gives it: a Bearer challenge with unquoted values beside Negotiate and NTLM, and a body that is
 * not JSON (reported in microsoft/PowerPlatform-DataverseServiceClient issues). `invalid` says that a token came and did not hold.
 */
export function challenge(origin: string, invalid: boolean): Answer {
  const bearer = `Bearer authorization_uri=${AUTHORIZATION_URI}, resource_id=${origin}/`
  const reason = ', error=invalid_token, error_description=The token is expired or not valid'
  return textAnswer(401, 'HTTP Error 401 - Unauthorized: Access is denied', {
    Server: 'Microsoft-IIS/10.0',
    'WWW-Authenticate': [invalid ? bearer + reason : bearer, 'Negotiate', 'NTLM'],
  })
}

const ADMINISTRATOR = 'Bearer simulator-admin'
const AUTHORIZATION_URI = 'https://adfs.contoso.example/adfs/oauth2/authorize'

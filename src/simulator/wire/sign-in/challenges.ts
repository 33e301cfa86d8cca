import { type Answer, textAnswer } from '../http.ts'

const DENIED = 'HTTP Error 401 - Unauthorized: Access is denied'
const SERVER = 'Microsoft-IIS/10.0'

/**
 * 401 as an organization behind AD FS gives it: a Bearer challenge with unquoted values beside Negotiate and NTLM, and a body that is
 * not JSON (reported in microsoft/PowerPlatform-DataverseServiceClient issues). `invalid` says that a token came and did not hold.
 */
export function bearerChallenge(origin: string, invalid: boolean, authority = DEFAULT_AUTHORITY): Answer {
  const bearer = `Bearer authorization_uri=${authority}/adfs/oauth2/authorize, resource_id=${origin}/`
  const reason = ', error=invalid_token, error_description=The token is expired or not valid'
  return textAnswer(401, DENIED, {
    Server: SERVER,
    'WWW-Authenticate': [invalid ? bearer + reason : bearer, 'Negotiate', 'NTLM'],
  })
}

/** 401 as IIS gives it with Windows authentication: both schemes, and a body that is not JSON. */
export function windowsChallenge(): Answer {
  return textAnswer(401, DENIED, { Server: SERVER, 'WWW-Authenticate': ['Negotiate', 'NTLM'] })
}

/** 401 with the server's message of a handshake. */
export function handshakeAnswer(scheme: string, message: Buffer): Answer {
  const challenge = `${scheme} ${message.toString('base64')}`
  return textAnswer(401, DENIED, { Server: SERVER, 'WWW-Authenticate': challenge })
}

const DEFAULT_AUTHORITY = 'https://adfs.contoso.example'

import type { HttpResponse } from '../../network/http.ts'

type Headers = HttpResponse['headers']

/** Headers every request carries (Microsoft, Web API: compose HTTP requests). */
export const COMMON_HEADERS = {
  Accept: 'application/json',
  'OData-MaxVersion': '4.0',
  'OData-Version': '4.0',
} as const

/** Headers of a request with a JSON body. */
export const JSON_HEADERS = { 'Content-Type': 'application/json' } as const

/** Which annotation tells what kind of row a lookup points at. Formatted values are localized and never asked for. */
export const LOOKUP_ANNOTATION = 'Microsoft.Dynamics.CRM.lookuplogicalname'

/** The first value of a header, undefined where there is none. */
export function headerOf(headers: Headers, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}

/** All values of a header that may come more than once, such as `www-authenticate`. */
export function headersOf(headers: Headers, name: string): readonly string[] {
  const value = headers[name]
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

/** The authentication schemes a 401 offers, and what a Bearer challenge says. */
export interface Challenges {
  readonly schemes: readonly string[]
  readonly bearer?: { readonly authorizationUri?: string; readonly resourceId?: string }
}

const SCHEME = /(?:^|,)\s*(Negotiate|NTLM|Bearer|Basic|Digest)\b/gi

/**
 * Reads the `WWW-Authenticate` headers. On-premises there are several, and the values of the Bearer challenge stand there unquoted
 * (DataverseServiceClientOnPremSamples, README).
 */
export function readChallenges(headers: Headers): Challenges {
  const values = headersOf(headers, 'www-authenticate')
  const schemes = values.flatMap((value) => [...value.matchAll(SCHEME)].map((match) => match[1] ?? ''))
  const bearer = values.find((value) => /(?:^|,)\s*Bearer\b/i.test(value))
  if (bearer === undefined) return { schemes }
  const authorizationUri = parameterOf(bearer, 'authorization_uri')
  const resourceId = parameterOf(bearer, 'resource_id')
  return {
    schemes,
    bearer: { ...(authorizationUri && { authorizationUri }), ...(resourceId && { resourceId }) },
  }
}

function parameterOf(challenge: string, name: string): string | undefined {
  const found = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|([^\\s,"]+))`, 'i').exec(challenge)
  return found?.[1] ?? found?.[2]
}

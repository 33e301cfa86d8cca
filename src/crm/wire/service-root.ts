import { CrmError } from '../organization.ts'

/** Where the Web API of one organization begins. Paths of requests are relative to `apiPath` plus a version segment. */
export interface ServiceRoot {
  /** For example `https://crm.contoso.com`. */
  readonly origin: string
  /** Host and port, for messages. */
  readonly host: string
  /** With slashes at both ends, for example `/ContosoSales/api/data/`. */
  readonly apiPath: string
  /** The version the URL itself names, for example `v9.0`. */
  readonly segment: string | undefined
}

const API_SUFFIX = /\/api\/data(?:\/(v\d+\.\d+))?$/i
const LOOPBACK_V4 = /^127(?:\.\d{1,3}){3}$/

/**
 * Reads the URL of an organization as people write it: with or without a slash at the end, with or without `/api/data/v9.1`.
 * On-premises it ends with the organization's name, behind AD FS the host is the organization (Microsoft, Web API: compose HTTP
 * requests). Throws CrmError `Invalid` for anything that is not a plain http or https URL.
 */
export function parseServiceRoot(baseUrl: string): ServiceRoot {
  const url = URL.parse(baseUrl)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new CrmError('Invalid', 'the URL of the organization is not an http or https URL')
  }
  if (url.username || url.password) {
    throw new CrmError(
      'Invalid',
      'the URL of the organization holds credentials; configure them as an identity instead',
    )
  }
  if (url.search || url.hash) {
    throw new CrmError(
      'Invalid',
      `the URL of the organization at ${url.host} has a query; it ends with the organization's name`,
    )
  }
  const path = url.pathname.replace(/\/+$/, '')
  const suffix = API_SUFFIX.exec(path)
  const organizationPath = suffix ? path.slice(0, suffix.index) : path
  return {
    origin: url.origin,
    host: url.host,
    apiPath: `${organizationPath}/api/data/`,
    segment: suffix?.[1]?.toLowerCase(),
  }
}

/** Whether the URL's host is this machine: 127.0.0.0/8, ::1 or localhost. */
export function isLoopback(baseUrl: string): boolean {
  const url = URL.parse(baseUrl)
  if (!url) return false
  return url.hostname === 'localhost' || url.hostname === '[::1]' || LOOPBACK_V4.test(url.hostname)
}

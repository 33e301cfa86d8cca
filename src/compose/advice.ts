import { identityFor, organizationEndpoint, type RuntimeConfiguration } from '../spec/configuration/load.ts'

const SIGN_IN: ReadonlySet<string> = new Set(['Unauthenticated', 'Forbidden'])
const LATER: ReadonlySet<string> = new Set(['Unavailable', 'Throttled', 'Incomplete'])
const CONNECTION: ReadonlySet<string> = new Set(['Unreachable', 'TimedOut', 'NotUnderstood'])

/** What in the runtime configuration to look at where an organization could not be read, by the code of the failure. */
export function adviceOn(configuration: RuntimeConfiguration) {
  return (organization: string, code: string): string | undefined => {
    const endpoint = organizationEndpoint(configuration, organization)
    if (endpoint === undefined) return undefined
    if (CONNECTION.has(code)) {
      return `Check \`organizations.${organization}.url\` (${endpoint.url}) and \`network\` in ${configuration.file}.`
    }
    if (LATER.has(code)) return `Try again in a while; whether CRM answers at all, ${endpoint.url} tells in a browser.`
    if (!SIGN_IN.has(code)) return undefined
    const { reading } = endpoint
    const secret = secretInWords(identityFor(configuration, endpoint, 'reading')?.token)
    return `Check \`identities.${reading}\`${secret} in ${configuration.file}, and what that account may read.`
  }
}

/** Where a secret is kept; never what it is. */
function secretInWords(token: object | undefined): string {
  const [place, name] = Object.entries(token ?? {}).find(([, value]) => typeof value === 'string') ?? []
  return place === undefined ? '' : ` (token from ${place} ${name})`
}

import type { EmailServerProfile } from '../generated/types.ts'

type Fields = EmailServerProfile['spec']

/**
 * What is wrong with the location of a server, or undefined. Exchange is reached at an address, POP3 and SMTP at a host. CRM goes where a
 * profile says, so no profile may send it to a metadata service, which hands out credentials to whoever asks.
 */
export function locationFault(fields: Fields, direction: 'incoming' | 'outgoing'): string | undefined {
  const field = `${direction}ServerLocation` as const
  const location = fields[field]
  if (location === undefined) return undefined
  if (fields.serverType === 'Pop3Smtp') {
    if (!/^[A-Za-z0-9.-]+$/.test(location)) {
      return `${field} of a POP3 or SMTP server is a host name, such as mail.contoso.com`
    }
    return metadataFault(field, hostOf(`http://${location}`))
  }
  const url = URL.canParse(location) ? new URL(location) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    return `${field} of Exchange is an address, such as https://mail.contoso.com/EWS/Exchange.asmx`
  }
  if (url.username !== '' || url.password !== '') return `${field} must not hold a user name or password`
  if (url.protocol === 'http:' && fields[`${direction}UseSsl`] !== false) {
    return `${field} is not encrypted; write https://, or say \`${direction}UseSsl: false\` too`
  }
  return metadataFault(field, url.hostname)
}

/** The host of an address as URL writes it: numbers in their usual form. Empty where it is none. */
function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).hostname : ''
}

const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
])
/** Link-local addresses, those of clouds outside of that range, and IPv4 inside IPv6 (a9fe is 169.254). */
const METADATA_ADDRESSES =
  /^(?:169\.254\.|100\.100\.100\.200$|168\.63\.129\.16$|192\.0\.0\.192$|\[fe[89ab]|\[fd00:ec2::254\]|\[fd20:ce::254\]|\[(?:::ffff:|::|64:ff9b::)a9fe:)/

function metadataFault(field: string, hostname: string): string | undefined {
  const host = hostname.replace(/\.$/, '')
  if (!METADATA_NAMES.has(host) && !METADATA_ADDRESSES.test(host)) return undefined
  return `${field} is link-local or a metadata service of a cloud, where no mail server is; write its own name`
}

// Which hosts may be spoken to. The allow-list is the rule; the refused addresses hold even where a name on the list resolves to one,
// because what answers there (cloud metadata) hands out credentials to whoever is made to ask.
import { BlockList, isIP } from 'node:net'

const REFUSED = new BlockList()
REFUSED.addSubnet('169.254.0.0', 16, 'ipv4')
REFUSED.addAddress('100.100.100.200', 'ipv4')
REFUSED.addAddress('168.63.129.16', 'ipv4')
REFUSED.addAddress('192.0.0.192', 'ipv4')
REFUSED.addSubnet('fe80::', 10, 'ipv6')
REFUSED.addAddress('fd00:ec2::254', 'ipv6')
REFUSED.addAddress('fd20:ce::254', 'ipv6')

const REFUSED_NAMES: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
])

/** Whether this IP address is link-local or known to serve cloud metadata, in any notation of IPv6 that carries an IPv4 address. */
export function isRefusedAddress(address: string): boolean {
  const plain = address.split('%', 1)[0] ?? ''
  const family = isIP(plain)
  if (family === 0) return false
  if (family === 4) return REFUSED.check(plain, 'ipv4')
  if (REFUSED.check(plain, 'ipv6')) return true
  const embedded = embeddedIpv4(plain)
  return embedded !== undefined && REFUSED.check(embedded, 'ipv4')
}

/** The IPv4 address inside a mapped (`::ffff:`), compatible (`::`), NAT64 (`64:ff9b::`) or 6to4 (`2002:`) address. */
function embeddedIpv4(address: string): string | undefined {
  const words = expand(address)
  const [first, second] = words
  if (first === 0x2002) return dotted(words[1], words[2])
  const head = words.slice(0, 6)
  const isMapped = head.slice(0, 5).every((word) => word === 0) && (head[5] === 0xffff || head[5] === 0)
  const isNat64 = first === 0x64 && second === 0xff9b
  return isMapped || isNat64 ? dotted(words[6], words[7]) : undefined
}

function expand(address: string): readonly number[] {
  // URL writes every IPv6 address in hexadecimal words, the dotted tail included.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const left = toWords(head)
  const right = tail === undefined ? [] : toWords(tail)
  return [...left, ...new Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right]
}

function toWords(part: string): number[] {
  return part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16))
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
}

/** Whether the host of a URL is a loopback name or address. */
export function isLoopback(host: string): boolean {
  const bare = unbracket(host)
  return bare === 'localhost' || bare.endsWith('.localhost') || bare === '::1' || /^127\.\d+\.\d+\.\d+$/.test(bare)
}

/** A host as URL writes it, without the brackets of IPv6 and without a trailing dot. */
export function unbracket(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
}

/**
 * Says why a URL may not be spoken to, or undefined when it may: its origin must be on the list, and it must carry no credentials,
 * no link-local and no metadata host.
 */
export function createAddressPolicy(allowedOrigins: readonly string[]): (url: URL) => string | undefined {
  const allowed = new Set(allowedOrigins.map(toOrigin))
  return (url) => {
    if (url.username !== '' || url.password !== '') return 'the address carries credentials'
    const host = unbracket(url.hostname)
    if (REFUSED_NAMES.has(host) || isRefusedAddress(host)) return 'link-local and metadata addresses are refused'
    return allowed.has(url.origin) ? undefined : 'the host is not on the list of allowed origins'
  }
}

function toOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new TypeError('an allowed origin must look like https://crm.contoso.com')
  }
  return url.origin
}

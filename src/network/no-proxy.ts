import { BlockList, isIP } from 'node:net'
import { isLoopback, unbracket } from './address-policy.ts'

/**
 * Compiles a no-proxy list into a question about a URL: true means "connect directly". An entry is `*`, a host name (which covers its
 * subdomains, with or without a leading dot), an IP address or a network such as `10.0.0.0/8`, and may end in `:port`. Loopback hosts
 * are always reached directly. Entries that are none of these match nothing.
 */
export function createNoProxy(entries: readonly string[]): (url: URL) => boolean {
  const rules = entries.map((entry) => toRule(entry.trim().toLowerCase()))
  return (url) => {
    const host = unbracket(url.hostname)
    const port = url.port || (url.protocol === 'https:' ? '443' : '80')
    return isLoopback(host) || rules.some((rule) => rule(host, port))
  }
}

type Rule = (host: string, port: string) => boolean

function toRule(entry: string): Rule {
  if (entry === '*') return () => true
  if (entry.includes('/')) return networkRule(entry)
  const { host, port } = splitPort(entry)
  if (host === '') return () => false
  if (isIP(host) !== 0) return (asked, askedPort) => sameAddress(asked, host) && portMatches(port, askedPort)
  const name = host.replace(/^\*?\./, '')
  return (asked, askedPort) => (asked === name || asked.endsWith(`.${name}`)) && portMatches(port, askedPort)
}

function splitPort(entry: string): { host: string; port: string | undefined } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(entry)
  if (bracketed) return { host: bracketed[1] ?? '', port: bracketed[2] }
  const plain = /^([^:]+)(?::(\d+))?$/.exec(entry)
  return plain ? { host: plain[1] ?? '', port: plain[2] } : { host: entry, port: undefined }
}

function portMatches(port: string | undefined, asked: string): boolean {
  return port === undefined || port === asked
}

function sameAddress(asked: string, address: string): boolean {
  if (isIP(asked) !== isIP(address)) return false
  const list = new BlockList()
  list.addAddress(address, familyOf(address))
  return list.check(asked, familyOf(asked))
}

function networkRule(entry: string): Rule {
  const [address = '', bits = ''] = entry.split('/')
  const family = isIP(address)
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (family === 0 || !(prefix <= (family === 4 ? 32 : 128))) return () => false
  const list = new BlockList()
  list.addSubnet(address, prefix, familyOf(address))
  return (host) => isIP(host) === family && list.check(host, familyOf(host))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

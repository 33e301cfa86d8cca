import { badRequest } from '../errors.ts'

/** Query options by name, decoded. */
export type QueryOptions = ReadonlyMap<string, string>

/** Splits a target into its path and query, both still encoded. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?')
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) }
}

/** Decodes a query string. Throws 400 for a malformed escape or an option given twice. */
export function parseOptions(query: string): QueryOptions {
  const options = new Map<string, string>()
  for (const pair of query.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1))
    if (options.has(name)) throw badRequest(`Query option '${name}' was specified more than once.`)
    options.set(name, value)
  }
  return options
}

/** Refuses every option that is not named: the server does not ignore what it does not know. */
export function allowOnly(options: QueryOptions, allowed: readonly string[]): void {
  for (const name of options.keys()) {
    if (allowed.includes(name)) continue
    if (name === '$skip') throw badRequest('Skip Clause is not supported in CRM')
    throw badRequest(`The query parameter ${name} is not supported`)
  }
}

/** Percent-decodes text of a URL; `+` is a blank. Throws 400 where the escapes are malformed. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw badRequest('The request URL has a malformed percent-escape.')
  }
}

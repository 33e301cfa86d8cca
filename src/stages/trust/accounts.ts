// Accounts of Windows as people, services and permissions write them. The same account has several names.

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['localsystem', 'system'],
  ['local system', 'system'],
  ['networkservice', 'network service'],
  ['localservice', 'local service'],
])

/** Whether two names mean the same account. Names with different domains do not; one without a domain is taken for any domain's. */
function isSameAccount(a: string, b: string): boolean {
  const [one, other] = [partsOf(a), partsOf(b)]
  if (one.name !== other.name) return false
  return one.domain === '' || other.domain === '' || one.domain === other.domain
}

/** True where every account is among those that may read. */
export function canAllRead(accounts: readonly string[], readers: readonly string[]): boolean {
  return missingAccounts(accounts, readers).length === 0
}

/** The accounts that are not among those that may read. */
export function missingAccounts(accounts: readonly string[], readers: readonly string[]): readonly string[] {
  return accounts.filter((account) => !readers.some((reader) => isSameAccount(account, reader)))
}

function partsOf(account: string): { readonly domain: string; readonly name: string } {
  const [first = '', second] = account.trim().toLowerCase().split('\\')
  const name = second ?? first
  const domain = second === undefined || first === '.' || first === 'nt authority' ? '' : first
  return { domain, name: ALIASES.get(name) ?? name }
}

/** The domain accounts that may sign in, and their passwords. */
export interface Accounts {
  /** Name of the domain. */
  readonly domain: string
  /** The password of a user, without regard to case; undefined where there is no such user. */
  passwordOf(user: string): string | undefined
  /** Gives a user another password; a user that is unknown is added. Connections and sessions of this user end. */
  setPassword(user: string, password: string): void
  /** How often the password of a user was changed. */
  generationOf(user: string): number
  /** The user's name from `user`, `DOMAIN\user` or `user@domain.example`. Undefined for another domain. */
  userOf(name: string): string | undefined
}

const DOMAIN = 'CONTOSO'
const FIRST_PASSWORD = 'simulator'

/** Accounts `simulator-admin`, `-reader` and `-limited` of the domain CONTOSO, each with the password `simulator`. */
export function createAccounts(): Accounts {
  const passwords = new Map(['admin', 'reader', 'limited'].map((name) => [`simulator-${name}`, FIRST_PASSWORD]))
  const generations = new Map<string, number>()
  return {
    domain: DOMAIN,
    passwordOf: (user) => passwords.get(user.toLowerCase()),
    setPassword(user, password) {
      const key = user.toLowerCase()
      passwords.set(key, password)
      generations.set(key, (generations.get(key) ?? 0) + 1)
    },
    generationOf: (user) => generations.get(user.toLowerCase()) ?? 0,
    userOf(name) {
      const [, domain, user] = /^(?:([^\\]+)\\)?([^\\@]+)(?:@contoso\.com)?$/i.exec(name) ?? []
      return domain === undefined || domain.toUpperCase() === DOMAIN ? user?.toLowerCase() : undefined
    },
  }
}

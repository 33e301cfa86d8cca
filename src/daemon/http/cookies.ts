/** A cookie that only the server reads. */
export interface CookieWish {
  readonly name: string
  readonly value: string
  /** 0 removes it. */
  readonly maxAgeSeconds: number
  /** Whether people come by https. */
  readonly isSecure: boolean
}

/**
 * The name of a cookie. With https it has the prefix that binds it to this very host and to all of its paths (RFC 6265bis, `__Host-`), so
 * that no neighbour below the same domain can set it.
 */
function cookieName(name: string, isSecure: boolean): string {
  return isSecure ? `__Host-${name}` : name
}

/** The value of `Set-Cookie`. Lax: a person who comes back from the sign-in, or by a link in a message, is known. */
export function setCookie({ name, value, maxAgeSeconds, isSecure }: CookieWish): string {
  const parts = [
    `${cookieName(name, isSecure)}=${value}`,
    'Path=/',
    `Max-Age=${maxAgeSeconds}`,
    'HttpOnly',
    'SameSite=Lax',
  ]
  return [...parts, ...(isSecure ? ['Secure'] : [])].join('; ')
}

/** The value of a cookie that the browser sent; undefined where it sent none, or several of this name. */
export function cookieOf(header: string | undefined, name: string, isSecure: boolean): string | undefined {
  const wanted = `${cookieName(name, isSecure)}=`
  const found = (header ?? '').split(';').flatMap((pair) => {
    const text = pair.trim()
    return text.startsWith(wanted) ? [text.slice(wanted.length)] : []
  })
  return found.length === 1 ? found[0] : undefined
}

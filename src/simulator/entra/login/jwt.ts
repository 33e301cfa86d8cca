/** The parts of a JSON Web Token, as far as they can be read. */
export interface JwtParts {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
  /** What the signature covers. */
  readonly signed: Buffer
  readonly signature: Buffer
}

/** The parts of a token; undefined for a text that is none. Nothing is verified. */
export function jwtParts(token: string): JwtParts | undefined {
  const [head = '', body = '', signature = '', ...more] = token.split('.')
  if (head === '' || body === '' || signature === '' || more.length > 0) return undefined
  const header = objectOf(head)
  const payload = objectOf(body)
  if (header === undefined || payload === undefined) return undefined
  return {
    header,
    payload,
    signed: Buffer.from(`${head}.${body}`, 'ascii'),
    signature: Buffer.from(signature, 'base64url'),
  }
}

/** Header and payload, encoded, as they are signed. */
export function jwtToSign(header: object, payload: object): string {
  return [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return value as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}

/** A certificate as people recognize it: first and last digits of its SHA-256, `9F2C…A1`. */
export function shortName(sha256: string): string {
  const text = sha256.toUpperCase()
  return `${text.slice(0, 4)}…${text.slice(-2)}`
}

/** The same with its subject, or whatever else is known of it: `9F2C…A1 (CN=crm-s2s-2027)`. */
export function nameWith(sha256: string, subject: string | undefined): string {
  return subject === undefined || subject === '' ? shortName(sha256) : `${shortName(sha256)} (${subject})`
}

/** Things in a sentence: `a`, `a and b`, `a, b and c`. */
export function listed(things: readonly string[]): string {
  const last = things.at(-1) ?? ''
  return things.length < 2 ? last : `${things.slice(0, -1).join(', ')} and ${last}`
}

/** True where two subjects are the same name: CRM looks for a certificate by it, and Windows minds neither case nor spaces between parts. */
export function isSameSubject(a: string, b: string): boolean {
  return plain(a) === plain(b)
}

function plain(subject: string): string {
  return subject
    .replaceAll(/\s*,\s*/g, ',')
    .trim()
    .toLowerCase()
}

/** One part of a name. */
export interface NamePart {
  readonly type: 'CN' | 'O' | 'OU' | 'L' | 'ST' | 'C'
  readonly value: string
}

const TYPES: ReadonlyMap<string, NamePart['type']> = new Map([
  ['CN', 'CN'],
  ['O', 'O'],
  ['OU', 'OU'],
  ['L', 'L'],
  ['ST', 'ST'],
  ['S', 'ST'],
  ['C', 'C'],
])

/** A subject that cannot be used. The message says why. */
export class SubjectError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SubjectError'
  }
}

/** Longer names fit into no certificate (RFC 5280, upper bounds). */
const LONGEST = 64

/**
 * Reads a subject as Windows shows it, `CN=crm-s2s-2027, O="Contoso, Ltd."`: its parts in that order. Throws SubjectError where it is none,
 * or has no CN, by which people tell certificates apart.
 */
export function parseSubject(text: string): readonly NamePart[] {
  const pattern = /\s*([A-Za-z]+)\s*=\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(?:,|$)/y
  const parts: NamePart[] = []
  while (pattern.lastIndex < text.length) {
    const found = pattern.exec(text)
    if (!found) throw new SubjectError(`"${text}" is no subject; write it as CN=crm-s2s-2027, O=Contoso`)
    const type = TYPES.get((found[1] ?? '').toUpperCase())
    const value = (found[2]?.replaceAll('""', '"') ?? found[3] ?? '').trim()
    if (type === undefined)
      throw new SubjectError(`the subject has a part ${found[1]}; use ${[...TYPES.keys()].join(', ')}`)
    parts.push({ type, value: checked(type, value) })
  }
  if (!parts.some(({ type }) => type === 'CN'))
    throw new SubjectError('the subject needs a part CN, such as CN=crm-s2s-2027')
  return parts
}

function checked(type: NamePart['type'], value: string): string {
  if (value === '') throw new SubjectError(`the part ${type} of the subject is empty`)
  if (value.length > LONGEST)
    throw new SubjectError(`the part ${type} of the subject has more than ${LONGEST} characters`)
  if (/\p{Cc}/u.test(value)) throw new SubjectError(`the part ${type} of the subject has control characters`)
  if (type === 'C' && !/^[A-Za-z]{2}$/.test(value))
    throw new SubjectError('the part C of the subject is a country of two letters')
  return value
}

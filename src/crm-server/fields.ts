// Reads the fields of a result one by one. What is not of the shape that was agreed on is refused with its name, and never guessed.

/** A result that is not of its shape. The message names the field and holds no value. */
export class ShapeError extends Error {
  constructor(path: string, expected: string) {
    super(`${path} is not ${expected}`)
    this.name = 'ShapeError'
  }
}

/** A JSON object together with where it stands. */
export interface Place {
  readonly path: string
  readonly value: Readonly<Record<string, unknown>>
}

/** An object, or a ShapeError. */
export function place(value: unknown, path: string): Place {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ShapeError(path, 'an object')
  return { path, value: value as Record<string, unknown> }
}

/** An object below a place. */
export function within(from: Place, name: string): Place {
  return place(from.value[name], `${from.path}.${name}`)
}

/** The objects of a list below a place. */
export function each(from: Place, name: string): readonly Place[] {
  const path = `${from.path}.${name}`
  return list(from.value[name], path).map((one, index) => place(one, `${path}[${index}]`))
}

/** A text. */
export function text(from: Place, name: string): string {
  const value = from.value[name]
  if (typeof value !== 'string') throw new ShapeError(`${from.path}.${name}`, 'a text')
  return value
}

/** A text, or undefined for null. */
export function textOrNull(from: Place, name: string): string | undefined {
  return from.value[name] === null ? undefined : text(from, name)
}

/** A list of texts, or undefined for null. */
export function textsOrNull(from: Place, name: string): readonly string[] | undefined {
  if (from.value[name] === null) return undefined
  const path = `${from.path}.${name}`
  return list(from.value[name], path).map((one) => {
    if (typeof one !== 'string') throw new ShapeError(path, 'a list of texts')
    return one
  })
}

/** true or false. */
export function flag(from: Place, name: string): boolean {
  const value = from.value[name]
  if (typeof value !== 'boolean') throw new ShapeError(`${from.path}.${name}`, 'true or false')
  return value
}

/** A whole number, or undefined for null. */
export function integerOrNull(from: Place, name: string): number | undefined {
  const value = from.value[name]
  if (value === null) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new ShapeError(`${from.path}.${name}`, 'a whole number')
  }
  return value
}

const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

/** A moment in ISO 8601 in UTC, as it came. */
export function moment(from: Place, name: string): string {
  const value = text(from, name)
  if (!UTC.test(value) || Number.isNaN(Date.parse(value))) throw new ShapeError(`${from.path}.${name}`, 'a time in UTC')
  return value
}

/** A moment, or undefined for null. */
export function momentOrNull(from: Place, name: string): string | undefined {
  return from.value[name] === null ? undefined : moment(from, name)
}

/** A hash of so many hexadecimal digits, in lower case. */
export function hash(from: Place, name: string, digits: 40 | 64): string {
  const value = text(from, name).toLowerCase()
  if (value.length !== digits || !/^[0-9a-f]+$/.test(value)) {
    throw new ShapeError(`${from.path}.${name}`, `a hash of ${digits} digits`)
  }
  return value
}

function list(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ShapeError(path, 'a list')
  return value
}

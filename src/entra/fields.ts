// What Graph answers is looked at field by field: an answer of another shape is Malformed, never a guess.
import { malformed } from './failure.ts'

/** A JSON object whose fields are read by their expected types. `doing` begins every complaint. */
export interface Fields {
  readonly all: Readonly<Record<string, unknown>>
  text(name: string): string
  /** Null and absent are both undefined. */
  optionalText(name: string): string | undefined
  list(name: string): readonly unknown[]
  objects(name: string): readonly Fields[]
}

/** Reads a value as an object. Throws EntraError `Malformed` where it is none. */
export function fieldsOf(value: unknown, doing: string): Fields {
  const all = asRecord(value)
  if (!all) throw malformed(doing, 'the answer holds something else where an object is expected')

  function text(name: string): string {
    const found = optionalText(name)
    if (found === undefined) throw malformed(doing, `the answer has no "${name}"`)
    return found
  }

  function optionalText(name: string): string | undefined {
    const found = all?.[name]
    if (found === undefined || found === null) return undefined
    if (typeof found !== 'string') throw malformed(doing, `"${name}" of the answer is not a text`)
    return found
  }

  function list(name: string): readonly unknown[] {
    const found = all?.[name]
    if (!Array.isArray(found)) throw malformed(doing, `"${name}" of the answer is not a list`)
    if (all?.[`${name}@odata.nextLink`] !== undefined) throw malformed(doing, `"${name}" of the answer is not complete`)
    return found
  }

  return {
    all,
    text,
    optionalText,
    list,
    objects: (name) => list(name).map((one) => fieldsOf(one, doing)),
  }
}

/** A list of texts. Throws EntraError `Malformed` where one is none. */
export function textsOf(values: readonly unknown[], name: string, doing: string): readonly string[] {
  return values.map((value) => {
    if (typeof value !== 'string') throw malformed(doing, `"${name}" of the answer holds something that is not a text`)
    return value
  })
}

/** A JSON object, undefined for everything else. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

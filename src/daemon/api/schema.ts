// JSON Schemas that know the type they describe. A schema is given the type of a shape where it is declared, so the compiler refuses one
// that says something else than the shape: description, answers and the types of the page cannot drift apart.

/** A JSON Schema of values of type T. `check` and `keys` exist for the compiler only: with `keys` it misses no optional property. */
export interface Schema<T, K extends PropertyKey = keyof T> extends AnySchema {
  readonly check?: (value: T) => T
  readonly keys?: (key: K) => K
}

/** A JSON Schema of whatever. `names`: the schemas it refers to by name. */
export interface AnySchema {
  readonly json: object
  readonly names: ReadonlyMap<string, object>
}

type TypeOf<S> = S extends Schema<infer T> ? T : never
type Fields = Readonly<Record<string, AnySchema>>
type ObjectOf<R extends Fields, O extends Fields> = { readonly [K in keyof R]: TypeOf<R[K]> } & {
  readonly [K in keyof O]?: TypeOf<O[K]>
}

const NO_NAMES: ReadonlyMap<string, object> = new Map()

/** Text. */
export function text(description?: string): Schema<string> {
  return { json: { type: 'string', ...(description !== undefined && { description }) }, names: NO_NAMES }
}

/** ISO 8601 in UTC. */
export function moment(description?: string): Schema<string> {
  const json = { type: 'string', format: 'date-time', ...(description !== undefined && { description }) }
  return { json, names: NO_NAMES }
}

/** A whole number. */
export function whole(description?: string): Schema<number> {
  return { json: { type: 'integer', ...(description !== undefined && { description }) }, names: NO_NAMES }
}

/** True or false. */
export function flag(description?: string): Schema<boolean> {
  return { json: { type: 'boolean', ...(description !== undefined && { description }) }, names: NO_NAMES }
}

/** One of some words. */
export function oneOf<const T extends string>(...values: readonly T[]): Schema<T> {
  return { json: { type: 'string', enum: values }, names: NO_NAMES }
}

/** A list. */
export function listOf<T>(item: Schema<T>): Schema<readonly T[]> {
  return { json: { type: 'array', items: item.json }, names: item.names }
}

/** Values by any names. */
export function recordOf<T>(value: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return { json: { type: 'object', additionalProperties: value.json }, names: value.names }
}

/** An object with these properties, those of `optional` only sometimes, and no others. */
export function object<R extends Fields>(required: R): Schema<ObjectOf<R, Record<never, never>>>
export function object<R extends Fields, O extends Fields>(required: R, optional: O): Schema<ObjectOf<R, O>>
export function object(required: Fields, optional?: Fields): AnySchema {
  const all: readonly (readonly [string, AnySchema])[] = [
    ...Object.entries(required),
    ...Object.entries(optional ?? {}),
  ]
  const json = {
    type: 'object',
    properties: Object.fromEntries(all.map(([name, schema]) => [name, schema.json])),
    required: Object.keys(required),
    additionalProperties: false,
  }
  return { json, names: new Map(all.flatMap(([, { names }]) => [...names])) }
}

/** The schema under a name of its own: others refer to it. */
export function named<T>(name: string, description: string, schema: Schema<T>): Schema<T> {
  const names = new Map([...schema.names, [name, { description, ...schema.json }]])
  return { json: { $ref: `#/components/schemas/${name}` }, names }
}

// docs/reference/api.md, made from the description of the API.

interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly default?: string | number
}

interface Operation {
  readonly summary: string
  readonly description: string
  readonly parameters: readonly {
    readonly name: string
    readonly in: string
    readonly description?: string
    readonly schema: Schema
  }[]
  readonly responses: {
    readonly '200': { readonly content?: { readonly 'application/json': { readonly schema: Schema } } }
  }
}

/** A description of the API as far as it is told. */
export interface Description {
  readonly paths: Readonly<Record<string, { readonly get: Operation }>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

const HEAD = `# The API of a running mailkeel

What \`mailkeel run\` knows, as JSON below \`/api/v1\`. It is read-only: whatever is to change is committed. The same description for programs
is \`/api/v1/openapi.json\` (OpenAPI 3.1). Properties may be added to answers; none changes its meaning.

- Times are ISO 8601 in UTC. Codes are PascalCase and stay; messages are for people and may change.
- **Overview** may see numbers and causes, and no name or address of anybody: messages are then the words of their code alone. **Reader**
  may see everything. Which of them a visitor is, the section \`listener\` of the configuration says.
- Lists come in pages. \`next\` of an answer is the \`cursor\` of the next page; it stays right when a new pass brings other objects. A page of
  the history may be short, or even empty, and have a \`next\` all the same: one request reads only so much of the journal.
- An object is \`failing\`, \`unknown\`, \`waiting\` or \`healthy\`, the first that holds. What the spec or the plan holds back is \`waiting\`, also
  where it works.
- Answers are made from the last pass: nobody asks CRM or Exchange because somebody looks. An explanation says of when it is.
- Every answer that is no success is an \`Error\`: \`400\` for what cannot be asked so, \`401\` and \`403\` for who may not, \`404\` for what is not
  there, \`409\` where no pass has come to its end yet, \`429\` for too many requests.

<!-- What follows is made from the routes: MAILKEEL_WRITE_DOCS=1 npx vitest run test/daemon/api/reference.test.ts -->
`

/** The reference page. */
export function referencePage({ paths, components }: Description): string {
  const addresses = Object.entries(paths).map(([path, { get }]) => addressText(path, get))
  const shapes = Object.entries(components.schemas).map(([name, schema]) => shapeText(name, schema))
  return `${[HEAD, '## Addresses', ...addresses, '', '## Shapes', ...shapes].join('\n').trimEnd()}\n`
}

function addressText(path: string, { summary, description, parameters, responses }: Operation): string {
  const answer = responses['200'].content?.['application/json'].schema
  const told = answer ? ` Answers ${typeText(answer)}.` : ''
  const lines = parameters.filter((one) => one.in === 'query').map(parameterLine)
  const table = lines.length === 0 ? [] : ['', '| parameter | | |', '| --- | --- | --- |', ...lines]
  return ['', `### GET ${path}`, '', `${summary} ${description}${told}`, ...table].join('\n')
}

function parameterLine({ name, schema, description = '' }: Operation['parameters'][number]): string {
  const { minimum, maximum, default: usual } = schema
  const range = minimum === undefined ? '' : `, ${minimum} to ${maximum}`
  const otherwise = usual === undefined ? '' : `; without it ${usual}`
  return `| \`${name}\` | ${typeText(schema)}${range} | ${description}${otherwise} |`
}

function shapeText(name: string, schema: Schema): string {
  const { description = '', properties, required = [] } = schema
  const begun = ['', `### ${name}`, '', description, '']
  if (!properties) return [...begun, typeText(schema)].join('\n')
  return [...begun, '| property | | |', '| --- | --- | --- |', ...propertyLines(properties, required, ''), ''].join(
    '\n',
  )
}

function propertyLines(
  properties: NonNullable<Schema['properties']>,
  required: readonly string[],
  prefix: string,
): readonly string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const isSometimes = required.includes(name) ? '' : ', sometimes'
    const line = `| \`${prefix}${name}\` | ${typeText(schema)}${isSometimes} | ${schema.description ?? ''} |`
    const inner = schema.items ?? schema
    const nested = inner.properties ? propertyLines(inner.properties, inner.required ?? [], `${prefix}${name}.`) : []
    return [line, ...nested]
  })
}

function typeText({ $ref, type, format, enum: words, items, additionalProperties }: Schema): string {
  if ($ref !== undefined) {
    const name = $ref.slice($ref.lastIndexOf('/') + 1)
    return `[${name}](#${name.toLowerCase()})`
  }
  if (words) return words.map((word) => `\`${word}\``).join(', ')
  if (items) return `list of ${items.properties ? 'objects' : typeText(items)}`
  if (typeof additionalProperties === 'object') return `${typeText(additionalProperties)} by name`
  return format === 'date-time'
    ? 'time'
    : type === 'string'
      ? 'text'
      : type === 'integer'
        ? 'whole number'
        : (type ?? '')
}

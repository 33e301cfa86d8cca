import { badRequest } from '../errors.ts'

/** A literal as written; `guid` and `date` are told by their form. */
export type Literal =
  | { readonly kind: 'string' | 'guid' | 'date'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null'; readonly value: null }

/** Comparison operators of `$filter`. */
export type Operator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'

/** A parsed `$filter`. Paths are property names, `nav/column` as two. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Expression[] }
  | { readonly kind: 'not'; readonly term: Expression }
  | {
      readonly kind: 'compare'
      readonly path: readonly string[]
      readonly operator: Operator
      readonly literal: Literal
    }
  | {
      readonly kind: 'contains' | 'startswith' | 'endswith'
      readonly path: readonly string[]
      readonly text: string
    }
  | { readonly kind: 'in'; readonly path: readonly string[]; readonly values: readonly string[] }

/** Parses a `$filter` (Microsoft, Web API: filter rows). Throws 400 for everything it does not know. */
export function parseFilter(text: string): Expression {
  const tokens = tokenize(text)
  const parser = new Parser(tokens, text)
  const expression = parser.disjunction()
  parser.end()
  return expression
}

interface Token {
  readonly kind: 'word' | 'string' | 'mark'
  readonly text: string
  readonly at: number
}

const TOKEN = /\s*(?:'((?:[^']|'')*)'|"((?:[^"\\]|\\.)*)"|([(),=[\]])|([^\s(),=[\]'"]+))/y
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/i
const NUMBER = /^-?\d+(?:\.\d+)?$/
const NAME = /^[A-Za-z_][A-Za-z0-9_]*(?:\/[A-Za-z_][A-Za-z0-9_]*)*$/
const OPERATORS: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le'])
const MAX_DEPTH = 100
const MAX_CONDITIONS = 500
const TEXT_FUNCTIONS: ReadonlySet<string> = new Set(['contains', 'startswith', 'endswith'])

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (match === null) throw badRequest(`There is an unterminated literal at position ${at} in '${text}'.`)
    if (match[1] !== undefined) tokens.push({ kind: 'string', text: match[1].replaceAll("''", "'"), at })
    else if (match[2] !== undefined) tokens.push({ kind: 'string', text: JSON.parse(`"${match[2]}"`) as string, at })
    else if (match[3] !== undefined) tokens.push({ kind: 'mark', text: match[3], at })
    else tokens.push({ kind: 'word', text: match[4] ?? '', at })
  }
  return tokens
}

class Parser {
  #at = 0
  #depth = 0
  #conditions = 0
  readonly #tokens: readonly Token[]
  readonly #source: string

  constructor(tokens: readonly Token[], source: string) {
    this.#tokens = tokens
    this.#source = source
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw this.#error()
  }

  disjunction(): Expression {
    if (++this.#depth > MAX_DEPTH) throw badRequest('The recursion limit of the query has been exceeded.')
    const terms = [this.#conjunction()]
    while (this.#takeWord('or')) terms.push(this.#conjunction())
    this.#depth--
    return terms.length === 1 && terms[0] !== undefined ? terms[0] : { kind: 'or', terms }
  }

  #conjunction(): Expression {
    const terms = [this.#unary()]
    while (this.#takeWord('and')) terms.push(this.#unary())
    return terms.length === 1 && terms[0] !== undefined ? terms[0] : { kind: 'and', terms }
  }

  #unary(): Expression {
    if (++this.#conditions > MAX_CONDITIONS) {
      throw badRequest(`Number of conditions in query exceeded maximum limit of ${MAX_CONDITIONS}.`)
    }
    if (this.#takeWord('not')) return { kind: 'not', term: this.#unary() }
    if (this.#takeMark('(')) {
      const inner = this.disjunction()
      this.#mark(')')
      return inner
    }
    const next = this.#tokens[this.#at]
    if (next?.kind === 'word' && TEXT_FUNCTIONS.has(next.text)) return this.#textFunction()
    if (next?.kind === 'word' && next.text === 'Microsoft.Dynamics.CRM.In') return this.#inFunction()
    return this.#comparison()
  }

  #comparison(): Expression {
    const path = this.#path()
    const operator = this.#word()
    if (!OPERATORS.has(operator)) throw this.#error()
    return { kind: 'compare', path, operator: operator as Operator, literal: this.#literal() }
  }

  #textFunction(): Expression {
    const kind = this.#word() as 'contains' | 'startswith' | 'endswith'
    this.#mark('(')
    const path = this.#path()
    this.#mark(',')
    const literal = this.#literal()
    this.#mark(')')
    if (literal.kind !== 'string') {
      throw badRequest(`No function signature for the function with name '${kind}' matches the specified arguments.`)
    }
    return { kind, path, text: literal.value }
  }

  #inFunction(): Expression {
    this.#word()
    this.#mark('(')
    this.#argument('PropertyName')
    const name = this.#literal()
    this.#mark(',')
    this.#argument('PropertyValues')
    this.#mark('[')
    const values: string[] = []
    do values.push(String(this.#literal().value))
    while (this.#takeMark(','))
    this.#mark(']')
    this.#mark(')')
    if (name.kind !== 'string' || !NAME.test(name.value)) throw this.#error()
    return { kind: 'in', path: [name.value], values }
  }

  #argument(name: string): void {
    if (this.#word() !== name) throw this.#error()
    this.#mark('=')
  }

  #path(): readonly string[] {
    const word = this.#word()
    if (!NAME.test(word)) throw this.#error()
    return word.split('/')
  }

  #literal(): Literal {
    const token = this.#tokens[this.#at++]
    if (token?.kind === 'string') return { kind: 'string', value: token.text }
    const word = token?.kind === 'word' ? token.text : ''
    if (word === 'null') return { kind: 'null', value: null }
    if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true' }
    if (NUMBER.test(word)) return { kind: 'number', value: Number(word) }
    if (GUID.test(word)) return { kind: 'guid', value: word.toLowerCase() }
    if (DATE.test(word) && !Number.isNaN(Date.parse(word))) return { kind: 'date', value: word }
    throw this.#error()
  }

  #word(): string {
    const token = this.#tokens[this.#at++]
    if (token?.kind !== 'word') throw this.#error()
    return token.text
  }

  #takeWord(text: string): boolean {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'word' || token.text !== text) return false
    this.#at++
    return true
  }

  #takeMark(text: string): boolean {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'mark' || token.text !== text) return false
    this.#at++
    return true
  }

  #mark(text: string): void {
    if (!this.#takeMark(text)) throw this.#error()
  }

  #error(): Error {
    const at = this.#tokens[Math.min(this.#at, this.#tokens.length - 1)]?.at ?? 0
    return badRequest(`Syntax error at position ${at} in '${this.#source}'.`)
  }
}

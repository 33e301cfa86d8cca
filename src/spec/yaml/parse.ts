// YAML as far as a spec needs it: maps with text keys, lists, plain values. Everything that lets a small file become a large or a
// surprising one is refused: anchors, aliases, tags, merge keys, directives, duplicate keys, deep nesting, numbers that are none.
//
// The tokens are fed to the parser by hand, so that depth and work are bounded while it runs and not after it overflowed: the
// parser keeps its own stack, the composer recurses over what the parser built.
import { Composer, type Document, Lexer, Parser, type YAMLError } from 'yaml'
import type { FileProblem } from '../problem.ts'
import { convert } from './convert.ts'
import { type EarlyError, stopAfter, TooManyErrors } from './error-budget.ts'
import { rootCause } from './errors.ts'
import type { ParseLimits } from './limits.ts'
import { lineStartsOf, type Positions, placeOf } from './positions.ts'
import { type ShortenedText, shorten } from './runs.ts'

/** One document: its value as plain data and where everything in it was written. */
export interface YamlDocument {
  readonly value: unknown
  readonly positions: Positions
}

export interface ParsedYaml {
  readonly documents: readonly YamlDocument[]
  readonly problems: readonly FileProblem[]
}

/** Tokens of the lexer that stand for no character of the text: document start, end of flow, a scalar follows. */
const MARKERS = new Set(['\u0002', '\u0018', '\u001f'])
const SCALAR_FOLLOWS = '\u001f'

const REFUSED: Readonly<Record<string, string>> = {
  '&': 'anchors (&name) are not allowed; write the value where it is needed',
  '*': 'aliases (*name) are not allowed; write the value out. A text that begins with * needs quotes',
  '!': 'tags (!name) are not allowed; write the plain value. A text that begins with ! needs quotes',
  '%': 'directives (%YAML, %TAG) are not allowed; remove the line',
}

/**
 * Parses the documents of a text. Empty documents are left out. Never throws, never quotes the text. Long lists of simple entries
 * are taken a short way (runs.ts) that tells the same as the long one.
 */
export function parseYaml(text: string, limits: ParseLimits, shortestRun?: number): ParsedYaml {
  const lineStarts = lineStartsOf(text)
  const short = shorten(text, shortestRun)
  const quick = short === undefined ? undefined : parseText(short.text, limits, lineStarts, { ...short, text })
  return quick?.decided ? quick : parseText(text, limits, lineStarts)
}

/** As `parseYaml`, without the short way. */
export function parseYamlPlainly(text: string, limits: ParseLimits): ParsedYaml {
  return parseText(text, limits, lineStartsOf(text))
}

/** `decided` where the long way would say the same: every run was found in its place, and nothing is wrong but the size. */
function parseText(
  text: string,
  limits: ParseLimits,
  lineStarts: Uint32Array,
  shortened?: ShortenedText,
): ParsedYaml & { readonly decided: boolean } {
  const problems: FileProblem[] = []
  const report: Report = (offset, message, hint) => {
    problems.push({ ...placeOf(lineStarts, offset), message, ...(hint === undefined ? {} : { hint }) })
  }
  const documents: YamlDocument[] = []
  let nodesLeft = limits.maximumNodes
  let runsFound = 0
  let gaveUp = false
  const { composed, errors } = composeDocuments(text, limits, report)
  if (errors.length > 0)
    return { documents: [], problems: refusalOf(text, errors, problems, lineStarts), decided: false }
  for (const document of composed) {
    const options = {
      lineStarts,
      nodesLeft,
      maximumDepth: limits.maximumDepth,
      report,
      ...(shortened && { shortened }),
    }
    const converted = convert(document.contents, options)
    nodesLeft = converted.nodesLeft
    runsFound += converted.runsFound
    gaveUp ||= converted.gaveUp
    if (converted.value !== null) documents.push({ value: converted.value, positions: converted.positions })
  }
  const sound = problems.length === 0
  const tooLarge = nodesLeft < 0 && problems.length === 1
  const decided = (sound || tooLarge) && !gaveUp && runsFound === (shortened?.runs.length ?? 0)
  return { documents: sound ? documents : [], problems, decided }
}

type Report = (offset: number, message: string, hint?: string) => void
type Composed = Pick<Document, 'contents'> & { readonly errors: readonly YAMLError[] }

/** What to say of a text that does not parse: the one cause, or what is refused before it and may have led to it. */
function refusalOf(
  text: string,
  errors: readonly EarlyError[],
  refused: readonly FileProblem[],
  lineStarts: Uint32Array,
): readonly FileProblem[] {
  const { offset, message } = rootCause(text, errors)
  const place = placeOf(lineStarts, offset)
  const before = refused.filter(
    ({ line, column }) => line < place.line || (line === place.line && column <= place.column),
  )
  return before.length > 0 ? before : [{ ...place, message }]
}

interface Composition {
  /** The documents as far as the limits let them come. */
  readonly composed: readonly Composed[]
  readonly errors: readonly EarlyError[]
}

function composeDocuments(text: string, limits: ParseLimits, report: Report): Composition {
  try {
    const composed = compose(text, limits, report)
    const errors = composed.flatMap((document) => document.errors)
    return { composed, errors: errors.map(({ pos, code, message }) => ({ offset: pos[0], code, message })) }
  } catch (error) {
    if (!(error instanceof TooManyErrors)) throw error
    return { composed: [], errors: error.errors }
  }
}

function compose(text: string, limits: ParseLimits, report: Report): Composed[] {
  const parser = new Parser()
  const composer = new Composer({
    schema: 'core',
    version: '1.2',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  })
  stopAfter(composer, limits.maximumProblems)
  const documents: Composed[] = []
  const take = (found: Iterable<Composed>) => {
    for (const document of found) documents.push(document)
  }
  const maximumStack = limits.maximumDepth * 2 + 8
  let offset = 0
  let tokens = 0
  let refused = 0
  let misplaced = 0
  let isTagged = false
  let previous = ''
  for (const token of new Lexer().lex(text)) {
    tokens += 1
    const message = previous === SCALAR_FOLLOWS ? undefined : REFUSED[token[0] ?? '']
    if (message !== undefined) {
      report(offset, message)
      refused += 1
      if (refused >= limits.maximumProblems) return []
    }
    if (tokens > limits.maximumTokens) {
      report(offset, `the file has more than ${limits.maximumTokens} YAML tokens; split it into several files`)
      return []
    }
    if (parser.stack.length > maximumStack) {
      report(offset, `values are nested more than ${limits.maximumDepth} deep`)
      return []
    }
    // What has a tag is not composed: `!!omap` has work done that grows with the square of what stands under it.
    isTagged ||= message !== undefined && token.startsWith('!')
    if (!isTagged) {
      for (const part of parser.next(token)) {
        if (part.type === 'error') misplaced += 1
        take(composer.next(part) as Iterable<Composed>)
      }
    }
    if (misplaced > limits.maximumProblems || documents.length > limits.maximumDocuments) break
    if (!MARKERS.has(token)) offset += token.length
    previous = token
  }
  if (isTagged) return []
  for (const part of parser.end()) take(composer.next(part) as Iterable<Composed>)
  take(composer.end() as Iterable<Composed>)
  if (documents.length <= limits.maximumDocuments) return documents
  report(offset, `the file has more than ${limits.maximumDocuments} documents; split it into several files`)
  return []
}

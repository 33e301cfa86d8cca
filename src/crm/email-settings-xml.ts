// organization.defaultemailsettings: an XML fragment in a string, with a root `EmailSettings` and a child per kind of mail that holds an
// option number (Microsoft.Xrm.Data.PowerShell reads and rewrites these children). CRM may keep more in it than we know, so the text is
// never printed anew: only the characters of a value are replaced, and every other byte stays. What is not understood to its end is not
// changed at all, and that is why this reads so little XML: elements, attributes, comments and text, and nothing that could mean
// something else than it says (a document type, entities of its own).

/** The children that hold a delivery method. */
export const METHOD_ELEMENTS = [
  'IncomingEmailDeliveryMethod',
  'OutgoingEmailDeliveryMethod',
  'ACTDeliveryMethod',
] as const

export type MethodElement = (typeof METHOD_ELEMENTS)[number]
/** Option numbers by child; a child that is missing or empty is absent: CRM has nothing set. */
export type MethodNumbers = { readonly [E in MethodElement]?: number }

/** A text that is not understood. The message never repeats it. */
export class EmailSettingsError extends Error {
  constructor(what: string) {
    super(what)
    this.name = 'EmailSettingsError'
  }
}

/** Far more than CRM writes. */
const MAXIMUM_LENGTH = 100_000
const ROOT = 'EmailSettings'

/** The numbers in a text. Null, empty and white space mean that nothing is set. Throws EmailSettingsError. */
export function readEmailSettings(text: string | null): MethodNumbers {
  const numbers: { [E in MethodElement]?: number } = {}
  for (const [element, { number }] of parse(text ?? '').slots) if (number !== undefined) numbers[element] = number
  return numbers
}

/** The text with these numbers in it and everything else as it was. Throws EmailSettingsError for a text that is not understood. */
export function writeEmailSettings(text: string | null, numbers: MethodNumbers): string {
  const { slots, end } = parse(text ?? '')
  if (end === undefined) return `<${ROOT}>${added(numbers, METHOD_ELEMENTS)}</${ROOT}>`
  const edits: Edit[] = []
  for (const [element, { from, to, opened }] of slots) {
    const number = numbers[element]
    if (number === undefined) continue
    edits.push({ from, to, text: opened === undefined ? String(number) : `${opened}>${number}</${element}>` })
  }
  const missing = added(
    numbers,
    METHOD_ELEMENTS.filter((element) => !slots.has(element)),
  )
  const { from, to, isClosed } = end
  if (missing !== '') edits.push({ from, to, text: isClosed ? `>${missing}</${ROOT}>` : missing })
  return edited(text ?? '', edits)
}

function added(numbers: MethodNumbers, elements: readonly MethodElement[]): string {
  return elements
    .filter((element) => numbers[element] !== undefined)
    .map((element) => `<${element}>${numbers[element]}</${element}>`)
    .join('')
}

interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

function edited(text: string, edits: readonly Edit[]): string {
  let result = text
  for (const { from, to, text: inserted } of [...edits].sort((a, b) => b.from - a.from)) {
    result = result.slice(0, from) + inserted + result.slice(to)
  }
  return result
}

/** Where a value stands. `opened`: in an element closed in itself (`<A b="c"/>`), what is left of its tag. */
interface Slot {
  readonly number: number | undefined
  readonly from: number
  readonly to: number
  readonly opened?: string
}

interface Parsed {
  readonly slots: ReadonlyMap<MethodElement, Slot>
  /** Where a child can be added; undefined where there is no root at all. */
  readonly end: { readonly from: number; readonly to: number; readonly isClosed: boolean } | undefined
}

const NAME = '[^\\s<>/=&"\'!?]+'
const VALUE = '"[^"<]*"|\'[^\'<]*\''
/** One piece of XML at a position: comment, CDATA, instruction, end tag, start tag, text. Anything else is not understood. */
const PIECE = new RegExp(
  `<!--[\\s\\S]*?-->|<!\\[CDATA\\[[\\s\\S]*?\\]\\]>|<\\?[\\s\\S]*?\\?>|</(?<ended>${NAME})\\s*>` +
    `|<(?<started>${NAME})(?:\\s+${NAME}\\s*=\\s*(?:${VALUE}))*\\s*(?<closed>/?)>|(?<text>[^<]+)`,
  'y',
)
/** An entity that XML does not know by itself. */
const ENTITY = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i

/** What was met on the way through a text. */
interface Walk {
  readonly text: string
  readonly slots: Map<MethodElement, Slot>
  /** The elements that are open, from the root on. */
  readonly open: string[]
  end: Parsed['end']
  /** The method whose value is being passed. */
  value: { readonly element: MethodElement; readonly from: number } | undefined
}

function parse(text: string): Parsed {
  if (text.length > MAXIMUM_LENGTH) throw new EmailSettingsError(`it has more than ${MAXIMUM_LENGTH} characters`)
  const walk: Walk = { text, slots: new Map(), open: [], end: undefined, value: undefined }
  for (let at = 0; at < text.length; ) {
    const piece = pieceAt(text, at)
    if (piece.started !== undefined) start(walk, piece.started, piece, at)
    else if (piece.ended !== undefined) end(walk, piece.ended, at)
    else if (walk.open.length === 0 && piece.isText) throw new EmailSettingsError('there is text outside its root')
    at += piece.text.length
  }
  if (walk.open.length > 0) throw new EmailSettingsError('an element has no end')
  if (walk.end === undefined && text.trim() !== '') throw new EmailSettingsError('it has no root')
  return walk
}

function start(walk: Walk, name: string, { text, isClosed }: Piece, at: number): void {
  if (walk.value) throw new EmailSettingsError(`${walk.value.element} holds more than a number`)
  if (walk.open.length === 0) checkRoot(name, walk.end)
  const element = walk.open.length === 1 ? METHOD_ELEMENTS.find((known) => known === name) : undefined
  if (element && walk.slots.has(element)) throw new EmailSettingsError(`${element} stands in it twice`)
  const next = at + text.length
  const opened = isClosed ? text.slice(0, -'/>'.length).trimEnd() : text
  if (element && isClosed) walk.slots.set(element, { number: undefined, from: at, to: next, opened })
  else if (element) walk.value = { element, from: next }
  if (!isClosed) walk.open.push(name)
  else if (walk.open.length === 0) walk.end = { from: at + opened.length, to: next, isClosed }
}

function end(walk: Walk, name: string, at: number): void {
  if (walk.open.pop() !== name) throw new EmailSettingsError('an element ends where another one should')
  if (walk.open.length === 0) walk.end = { from: at, to: at, isClosed: false }
  if (walk.open.length !== 1 || !walk.value) return
  const { element, from } = walk.value
  walk.slots.set(element, { number: numberIn(walk.text.slice(from, at), element), from, to: at })
  walk.value = undefined
}

interface Piece {
  readonly text: string
  readonly started: string | undefined
  readonly ended: string | undefined
  /** An element without content: `<A/>`. */
  readonly isClosed: boolean
  /** Text that is not only white space. */
  readonly isText: boolean
}

function pieceAt(text: string, at: number): Piece {
  PIECE.lastIndex = at
  const found = PIECE.exec(text)
  if (!found) throw new EmailSettingsError(`it is not understood from character ${at + 1} on`)
  const [piece] = found
  const { ended, started, closed, text: plain } = found.groups ?? {}
  if ((started ?? plain) !== undefined && ENTITY.test(piece)) throw new EmailSettingsError('it uses an entity')
  const isText = (plain ?? '').trim() !== '' || piece.startsWith('<![CDATA[')
  return { text: piece, started, ended, isClosed: closed === '/', isText }
}

function checkRoot(name: string, end: Parsed['end']): void {
  if (end !== undefined) throw new EmailSettingsError('it has two roots')
  if (name !== ROOT) throw new EmailSettingsError(`its root is not ${ROOT}`)
}

/** Decimal digits, or nothing. */
function numberIn(text: string, element: MethodElement): number | undefined {
  const digits = text.trim()
  if (digits === '') return undefined
  if (!/^\d{1,9}$/.test(digits)) throw new EmailSettingsError(`${element} holds no number`)
  return Number(digits)
}

// Names come from directories, mailboxes and files that other people fill: they may hold control characters, terminal escapes, text
// that turns the reading direction, Markdown, HTML and mentions. A view keeps names as they are; each channel escapes everything it
// writes, on the way out, with one of these functions. Nothing else in this folder may put foreign text into an output.

/** Control characters, line separators, invisible and direction-turning characters, tags, non-characters and lone surrogates. */
const UNPRINTABLE =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0]|[\u{fe00}-\u{fe0f}]|[\u{e0000}-\u{e0fff}]|[\u{fff0}-\u{fff8}\u{fffe}\u{ffff}]/gu

/** What nearly all names are; looking for it first keeps reports about 100,000 mailboxes quick. */
const HARMLESS = /^[\u0020-\u005b\u005d-\u007e]*$/

/** The most characters of one foreign text that are shown; what is longer ends in an ellipsis. */
const LONGEST = 1000

/**
 * Foreign text for a terminal or a log: one line, nothing invisible, nothing that a terminal obeys. What may not be shown is
 * replaced by its code point, so that two different names of ordinary length never look the same.
 */
export function printable(text: string): string {
  if (text.length <= LONGEST && HARMLESS.test(text)) return text
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
  return cut.replace(/\\(?=u\{)/g, '\\u{5c}').replace(UNPRINTABLE, codePoint)
}

function codePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}

/**
 * Foreign text inside Markdown prose: shown letter by letter, without formatting, HTML, web links, mentions or references to issues.
 * Forges look for mentions after they read the Markdown, so a backslash does not help there: an invisible space parts the sign
 * from the name.
 */
export function markdownProse(text: string): string {
  return printable(text)
    .replace(/(^|[^\p{L}\p{N}])([@#!%~:/&$])(?=[\p{L}\p{N}*"'`])/gu, '$1$2\u200b')
    .replace(/#(?=\d)|:(?=\/\/)|\b(?:www|GH|mailto)(?=[.:-])/gi, '$&\u200b')
    .replace(/[\\`*_{}[\]<>#|~$]/g, '\\$&')
    .replace(/&/g, '&amp;')
}

/** A command of ours between backticks, as messages advise it. */
const COMMAND = /`(mailkeel [^`]+|--?[a-z][^`]*)`/g

/** As `markdownProse`, but the commands that a sentence of ours advises become code spans that can be copied. */
export function markdownSentence(text: string): string {
  const parts = text.split(COMMAND)
  return parts.map((part, index) => (index % 2 === 1 ? markdownCode(part) : markdownProse(part))).join('')
}

/** Foreign text as a Markdown code span, with a fence longer than any run of backticks in it. */
export function markdownCode(text: string): string {
  const shown = printable(text).replace(/\|/g, '\\u{7c}')
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = shown === '' || /^[` ]|[` ]$/.test(shown) ? ' ' : ''
  return `${fence}${pad}${shown}${pad}${fence}`
}

/** A value as JSON that is also safe to look at: what a terminal obeys is escaped, and reading it back gives the same value. */
export function jsonText(value: unknown, indent = 2): string {
  return JSON.stringify(value, undefined, indent).replace(BEYOND_ASCII, (run) => run.replace(UNPRINTABLE, escapedUnits))
}

/** JSON.stringify escapes control characters below a space by itself. */
const BEYOND_ASCII = /[\u007f-\uffff]+/g

function escapedUnits(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

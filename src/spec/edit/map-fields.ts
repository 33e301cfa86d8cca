// Adding and removing one entry of a map, in block and in flow form.
import type { CST } from 'yaml'
import { lineBreakAt, lineEndAt, lineStartAt, type Splice } from './splice.ts'
import { endOf, endOfPair, type MapToken, type PairToken, pairsOf, startOf } from './tokens.ts'

/** Adds an entry behind another one of the map; behind the last one where none is named. */
export function addPair(text: string, map: MapToken, pair: string, behind?: PairToken): Splice {
  const after = behind ?? pairsOf(map).at(-1)
  if (map.type === 'flow-collection') {
    const start = after ? endOfPair(after) : map.start.offset + 1
    return { start, end: start, text: after ? `, ${pair}` : ` ${pair} ` }
  }
  const end = after ? endOfPair(after) : map.offset
  const line = `${' '.repeat(map.indent)}${pair}`
  const eol = lineBreakAt(text, end)
  // A text in block form ends with its line.
  if (text[end - 1] === '\n') return { start: end, end, text: `${line}${eol}` }
  const start = lineEndAt(text, end)
  return { start, end: start, text: `${eol}${line}` }
}

/** Adds an entry before another one of a block map, on a line of its own. */
export function addPairBefore(text: string, map: CST.BlockMap, pair: string, before: PairToken): Splice {
  const start = startOf(before)
  return { start, end: start, text: `${pair}${lineBreakAt(text, start)}${' '.repeat(map.indent)}` }
}

/** Takes an entry out of a map that has others. What is said in comments on lines of their own stays. */
export function removePair(text: string, map: MapToken, pair: PairToken): readonly Splice[] {
  return map.type === 'flow-collection' ? removeFromFlow(text, map, pair) : [removeFromBlock(text, map, pair)]
}

function removeFromFlow(text: string, map: CST.FlowCollection, pair: PairToken): readonly Splice[] {
  const start = startOf(pair)
  const end = endOfPair(pair)
  const comma = pair.start.find(({ type }) => type === 'comma')
  if (comma) {
    const isBetween = pair.start.some(({ type }) => type === 'comment' || type === 'newline')
    if (!isBetween) return [cut(comma.offset, end)]
    return [cut(comma.offset, comma.offset + 1), cutOfLine(text, start, end)]
  }
  // The first entry goes with the comma behind it.
  const next = pairsOf(map)[1]?.start.find(({ type }) => type === 'comma')
  if (!next) return [cut(start, end)]
  if (text.slice(end, next.offset).trim() !== '') return [cut(start, end), cut(next.offset, next.offset + 1)]
  return [cut(start, blanksBehind(text, next.offset + 1))]
}

/** Cuts what stands alone on its line together with the line. */
function cutOfLine(text: string, start: number, end: number): Splice {
  const lineStart = lineStartAt(text, start)
  const rest = /^[ \t]*(\r?\n)/.exec(text.slice(end, end + 200))
  const isAlone = text.slice(lineStart, start).trim() === '' && rest !== null
  return isAlone ? cut(lineStart, end + rest[0].length) : cut(start, end)
}

function removeFromBlock(text: string, map: CST.BlockMap, pair: PairToken): Splice {
  const start = startOf(pair)
  const end = endOfPair(pair)
  const lineStart = lineStartAt(text, start)
  const behind = text[end - 1] === '\n' ? end : nextLine(text, end)
  // The first entry may stand behind the dash of a list: what comes next takes its place there.
  if (text.slice(lineStart, start).trim() !== '') return cut(start, behind + indentAt(text, behind))
  // The end of the file has no line break to cut, so that of the line before goes.
  const isLast = pairsOf(map).at(-1) === pair
  if (isLast && behind === text.length && text[behind - 1] !== '\n')
    return cut(endOfLineBefore(text, lineStart), behind)
  return cut(lineStart, behind)
}

function endOfLineBefore(text: string, lineStart: number): number {
  return text[lineStart - 2] === '\r' ? lineStart - 2 : lineStart - 1
}

function nextLine(text: string, offset: number): number {
  const feed = text.indexOf('\n', offset)
  return feed === -1 ? text.length : feed + 1
}

function indentAt(text: string, offset: number): number {
  return /^[ \t\r\n]*/.exec(text.slice(offset, offset + 10_000))?.[0].length ?? 0
}

function blanksBehind(text: string, offset: number): number {
  return offset + (/^[ \t]*/.exec(text.slice(offset, offset + 1000))?.[0].length ?? 0)
}

function cut(start: number, end: number): Splice {
  return { start, end, text: '' }
}

/** Puts another value in the place of one; a text in block form keeps its line break. */
export function replaceValue(text: string, token: CST.Token, instead: string): Splice {
  const end = endOf(token)
  const eol = text[end - 1] === '\n' ? lineBreakAt(text, end) : ''
  return { start: token.offset, end, text: instead + eol }
}

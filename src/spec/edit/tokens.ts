// The text of a file as tokens that know where they stand. What people wrote is never printed anew: an edit is a few splices into the
// text, so that everything else stays byte for byte.
import { CST, Parser } from 'yaml'
import { EditError } from './edit-error.ts'

/** A map in block or flow form. */
export type MapToken = CST.BlockMap | CST.FlowCollection
/** An entry of a map. */
export type PairToken = CST.BlockMap['items'][number] | CST.FlowCollection['items'][number]
/** Steps from the root of a document to a value. */
type Path = readonly (string | number)[]

/** The token of a value of the document that holds the offset. Throws EditError where it is not there or cannot be reached in place. */
export function tokenAt(text: string, offset: number, path: Path): CST.Token {
  let found: CST.Document | undefined
  for (const token of new Parser().parse(text)) {
    if (token.type === 'document' && token.offset <= offset) found = token
  }
  let token = found?.value
  for (const step of path) token = typeof step === 'number' ? itemOf(token, step) : pairOf(token, step)?.value
  if (!token) throw new EditError(`nothing stands at ${path.join('.')}`)
  return token
}

/** True for a map in block or flow form. */
export function isMap(token: CST.Token | null | undefined): token is MapToken {
  return token?.type === 'block-map' || (token?.type === 'flow-collection' && token.start.type === 'flow-map-start')
}

/** The entry of a map under a key; undefined where the token is no map or has none. */
export function pairOf(token: CST.Token | null | undefined, key: string): PairToken | undefined {
  return isMap(token) ? pairsOf(token).find((pair) => keyOf(pair) === key) : undefined
}

/** The entries of a map that have a key, in their order. What stands behind the last one (a comma, comments) has none. */
export function pairsOf(map: MapToken): readonly PairToken[] {
  return (map.items as readonly PairToken[]).filter(({ key }) => key !== undefined && key !== null)
}

function keyOf({ key }: PairToken): string | undefined {
  return key === undefined || key === null ? undefined : CST.resolveAsScalar(key)?.value
}

function itemOf(token: CST.Token | null | undefined, index: number): CST.Token | undefined {
  if (token?.type === 'block-seq') {
    return token.items.filter(({ start }) => start.some(({ type }) => type === 'seq-item-ind'))[index]?.value
  }
  if (token?.type !== 'flow-collection' || token.start.type !== 'flow-seq-start') return undefined
  const item = token.items.filter(({ key, value }) => key || value)[index]
  if (item?.key) throw new EditError('an entry is a map without braces; put braces around it first')
  return item?.value
}

/** The offset where an entry of a map begins: at its key, or at the question mark before it. */
export function startOf({ start, key }: PairToken): number {
  return start.find(({ type }) => type === 'explicit-key-ind')?.offset ?? key?.offset ?? 0
}

/** The offset behind the last character that says something: blanks, comments and line ends behind it are not a part of a value. */
export function endOf(token: CST.Token): number {
  switch (token.type) {
    case 'block-map':
      return endOfLast(token.items)
    case 'block-seq':
      return endOfLast(token.items)
    case 'flow-collection': {
      const close = token.end.find(({ type }) => type === 'flow-map-end' || type === 'flow-seq-end')
      return close ? close.offset + close.source.length : endOfLast(token.items)
    }
    case 'block-scalar': {
      const head = token.props.at(-1)
      const start = head && 'source' in head ? head.offset + head.source.length : token.offset
      return start + token.source.length
    }
    case 'scalar':
    case 'single-quoted-scalar':
    case 'double-quoted-scalar':
      return token.offset + token.source.length
    default:
      throw new EditError('something here is not plain YAML')
  }
}

/** The offset behind an entry of a map. */
export function endOfPair({ key, sep, value }: PairToken): number {
  if (value) return endOf(value)
  const colon = sep?.find(({ type }) => type === 'map-value-ind')
  return colon ? colon.offset + colon.source.length : key ? endOf(key) : 0
}

function endOfLast(items: readonly Partial<PairToken>[]): number {
  const last = items.findLast(({ key, value }) => key || value)
  if (!last) throw new EditError('a list or a map is empty')
  return endOfPair({ start: [], ...last })
}

import { inOrder, lineEndAt, lineStartAt, type Splice, spliced } from './splice.ts'

/** Lines that change together, with the line before and the line behind them. */
export interface Hunk {
  /** Number of the first line that goes or before which lines come, from 1. */
  readonly line: number
  readonly removed: readonly string[]
  readonly added: readonly string[]
  readonly before?: string
  readonly behind?: string
}

/** What splices do to a text, by lines. */
export function hunksOf(text: string, splices: readonly Splice[]): readonly Hunk[] {
  const groups: Splice[][] = []
  let end = -1
  for (const splice of inOrder(splices)) {
    const last = groups.at(-1)
    if (last && lineStartAt(text, splice.start) <= end + 2) last.push(splice)
    else groups.push([splice])
    end = Math.max(end, lineEndAt(text, splice.end))
  }
  return groups.map((group) => hunkOf(text, group))
}

function hunkOf(text: string, group: readonly Splice[]): Hunk {
  const start = lineStartAt(text, group[0]?.start ?? 0)
  const end = lineEndAt(text, group.at(-1)?.end ?? 0)
  const moved = group.map((splice) => ({ ...splice, start: splice.start - start, end: splice.end - start }))
  const before = linesOf(text.slice(start, end))
  const after = linesOf(spliced(text.slice(start, end), moved))
  const head = commonStart(before, after)
  const tail = commonStart(before.slice(head).reverse(), after.slice(head).reverse())
  const first = text.slice(0, start).split('\n').length + head
  return {
    line: first,
    removed: before.slice(head, before.length - tail),
    added: after.slice(head, after.length - tail),
    ...lineOf('before', head > 0 ? before[head - 1] : lineAbove(text, start)),
    ...lineOf('behind', tail > 0 ? before[before.length - tail] : lineBelow(text, end)),
  }
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/)
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  let same = 0
  while (same < a.length && same < b.length && a[same] === b[same]) same += 1
  return same
}

function lineOf<K extends string>(key: K, line: string | undefined): { readonly [P in K]?: string } {
  return line === undefined ? {} : ({ [key]: line.replace(/\r$/, '') } as { readonly [P in K]?: string })
}

function lineAbove(text: string, start: number): string | undefined {
  return start === 0 ? undefined : text.slice(lineStartAt(text, start - 1), lineEndAt(text, start - 1))
}

function lineBelow(text: string, end: number): string | undefined {
  const feed = text.indexOf('\n', end)
  return feed === -1 || feed + 1 >= text.length ? undefined : text.slice(feed + 1, lineEndAt(text, feed + 1))
}

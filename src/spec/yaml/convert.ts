import { isMap, isScalar, isSeq, type ParsedNode, type YAMLMap, type YAMLSeq } from 'yaml'
import { printable } from '../problem.ts'
import { Positions } from './positions.ts'
import { entriesOf, placeholderOf, type Run, type RunEntry, type ShortenedText } from './runs.ts'

/** What a conversion may use up, and where it reports. */
export interface ConvertOptions {
  readonly lineStarts: Uint32Array
  readonly nodesLeft: number
  readonly maximumDepth: number
  readonly report: (offset: number, message: string, hint?: string) => void
  /** Where runs were taken out: how to put them back, with the original text. */
  readonly shortened?: ShortenedText
}

export interface Converted {
  readonly value: unknown
  readonly positions: Positions
  readonly nodesLeft: number
  /** Runs that were put back. */
  readonly runsFound: number
  /** True where a run held something that only the long way can judge. */
  readonly gaveUp: boolean
}

/** Short texts that come again and again (enum values) are kept once. */
const LONGEST_SHARED = 24
const MOST_SHARED = 1_000
/** Keys that are no text unless they stand in quotes. */
const WORD = /^(?:true|false|null)$/i

/** Turns a parsed node into plain data with positions. What is refused is reported and left out. */
export function convert(root: unknown, options: ConvertOptions): Converted {
  const conversion = new Conversion(root, options)
  const value = conversion.node(root, 1)
  const { positions, nodesLeft, runsFound, gaveUp } = conversion
  return { value, positions, nodesLeft, runsFound, gaveUp }
}

class Conversion {
  readonly positions: Positions
  nodesLeft: number
  runsFound = 0
  gaveUp = false
  readonly #options: ConvertOptions
  readonly #shared = new Map<string, string>()

  constructor(root: unknown, options: ConvertOptions) {
    this.#options = options
    this.nodesLeft = options.nodesLeft
    this.positions = new Positions(options.lineStarts, this.#offset(root))
  }

  node(node: unknown, depth: number): unknown {
    this.#spend(this.#offset(node), 1)
    if (this.nodesLeft < 0) return null
    if (isScalar(node)) return this.#scalar(node.value, node)
    if (!isMap(node) && !isSeq(node)) return null
    if (depth > this.#options.maximumDepth) {
      this.#report(node, `values are nested more than ${this.#options.maximumDepth} deep`)
      return null
    }
    return isMap(node) ? this.#map(node, depth) : this.#list(node, depth)
  }

  #map(map: YAMLMap, depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    let slot = this.positions.reserve(object, map.items.length)
    for (const pair of map.items) {
      const key = this.#key(pair.key, object)
      if (key === undefined) continue
      this.positions.set(slot, this.#offset(pair.key))
      this.positions.set(slot + 1, this.#offset(pair.value ?? pair.key))
      slot += 2
      object[key] = this.node(pair.value, depth + 1)
    }
    return object
  }

  #list(list: YAMLSeq, depth: number): unknown[] {
    const runs = list.items.map((item) => this.#runOf(item))
    const length = runs.reduce((total, run) => total + (run?.count ?? 1), 0)
    const array: unknown[] = []
    let slot = this.positions.reserve(array, length)
    for (const [index, item] of list.items.entries()) {
      const run = runs[index]
      if (run === undefined) {
        this.positions.set(slot, this.#offset(item))
        array.push(this.node(item, depth + 1))
        slot += 1
      } else slot = this.#expand(run, array, slot)
    }
    return array
  }

  #runOf(item: unknown): Run | undefined {
    if (this.#options.shortened === undefined || !isScalar(item)) return undefined
    return this.#options.shortened.runs[placeholderOf(item.value) ?? -1]
  }

  /** Puts the entries of a run where its placeholder stands. */
  #expand(run: Run, array: unknown[], firstSlot: number): number {
    let slot = firstSlot
    this.runsFound += 1
    for (const entry of entriesOf(this.#options.shortened?.text ?? '', run)) {
      this.positions.set(slot, entry.offset)
      slot += 1
      this.#spend(entry.offset, 1 + (entry.fields?.length ?? 0) * 2)
      array.push(entry.fields === undefined ? this.#text(entry.text ?? '') : this.#fields(entry.fields))
    }
    return slot
  }

  #fields(fields: NonNullable<RunEntry['fields']>): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    let slot = this.positions.reserve(object, fields.length)
    for (const { key, value, keyOffset, valueOffset } of fields) {
      this.positions.set(slot, keyOffset)
      this.positions.set(slot + 1, valueOffset)
      slot += 2
      if (WORD.test(key) || this.#keyFault(key, object) !== undefined) this.gaveUp = true
      object[key] = value === 'true' ? true : value === 'false' ? false : this.#text(value)
    }
    return object
  }

  /** A key that may become a property; undefined after reporting one that may not. */
  #key(node: unknown, object: Readonly<Record<string, unknown>>): string | undefined {
    this.#spend(this.#offset(node), 1)
    const key = isScalar(node) ? node.value : undefined
    const fault = this.#keyFault(key, object)
    if (fault === undefined) return key as string
    this.#report(node, fault)
    return undefined
  }

  #keyFault(key: unknown, object: Readonly<Record<string, unknown>>): string | undefined {
    if (typeof key !== 'string') return 'a field name must be a word; put numbers, true, false and null in quotes'
    if (key === '<<') return 'merge keys (<<) are not allowed; write the fields out'
    if (key in Object.prototype || key === 'prototype') return `\`${key}\` is reserved and cannot be a field name`
    if (/^[0-9]+$/.test(key)) return 'a field name cannot be a number'
    return Object.hasOwn(object, key) ? `\`${printable(key, 60)}\` is written twice; keep one` : undefined
  }

  #scalar(value: unknown, node: unknown): unknown {
    if (typeof value === 'string') return this.#text(value)
    if (typeof value !== 'number' || Number.isFinite(value)) return value
    this.#report(node, 'this is no finite number; put it in quotes if it is meant as text')
    return null
  }

  #text(value: string): string {
    if (value.length > LONGEST_SHARED) return value
    const shared = this.#shared.get(value)
    if (shared !== undefined) return shared
    if (this.#shared.size < MOST_SHARED) this.#shared.set(value, value)
    return value
  }

  #spend(offset: number, values: number): void {
    const before = this.nodesLeft
    this.nodesLeft -= values
    if (before < 0 || this.nodesLeft >= 0) return
    this.#options.report(offset, 'the file holds too many values; split it into several files')
  }

  #report(node: unknown, message: string): void {
    this.#options.report(this.#offset(node), message)
  }

  #offset(node: unknown): number {
    const offset = (node as ParsedNode | null)?.range?.[0] ?? 0
    return this.#options.shortened?.originalOffset(offset) ?? offset
  }
}

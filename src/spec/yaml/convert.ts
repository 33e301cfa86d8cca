import { isMap, isScalar, isSeq, type ParsedNode, type YAMLMap, type YAMLSeq } from 'yaml'
import { printable } from '../problem.ts'
import { Positions } from './positions.ts'

/** What a conversion may use up, and where it reports. */
export interface ConvertOptions {
  readonly lineStarts: Uint32Array
  readonly nodesLeft: number
  readonly maximumDepth: number
  readonly report: (offset: number, message: string, hint?: string) => void
}

export interface Converted {
  readonly value: unknown
  readonly positions: Positions
  readonly nodesLeft: number
}

/** Short texts that come again and again (enum values) are kept once. */
const LONGEST_SHARED = 24
const MOST_SHARED = 1_000

/** Turns a parsed node into plain data with positions. What is refused is reported and left out. */
export function convert(root: unknown, options: ConvertOptions): Converted {
  const positions = new Positions(options.lineStarts, offsetOf(root))
  const conversion = new Conversion(options, positions)
  const value = conversion.node(root, 1)
  return { value, positions, nodesLeft: conversion.nodesLeft }
}

class Conversion {
  readonly #report: ConvertOptions['report']
  readonly #maximumDepth: number
  readonly #positions: Positions
  readonly #shared = new Map<string, string>()
  nodesLeft: number

  constructor(options: ConvertOptions, positions: Positions) {
    this.#report = options.report
    this.#maximumDepth = options.maximumDepth
    this.#positions = positions
    this.nodesLeft = options.nodesLeft
  }

  node(node: unknown, depth: number): unknown {
    this.nodesLeft -= 1
    if (this.nodesLeft < 0) return this.#exhausted(node)
    if (isScalar(node)) return this.#scalar(node.value, node)
    if (!isMap(node) && !isSeq(node)) return null
    if (depth > this.#maximumDepth) {
      this.#report(offsetOf(node), `values are nested more than ${this.#maximumDepth} deep`)
      return null
    }
    return isMap(node) ? this.#map(node, depth) : this.#list(node, depth)
  }

  #map(map: YAMLMap, depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    const block = this.#positions.reserve(object, map.items.length)
    let slot = block
    for (const pair of map.items) {
      const key = this.#key(pair.key, object)
      if (key === undefined) continue
      this.#positions.set(slot, offsetOf(pair.key))
      this.#positions.set(slot + 1, offsetOf(pair.value ?? pair.key))
      slot += 2
      object[key] = this.node(pair.value, depth + 1)
    }
    return object
  }

  #list(list: YAMLSeq, depth: number): unknown[] {
    const array: unknown[] = new Array(list.items.length)
    const block = this.#positions.reserve(array, list.items.length)
    for (const [index, item] of list.items.entries()) {
      this.#positions.set(block + index, offsetOf(item))
      array[index] = this.node(item, depth + 1)
    }
    return array
  }

  /** A key that may become a property; undefined after reporting one that may not. */
  #key(node: unknown, object: Readonly<Record<string, unknown>>): string | undefined {
    const offset = offsetOf(node)
    const key = isScalar(node) ? node.value : undefined
    this.nodesLeft -= 1
    if (typeof key !== 'string')
      this.#report(offset, 'a field name must be a word; put numbers, true, false and null in quotes')
    else if (key === '<<') this.#report(offset, 'merge keys (<<) are not allowed; write the fields out')
    else if (key in Object.prototype || key === 'prototype')
      this.#report(offset, `\`${key}\` is reserved and cannot be a field name`)
    else if (/^[0-9]+$/.test(key)) this.#report(offset, 'a field name cannot be a number')
    else if (Object.hasOwn(object, key)) this.#report(offset, `\`${printable(key, 60)}\` is written twice; keep one`)
    else return key
    return undefined
  }

  #scalar(value: unknown, node: unknown): unknown {
    if (typeof value === 'string') return this.#text(value)
    if (typeof value !== 'number' || Number.isFinite(value)) return value
    this.#report(offsetOf(node), 'this is no finite number; put it in quotes if it is meant as text')
    return null
  }

  #text(value: string): string {
    if (value.length > LONGEST_SHARED) return value
    const shared = this.#shared.get(value)
    if (shared !== undefined) return shared
    if (this.#shared.size < MOST_SHARED) this.#shared.set(value, value)
    return value
  }

  #exhausted(node: unknown): null {
    if (this.nodesLeft === -1)
      this.#report(offsetOf(node), 'the file holds too many values; split it into several files')
    return null
  }
}

function offsetOf(node: unknown): number {
  return (node as ParsedNode | null)?.range?.[0] ?? 0
}

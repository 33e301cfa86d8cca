import type { EntityDefinition } from '../../world.ts'
import { badRequest } from '../errors.ts'

/** One expanded single-valued navigation property with the names of its `$select`. */
export interface Expansion {
  readonly navigation: string
  readonly select: readonly string[] | undefined
}

/** Parses `$expand=nav($select=a,b),other`, of which there may be at most `most`. Collections and nested options are refused with 400. */
export function parseExpand(definition: EntityDefinition, text: string, most: number): readonly Expansion[] {
  const expansions = splitOutside(text).map((part) => parseExpansion(definition, part.trim()))
  if (expansions.length > most) {
    throw badRequest(`The number of expanded navigation properties exceeds the limit of ${most}.`)
  }
  return expansions
}

function parseExpansion(definition: EntityDefinition, part: string): Expansion {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:\((.*)\))?$/s.exec(part)
  const navigation = match?.[1] ?? part
  if (match === null || !definition.navigation.has(navigation)) {
    if (definition.collections.has(navigation)) {
      throw badRequest(`Expanding the collection '${navigation}' is not supported by this simulator.`)
    }
    throw badRequest(
      `Could not find a property named '${navigation}' on type 'Microsoft.Dynamics.CRM.${definition.name}'.`,
    )
  }
  const options = match[2]
  if (options === undefined) return { navigation, select: undefined }
  const select = /^\s*\$select=([^;]*)$/.exec(options)?.[1]
  if (select === undefined) throw badRequest(`The options of '$expand=${navigation}' are not supported.`)
  return { navigation, select: parseSelect(select) }
}

/** The names of a `$select` list, in order, without repetitions. */
export function parseSelect(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.includes('')) throw badRequest(`Syntax error in the '$select' list '${text}'.`)
  return [...new Set(names)]
}

/** Splits at commas that stand outside parentheses. */
export function splitOutside(text: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '(') depth++
    else if (character === ')') depth--
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

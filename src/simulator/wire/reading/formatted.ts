import type { AttributeDefinition, Value, World } from '../../world.ts'
import { definitionOf } from '../service/call.ts'

/**
 * The formatted value of a column in the organization's language, or undefined where there is none (plain text, keys, empty values).
 * Labels, names of referenced rows, dates and numbers have one (Microsoft, Web API: select columns).
 */
export function formattedValue(world: World, attribute: AttributeDefinition, value: Value): string | undefined {
  if (value === null) return undefined
  if (typeof value === 'object') {
    const name = world.rows(value.entity).get(value.id)?.[definitionOf(world, value.entity).primaryName]
    return typeof name === 'string' ? name : undefined
  }
  switch (attribute.type) {
    case 'Boolean':
      return (BOOLEAN_LABELS[world.language] ?? ENGLISH)[value === true ? 1 : 0]
    case 'DateTime':
      return typeof value === 'string' ? formattedDate(world.language, value) : undefined
    case 'String':
    case 'Memo':
    case 'Uniqueidentifier':
    case 'Image':
    case 'Lookup':
    case 'Owner':
      return undefined
    default:
      return formattedNumber(world.language, attribute, Number(value))
  }
}

const ENGLISH = ['No', 'Yes'] as const
const BOOLEAN_LABELS: Readonly<Record<number, readonly [string, string]>> = {
  1031: ['Nein', 'Ja'],
  1036: ['Non', 'Oui'],
}

function formattedNumber(language: number, attribute: AttributeDefinition, value: number): string {
  const option = attribute.options?.find((candidate) => candidate.value === value)
  if (option !== undefined) return option.label
  const separator = language === 1033 ? ',' : '.'
  return String(value).replace(/\B(?=(?:\d{3})+(?!\d))/g, separator)
}

function formattedDate(language: number, iso: string): string {
  const [year = '', month = '', day = ''] = iso.slice(0, 10).split('-')
  const time = iso.slice(11, 16)
  if (language !== 1033) return `${day}.${month}.${year} ${time}`
  const hour = Number(time.slice(0, 2))
  return `${Number(month)}/${Number(day)}/${year} ${hour % 12 === 0 ? 12 : hour % 12}${time.slice(2)} ${hour < 12 ? 'AM' : 'PM'}`
}

// The grammar of the column lines: `name type[:detail[:format]] flags [required] [= default]`, parted by blanks.
//   flags     C valid for create, U for update, R for read; `-` for none
//   required  S SystemRequired, A ApplicationRequired
//   detail    String, Memo: maximum length; Integer: range `min..max`; Picklist, State, Status: name of an option set;
//             Lookup, Owner: target tables joined by commas, `-` where no simulated table is one; DateTime: a format
import type { AttributeDefinition, EntityDefinition, EntityName, Value } from '../world.ts'
import { OPTION_SETS } from './option-sets.ts'

/** A table as written down in this folder; `tableOf` turns it into a definition. */
export interface TableSource {
  readonly name: EntityName
  readonly entitySet: string
  readonly primaryId: string
  readonly primaryName: string
  readonly messages: string
  /** Navigation property, column, target, and 'bindable' where a request may bind it. */
  readonly navigation: readonly (readonly [string, string, EntityName | 'principal', 'bindable'?])[]
  /** Collection-valued navigation property, table it lists, lookup column of that table. */
  readonly collections: readonly (readonly [string, EntityName, string])[]
  readonly columns: string
}

/** A column with what only the world needs: the value a new row starts with, and the format of its text. */
export interface ColumnDefinition extends AttributeDefinition {
  readonly initial: Value
  readonly format?: string
}

/** A table whose columns know their initial values. */
export interface TableDefinition extends EntityDefinition {
  readonly attributes: ReadonlyMap<string, ColumnDefinition>
}

/** Builds the definition of a table. Throws where a line breaks the grammar, which only a mistake in this folder can cause. */
export function tableOf(source: TableSource): TableDefinition {
  const columns = source.columns.trim().split('\n').map(columnOf)
  return {
    name: source.name,
    entitySet: source.entitySet,
    primaryId: source.primaryId,
    primaryName: source.primaryName,
    messages: new Set(source.messages.split(' ')),
    attributes: new Map(columns.map((column) => [column.name, column])),
    navigation: new Map(
      source.navigation.map(([name, column, target, bindable]) => [
        name,
        { column, target, bindable: bindable !== undefined },
      ]),
    ),
    collections: new Map(source.collections.map(([name, entity, column]) => [name, { entity, column }])),
  }
}

const LINE = /^(\w+) +(\w+)(?::(\S+))? +(C?U?R?|-)(?: ([SA]))?(?: = (\S+))?$/
const REQUIRED = { S: 'SystemRequired', A: 'ApplicationRequired' } as const

function columnOf(line: string): ColumnDefinition {
  const [, name, type, detail, flags, required, initial] = LINE.exec(line) ?? []
  if (name === undefined || type === undefined || flags === undefined) throw new Error(`not a column line: ${line}`)
  return {
    name,
    type,
    required: required === 'S' || required === 'A' ? REQUIRED[required] : 'None',
    create: flags.includes('C'),
    update: flags.includes('U'),
    read: flags.includes('R'),
    initial: initialOf(initial),
    ...detailOf(type, detail),
  }
}

function initialOf(text: string | undefined): Value {
  if (text === undefined) return null
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d+$/.test(text) ? Number(text) : text
}

function detailOf(type: string, detail: string | undefined): Partial<ColumnDefinition> {
  switch (type) {
    case 'String':
    case 'Memo': {
      const [length, format] = (detail ?? '').split(':')
      return { maxLength: Number(length), ...(format ? { format } : {}) }
    }
    case 'Integer':
      return rangeOf(detail ?? '..')
    case 'DateTime':
      return detail ? { format: detail } : {}
    case 'Picklist':
    case 'State':
    case 'Status':
      return { options: optionsOf(detail ?? '') }
    case 'Lookup':
    case 'Owner':
      return { targets: detail === '-' || !detail ? [] : (detail.split(',') as EntityName[]) }
    default:
      return {}
  }
}

function rangeOf(text: string): Partial<ColumnDefinition> {
  const [min, max] = text.split('..')
  return { min: min ? Number(min) : -2147483648, max: max ? Number(max) : 2147483647 }
}

function optionsOf(name: string): NonNullable<ColumnDefinition['options']> {
  const set = OPTION_SETS[name]
  if (set === undefined) throw new Error(`no option set called ${name}`)
  return set.split('; ').map((entry) => {
    const [, value, label, state] = /^(\d+)=(.*?)(?:@(\d+))?$/.exec(entry) ?? []
    return { value: Number(value), label: label ?? '', ...(state === undefined ? {} : { state: Number(state) }) }
  })
}

import type { EntityName, Switches, WireVersion } from '../world.ts'
import { EMAIL_SERVER_PROFILE } from './email-server-profile.ts'
import { MAILBOX } from './mailbox.ts'
import { ORGANIZATION } from './organization.ts'
import { type TableDefinition, tableOf } from './parse.ts'
import { QUEUE } from './queue.ts'
import { PRIVILEGE, TEAM } from './small-tables.ts'
import { SYSTEM_USER } from './system-user.ts'
import { TRACE_LOG } from './trace-log.ts'

export type { ColumnDefinition, TableDefinition } from './parse.ts'

const SOURCES = [EMAIL_SERVER_PROFILE, MAILBOX, ORGANIZATION, QUEUE, SYSTEM_USER, TEAM, TRACE_LOG, PRIVILEGE]

/** Read-only in the 8.2 entity reference, writable from 9.0 on (Microsoft, Web API reference: mailbox EntityType). */
const READ_ONLY_IN_8_2 = new Set(['incomingemailstatus', 'outgoingemailstatus', 'actstatus'])

/** What stands where something never happened (observed default), unless the switch `neverDates` says null. */
export const NEVER = '1900-01-01T00:00:00Z'

/** The tables of an organization as this version of the wire describes them. */
export function definitionsOf(
  version: WireVersion,
  { neverDates, entityNameColumns }: Partial<Switches> = {},
): ReadonlyMap<EntityName, TableDefinition> {
  const tables = SOURCES.map(tableOf)
  const versioned = tables.map((table) => (version === '8.2' ? asIn82(table) : table))
  const dated = neverDates === 'null' ? versioned.map(withEmptyDates) : versioned
  const named = entityNameColumns === 'text' ? dated.map(withEntityNames) : dated
  return new Map(named.map((table) => [table.name, table]))
}

/** Lookups by the EntityName column that tells their table. */
const COMPANIONS: Readonly<Record<string, string>> = {
  owneridtype: 'ownerid',
  regardingobjecttypecode: 'regardingobjectid',
  regardingobjectowneridtype: 'regardingobjectownerid',
}

function withEntityNames(table: TableDefinition): TableDefinition {
  const attributes = [...table.attributes].map(([name, column]) => {
    const companionOf = column.type === 'EntityName' ? COMPANIONS[name] : undefined
    return [name, companionOf === undefined ? column : { ...column, companionOf }] as const
  })
  return { ...table, attributes: new Map(attributes) }
}

function withEmptyDates(table: TableDefinition): TableDefinition {
  const attributes = [...table.attributes].map(
    ([name, column]) => [name, column.initial === NEVER ? { ...column, initial: null } : column] as const,
  )
  return { ...table, attributes: new Map(attributes) }
}

function asIn82(table: TableDefinition): TableDefinition {
  if (table.name !== 'mailbox') return table
  const attributes = [...table.attributes].map(
    ([name, column]) => [name, READ_ONLY_IN_8_2.has(name) ? { ...column, update: false } : column] as const,
  )
  return { ...table, attributes: new Map(attributes) }
}

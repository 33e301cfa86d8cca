import type { EntityName, WireVersion } from '../world.ts'
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

/** The tables of an organization as this version of the wire describes them. */
export function definitionsOf(version: WireVersion): ReadonlyMap<EntityName, TableDefinition> {
  const tables = SOURCES.map(tableOf)
  return new Map(tables.map((table) => [table.name, version === '8.2' ? asIn82(table) : table]))
}

function asIn82(table: TableDefinition): TableDefinition {
  if (table.name !== 'mailbox') return table
  const attributes = [...table.attributes].map(
    ([name, column]) => [name, READ_ONLY_IN_8_2.has(name) ? { ...column, update: false } : column] as const,
  )
  return { ...table, attributes: new Map(attributes) }
}

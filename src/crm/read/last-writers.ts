// Who changed rows last. Every table of CRM says it in `modifiedby` and `modifiedon` (Microsoft, entity reference). What is asked are the few
// rows that are not as they should be, in filters over their ids, and then the users behind them.
import type { RemoteRecord } from '../../engine/index.ts'
import type { LastWriter } from '../organization.ts'
import type { Probed } from '../probe.ts'
import type { PageSource } from './pages.ts'
import { readSelected } from './selection.ts'
import { selectOf, type Table } from './table.ts'
import { lookup, optionalText, time } from './values.ts'

/** Tables whose rows can be asked about, by their logical names. */
const SETS: Readonly<Record<string, { readonly entitySet: string; readonly key: string }>> = {
  mailbox: { entitySet: 'mailboxes', key: 'mailboxid' },
  emailserverprofile: { entitySet: 'emailserverprofiles', key: 'emailserverprofileid' },
  organization: { entitySet: 'organizations', key: 'organizationid' },
  systemuser: { entitySet: 'systemusers', key: 'systemuserid' },
  queue: { entitySet: 'queues', key: 'queueid' },
}

interface Stamp {
  readonly at: string | null
  readonly userId: string | null
}

interface Person {
  readonly name: string | null
  readonly account: string | null
}

const PERSON: Table<Person> = {
  name: 'systemuser',
  entitySet: 'systemusers',
  key: 'systemuserid',
  essential: ['fullname'],
  optional: ['domainname'],
  annotated: false,
  decode: (raw) => ({
    name: optionalText(raw['fullname'], 'fullname'),
    account: raw['domainname'] === undefined ? null : optionalText(raw['domainname'], 'domainname'),
  }),
}

/** By the id of the row: who changed it last. Rows that are gone, or of which CRM does not tell, are left out. Throws CrmError. */
export async function readLastWriters(
  source: PageSource,
  { facts }: Probed,
  ours: ReadonlySet<string>,
  records: readonly RemoteRecord[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, LastWriter>> {
  const stamps = new Map<string, Stamp>()
  for (const [name, ids] of byTable(records)) {
    const table = stampTable(name)
    const columns = facts.tables.get(name)
    if (!table || !columns?.readable.has('modifiedby')) continue
    const { rows } = await readSelected(source, table, selectOf(table, columns), table.key, ids, signal)
    for (const [id, stamp] of rows) stamps.set(id, stamp)
  }
  const users = new Set([...stamps.values()].flatMap(({ userId }) => (userId && !ours.has(userId) ? [userId] : [])))
  const columns = selectOf(PERSON, facts.tables.get(PERSON.name))
  const { rows: people } = await readSelected(source, PERSON, columns, PERSON.key, users, signal)
  return new Map(
    [...stamps].flatMap(([id, { at, userId }]) => {
      if (userId === null) return []
      const { name = null, account = null } = people.get(userId) ?? {}
      return [[id, { at, userId, name, account, isOurs: ours.has(userId) }] as const]
    }),
  )
}

function byTable(records: readonly RemoteRecord[]): ReadonlyMap<string, ReadonlySet<string>> {
  const tables = new Map<string, Set<string>>()
  for (const { table, id } of records) {
    const ids = tables.get(table) ?? new Set()
    tables.set(table, ids.add(id.toLowerCase()))
  }
  return tables
}

function stampTable(name: string): Table<Stamp> | undefined {
  const set = Object.hasOwn(SETS, name) ? SETS[name] : undefined
  return (
    set && {
      name,
      ...set,
      essential: [],
      optional: ['modifiedon', '_modifiedby_value'],
      annotated: false,
      decode: (raw) => ({
        at: time(raw['modifiedon'], 'modifiedon'),
        userId: lookup(raw['_modifiedby_value'], 'modifiedby'),
      }),
    }
  )
}

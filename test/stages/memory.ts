// An organization in memory that keeps the contract of the readers and writers: for traps that need rows no simulator would give.
import type { OrganizationReader, OrganizationWriter, Probe, WriteOperation } from '../../src/crm/organization.ts'
import type {
  AlertRow,
  HolderRow,
  Listing,
  MailboxRow,
  OrganizationRow,
  ProfileRow,
  Selection,
  TeamRow,
  Unreadable,
} from '../../src/crm/rows.ts'
import type { Remote } from './pass.ts'

/** What an organization in memory holds. */
export interface MemoryRows {
  readonly mailboxes?: readonly MailboxRow[]
  readonly users?: readonly HolderRow[]
  readonly queues?: readonly HolderRow[]
  readonly profiles?: readonly ProfileRow[]
  readonly teams?: readonly TeamRow[]
  readonly alerts?: readonly AlertRow[]
  readonly organization?: Partial<OrganizationRow>
  readonly probe?: Partial<Probe>
  /** `null`: the server does not tell it. */
  readonly uniqueName?: string | null
  /** Rows that could not be decoded, by set. */
  readonly unreadable?: {
    readonly [Set in 'mailboxes' | 'users' | 'queues' | 'profiles']?: Readonly<Record<string, Unreadable>>
  }
}

/** An organization in memory, with what was asked of it. */
export interface Memory extends Remote {
  /** One entry per read: `mailboxes all`, `users 3`. */
  readonly reads: string[]
  readonly operations: WriteOperation[]
  /** Takes other rows from now on. */
  change(rows: Partial<MemoryRows>): void
}

/** The organization every test row belongs to. */
export const ORGANIZATION_ID = 'a087eaf3-00b3-49c9-8706-c4ebfb2627fd'

const ACCESSES = ['Read', 'Create', 'Write', 'Delete', 'Assign', 'Append', 'AppendTo']
const TABLES = ['Mailbox', 'EmailServerProfile', 'Organization', 'User', 'Queue', 'Team', 'TraceLog']

/** What a system administrator may do. */
export const ALL_PRIVILEGES: ReadonlySet<string> = new Set([
  'prvApproveRejectEmailAddress',
  ...TABLES.flatMap((table) => ACCESSES.map((access) => `prv${access}${table}`)),
])

/** An organization with these rows. Its writer notes operations and does nothing. */
export function memory(initial: MemoryRows): Memory {
  let rows = initial
  const reads: string[] = []
  const operations: WriteOperation[] = []
  const writer: OrganizationWriter = {
    async *write(more) {
      operations.push(...more)
      for (const { ref } of more) yield { ref, outcome: 'done' }
    },
  }
  return {
    reads,
    operations,
    change: (more) => {
      rows = { ...rows, ...more }
    },
    reader: () => readerOf(rows, reads),
    writer: () => writer,
  }
}

/** A reader of these rows; notes what it is asked. */
export function readerOf(rows: MemoryRows, reads: string[] = []): OrganizationReader {
  function set<T extends { readonly id: string }>(
    name: 'mailboxes' | 'users' | 'queues' | 'profiles' | 'teams',
    all: readonly T[] = [],
    selection: Selection = 'all',
  ): Listing<T> {
    reads.push(`${name} ${selection === 'all' ? 'all' : selection.size}`)
    const unreadable = name === 'teams' ? {} : (rows.unreadable?.[name] ?? {})
    const asked = (id: string) => selection === 'all' || selection.has(id)
    return {
      rows: new Map(all.filter(({ id }) => asked(id)).map((row) => [row.id, row])),
      unknown: new Map(Object.entries(unreadable).filter(([id]) => asked(id))),
    }
  }
  const organization: OrganizationRow = {
    id: ORGANIZATION_ID,
    defaultProfileId: null,
    connectionChannel: 'ServerSideSync',
    requireApproval: { users: true, queues: true },
    ...rows.organization,
  }
  const probe: Probe = {
    organizationId: ORGANIZATION_ID,
    userId: '00000000-0000-4000-8000-00000000aaaa',
    version: '9.1.27.15',
    privileges: ALL_PRIVILEGES,
    clockSkewMs: 0,
    columns: new Map(),
    ...rows.probe,
  }
  return {
    probe: async () => probe,
    organization: async () => organization,
    uniqueName: async () => (rows.uniqueName === undefined ? 'contoso-sales' : (rows.uniqueName ?? undefined)),
    profiles: async () => set('profiles', rows.profiles),
    teams: async () => set('teams', rows.teams),
    mailboxes: async (selection) => set('mailboxes', rows.mailboxes, selection),
    users: async (selection) => set('users', rows.users, selection),
    queues: async (selection) => set('queues', rows.queues, selection),
    lastWriters: async () => new Map(),
    async alerts(ids) {
      reads.push(`alerts ${ids.size}`)
      const found = new Map<string, AlertRow[]>()
      for (const alert of rows.alerts ?? []) {
        if (ids.has(alert.regardingId)) found.set(alert.regardingId, [...(found.get(alert.regardingId) ?? []), alert])
      }
      return found
    },
  }
}

/** An identifier for the nth thing of a kind. */
export function idOf(kind: number, number: number): string {
  return `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(number).padStart(12, '0')}`
}

/** A person: user and mailbox, healthy and approved. */
export function person(
  number: number,
  address: string,
  fields: { readonly mailbox?: Partial<MailboxRow>; readonly holder?: Partial<HolderRow> } = {},
): { readonly mailbox: MailboxRow; readonly user: HolderRow } {
  const user: HolderRow = {
    id: idOf(2, number),
    type: 'User',
    name: `Person ${number}`,
    address,
    approval: 'Approved',
    active: true,
    modifiedOn: '2026-11-01T08:00:00Z',
    ...fields.holder,
  }
  return { user, mailbox: mailboxRow(number, { address, regardingId: user.id, ...fields.mailbox }) }
}

/** A mailbox that works. */
export function mailboxRow(number: number, fields: Partial<MailboxRow> = {}): MailboxRow {
  return {
    id: idOf(1, number),
    name: `Person ${number}`,
    address: `person${number}@contoso.com`,
    type: 'User',
    regardingId: idOf(2, number),
    ownerId: idOf(2, number),
    profileId: idOf(3, 1),
    incoming: 'ServerSideSync',
    outgoing: 'ServerSideSync',
    appointmentsContactsTasks: 'ServerSideSync',
    approval: 'Approved',
    primarySync: false,
    processEmailFrom: null,
    processAndDelete: false,
    active: true,
    serviceAccount: false,
    testScheduled: false,
    testCompletedOn: '2026-11-10T08:00:00Z',
    testPostponedUntil: null,
    testTries: 1,
    processing: false,
    processedOn: '2026-11-20T07:58:00Z',
    lastSyncedOn: '2026-11-20T07:58:00Z',
    postponedUntil: null,
    status: { incoming: 'Success', outgoing: 'Success', appointmentsContactsTasks: 'Success' },
    enabled: { incoming: true, outgoing: true, appointmentsContactsTasks: true },
    modifiedOn: '2026-11-12T08:00:00Z',
    modifiedById: idOf(2, 999),
    ...fields,
  }
}

/** A profile for Exchange Online. */
export function profileRow(number: number, displayName: string, fields: Partial<ProfileRow> = {}): ProfileRow {
  return {
    id: idOf(3, number),
    displayName,
    serverType: 'ExchangeOnlineHybrid',
    description: null,
    active: true,
    ownerId: idOf(2, 1),
    ownerType: 'User',
    incomingPasswordSet: false,
    outgoingPasswordSet: false,
    modifiedOn: null,
    modifiedById: null,
    ...fields,
  }
}

/** An organization of these people, with one profile. */
export function peopled(...people: readonly ReturnType<typeof person>[]): MemoryRows {
  return {
    mailboxes: people.map(({ mailbox }) => mailbox),
    users: people.map(({ user }) => user),
    profiles: [profileRow(1, 'Exchange Online')],
  }
}

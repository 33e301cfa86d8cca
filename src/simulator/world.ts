// The contract between the two halves of the simulator. `world/` keeps the rows and the rules of one CRM organization (what happens
// when something is created, changed, tested); `wire/` speaks HTTP and OData. The wire half knows a world only through these types.

import type { Switches } from './switches.ts'

export type { Switches } from './switches.ts'

/** Logical names of the tables the simulated organization holds. */
export type EntityName =
  | 'emailserverprofile'
  | 'mailbox'
  | 'organization'
  | 'queue'
  | 'systemuser'
  | 'team'
  | 'tracelog'
  | 'privilege'

/** A reference to another row, as stored in a lookup column. */
export interface Reference {
  readonly entity: EntityName
  readonly id: string
}

/** What a column holds: lookups as references, dates as ISO 8601 text in UTC, everything else as JSON. */
export type Value = string | number | boolean | null | Reference

/** A row by column name (logical names, lookups without `_…_value`). The key column and `versionnumber` are always there. */
export type Row = Record<string, Value>

/** One column as the metadata describes it. */
export interface AttributeDefinition {
  readonly name: string
  readonly type: string
  readonly maxLength?: number
  readonly min?: number
  readonly max?: number
  readonly options?: readonly { readonly value: number; readonly label: string; readonly state?: number }[]
  readonly required: 'None' | 'ApplicationRequired' | 'SystemRequired'
  readonly create: boolean
  readonly update: boolean
  readonly read: boolean
  readonly targets?: readonly EntityName[]
  /** The lookup whose table an EntityName column tells, where it is shown at all. */
  readonly companionOf?: string
}

/** One table as the metadata describes it. `navigation` maps a single-valued navigation property to its column and target. */
export interface EntityDefinition {
  readonly name: EntityName
  readonly entitySet: string
  readonly primaryId: string
  readonly primaryName: string
  readonly messages: ReadonlySet<string>
  readonly attributes: ReadonlyMap<string, AttributeDefinition>
  readonly navigation: ReadonlyMap<
    string,
    { readonly column: string; readonly target: EntityName | 'principal'; readonly bindable: boolean }
  >
  readonly collections: ReadonlyMap<string, { readonly entity: EntityName; readonly column: string }>
}

/** A refusal of the simulated server. `code` may be empty, as it often is on-premises. */
export class CrmFault extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.name = 'CrmFault'
    this.status = status
    this.code = code
  }
}

/** A row that is gone, and the row version its deletion drew. */
export interface Deletion {
  readonly entity: EntityName
  readonly id: string
  readonly version: number
}

/** Who is calling: a user of the organization and the privileges that user holds. */
export interface Caller {
  readonly userId: string
  readonly businessUnitId: string
  readonly privileges: ReadonlySet<string>
}

/** How a caller is told from its request. */
export type CallerLookup = (authorization: string | undefined) => Caller | undefined

/** One simulated organization: rows, rules and its own clock. Every method is synchronous, so a request is atomic by itself. */
export interface World {
  readonly version: WireVersion
  readonly organizationId: string
  /** Language of formatted values and alert texts, a Windows LCID such as 1033 or 1031. */
  readonly language: number
  readonly definitions: ReadonlyMap<EntityName, EntityDefinition>
  readonly switches: Switches
  /** Only administrators may call. */
  readonly isInAdministrationMode: boolean
  now(): Date
  /** The rows in a stable order. Rows are never mutated in place: an update puts a new object. */
  rows(entity: EntityName): ReadonlyMap<string, Readonly<Row>>
  /** The newest row version of the organization. */
  readonly rowVersion: number
  /** The rows that are gone, in the order in which they went. */
  deletions(): readonly Deletion[]
  /** Lets `work` happen so much later; a refusal is then lost. */
  later(delayMs: number, work: () => void): void
  /** Someone at the web client writes a row that exists; nothing happens where it does not. Throws CrmFault. */
  editByHand(entity: EntityName, id: string, columns: Readonly<Row>): void
  /** Checks privileges, columns, limits and references, applies defaults and side effects. Throws CrmFault. Returns the id. */
  create(caller: Caller, entity: EntityName, columns: Readonly<Row>): string
  /** As `create`, for an existing row. Throws CrmFault 404 where there is none. */
  update(caller: Caller, entity: EntityName, id: string, columns: Readonly<Row>): void
  remove(caller: Caller, entity: EntityName, id: string): void
  /** Throws CrmFault 403 where the caller may not read this table. */
  checkRead(caller: Caller, entity: EntityName): void
  /** Runs `work`; where it throws, all changes it made are undone. */
  atomically<T>(work: () => T): T
}

/** Versions of the wire: what the URL segment says. */
export type WireVersion = '8.2' | '9.0' | '9.1' | 'online'

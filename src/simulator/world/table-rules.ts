import type { Caller, EntityName, Row } from '../world.ts'
import type { Core } from './core.ts'

/** A request in progress: the organization and who asks. */
export interface Request {
  readonly core: Core
  readonly caller: Caller
}

/** What a table does beyond keeping columns. Every member may throw CrmFault, which undoes the whole request. */
export interface TableRules {
  /** The columns of a new row, from those the request gave (`given`) laid over the defaults (`row`). */
  onCreate?(request: Request, row: Readonly<Row>, given: Readonly<Row>): Row
  afterCreate?(request: Request, id: string, row: Readonly<Row>): void
  /** The change as it takes effect. */
  onUpdate?(request: Request, before: Readonly<Row>, change: Readonly<Row>): Row
  afterUpdate?(request: Request, id: string, before: Readonly<Row>, after: Readonly<Row>): void
  onDelete?(request: Request, id: string, row: Readonly<Row>): void
}

/** Rules by table; a table without an entry only keeps its columns. */
export type RuleBook = Partial<Readonly<Record<EntityName, TableRules>>>

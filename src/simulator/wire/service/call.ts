import type { Caller, CallerLookup, CrmFault, EntityDefinition, EntityName, Row, World } from '../../world.ts'
import { rowForbidden, rowMissing, unknownSegment } from '../errors.ts'
import type { KeyOrder } from '../reading/key-order.ts'
import type { PageLinks } from '../reading/page-links.ts'

/** What all operations of one simulated organization share. */
export interface Service {
  readonly world: World
  /** `/contoso-sales`, or empty where the organization is named by its host. */
  readonly organizationPath: string
  readonly callers: CallerLookup
  /** A fresh GUID, from the simulator's seed. */
  readonly newId: () => string
  readonly keyOrder: KeyOrder
  readonly pageLinks: PageLinks
  /** `scheme://host[:port]` that links name instead of the host asked for, as behind a proxy; undefined: the host asked for. */
  readonly linkOrigin: string | undefined
  readonly maxPageSize: number
  /** Whether etags are compared for this table (Microsoft, optimistic concurrency: IsOptimisticConcurrencyEnabled). */
  readonly concurrencyOf: (entity: EntityName) => boolean
}

/** Lies that a read tells on purpose; see the fault kinds. */
export interface ReadLies {
  /** Rows left out as if the caller had no right to them. */
  readonly hides?: (id: string) => boolean
  /** The last row of a page comes again as the first row of the next. */
  readonly overlap?: boolean
  /** No link although rows remain. */
  readonly cut?: boolean
  /** Origin of the nextLink. */
  readonly linkOrigin?: string
}

/** One operation on its way: who calls, under which root, and which lies it is told. */
export interface Call {
  readonly service: Service
  readonly world: World
  readonly caller: Caller
  /** Absolute root of links in the answer, ending in `/`, for example `http://127.0.0.1:8080/contoso-sales/api/data/v9.1/`. */
  readonly root: string
  readonly lies: ReadLies
  /** Rows created earlier in the change set, by Content-ID: `emailserverprofiles(…)`. */
  readonly created: ReadonlyMap<string, string>
}

/** The definition of a table. A table that is referenced but not simulated is unknown: 404. */
export function definitionOf(world: World, entity: EntityName): EntityDefinition {
  const definition = world.definitions.get(entity)
  if (definition === undefined) throw unknownSegment(entity)
  return definition
}

/** The row, or the refusal `missing` makes. */
export function existingRow(world: World, entity: EntityName, id: string, missing: () => CrmFault): Readonly<Row> {
  const row = world.rows(entity).get(id)
  if (row === undefined) throw missing()
  return row
}

/**
 * Refuses a row the caller has no right to. Unsure whether it is absent or forbidden: switch `hiddenRow`. Sets leave it out either way.
 */
export function refuseHidden(call: Call, definition: EntityDefinition, id: string): void {
  if (call.lies.hides?.(id) !== true) return
  if (call.world.switches.hiddenRow === 'absent') throw rowMissing(definition.name, id)
  throw rowForbidden(definition.name, id, call.caller.userId)
}

/** The etag of a row (Microsoft, Web API: conditional operations). */
export function etagOf(row: Readonly<Row>): string {
  return `W/"${row['versionnumber']}"`
}

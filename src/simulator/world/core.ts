import { definitionsOf, NEVER, type TableDefinition } from '../definitions/index.ts'
import type { EntityName, Reference, Row, Switches, Value, WireVersion } from '../world.ts'
import { type Clock, type ClockOptions, createClock } from './clock.ts'
import { Exchange, type Participant } from './exchange.ts'
import { createRandom, type Random, randomGuid } from './random.ts'
import { referenceTo, textIn } from './row-values.ts'
import { Store } from './store.ts'
import { defaultSwitches } from './switches.ts'
import type { Conditions, TrustProblem, Truth } from './truth.ts'

/** What a simulated organization is made of; the rules and the asynchronous service work on it. */
export interface Core {
  readonly version: WireVersion
  readonly definitions: ReadonlyMap<EntityName, TableDefinition>
  readonly switches: Switches
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  language: number
  organizationId: string
  businessUnitId: string
  /** Users every organization has: the server's own, those the known callers sign in as, and someone who changes things by hand. */
  knownUsers: Readonly<Record<KnownUser, string>>
  conditions: Conditions
  /** What is true outside CRM, by mailbox id. A mailbox without an entry has no trouble. */
  readonly truths: Map<string, Truth>
  /** What is really wrong with the trust now, where certificate, directory and servers are simulated too. */
  trust?: () => TrustProblem | undefined
  /** The mail server, which may serve other simulated organizations too. */
  readonly exchange: Exchange
  /** This organization as the mail server knows it. */
  readonly participant: Participant
  /** Mailboxes whose test runs, also where no column shows it. */
  readonly running: Set<string>
  /** The alert that a repetition refreshes, by mailbox, code and level; an entry may name an alert that is gone. */
  readonly alerts: Map<string, string>
  /** Asks the asynchronous service to look at a mailbox whose test is scheduled. */
  requestTest(mailboxId: string): void
  /** Lets the asynchronous service play what is due until this moment. */
  settleUntil(ms: number): void
  /** Told by the mail server that another organization has taken a mailbox. */
  lose(mailboxId: string, to: string): void
}

/** A user every organization has. */
export type KnownUser = 'system' | 'admin' | 'reader' | 'limited' | 'someone'

/** How to start a simulated organization. */
export interface CoreOptions {
  readonly version?: WireVersion
  readonly seed?: number
  readonly language?: number
  readonly clock?: ClockOptions
  /** The simulated time at the start. */
  readonly start?: Date
  readonly switches?: Partial<Switches>
  /** State of the servers around the organization; what is left out works. */
  readonly conditions?: Partial<Conditions>
  /** A mail server shared with other organizations, which then should share their clock too. */
  readonly exchange?: Exchange
}

const DEFAULT_START = '2026-11-23T08:00:00Z'
const FIRST_VERSION = 1_048_575

/** An organization without rows. */
export function createCore(options: CoreOptions): Core {
  const version = options.version ?? '9.1'
  const random = createRandom(options.seed ?? 1)
  const switches = { ...defaultSwitches(version), ...options.switches }
  const definitions = definitionsOf(version, switches)
  const start = options.start ?? new Date(DEFAULT_START)
  const core: Core = {
    version,
    definitions,
    switches,
    store: new Store(definitions.keys(), FIRST_VERSION),
    clock: clockOf(options.clock ?? 'manual', start),
    random,
    language: options.language ?? 1033,
    organizationId: randomGuid(random),
    businessUnitId: randomGuid(random),
    knownUsers: {
      system: randomGuid(random),
      admin: randomGuid(random),
      reader: randomGuid(random),
      limited: randomGuid(random),
      someone: randomGuid(random),
    },
    conditions: {
      exchange: 'working',
      asynchronousService: true,
      backgroundOperations: true,
      administrationMode: false,
      ...options.conditions,
    },
    exchange: options.exchange ?? new Exchange(),
    participant: {
      organizationId: () => core.organizationId,
      name: () => textIn(organizationOf(core), 'name'),
      settleUntil: (ms) => core.settleUntil(ms),
      lose: (mailboxId, to) => core.lose(mailboxId, to),
    },
    running: new Set(),
    truths: new Map(),
    alerts: new Map(),
    requestTest: () => undefined,
    settleUntil: () => undefined,
    lose: () => undefined,
  }
  core.exchange.join(core.participant)
  return core
}

function clockOf(options: ClockOptions, start: Date): Clock {
  return typeof options === 'object' && 'nowMs' in options ? options : createClock(start.getTime(), options)
}

/** What stands where something never happened. Unsure: switch `neverDates`. */
export function neverIn(core: Core): Value {
  return core.switches.neverDates === 'null' ? null : NEVER
}

/** The definition of a table. */
export function tableIn(core: Core, entity: EntityName): TableDefinition {
  const table = core.definitions.get(entity)
  if (table === undefined) throw new Error(`the simulated organization has no table ${entity}`)
  return table
}

/** The one organization row. */
export function organizationOf(core: Core): Readonly<Row> {
  return core.store.get('organization', core.organizationId) ?? {}
}

/** The user in whose name the server itself writes. */
export function systemUser(core: Core): Reference {
  return referenceTo('systemuser', core.knownUsers.system)
}

/** Changes a row as a side effect of something else, in the name of `by`. */
export function touch(
  core: Core,
  by: Reference,
  entity: EntityName,
  id: string,
  columns: Readonly<Row>,
): Readonly<Row> {
  return core.store.put(entity, id, { ...columns, ...modified(core, by, entity) })
}

/** The columns that tell when and by whom a row was changed, as far as the table has them. */
export function modified(core: Core, by: Reference, entity: EntityName): Row {
  const { attributes } = tableIn(core, entity)
  const stamp: Row = {}
  if (attributes.has('modifiedon')) stamp['modifiedon'] = core.clock.nowText()
  if (attributes.has('modifiedby')) stamp['modifiedby'] = by
  return stamp
}

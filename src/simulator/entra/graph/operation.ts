import type { SimulatedTenant } from '../../trust/model.ts'
import type { EntraEffects } from '../faults/effects.ts'
import type { TokenSubject } from '../login/tokens.ts'
import type { EntraSwitches } from '../switches.ts'
import type { GraphQuery } from './query.ts'
import type { Replication } from './replication.ts'

/** One operation of Graph, a request of its own or a part of a batch, already signed in. */
export interface GraphOperation {
  readonly method: string
  /** Below the version, decoded, such as `servicePrincipals/0b2f…`. */
  readonly path: string
  readonly query: GraphQuery
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Parsed; undefined where there is none. */
  readonly body: unknown
  readonly isPart: boolean
  readonly subject: TokenSubject
  readonly effects: EntraEffects
}

/** What an operation gives. */
export interface GraphResult {
  readonly status: number
  readonly body?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** What the resources of Graph work with. */
export interface GraphContext {
  readonly tenant: SimulatedTenant
  readonly switches: EntraSwitches
  readonly replication: Replication
  /** Time of the directory. */
  readonly now: () => Date
  readonly newId: () => string
  /** The root of the cloud's Graph, as it stands in `@odata.context`. */
  readonly contextRoot: string
  /** The address of Graph here, for links that clients follow. */
  readonly linkRoot: () => string
}

/** Serves an operation. `keys` are the captured parts of the path. */
export type Serve = (context: GraphContext, operation: GraphOperation, keys: readonly string[]) => GraphResult

import type { Machine } from '../../machine.ts'
import type { HttpClient } from '../../network/http.ts'
import type { RuntimeConfiguration } from '../../spec/configuration/load.ts'
import type { DesiredOrganization, DesiredTrust } from '../../spec/desired.ts'
import type { SpecOverrides } from '../session.ts'

/** Who is examined. */
export interface Patient {
  readonly configuration: RuntimeConfiguration
  readonly organizations: readonly DesiredOrganization[]
  readonly trusts: readonly DesiredTrust[]
  readonly stateDirectory: string
  readonly overrides: SpecOverrides
  /** Rejects where the network of the configuration cannot be used. Belongs to the caller. */
  readonly http: () => Promise<HttpClient>
  readonly machine: Machine
}

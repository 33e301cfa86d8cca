import type { Answer } from '../wire/http.ts'
import type { EntraDeliveryFault } from './faults/kinds.ts'

/** One request over the socket, ready to be answered. */
export interface EntraExchange {
  /** How the answer travels; undefined as usual. */
  readonly delivery: EntraDeliveryFault | undefined
  run(): Answer
  /** Writes it down; undefined where no answer was given. */
  record(status: number | undefined): void
}

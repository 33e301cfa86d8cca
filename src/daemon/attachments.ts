// What stands beside the loops and looks at the board: HTTP, messages, tidying up. THE list; each is closed in the opposite order.
import type { Machine } from '../machine.ts'
import type { RuntimeConfiguration } from '../spec/configuration/load.ts'
import type { Board } from './board.ts'
import type { Log } from './log.ts'
import type { RequestMeter } from './metrics/requests.ts'

/** What stands beside the loops can see and do. None of it can write to a remote system that is reconciled. */
export interface AttachmentContext {
  readonly configuration: RuntimeConfiguration
  readonly machine: Machine
  readonly board: Board
  readonly stateDirectory: string
  readonly log: Log
  /** Makes the keeper look for a new revision now. */
  readonly hint: () => void
}

/** Something that runs until it is closed. */
export interface Attachment {
  /** Where people find it, such as `the status page is at http://127.0.0.1:8080/`. */
  readonly words?: string
  /** Is to count the requests of all scopes. */
  readonly requests?: RequestMeter
  /** Never throws. */
  close(): Promise<void>
}

/** Starts one thing. Undefined where the configuration does not ask for it. Throws UsageError where it asks for what cannot be. */
export type Attach = (context: AttachmentContext) => Promise<Attachment | undefined>

/** All of them, in the order in which they are started. */
export const ATTACHMENTS: readonly Attach[] = [
  async (context) => (await import('./metrics/attach.ts')).attachMetrics(context),
  async (context) => (await import('./http/attach-page.ts')).attachPage(context),
  async (context) => (await import('./messages/attach.ts')).attachMessages(context),
]

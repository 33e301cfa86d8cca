// What can be made to go wrong between a caller and a simulated server, and how often.

/** At the connection: nobody answers, the key of the host is another one, or whoever signs in is refused. */
export type ConnectionFault = 'down' | 'host-key-changed' | 'sign-in-refused'

/** A script that runs, or not, and whose answer never comes whole. With `effect: false` it does not run. */
export type DeliveryFault = 'hang' | 'cut' | 'no-document' | 'slow'

/** A script that runs, and whose answer is spoilt. */
export type AnswerFault =
  | 'noise'
  | 'two-documents'
  | 'wrong-token'
  | 'truncated-frame'
  | 'oem-bytes'
  | 'not-ok'
  | 'bad-exit-code'
  | 'error-stream'

/** One thing that goes wrong. */
export interface ServerFault {
  readonly kind: ConnectionFault | DeliveryFault | AnswerFault
  /** Name of the server; absent: any. */
  readonly server?: string
  /** Id of the script; absent: any. Connections have none. */
  readonly script?: string
  /** How often it strikes; absent: always. */
  readonly times?: number
  /** How many chances it lets pass first. */
  readonly skip?: number
  /** Whether the script takes effect; default true. */
  readonly effect?: boolean
  /** `not-ok`: the code it fails with. */
  readonly code?: string
  /** `slow`: between two pieces. */
  readonly delayMs?: number
}

const CONNECTION_FAULTS: readonly string[] = ['down', 'host-key-changed', 'sign-in-refused'] satisfies ConnectionFault[]

/** The faults that are switched on. */
export interface ServerFaults {
  /** Returns what takes it away again. */
  add(fault: ServerFault): () => void
  clear(): void
  /** The faults of a connection, or of a script, that strike now; counts them. */
  take(server: string, script?: string): readonly ServerFault[]
}

/** No faults yet. */
export function createServerFaults(): ServerFaults {
  const active = new Map<ServerFault, { seen: number }>()
  return {
    add(fault) {
      const own = { ...fault }
      active.set(own, { seen: 0 })
      return () => void active.delete(own)
    },
    clear: () => active.clear(),
    take(server, script) {
      const taken: ServerFault[] = []
      for (const [fault, count] of active) {
        if (!concerns(fault, server, script)) continue
        count.seen += 1
        const strikes = count.seen - (fault.skip ?? 0)
        if (strikes >= 1 && strikes <= (fault.times ?? Number.POSITIVE_INFINITY)) taken.push(fault)
      }
      return taken
    },
  }
}

function concerns(fault: ServerFault, server: string, script: string | undefined): boolean {
  if (fault.server !== undefined && fault.server !== server) return false
  if (CONNECTION_FAULTS.includes(fault.kind) !== (script === undefined)) return false
  return fault.script === undefined || fault.script === script
}

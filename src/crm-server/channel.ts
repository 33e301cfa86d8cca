// The seam between what scripts say and how they reach a server: SSH today, files carried by a person, other ways later.
import type { CrmServerFault } from './deployment.ts'

/** A constant script. Its text never depends on data. */
export interface Script {
  /** For example `read-server`. */
  readonly id: string
  /** Lower-case hexadecimal SHA-256 of `body`. */
  readonly sha256: string
  readonly body: string
  readonly writes: boolean
}

/** A value of a script's input that is secret: on the offline road the script asks for it on the server. */
export interface SecretInput {
  /** Key below `input`, such as `pfx.password`. */
  readonly path: string
  /** What a person is asked for. */
  readonly prompt: string
  readonly kind: 'password' | 'file'
  /** Read at the moment of use. */
  readonly read: () => Promise<string>
}

/** What a script is called with. */
export interface ScriptCall {
  readonly script: Script
  /** Plain JSON without secrets. */
  readonly input: Readonly<Record<string, unknown>>
  readonly secrets: readonly SecretInput[]
}

/** The document a script answered with. */
export type ScriptAnswer =
  | {
      readonly ok: true
      readonly result: unknown
      readonly changed: boolean
      readonly warnings: readonly string[]
      /** When the script ran, by our clock, ISO 8601. */
      readonly at: string
    }
  | {
      readonly ok: false
      readonly error: { readonly code: string; readonly message: string }
      /** It had changed something before it failed. */
      readonly changed?: true
    }

/** Carries calls to one server. Throws CrmServerError where no document came back. */
export interface Channel {
  readonly host: string
  /** True where a person carries the calls: what is asked for in one pass is answered in a later one. */
  readonly isCarried?: true
  execute(call: ScriptCall, signal: AbortSignal): Promise<ScriptAnswer>
  close(): Promise<void>
}

export type { CrmServerFault }

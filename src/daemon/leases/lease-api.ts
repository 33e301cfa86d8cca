// The store of leases as this folder sees it: records that change only where nobody changed them in between.

/** A record of who holds what. */
export interface LeaseRecord {
  /** Of the object; follows from `subject`. */
  readonly name: string
  /** What is held: a scope, or `replica/<identity>` for the announcement of a replica. */
  readonly subject: string
  /** Absent where it was given back. */
  readonly holder?: string
  readonly durationMs: number
  /** By the clock of the holder, for people; nobody reckons with it. */
  readonly acquiredAt?: string
  readonly renewedAt?: string
  /** How often it went from one holder to another. */
  readonly transitions: number
  /** Changes with every write of the object. */
  readonly version: string
}

/** A record to be written. */
export type LeaseDraft = Omit<LeaseRecord, 'version'>

/** Reads and writes records. Everything rejects when the signal fires, and by itself after the time one request may take. */
export interface LeaseApi {
  /** All records of mailkeel. */
  list(signal: AbortSignal): Promise<readonly LeaseRecord[]>
  /** Undefined where there is none. */
  read(name: string, signal: AbortSignal): Promise<LeaseRecord | undefined>
  /** Throws LeaseConflict where there is one of the name. */
  create(draft: LeaseDraft, signal: AbortSignal): Promise<LeaseRecord>
  /** Throws LeaseConflict where it is not the version that is replaced, or gone. */
  replace(draft: LeaseDraft, version: string, signal: AbortSignal): Promise<LeaseRecord>
  /** Throws LeaseConflict where it is not this version any more. */
  remove(record: LeaseRecord, signal: AbortSignal): Promise<void>
}

/** Somebody else was faster. Nothing was written. */
export class LeaseConflict extends Error {
  constructor(name: string, options?: ErrorOptions) {
    super(`the lease ${name} was changed by somebody else`, options)
    this.name = 'LeaseConflict'
  }
}

/** It cannot be told who holds what, or how to ask is not allowed. `message` says what to do. */
export class LeaseStoreError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LeaseStoreError'
  }
}

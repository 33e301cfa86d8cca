import type { Guard, Permit } from '../engine/index.ts'
import type { PassOptions, Scope } from './contract.ts'
import type { FightRule } from './fights.ts'
import type { PassJournal } from './journal.ts'
import type { Witness } from './last-writers.ts'
import type { MemoryStore } from './memory.ts'
import type { OrganizationFingerprint } from './memory-file.ts'

/** What a pass is made with. */
export interface PassEnvironment {
  /** The guards of a scope, with its limits. */
  readonly guards: (scope: string) => readonly Guard[]
  /** What overrides of the spec allow in a scope at a time. Absent: there are none. */
  readonly permits?: (scope: string, now: Date) => readonly Permit[]
  /** When objects are left alone that somebody else keeps changing back. Absent: never. */
  readonly fights?: FightRule
  /** The journal of one scope for one pass. Reads only; its first record creates what is missing. */
  readonly openJournal: (scope: string, pass: string) => Promise<PassJournal>
  readonly memory: MemoryStore
  readonly now: () => Date
  readonly newId: () => string
}

/** How the identity of what a scope is about is read. Never fails; undefined where it cannot be read. */
export type Identify<Reader> = (reader: Reader, signal: AbortSignal) => Promise<OrganizationFingerprint | undefined>

/** Everything one pass over one scope is about. */
export interface Run<D extends { readonly name: string }, Reader, Writer> {
  readonly scope: Scope<D, Reader, Writer>
  readonly identify: Identify<Reader>
  /** Absent where nobody can tell who changed an object. */
  readonly witness?: Witness<Reader> | undefined
  readonly options: PassOptions
  readonly environment: PassEnvironment
}

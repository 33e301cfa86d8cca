// What is known of the calls that people carry for one deployment: those that were asked for, and what came back. Losing it only means that
// scripts are asked for once more.
import { createHash } from 'node:crypto'
import type { Document } from '../script-contract.ts'

/** One call in a script that was handed to a person. The token in it is what its answer is known by. */
export interface EmittedCall {
  readonly token: string
  /** Id of the emission it belongs to. */
  readonly emission: string
  /** Name of the script file, without its folder. */
  readonly file: string
  /** As in the keys of objects. */
  readonly server: string
  readonly script: string
  readonly sha256: string
  /** Without secrets. */
  readonly input: Readonly<Record<string, unknown>>
  readonly writes: boolean
  readonly at: string
}

/** An answer that a person brought back. */
export interface KeptAnswer {
  readonly token: string
  /** When the call ran, by our clock as far as that can be told, ISO 8601. */
  readonly ranAt: string
  /** Name of the computer, as it says itself. */
  readonly computer: string
  readonly document: Document
  /** Of a writing call: a pass has heard it. */
  readonly isUsed: boolean
}

/** The scripts that were handed out last, together. */
export interface Emission {
  readonly id: string
  readonly at: string
  /** Ids of the planned changes that wait for them. */
  readonly changes: readonly string[]
}

/** Everything that is kept of one deployment. */
export interface OfflineRecords {
  readonly v: 1
  readonly emission?: Emission
  readonly calls: readonly EmittedCall[]
  readonly answers: readonly KeptAnswer[]
}

/** Nothing was asked for yet. */
export const NO_RECORDS: OfflineRecords = { v: 1, calls: [], answers: [] }

/** SHA-256 of an input, in lower-case hexadecimal; the order of its keys does not matter. */
export function inputDigest(input: unknown): string {
  return createHash('sha256').update(canonical(input), 'utf8').digest('hex')
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`)
    .join(',')}}`
}

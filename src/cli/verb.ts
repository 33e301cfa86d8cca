import { UsageError } from '../compose/usage-error.ts'
import type { Machine } from '../machine.ts'
import type { ExitCode, VerbName } from './exit-codes.ts'

/** One flag of a verb, as help shows it. */
export interface Flag {
  /** In the form `-o, --output <form>`; the value is missing for switches and in brackets where it may be left out. */
  readonly syntax: string
  readonly describe: string
  readonly choices?: readonly string[]
  /** May be given several times. */
  readonly repeats?: boolean
}

/** One verb as data: what help, completion and the reference say about it, and what runs. */
export interface Verb {
  readonly name: VerbName
  readonly summary: string
  /** What follows the verb, for example `[path]`, or `[address...]` for several. */
  readonly argument?: {
    readonly syntax: string
    readonly describe: string
    readonly choices?: readonly string[]
    /** What the first of several may be, where files may follow: for completion. */
    readonly words?: readonly string[]
  }
  readonly flags: readonly Flag[]
  readonly examples: readonly { readonly command: string; readonly does: string }[]
  run(invocation: Invocation, machine: Machine): Promise<ExitCode>
}

/** The values of a command line. */
export interface Invocation {
  readonly argument: string | undefined
  /** Where the verb takes several: all of them, the first one too. */
  readonly rest?: readonly string[]
  /** By long name in camelCase; text, true, or a list for flags that repeat. */
  readonly flags: Readonly<Record<string, unknown>>
}

/** The text given to a flag, or undefined. */
export function textOf({ flags }: Invocation, name: string): string | undefined {
  const value = flags[name]
  return typeof value === 'string' ? value : undefined
}

/** All texts given to a flag that repeats. */
export function listOf({ flags }: Invocation, name: string): readonly string[] {
  const value = flags[name]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** True where a switch was given. */
export function isGiven({ flags }: Invocation, name: string): boolean {
  return flags[name] === true || typeof flags[name] === 'string'
}

/** The number given to a flag, or the fallback. Throws UsageError where it is none or out of range. */
export function numberOf(invocation: Invocation, name: string, fallback: number, low: number, high: number): number {
  const text = textOf(invocation, name)
  if (text === undefined) return fallback
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value >= low && value <= high) return value
  throw new UsageError(`--${dashed(name)} takes a number from ${low} to ${high}, not "${text}"`)
}

/** The duration given to a flag in milliseconds, or the fallback. Throws UsageError where it is none. */
export function durationOf(invocation: Invocation, name: string, fallbackMs: number): number {
  const text = textOf(invocation, name)
  if (text === undefined) return fallbackMs
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const scale = UNITS_MS.get(unit ?? '')
  if (amount !== undefined && scale !== undefined) return Number(amount) * scale
  throw new UsageError(`--${dashed(name)} takes a duration such as 90s, 15m or 2h, not "${text}"`)
}

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

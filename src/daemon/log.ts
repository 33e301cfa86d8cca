// The log: one line of JSON per event, a message that never varies beside fields that do. Text of others is escaped before it gets there.
import type { Output } from '../machine.ts'
import { printable } from '../report/hostile-text.ts'

/** How much is told. */
const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
/** A level of the log. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Facts beside a message; nothing secret. */
export type LogFields = Readonly<Record<string, unknown>>

/** Takes events. */
export type Log = { readonly [L in LogLevel]: (fields: LogFields, message: string) => void }

/** What a log is made with. */
export interface LogInput {
  readonly level: LogLevel
  readonly output: Pick<Output, 'write'>
  readonly now: () => Date
}

/** A log of JSON lines. Loads pino. */
export async function createLog({ level, output, now }: LogInput): Promise<Log> {
  const { pino } = await import('pino')
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${now().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => output.write(line) },
  )
  const at =
    (name: LogLevel): Log[LogLevel] =>
    (fields, message) =>
      logger[name](harmless(fields), message)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** A log that keeps nothing. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Fields in which every text is fit for one line; what is deeper than anything of ours is left out. */
function harmless(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, harmlessValue(value, 4)]))
}

function harmlessValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return printable(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return undefined
  if (Array.isArray(value)) return value.map((one) => harmlessValue(one, depth - 1))
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, harmlessValue(one, depth - 1)]))
}

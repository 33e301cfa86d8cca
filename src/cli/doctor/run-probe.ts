import type { ExitCode } from '../exit-codes.ts'
import type { Machine } from '../machine.ts'
import { type Invocation, UsageError } from '../verb.ts'

/** Later. */
export async function runProbe(_invocation: Invocation, _machine: Machine, _signal: AbortSignal): Promise<ExitCode> {
  throw new UsageError('not yet')
}

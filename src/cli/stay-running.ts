// What `mailkeel run` does in every form: start, tell where it is, wait until somebody asks for an end, and end in time.

import type { Log } from '../daemon/log.ts'
import type { Daemon } from '../daemon/run.ts'
import type { Machine } from '../machine.ts'
import type { RuntimeConfiguration } from '../spec/configuration/load.ts'
import { EXIT, EXIT_INTERRUPTED_TWICE, type ExitCode } from './exit-codes.ts'

/** What stays running, and what is told of it. */
export interface Staying {
  readonly configuration: RuntimeConfiguration
  readonly machine: Machine
  readonly log: Log
  /** Called once everything runs; what it returns is called when it ends. */
  readonly started: (daemon: Daemon) => (() => void) | undefined
  /** Called where passes did not end in time, before the process ends at once. */
  readonly late?: () => void
}

/** Runs until it is asked to end; a second request ends the process at once. Throws UsageError and StateDirectoryError. */
export async function stayRunning({ configuration, machine, log, started, late }: Staying): Promise<ExitCode> {
  const { startDaemon } = await import('../daemon/run.ts')
  const asked = askedToEnd(machine)
  try {
    const daemon = await startDaemon({ configuration, machine, log })
    const ending = started(daemon)
    await asked.promise
    log.info({}, 'mailkeel was asked to end')
    ending?.()
    if (await daemon.stop()) return EXIT.inSync
    log.warn({}, 'passes did not end in time; the journal says how far they got')
    late?.()
    return machine.exit(EXIT.inSync)
  } finally {
    asked.forget()
  }
}

/** Resolves at the first request to end; the second one ends the process at once. */
function askedToEnd(machine: Machine): { readonly promise: Promise<void>; readonly forget: () => void } {
  let isAsked = false
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  const forget = machine.onInterrupt(() => {
    if (isAsked) machine.exit(EXIT_INTERRUPTED_TWICE)
    isAsked = true
    resolve()
  })
  return { promise, forget }
}

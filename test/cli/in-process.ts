// The program without a process of its own: quicker, for what does not depend on being one. Signals, exits and start-up need `process.ts`.
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { run } from '../../src/cli/run.ts'
import type { Machine } from '../../src/machine.ts'
import type { Ended, RunOptions } from './process.ts'

/**
 * What may differ from this process. `typed`: secrets that a person types, one by one; `answers`: what they answer when asked. `time`: another
 * than the real one.
 */
export interface HereOptions extends Pick<RunOptions, 'cwd' | 'env'> {
  readonly typed?: readonly string[]
  readonly answers?: readonly string[]
  readonly time?: Pick<Machine, 'now' | 'sleep'>
}

/** Runs a command line in this process, as `mailkeel` of `process.ts` does in another. */
export async function mailkeelHere(
  words: readonly string[],
  { cwd, env, typed, answers, time }: HereOptions = {},
): Promise<Ended> {
  const { PATH, HOME } = process.env
  const said = { stdout: '', stderr: '' }
  const endings = new Set<() => void>()
  const outputTo = (stream: keyof typeof said) => ({
    isTerminal: false,
    columns: () => Number.POSITIVE_INFINITY,
    write(text: string) {
      said[stream] += text
    },
  })
  const secrets = [...(typed ?? [])]
  const spoken = [...(answers ?? [])]
  const machine: Machine = {
    ...(answers ? { ask: async () => spoken.shift() ?? '' } : {}),
    ...(typed ? { askSecret: async () => secrets.shift() ?? '' } : {}),
    workingDirectory: cwd ?? process.cwd(),
    environment: { PATH, HOME, ...env },
    output: outputTo('stdout'),
    errors: outputTo('stderr'),
    self: [],
    user: async () => 'ann@build-7',
    now: () => new Date(),
    random: Math.random,
    newId: randomUUID,
    sleep: (ms, signal) => setTimeout(Math.max(0, ms), undefined, signal ? { signal } : {}),
    ...time,
    onInterrupt: () => () => undefined,
    onExit(handler) {
      endings.add(handler)
      return () => endings.delete(handler)
    },
    exit(code) {
      throw new Error(`it ended itself with ${code}`)
    },
  }
  const code = await run(words, machine)
  for (const ending of endings) ending()
  return { code, signal: null, ...said }
}

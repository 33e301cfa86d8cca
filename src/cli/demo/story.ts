// The story the demo tells: what a person would do, step by step, with the real commands against a simulated world. Each step says what is
// expected of it; a step that goes otherwise ends the demo as a failure.
import type { ExitCode } from '../exit-codes.ts'

/** What a story is told with. */
export interface Teller {
  say(text: string): void
  /** Runs a command line of this program in the folder of the demo and returns its exit code. */
  run(words: readonly string[]): Promise<number | null>
  /** Lets time pass; rejects when the demo is interrupted. */
  pause(ms: number): Promise<void>
  now(): Date
  /** Names of guards that the journal says a person allowed, and who it was. */
  allowed(): Promise<readonly { readonly guard: string; readonly by: string; readonly at: string }[]>
}

/** A command with what is said before it and what must have come of it. */
export interface Step {
  /** Told first. */
  readonly before?: string
  /** Done before the command, after what was told. */
  readonly first?: () => Promise<void> | void
  /** Of the command line; a function where they follow from the steps before. */
  readonly words: readonly string[] | (() => readonly string[])
  readonly expected: ExitCode
  /** Looks at what came of it; returns what is wrong. */
  readonly after?: () => Promise<readonly string[]> | readonly string[]
}

/** Tells the story. Returns what did not go as told; nothing where all did. */
export async function tellStory(
  teller: Teller,
  steps: readonly Step[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  for (const step of steps) {
    if (signal.aborted) return INTERRUPTED
    const wrong = await takeStep(teller, step).catch((error: unknown) => {
      if (signal.aborted) return []
      throw error
    })
    if (signal.aborted) return INTERRUPTED
    // What is wrong already only makes the rest wrong too.
    if (wrong.length > 0) return wrong
  }
  return []
}

const INTERRUPTED = ['the demo was interrupted']

async function takeStep(
  { say, run }: Teller,
  { before, first, words: told, expected, after }: Step,
): Promise<readonly string[]> {
  if (before !== undefined) say(before)
  await first?.()
  const words = typeof told === 'function' ? told() : told
  const code = await run(words)
  if (code !== expected) return [`mailkeel ${words.join(' ')} ended with ${code}, expected ${expected}`]
  return (await after?.()) ?? []
}

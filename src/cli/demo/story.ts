// The story the demo tells: what a person would do, step by step, with the real commands against a simulated organization. Each step
// says what is expected of it; a step that goes otherwise ends the demo as a failure.
import type { RunningSimulator } from '../../simulator/index.ts'
import type { ExitCode } from '../exit-codes.ts'
import { EXIT } from '../exit-codes.ts'

/** What a story is told with. */
export interface Teller {
  say(text: string): void
  /** Runs a command line of this program in the folder of the demo and returns its exit code. */
  run(words: readonly string[]): Promise<number | null>
  /** Names of guards that the journal says a person allowed, and who it was. */
  allowed(): Promise<readonly { readonly guard: string; readonly by: string; readonly at: string }[]>
}

/** Tells the story. Returns what did not go as told; nothing where all did. */
export async function tellStory(
  teller: Teller,
  simulator: Pick<RunningSimulator, 'requests' | 'resetRequests' | 'world'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const step of stepsOf(teller, simulator)) {
    if (signal.aborted) return ['the demo was interrupted']
    if (step.before) teller.say(step.before)
    const code = await teller.run(step.words)
    if (signal.aborted) return ['the demo was interrupted']
    if (code !== step.expected) {
      wrong.push(`mailkeel ${step.words.join(' ')} ended with ${code}, expected ${step.expected}`)
      return wrong
    }
    wrong.push(...((await step.after?.()) ?? []))
  }
  return wrong
}

interface Step {
  readonly before?: string
  readonly words: readonly string[]
  readonly expected: ExitCode
  /** Looks at what came of it; returns what is wrong. */
  readonly after?: () => Promise<readonly string[]> | readonly string[]
}

function stepsOf(
  teller: Teller,
  { requests, resetRequests, world }: Pick<RunningSimulator, 'requests' | 'resetRequests' | 'world'>,
): readonly Step[] {
  return [
    {
      before:
        'The spec in ./spec says how it should be: one profile, one set per team, the queues. First, is it valid?',
      words: ['validate'],
      expected: EXIT.inSync,
    },
    {
      before: 'What would change? Planning only reads.',
      words: ['plan'],
      expected: EXIT.override,
      after: () => {
        teller.say(
          'The plan is fine, but it touches so many mailboxes at once that the guard "change" asks a person (exit code 3).\n' +
            'A slip in a set would look the same. Here it is meant: a whole company moves. So we say so, and the journal records it.',
        )
        return requests().writes === 0 ? [] : ['planning wrote something']
      },
    },
    {
      before:
        'Apply, and wait until every mailbox has been tested (the simulated tests run a hundred times faster than real ones).',
      words: ['apply', '--yes', '--allow', 'change', '--wait', '90s'],
      expected: EXIT.partly,
      after: async () => {
        const records = (await teller.allowed()).filter(({ guard }) => guard === 'change')
        const [first] = records
        const passes = records.length === 1 ? '' : `, for all ${records.length} passes of this run`
        if (first) teller.say(`The journal says: ${first.at}  ${first.by} allowed ${first.guard}${passes}.`)
        return first ? [] : ['the journal does not record who allowed change']
      },
    },
    {
      before: 'Exit code 6: everything was applied, but some mailboxes do not work. Which, and why?',
      words: ['status'],
      expected: EXIT.partly,
      after: () => {
        resetRequests()
        return failingIn(world) > 0 ? [] : ['no mailbox failed its test, though some should']
      },
    },
    {
      before: 'These need a person, in Exchange or in the spec. For mailkeel there is nothing left to do. Is that so?',
      words: ['plan'],
      expected: EXIT.inSync,
      after: () => {
        const { requests: sent, writes } = requests()
        teller.say(`Nothing to do: exit code 0, ${sent} requests, ${writes} writes.`)
        return writes === 0 ? [] : ['the second plan wrote something']
      },
    },
  ]
}

/** Simulated mailboxes whose last test failed in some direction. */
function failingIn(world: RunningSimulator['world']): number {
  const columns = ['incomingemailstatus', 'outgoingemailstatus', 'actstatus']
  return [...world.rows('mailbox').values()].filter((row) => columns.some((column) => row[column] === 2)).length
}

// The command line in terms of commander, the only file that knows it. Verbs are plain data; only the one that was asked for is loaded.
import { Argument, Command, CommanderError, Option } from 'commander'
import { packageVersion } from '../compose/package-version.ts'
import { UsageError } from '../compose/usage-error.ts'
import { exitTable } from './exit-codes.ts'
import type { Flag, Invocation, Verb } from './verb.ts'
import { VERBS, type VerbEntry } from './verbs.ts'

/** What a command line asks for: a verb with its values, or nothing more because help was printed. */
export type Request = (Invocation & { readonly verb: Verb }) | undefined

/** Where the parser writes. */
export interface ParserOutput {
  readonly columns: number
  out(text: string): void
}

/** Reads a command line. Throws UsageError where it is wrong. */
export async function parse(words: readonly string[], output: ParserOutput): Promise<Request> {
  const wanted = words.find((word) => !word.startsWith('-'))
  const helpFor = wanted === 'help' ? words[words.indexOf('help') + 1] : undefined
  const chosen = VERBS.find(({ name }) => name === (helpFor ?? wanted))
  if (helpFor !== undefined && !helpFor.startsWith('-') && !chosen && helpFor !== 'help') {
    throw new UsageError(`unknown command '${helpFor}'`, { helpHelps: true })
  }
  const verb = await chosen?.load()
  let request: Request
  const program = rootCommand(output)
  // Reading the version costs every start; it is asked for rarely.
  if (words[0] === '-V' || words[0] === '--version') program.version(packageVersion(), VERSION_FLAG, VERSION_WORDS)
  else program.option(VERSION_FLAG, VERSION_WORDS)
  for (const entry of VERBS) {
    const command = program.command(entry.name).summary(entry.summary).description(sentence(entry))
    configure(command, output)
    if (verb?.name !== entry.name) continue
    describeVerb(command, verb).action((...given: unknown[]) => {
      const first = verb.argument ? given[0] : undefined
      const rest = Array.isArray(first) ? first.map(String) : typeof first === 'string' ? [first] : []
      request = { verb, argument: rest[0], rest, flags: command.opts() }
    })
  }
  try {
    await program.parseAsync(words.length === 0 ? ['--help'] : [...words], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0)
      throw new UsageError(error.message.replace(/^error: /, ''), { cause: error, helpHelps: true })
  }
  return request
}

const VERSION_FLAG = '-V, --version'
const VERSION_WORDS = 'print the version'

function rootCommand(output: ParserOutput): Command {
  const program = new Command('mailkeel')
    // Flags after a verb are the verb's, also those the program itself has.
    .enablePositionalOptions()
    .description(
      'Keeps the e-mail connection between Dynamics 365 (on-premises) and Exchange Online as it is committed in git.',
    )
    .helpOption('-h, --help', 'show help')
    .addHelpText(
      'after',
      `\nStart with:\n  mailkeel demo                 watch it work, without any CRM\n  mailkeel help <verb>          flags, examples and exit codes of a verb`,
    )
  configure(program, output)
  return program
}

function configure(command: Command, { columns, out }: ParserOutput): void {
  const helpWidth = Number.isFinite(columns) ? columns : 100
  command
    .exitOverride()
    .configureHelp({ helpWidth, showGlobalOptions: false })
    // Mistakes are thrown and told by whoever called.
    .configureOutput({ writeOut: out, writeErr: () => {}, getOutHelpWidth: () => helpWidth })
}

function describeVerb(command: Command, verb: Verb): Command {
  if (verb.argument) {
    const { syntax, describe, choices } = verb.argument
    const argument = new Argument(syntax, describe)
    command.addArgument(choices ? argument.choices(choices) : argument)
  }
  for (const flag of verb.flags) command.addOption(optionOf(flag))
  const examples = verb.examples.map(({ command: line, does }) => `  ${line.padEnd(46)}  ${does}`)
  const exits = exitTable(verb.name).map(({ code, meaning }) => `  ${String(code).padEnd(4)}${meaning}`)
  return command
    .helpOption('-h, --help', 'show help')
    .addHelpText(
      'after',
      `\nExamples:\n${examples.join('\n')}\n\nExit codes, the strongest first:\n${exits.join('\n')}`,
    )
}

function optionOf({ syntax, describe, choices, repeats }: Flag): Option {
  const option = new Option(syntax, describe)
  if (choices) option.choices(choices)
  if (repeats) option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value])
  return option
}

function sentence({ summary }: VerbEntry): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`
}

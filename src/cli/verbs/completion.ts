import { EXIT } from '../exit-codes.ts'
import type { Verb } from '../verb.ts'
import { loadVerbs } from '../verbs.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

/** `mailkeel completion` */
export const completion: Verb = {
  name: 'completion',
  summary: 'print a completion script for a shell',
  argument: { syntax: '<shell>', describe: 'bash, zsh or fish', choices: SHELLS },
  flags: [],
  examples: [
    { command: 'source <(mailkeel completion bash)', does: 'complete in this bash' },
    { command: 'mailkeel completion zsh > ~/.zfunc/_mailkeel', does: 'complete in every zsh' },
    { command: 'mailkeel completion fish | source', does: 'complete in this fish' },
  ],
  async run({ argument }, { output }) {
    const words = (await loadVerbs()).map(wordsOf)
    const shell = SHELLS.find((name) => name === argument) ?? 'bash'
    output.write(SCRIPTS[shell](words))
    return EXIT.inSync
  },
}

interface Words {
  readonly name: string
  readonly summary: string
  readonly flags: readonly { readonly long: string; readonly describe: string; readonly choices: readonly string[] }[]
  readonly choices: readonly string[]
  /** What may stand first, before files. */
  readonly first: readonly string[]
}

function wordsOf({ name, summary, flags, argument }: Verb): Words {
  return {
    name,
    summary,
    flags: flags.map(({ syntax, describe, choices }) => ({
      long: /--([a-z-]+)/.exec(syntax)?.[1] ?? '',
      describe,
      choices: choices ?? [],
    })),
    choices: argument?.choices ?? [],
    first: argument?.words ?? [],
  }
}

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } satisfies Record<
  (typeof SHELLS)[number],
  (words: readonly Words[]) => string
>

function bashScript(words: readonly Words[]): string {
  const cases = words.map(({ name, flags, choices, first }) => {
    const values = flags
      .filter((flag) => flag.choices.length > 0)
      .map(
        (flag) => `      --${flag.long}) COMPREPLY=($(compgen -W "${flag.choices.join(' ')}" -- "$word")); return ;;`,
      )
    const previous = values.length === 0 ? '' : `\n      case "$before" in\n${values.join('\n')}\n      esac`
    const all = [...flags.map(({ long }) => `--${long}`), '--help', ...choices, ...first].join(' ')
    return `    ${name})${previous}\n      COMPREPLY=($(compgen -W "${all}" -- "$word") $(compgen -f -- "$word")) ;;`
  })
  return `_mailkeel() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${words.map(({ name }) => name).join(' ')} --help --version" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
}
complete -o filenames -F _mailkeel mailkeel
`
}

function zshScript(words: readonly Words[]): string {
  const verbs = words.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`)
  const cases = words.map(({ name, flags, choices, first }) => {
    const specs = flags.map(({ long, describe, choices: values }) => {
      const value = values.length > 0 ? `: :(${values.join(' ')})` : ''
      return `        '*--${long}[${quoted(describe)}]${value}'`
    })
    if (first.length > 0) specs.push(`        '1: :(${first.join(' ')})'`)
    const rest = choices.length > 0 ? `        '*: :(${choices.join(' ')})'` : `        '*: :_files'`
    return `      ${name})\n        _arguments \\\n${[...specs, rest].join(' \\\n')} ;;`
  })
  return `#compdef mailkeel
_mailkeel() {
  local -a verbs=(
${verbs.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  local verb="\${words[2]}"
  shift words; (( CURRENT-- ))
  case "$verb" in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = "_mailkeel" ]; then _mailkeel "$@"; else compdef _mailkeel mailkeel; fi
`
}

function fishScript(words: readonly Words[]): string {
  const lines = words.flatMap(({ name, summary, flags, choices, first }) => [
    `complete -c mailkeel -n __fish_use_subcommand -f -a ${name} -d '${quoted(summary)}'`,
    ...flags.map(({ long, describe, choices: values }) => {
      const value = values.length > 0 ? ` -x -a '${values.join(' ')}'` : ''
      return `complete -c mailkeel -n '__fish_seen_subcommand_from ${name}' -l ${long} -d '${quoted(describe)}'${value}`
    }),
    ...(first.length > 0
      ? [`complete -c mailkeel -n '__fish_seen_subcommand_from ${name}' -a '${first.join(' ')}'`]
      : []),
    ...(choices.length > 0
      ? [`complete -c mailkeel -n '__fish_seen_subcommand_from ${name}' -f -a '${choices.join(' ')}'`]
      : []),
  ])
  return `${lines.join('\n')}\n`
}

/** Text between single quotes of a shell; brackets and colons have a meaning for zsh. */
function quoted(text: string): string {
  return text.replace(/['`[\]:\\]/g, '')
}

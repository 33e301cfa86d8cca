// A command line as the SSH server of Windows gives it to its default shell, and as powershell.exe takes it.
import type { ServerSwitches } from './switches.ts'

/** What a command line comes to. */
export type Command =
  | { readonly kind: 'script'; readonly text: string; readonly readsInput: boolean; readonly loadsProfile: boolean }
  /** The shell or powershell.exe refuses it. */
  | { readonly kind: 'refused'; readonly message: string }

/** Longest command line of each shell (Microsoft: command prompt line string limitation; CreateProcess). */
const LONGEST: Readonly<Record<ServerSwitches['shell'], number>> = { cmd: 8191, powershell: 32_767 }

/** What a shell would not pass on as it stands. */
const SPECIAL: Readonly<Record<ServerSwitches['shell'], RegExp>> = {
  cmd: /[&|<>^%"!\r\n]/,
  powershell: /[&|<>;$`"'(){}@\r\n]/,
}

const SWITCHES = new Set(['-noprofile', '-nop', '-noninteractive', '-noni', '-nologo', '-nol', '-sta', '-mta'])
const WITH_VALUE = new Set(['-executionpolicy', '-ep', '-ex', '-inputformat', '-outputformat', '-windowstyle'])
const ENCODED = new Set(['-encodedcommand', '-enc', '-ec', '-e'])
const PROGRAM = /^(?:C:\\Windows\\(?:System32|Sysnative)\\WindowsPowerShell\\v1\.0\\)?powershell(?:\.exe)?$/i

/** Understands a command line that runs an encoded script; everything else is refused as the shell would. */
export function readCommandLine(line: string, shell: ServerSwitches['shell']): Command {
  if (line.length > LONGEST[shell]) return refused('The command line is too long.')
  if (SPECIAL[shell].test(line)) return refused('The syntax of the command is incorrect.')
  const [program = '', ...words] = line.trim().split(/ +/)
  if (!PROGRAM.test(program))
    return refused(`'${program}' is not recognized as an internal or external command, operable program or batch file.`)
  return readArguments(words)
}

function readArguments(words: readonly string[]): Command {
  const options = new Map<string, string>()
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]?.toLowerCase() ?? ''
    if (SWITCHES.has(word)) options.set(word, '')
    else if (WITH_VALUE.has(word) || ENCODED.has(word)) {
      index += 1
      options.set(ENCODED.has(word) ? '-encodedcommand' : word, words[index] ?? '')
    } else return refused(`${words[index]} : The term '${words[index]}' is not recognized as the name of a cmdlet.`)
  }
  const text = decoded(options.get('-encodedcommand'))
  if (text === undefined)
    return refused(
      'Cannot process the command because the value specified with -EncodedCommand is not properly encoded.',
    )
  return {
    kind: 'script',
    text,
    readsInput: options.get('-inputformat')?.toLowerCase() !== 'none',
    loadsProfile: !options.has('-noprofile') && !options.has('-nop'),
  }
}

/** Base64 of UTF-16; undefined where it is not. */
function decoded(encoded: string | undefined): string | undefined {
  if (encoded === undefined || encoded === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.length % 2 === 0 ? bytes.toString('utf16le') : undefined
}

function refused(message: string): Command {
  return { kind: 'refused', message }
}

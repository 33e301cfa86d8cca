// What stands on the command line: the same few lines for every call. They read the payload from standard input, take it apart and run its
// script; everything else, and everything secret, travels there. cmd.exe takes 8,191 characters, so scripts could not stand here anyway.
// Whoever writes to standard input on the server itself may put a byte order mark before the line, so whatever is no base64 is dropped.
// The form is Ansible's (bootstrap_wrapper.ps1): `$input | Out-String` reads standard input to its end.

/** The constant text. The only script block that is ever made from text is made here. */
export const BOOTSTRAP = [
  "$ErrorActionPreference = 'Stop'",
  "$ProgressPreference = 'SilentlyContinue'",
  "$line = ($input | Out-String) -replace '[^A-Za-z0-9+/=]', ''",
  '$json = [System.Text.Encoding]::UTF8.GetString([System.Convert]::FromBase64String($line))',
  '$request = ConvertFrom-Json -InputObject $json',
  '& ([System.Management.Automation.ScriptBlock]::Create($request.script.body)) $request',
  'exit 3',
].join('\n')

/**
 * The command line that runs the bootstrap. It has no character that cmd.exe or PowerShell takes for its own, so it survives both as the shell
 * of the server. The policy is named because the snap-in brings formatting files that a restricted one refuses.
 */
export function commandLine(): string {
  return `powershell.exe ${commandArguments()}`
}

/** The same without the program, for whoever starts it in another way. */
export function commandArguments(): string {
  const encoded = Buffer.from(BOOTSTRAP, 'utf16le').toString('base64')
  return `-NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand ${encoded}`
}

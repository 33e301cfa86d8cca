import { UsageError } from '../../compose/usage-error.ts'
import type { Machine } from '../../machine.ts'
import type { ExitCode } from '../exit-codes.ts'
import { CONFIG, OUTPUT } from '../flags.ts'
import { interruptible } from '../interruption.ts'
import type { Flag, Invocation, Verb } from '../verb.ts'

const PASSWORD_ENV: Flag = {
  syntax: '--password-env <variable>',
  describe: 'environment variable that holds the password of the PFX file',
}
const PASSWORD_FILE: Flag = {
  syntax: '--password-file <file>',
  describe: 'file that holds the password of the PFX file; a line break at its end is not part of it',
}

const ACTIONS = ['inspect', 'create'] as const

/** `mailkeel cert` */
export const cert: Verb = {
  name: 'cert',
  summary: 'inspect the certificate CRM signs in with, or create one for evaluation',
  argument: {
    syntax: '<what...>',
    describe: '`inspect` and a PFX file or the name of a certificate of the configuration, or `create`',
    words: ACTIONS,
  },
  flags: [
    PASSWORD_ENV,
    PASSWORD_FILE,
    { syntax: '--sha256 <hash>', describe: 'inspect: the SHA-256 that was reviewed; for names the spec says it' },
    { syntax: '--evaluation', describe: 'inspect: self-signed is allowed; for names the spec says it' },
    { syntax: '--subject <name>', describe: 'create: the subject, for example "CN=crm-s2s-2027, O=Contoso"' },
    { syntax: '--out <file>', describe: 'create: the PFX file to write; nothing is ever replaced' },
    { syntax: '--days <number>', describe: 'create: how long it is valid (365)' },
    { syntax: '--modern', describe: 'create: lock with AES, which Windows Server 2016 and before cannot open' },
    CONFIG,
    OUTPUT,
  ],
  examples: [
    { command: 'mailkeel cert inspect s2s-2027', does: 'a certificate of the configuration, as the spec asks for it' },
    {
      command: 'mailkeel cert inspect s2s.pfx --password-env PFX_PASSWORD',
      does: 'a file, before anybody reviews its sha256',
    },
    {
      command: 'mailkeel cert create --subject CN=crm-s2s-lab --out lab.pfx --password-file lab.txt',
      does: 'self-signed, for evaluation only',
    },
  ],
  run: (invocation, machine) => interruptible(machine, 'stopping', (signal) => runCert(invocation, machine, signal)),
}

async function runCert(invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<ExitCode> {
  const [action, named, ...more] = invocation.rest ?? []
  if (action === 'create') {
    if (named !== undefined) throw new UsageError('cert create takes no argument; --out names the file to write')
    return await (await import('../cert/create.ts')).createInto(invocation, machine, signal)
  }
  if (action !== 'inspect') throw new UsageError(`cert takes inspect or create, not "${action ?? ''}"`)
  if (named === undefined) throw new UsageError('name a PFX file, or a certificate of the configuration')
  if (more.length > 0) throw new UsageError('cert inspect takes one file or name')
  return await (await import('../cert/inspect.ts')).inspectNamed(named, invocation, machine, signal)
}

// What a script may do on a simulated server, and as whom. The simulated PowerShell does not run the text of a script: it does what the
// script of this id is for, as far as the text names the commands that this takes. A script that forgot one changes nothing.
import type { SimulatedDeployment, SimulatedServer } from '../trust/model.ts'
import { sameAccount } from './lookup.ts'
import type { ServerSwitches } from './switches.ts'

/** A Windows account of a simulated server. */
export type Account = SimulatedServer['accounts'][number]

/** One run of a script on a server. */
export interface ScriptRun {
  readonly deployment: SimulatedDeployment
  readonly server: SimulatedServer
  readonly switches: ServerSwitches
  /** True time; the clock of the server may differ. */
  readonly nowMs: number
  readonly logon: Account
  /** Signed in with a password, which can be used onward. */
  readonly hasPassword: boolean
  /** Whether the script names this command, or one of several parted by `|`, outside its comments. */
  readonly names: (command: string) => boolean
}

/** What a script that came to its end says. */
export interface ScriptResult {
  readonly result: unknown
  readonly changed: boolean
  readonly warnings?: readonly string[]
}

/** Does what a script of one id is for. Throws a ScriptFailure. */
export type ScriptHandler = (run: ScriptRun, input: Readonly<Record<string, unknown>>) => ScriptResult

/** A script that says that it failed. */
export class ScriptFailure extends Error {
  readonly code: string
  readonly fullyQualifiedErrorId: string

  constructor(code: string, message: string, fullyQualifiedErrorId = 'RuntimeException') {
    super(message)
    this.name = 'ScriptFailure'
    this.code = code
    this.fullyQualifiedErrorId = fullyQualifiedErrorId
  }
}

/** A text as a script would write it: ISO 8601 in UTC, by the clock of the server. */
export function serverTime({ nowMs, server }: ScriptRun): string {
  return new Date(nowMs + server.clockSkewMs).toISOString()
}

/** Throws where the logon is no local administrator. */
export function needAdministrator({ logon }: ScriptRun): void {
  if (!logon.isLocalAdministrator) {
    throw new ScriptFailure('NotAdministrator', 'Access is denied.', 'System.UnauthorizedAccessException')
  }
}

/**
 * Throws where the cmdlets of CRM would not work: they need the snap-in, and a Deployment Administrator whose credentials reach a web service
 * (Microsoft: Deployment cmdlets; Win32-OpenSSH: a sign-in with a key cannot be used onward).
 */
export function needDeploymentAccess(run: ScriptRun, input: Readonly<Record<string, unknown>>): void {
  needSnapIn(run)
  const account = callingAccount(run, input['credential'])
  if (account.isDeploymentAdministrator) return
  throw new ScriptFailure(
    'NotDeploymentAdministrator',
    `The user ${account.name} is not a Deployment Administrator.`,
    'Microsoft.Crm.CrmSecurityException',
  )
}

function needSnapIn(run: ScriptRun): void {
  if (!run.server.hasSnapIn || !run.names('Microsoft.Crm.PowerShell')) {
    throw new ScriptFailure(
      'SnapInMissing',
      "No snap-ins have been registered for Windows PowerShell version 5, or 'Microsoft.Crm.PowerShell' is not among them.",
      'AddPSSnapInRead,Microsoft.PowerShell.Commands.AddPSSnapinCommand',
    )
  }
  if (run.switches.snapInLoaded && !run.names('Get-PSSnapin')) {
    throw new ScriptFailure(
      'ScriptFailed',
      'Cannot add Windows PowerShell snap-in Microsoft.Crm.PowerShell because it is already added.',
      'AddPSSnapInRead,Microsoft.PowerShell.Commands.AddPSSnapinCommand',
    )
  }
}

function callingAccount(run: ScriptRun, credential: unknown): Account {
  if (typeof credential === 'object' && credential !== null && run.names('Credential')) {
    const { user, password } = credential as { readonly user?: unknown; readonly password?: unknown }
    const account = run.server.accounts.find(({ name }) => sameAccount(name, String(user)))
    if (account !== undefined && account.password === password) return account
    throw refusedByService()
  }
  if (run.hasPassword || run.switches.keyLogonDelegates) return run.logon
  throw refusedByService()
}

function refusedByService(): ScriptFailure {
  return new ScriptFailure(
    'NotDeploymentAdministrator',
    'The caller was not authenticated by the service.',
    'System.ServiceModel.Security.SecurityNegotiationException',
  )
}

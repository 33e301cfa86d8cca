// One switch per question that the documentation of servers and cmdlets leaves open.

/** The answers of simulated servers. The defaults are the stricter or likelier answers. */
export interface ServerSwitches {
  /** How ids come back from the cmdlets. */
  readonly ids: 'plain' | 'braces' | 'capitals'
  /** What Get-CrmAdvancedSetting says of a setting that nobody has set. */
  readonly unsetSetting: 'missing-pair' | 'null' | 'error'
  /** The settings for server-to-server sign-in can be read by name. */
  readonly settingsReadable: boolean
  /** Set-CrmCertificate where there is a row of the type: changes it, or puts another one beside it. */
  readonly setCertificate: 'update' | 'insert'
  /** A sign-in with a key may be used onward. */
  readonly keyLogonDelegates: boolean
  /** Shell of the SSH server. */
  readonly shell: 'cmd' | 'powershell'
  /** A provider named at the import wins over the one in the file. */
  readonly providerForced: boolean
  /** The snap-in is loaded before any script is, so that loading it again is an error. */
  readonly snapInLoaded: boolean
}

const YES_NO = [false, true] as const

/** Every value of every switch. */
export const SERVER_SWITCH_VALUES: { readonly [Name in keyof ServerSwitches]: readonly ServerSwitches[Name][] } = {
  ids: ['plain', 'braces', 'capitals'],
  unsetSetting: ['missing-pair', 'null', 'error'],
  settingsReadable: YES_NO,
  setCertificate: ['update', 'insert'],
  keyLogonDelegates: YES_NO,
  shell: ['cmd', 'powershell'],
  providerForced: YES_NO,
  snapInLoaded: YES_NO,
}

/** The usual answers. */
export const DEFAULT_SERVER_SWITCHES: ServerSwitches = {
  ids: 'plain',
  unsetSetting: 'missing-pair',
  settingsReadable: true,
  setCertificate: 'update',
  keyLogonDelegates: false,
  shell: 'cmd',
  providerForced: true,
  snapInLoaded: false,
}

// What to run on a CRM server, by what is missing there. Pure. (Microsoft: OpenSSH for Windows, key management; New-CrmDeploymentAdministrator;
// local groups; the CRM snap-in for Windows PowerShell.)
import type { Remedy } from '../../report/doctor.ts'
import type { Identity } from '../../spec/generated/types.ts'
import { shellWord } from '../flags.ts'

/** What remedies are made for. */
export interface ServerCase {
  /** As in keys and messages. */
  readonly server: string
  readonly identity: string
  readonly signIn: Pick<Identity, 'userName' | 'privateKey'> | undefined
  /** Whom the cmdlets of CRM run as. */
  readonly account: string | undefined
  /** Fingerprint of the host key that was shown. */
  readonly offered?: string | undefined
  readonly configurationFile: string
}

/** The commands for a failure or verdict by its code; undefined where what it says itself is all there is to do. */
export function serverRemedy(code: string, about: ServerCase): Remedy | undefined {
  const remedy = Object.hasOwn(REMEDIES, code) ? REMEDIES[code] : undefined
  return remedy?.(about)
}

const REMEDIES: Readonly<Record<string, (about: ServerCase) => Remedy | undefined>> = {
  HostKeyChanged: hostKey,
  SignInRefused: signIn,
  Unreachable: ({ server }) => ({
    words: `Start OpenSSH on ${server}, and let this machine through its firewall and those in between.`,
    commands: [
      {
        where: `on ${server}, elevated Windows PowerShell`,
        command: 'Set-Service -Name sshd -StartupType Automatic; Start-Service -Name sshd',
      },
    ],
  }),
  NotAdministrator: ({ server, signIn: { userName = '<user>' } = {} }) => ({
    words: `Make the SSH user a member of the local group Administrators of ${server}.`,
    commands: [
      { where: `on ${server}, elevated`, command: `net localgroup Administrators ${powershellText(userName)} /add` },
    ],
  }),
  NotDeploymentAdministrator: ({ server, account, signIn: { userName = '<user>' } = {} }) => ({
    words: `Make ${account ?? userName} a Deployment Administrator${account === undefined ? ', and name it as `credential` of the deployment: a logon by an SSH key cannot be used onward' : ''}; run it as somebody who is one.`,
    commands: [
      {
        where: `on ${server}, Windows PowerShell`,
        command: `Add-PSSnapin Microsoft.Crm.PowerShell; New-CrmDeploymentAdministrator -Name ${powershellText(account ?? userName)}`,
      },
    ],
  }),
  SnapInMissing: ({ server }) => ({
    words:
      'Name a server first that has the Deployment Tools of CRM, or install them from the CRM setup (Deployment Tools, one of the deployment administration server roles).',
    commands: [
      {
        where: `on ${server}, Windows PowerShell, to look`,
        command: 'Get-PSSnapin -Registered -Name Microsoft.Crm.PowerShell',
      },
    ],
  }),
  ServiceStopped: ({ server }) => ({
    words: 'Start the asynchronous services.',
    commands: [
      {
        where: `on ${server}, elevated Windows PowerShell`,
        command: "Get-Service -Name 'MSCRMAsyncService*' | Start-Service",
      },
    ],
  }),
  ClockSkew: ({ server }) => ({
    words: 'Set both clocks by a time server.',
    commands: [{ where: `on ${server}, elevated`, command: 'w32tm /resync' }],
  }),
}

/** A host key is never taken from the network alone. */
function hostKey({ server, offered, configurationFile }: ServerCase): Remedy {
  const words = `Compare the key by hand: print it on ${server} itself, at its console and not over the network. Only if it is the one that was offered, write it into the configuration; otherwise somebody may stand in between.`
  const commands = [
    {
      where: `at the console of ${server}`,
      command: 'ssh-keygen.exe -l -f C:\\ProgramData\\ssh\\ssh_host_ed25519_key.pub',
    },
  ]
  if (offered === undefined) return { words, commands }
  const text = `hostKeySha256: '${offered}'`
  return { words, commands, yaml: { where: `for ${server} in ${configurationFile}, if both are the same`, text } }
}

const KEYS = 'C:\\ProgramData\\ssh\\administrators_authorized_keys'

function signIn({ server, identity, signIn: { userName = '<user>', privateKey } = {} }: ServerCase): Remedy {
  if (!privateKey) {
    return {
      words: `Look at the password of identity ${identity}, and whether ${userName} is locked on ${server}; nobody tries again by itself.`,
      commands: [
        {
          where: `on ${server}, elevated`,
          command: `net user ${powershellText(userName.split('\\').at(-1) ?? userName)}`,
        },
      ],
    }
  }
  const { file } = privateKey
  const print =
    file === undefined
      ? `printenv ${privateKey.env} | ssh-keygen -y -f /dev/stdin`
      : `ssh-keygen -y -f ${shellWord(file)}`
  return {
    words: `Let the key of identity ${identity} sign in as ${userName}: print its public half, and add that line on ${server}.`,
    commands: [
      { where: 'on this machine', command: print },
      {
        where: `on ${server}, elevated Windows PowerShell`,
        command: `Add-Content -LiteralPath ${KEYS} -Value '<that line>'`,
      },
      {
        where: `on ${server}, elevated`,
        command: `icacls.exe ${KEYS} /inheritance:r /grant '*S-1-5-32-544:F' /grant '*S-1-5-18:F'`,
      },
    ],
  }
}

function powershellText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

// A caller of simulated servers that owes nothing to our client: it says on standard input what the servers of CRM would be told.
import { createHash, randomBytes } from 'node:crypto'
import ssh2 from 'ssh2'
import {
  type RunningServers,
  type ServersOptions,
  seedDeployment,
  startServers,
} from '../../../src/simulator/servers/index.ts'
import type { SimulatedDeployment } from '../../../src/simulator/trust/model.ts'

export const NOW_MS = Date.parse('2026-11-23T08:00:00Z')

/** The least that an encoded script must do. */
export const BOOTSTRAP =
  '$r = [System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String(($input | Out-String))) | ConvertFrom-Json; & ([ScriptBlock]::Create($r.script.body)) $r'

/** Scripts that name every command they take. */
const BODIES: Readonly<Record<string, string>> = {
  'read-server':
    'Get-PSSnapin; Add-PSSnapin Microsoft.Crm.PowerShell; Get-CrmServer -Credential $c; Get-CimInstance Win32_Service; Get-ChildItem Cert:\\LocalMachine\\My; Get-ItemProperty HKLM:\\SOFTWARE\\mailkeel',
  'read-deployment':
    'Get-PSSnapin; Add-PSSnapin Microsoft.Crm.PowerShell; Get-CrmAdvancedSetting -Credential $c; Get-CrmCertificate; Get-CrmOrganization',
  'ensure-certificate':
    "certutil.exe -csp 'Microsoft Enhanced RSA and AES Cryptographic Provider' -importpfx AT_KEYEXCHANGE; New-Object FileSystemAccessRule; Set-ItemProperty HKLM:\\SOFTWARE\\mailkeel",
  'set-marker': 'Set-ItemProperty HKLM:\\SOFTWARE\\mailkeel',
  'write-server-settings': 'Get-PSSnapin; Add-PSSnapin Microsoft.Crm.PowerShell; Set-CrmAdvancedSetting -Credential $c',
  'write-tenant-id': 'Get-PSSnapin; Add-PSSnapin Microsoft.Crm.PowerShell; Set-CrmAdvancedSetting -Credential $c',
  'switch-certificate':
    'Get-PSSnapin; Add-PSSnapin Microsoft.Crm.PowerShell; Set-CrmCertificate -Credential $c; Remove-CrmCertificate',
  'restart-services': 'Restart-Service',
}

export interface CallOptions {
  readonly server?: number
  readonly userName?: string
  /** Signs in with it instead of the key. */
  readonly password?: string
  readonly body?: string
  readonly bootstrap?: string
  readonly commandLine?: string
  readonly sha256?: string
  /** Standard input as it is. */
  readonly stdin?: string
  readonly leaveOpen?: boolean
  readonly signal?: AbortSignal
}

export interface Called {
  readonly stdout: Buffer
  readonly stderr: string
  readonly exitCode: number | undefined
  /** The last whole document between the tokens. */
  readonly document: Answer | undefined
  readonly hostKeySha256: string
}

export interface Answer {
  readonly ok: boolean
  // biome-ignore lint/suspicious/noExplicitAny: each script has a result of its own, and a test knows which
  readonly result: any
  readonly changed?: boolean
  readonly warnings?: readonly string[]
  readonly error?: { readonly code: string; readonly message: string }
}

/** Runs a script on a server; rejects where the connection fails. */
export function call(
  running: RunningServers,
  id: string,
  input: object = {},
  options: CallOptions = {},
): Promise<Called> {
  const token = randomBytes(8).toString('hex')
  const body = options.body ?? BODIES[id] ?? ''
  const sha256 = options.sha256 ?? createHash('sha256').update(body).digest('hex')
  const payload = JSON.stringify({ v: 1, token, script: { id, sha256, body }, input })
  const line = options.stdin ?? Buffer.from(payload).toString('base64')
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    const address = running.servers[options.server ?? 0]
    let hostKeySha256 = ''
    const end = (code: number | undefined, stdout: Buffer, stderr: string) => {
      client.end()
      resolve({ stdout, stderr, exitCode: code, document: documentIn(stdout, token), hostKeySha256 })
    }
    client.on('error', reject).on('ready', () => {
      client.exec(options.commandLine ?? commandLine(options.bootstrap ?? BOOTSTRAP), (error, channel) => {
        if (error !== undefined) return reject(error)
        const out: Buffer[] = []
        const err: Buffer[] = []
        channel.on('data', (chunk: Buffer) => out.push(chunk))
        channel.stderr.on('data', (chunk: Buffer) => err.push(chunk))
        channel.on('close', (code: number | undefined) => end(code, Buffer.concat(out), Buffer.concat(err).toString()))
        if (options.leaveOpen === true) channel.write(line)
        else channel.end(line)
        options.signal?.addEventListener('abort', () => client.destroy())
      })
    })
    client.on('close', () => reject(new Error('the connection was closed')))
    const signIn = options.password === undefined ? { privateKey: running.privateKey } : { password: options.password }
    client.connect({
      host: address?.host ?? '',
      port: address?.port ?? 0,
      username: options.userName ?? running.userName,
      ...signIn,
      hostVerifier: (key: Buffer) => {
        hostKeySha256 = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
        return true
      },
    })
    // Otherwise small packets wait for each other, half a second in all.
    client.setNoDelay(true)
  })
}

export function commandLine(bootstrap: string): string {
  return `powershell.exe -NoProfile -NonInteractive -EncodedCommand ${Buffer.from(bootstrap, 'utf16le').toString('base64')}`
}

function documentIn(stdout: Buffer, token: string): Answer | undefined {
  const found = [...stdout.toString('latin1').matchAll(new RegExp(`BEGIN-${token}([A-Za-z0-9+/=]*)END-${token}`, 'g'))]
  const base64 = found.at(-1)?.[1]
  return base64 === undefined ? undefined : (JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as Answer)
}

/** The account of a Deployment Administrator, as scripts are handed it. */
export const CREDENTIAL = { credential: { user: 'CONTOSO\\svc-mailkeel', password: 'simulator' } }

/** Servers of a deployment that was never connected, with one organization. */
export async function startedServers(
  options: Partial<ServersOptions> = {},
): Promise<{ readonly deployment: SimulatedDeployment; readonly running: RunningServers }> {
  const deployment =
    options.deployment ??
    seedDeployment({
      nowMs: NOW_MS,
      organizations: [{ id: 'a0000000-0000-4000-8000-00000000000a', uniqueName: 'Contoso' }],
    })
  return { deployment, running: await startServers({ now: () => NOW_MS, ...options, deployment }) }
}

// The servers of a simulated deployment, each a real SSH server of its own on loopback with a simulated powershell.exe behind it.
import type { SimulatedDeployment, SimulatedServer } from '../trust/model.ts'
import { type CarriedAnswer, type Question, runCarried } from './carried.ts'
import { type Command, readCommandLine } from './command-line.ts'
import { deliver } from './delivery.ts'
import { createServerFaults, type ServerFault, type ServerFaults } from './faults.ts'
import { sameAccount } from './lookup.ts'
import { confusedProcess, type Ended, payloadIn, readsInput, refusedProcess, runScript } from './powershell.ts'
import type { Account } from './script-run.ts'
import {
  fingerprintOf,
  type KeyPair,
  makeKeyPair,
  type SshCommand,
  type SshServer,
  startSshServer,
} from './ssh-server.ts'
import { DEFAULT_SERVER_SWITCHES, type ServerSwitches } from './switches.ts'

/** Keys of all servers and of those who sign in, so that a deployment started again is the same. */
export interface ServerKeys {
  readonly user: KeyPair
  /** By name of the server. */
  readonly hosts: Readonly<Record<string, KeyPair>>
}

/** What to start. */
export interface ServersOptions {
  readonly deployment: SimulatedDeployment
  /** True time in milliseconds. */
  readonly now: () => number
  readonly switches?: Partial<ServerSwitches>
  /** Address to listen at; default 127.0.0.1. */
  readonly host?: string
  /** One per server, in their order; left out or 0: a free one. */
  readonly ports?: readonly number[]
  readonly keys?: ServerKeys
}

/** A script that was run, or a command that came to nothing. Holds nothing of standard input but its length. */
export interface LoggedCommand {
  readonly server: string
  readonly userName: string
  readonly commandLine: string
  readonly script?: string
  readonly stdinBytes: number
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** Where a server answers. */
export interface ServerAddress {
  /** As the deployment knows it. */
  readonly name: string
  readonly host: string
  readonly port: number
  readonly hostKeySha256: string
}

/** Servers that listen. */
export interface RunningServers {
  readonly servers: readonly ServerAddress[]
  /** An account that may do everything; `password` is also what `-Credential` takes. */
  readonly userName: string
  readonly password: string
  /** OpenSSH PEM of the key that every account may sign in with. */
  readonly privateKey: string
  readonly faults: ServerFaults
  readonly keys: ServerKeys
  switches: ServerSwitches
  /**
   * A person runs a carried script at the console of a server, as the account that may do everything, and types what it asks for. Throws
   * where there is no such server, or the text is no such script.
   */
  carry(server: string, script: string, type: (question: Question) => string): CarriedAnswer
  /** Everything that was run so far, in the order in which it ended. */
  log(): readonly LoggedCommand[]
  close(): Promise<void>
}

/** Starts all servers of a deployment. Rejects where a port is taken, or no account may do everything. */
export async function startServers(options: ServersOptions): Promise<RunningServers> {
  const { deployment, host = '127.0.0.1' } = options
  const keys = options.keys ?? makeServerKeys(deployment)
  const administrator = administratorOf(deployment)
  const faults = createServerFaults()
  const now = increasing(options.now)
  const logged: LoggedCommand[] = []
  const started: { readonly address: ServerAddress; readonly ssh: SshServer }[] = []
  const running: RunningServers = {
    servers: [],
    userName: administrator.name,
    password: administrator.password,
    privateKey: keys.user.privateKey,
    faults,
    keys,
    switches: { ...DEFAULT_SERVER_SWITCHES, ...options.switches },
    log: () => [...logged],
    carry: (name, script, type) => {
      const server = deployment.servers.find((one) => one.host === name)
      if (server === undefined) throw new Error(`no simulated server is called ${name}`)
      const faultsOf = (id: string) => faults.take(server.host, id)
      const { switches } = running
      return runCarried(script, { deployment, server, switches, logon: administrator, now, faultsOf }, type)
    },
    close: async () => void (await Promise.all(started.map(({ ssh }) => ssh.close()))),
  }
  const otherHostKey = makeKeyPair('someone else')
  for (const [index, server] of deployment.servers.entries()) {
    const hostKey = keys.hosts[server.host] ?? makeKeyPair(server.host)
    const ssh = await startSshServer({
      host,
      port: options.ports?.[index] ?? 0,
      hostKey,
      otherHostKey,
      authorizedKey: keys.user,
      connecting: () => connectionOf(faults.take(server.host)),
      knows: (userName, password) => accountOf(server, userName, password) !== undefined,
      run: (command) => execute({ deployment, now, running, server, logged }, command),
    })
    started.push({ ssh, address: { name: server.host, host, port: ssh.port, hostKeySha256: fingerprintOf(hostKey) } })
  }
  return Object.assign(running, { servers: started.map(({ address }) => address) })
}

/** No two scripts run in the same moment, also where time stands still: what starts after a marker was set must be seen to. */
function increasing(now: () => number): () => number {
  let last = 0
  return () => {
    last = Math.max(now(), last + 1)
    return last
  }
}

/** Keys for a deployment that has none yet. */
export function makeServerKeys({ servers }: SimulatedDeployment): ServerKeys {
  const hosts = servers.map(({ host }) => [host, makeKeyPair(host)] as const)
  return { user: makeKeyPair('mailkeel'), hosts: Object.fromEntries(hosts) }
}

function administratorOf({ servers: [first] }: SimulatedDeployment): Account {
  const found = first?.accounts.find(
    ({ isDeploymentAdministrator, isLocalAdministrator }) => isDeploymentAdministrator && isLocalAdministrator,
  )
  if (found === undefined) throw new Error('the simulated deployment has no account that may do everything')
  return found
}

function connectionOf(faults: readonly ServerFault[]) {
  const kinds = faults.map(({ kind }) => kind)
  if (kinds.includes('down')) return 'refuse'
  if (kinds.includes('host-key-changed')) return 'other-host-key'
  return kinds.includes('sign-in-refused') ? 'refuse-sign-in' : 'accept'
}

/** The account of a sign-in: `DOMAIN\name`, or the name alone. */
function accountOf(server: SimulatedServer, userName: string, password?: string): Account | undefined {
  const account = server.accounts.find(
    ({ name }) => sameAccount(name, userName) || sameAccount(name.split('\\')[1] ?? name, userName),
  )
  return password === undefined || account?.password === password ? account : undefined
}

interface Place {
  readonly deployment: SimulatedDeployment
  readonly now: () => number
  readonly running: RunningServers
  readonly server: SimulatedServer
  readonly logged: LoggedCommand[]
}

/** Runs one command: its process begins when standard input has ended, and hangs until then where it reads it. */
function execute(place: Place, ssh: SshCommand): void {
  const command = readCommandLine(ssh.commandLine, place.running.switches.shell)
  const chunks: Buffer[] = []
  let isDone = false
  const finish = () => {
    if (isDone) return
    isDone = true
    runProcess(place, ssh, command, Buffer.concat(chunks))
  }
  ssh.channel.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', finish)
  if (command.kind === 'refused' || !readsInput(command)) finish()
}

function runProcess(place: Place, ssh: SshCommand, command: Command, stdin: Buffer): void {
  const { running, server, logged } = place
  const payload = payloadIn(command, stdin)
  const faults = payload === undefined ? [] : running.faults.take(server.host, payload.script.id)
  const ended = processOf(place, ssh, command, payload, faults)
  const { userName, commandLine } = ssh
  const [stdout, stderr] = [ended.stdout.toString('latin1'), ended.stderr.toString('utf8')]
  const script = payload === undefined ? {} : { script: payload.script.id }
  const seen = { server: server.host, userName, commandLine, ...script, stdinBytes: stdin.length }
  logged.push({ ...seen, stdout, stderr, exitCode: ended.exitCode })
  deliver(ssh, ended, faults)
}

function processOf(
  { deployment, now, running, server }: Place,
  { userName, isPassword }: SshCommand,
  command: Command,
  payload: ReturnType<typeof payloadIn>,
  faults: readonly ServerFault[],
): Ended {
  if (command.kind === 'refused') return refusedProcess(command.message)
  const logon = accountOf(server, userName)
  if (payload === undefined || logon === undefined) return confusedProcess(command)
  const nowMs = now()
  const { switches } = running
  return runScript(command, payload, { deployment, server, switches, nowMs, logon, hasPassword: isPassword }, faults)
}

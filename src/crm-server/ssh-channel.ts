// Carries calls to one server by SSH, as one user. One connection is opened for the first call and kept until close(); calls go one after the
// other, so that giving up one can end the connection without hurting another.
import type { Client, ClientChannel } from 'ssh2'
import { commandLine } from './bootstrap.ts'
import type { Channel, ScriptAnswer, ScriptCall } from './channel.ts'
import { errorsOf, isCliXml } from './clixml.ts'
import { CrmServerError } from './deployment.ts'
import { answerOf, findDocument, oneLine, payloadLine } from './frame.ts'
import { realSchedule, type Schedule } from './schedule.ts'
import { cancelled, openConnection, type SshTarget, seconds } from './ssh-connection.ts'

/** How a channel is made. */
export interface SshChannelOptions extends SshTarget {
  /** What frames an answer: unguessable, hexadecimal, new for every call. */
  readonly newToken: () => string
  readonly now: () => Date
  /** Asked at the last moment before a script that writes gets its input: where it throws, nothing is run. */
  readonly fence?: () => void
  readonly schedule?: Schedule
  readonly deadlines?: Partial<SshDeadlines>
}

/** How long each part may take, in milliseconds. */
export interface SshDeadlines {
  /** From the first packet to the sign-in. */
  readonly connectMs: number
  /** From the start of a script to the end of its answer. */
  readonly scriptMs: number
  /** The same for `restart-services`, which waits for jobs to end. */
  readonly restartMs: number
}

const DEADLINES: SshDeadlines = { connectMs: 20_000, scriptMs: 120_000, restartMs: 1_500_000 }

/** The most that is kept of what a script prints. A store of thousands of certificates fits. */
const MAXIMUM_OUTPUT_BYTES = 8 * 1024 * 1024
const MAXIMUM_STDERR_BYTES = 64 * 1024

/** A channel to one server. Nothing is connected before the first call, and ssh2 is loaded then. */
export function createSshChannel(options: SshChannelOptions): Channel {
  return new SshChannel(options)
}

class SshChannel implements Channel {
  readonly host: string
  readonly #options: SshChannelOptions
  readonly #deadlines: SshDeadlines
  readonly #schedule: Schedule
  #client: Client | undefined
  #before: Promise<unknown> = Promise.resolve()
  /** A sign-in that was refused is not tried again: a few more would lock the account. */
  #refused: CrmServerError | undefined

  constructor(options: SshChannelOptions) {
    this.host = options.name
    this.#options = options
    this.#deadlines = { ...DEADLINES, ...options.deadlines }
    this.#schedule = options.schedule ?? realSchedule
  }

  execute(call: ScriptCall, signal: AbortSignal): Promise<ScriptAnswer> {
    const mine = this.#before.then(() => this.#run(call, signal))
    this.#before = mine.catch(() => undefined)
    return mine
  }

  async close(): Promise<void> {
    this.#client?.end()
    this.#client = undefined
  }

  async #run(call: ScriptCall, signal: AbortSignal): Promise<ScriptAnswer> {
    if (signal.aborted) throw cancelled(this.host)
    const client = await this.#connected(signal)
    const secrets = await secretsOf(call)
    const token = this.#options.newToken()
    const line = payloadLine(call, token, secrets)
    const output = await this.#exchange(client, line, call, signal)
    const framed = findDocument(output.stdout, token)
    if (framed.kind === 'Document') return answerOf(framed.document, this.#options.now().toISOString())
    throw lostAnswer(this.host, call, framed, output, [...secrets.values()])
  }

  async #connected(signal: AbortSignal): Promise<Client> {
    if (this.#refused) throw this.#refused
    if (this.#client) return this.#client
    try {
      const { connectMs } = this.#deadlines
      const client = await openConnection(this.#options, { deadlineMs: connectMs, schedule: this.#schedule, signal })
      client.removeAllListeners('error').on('error', () => this.#forget(client))
      client.once('close', () => this.#forget(client))
      this.#client = client
      return client
    } catch (error) {
      if (error instanceof CrmServerError && ['SignInRefused', 'HostKeyChanged'].includes(error.code))
        this.#refused = error
      throw error
    }
  }

  #forget(client: Client): void {
    if (this.#client === client) this.#client = undefined
  }

  /** Runs the command, writes the line, ends standard input at once, and collects what comes back until the command ends. */
  #exchange(client: Client, line: string, { script }: ScriptCall, signal: AbortSignal): Promise<Output> {
    const deadlineMs = script.id === 'restart-services' ? this.#deadlines.restartMs : this.#deadlines.scriptMs
    return new Promise((resolve, reject) => {
      let effect: 'none' | 'possible' = 'none'
      let isSettled = false
      const settle = (finish: () => void) => {
        if (isSettled) return
        isSettled = true
        callOff()
        signal.removeEventListener('abort', onAbort)
        client.removeListener('close', onClose)
        finish()
      }
      const giveUp = (error: CrmServerError) =>
        settle(() => {
          this.#forget(client)
          client.destroy()
          reject(error)
        })
      const onAbort = () => giveUp(cancelled(this.host, effect))
      const onClose = () => giveUp(new CrmServerError('Cut', this.host, cutText(this.host, script.id), { effect }))
      const callOff = this.#schedule(deadlineMs, () => {
        const what = `${script.id} on ${this.host} did not answer within ${seconds(deadlineMs)}`
        giveUp(new CrmServerError('TimedOut', this.host, what, { effect }))
      })
      signal.addEventListener('abort', onAbort, { once: true })
      client.once('close', onClose)
      client.exec(commandLine(), (error, stream) => {
        if (error)
          return giveUp(new CrmServerError('Unreachable', this.host, `${this.host} runs no commands for this user`))
        // The command waits for its input, which says what to do: without it nothing happens.
        const objection = script.writes ? objectionOf(this.#options.fence) : undefined
        if (objection) {
          stream.destroy()
          return giveUp(
            new CrmServerError('Cancelled', this.host, `${script.id} on ${this.host}: ${objection.message}`),
          )
        }
        effect = script.writes ? 'possible' : 'none'
        collect(stream, (output) => {
          if (output !== 'TooLong') return settle(() => resolve(output))
          const what = `${script.id} on ${this.host} printed more than ${MAXIMUM_OUTPUT_BYTES} bytes`
          giveUp(new CrmServerError('Malformed', this.host, what, { effect }))
        })
        stream.end(line)
      })
    })
  }
}

function objectionOf(fence: (() => void) | undefined): Error | undefined {
  try {
    fence?.()
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error('it may not be run', { cause: error })
  }
}

/** What a command printed. No exit code: the connection or the process was cut. */
interface Output {
  readonly stdout: Uint8Array
  readonly stderr: string
  readonly exitCode: number | undefined
}

function collect(stream: ClientChannel, done: (output: Output | 'TooLong') => void): void {
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  let [outBytes, errBytes] = [0, 0]
  let exitCode: number | undefined
  stream.on('data', (chunk: Buffer) => {
    outBytes += chunk.length
    if (outBytes > MAXIMUM_OUTPUT_BYTES) return done('TooLong')
    out.push(chunk)
  })
  stream.stderr.on('data', (chunk: Buffer) => {
    errBytes += chunk.length
    if (errBytes <= MAXIMUM_STDERR_BYTES) err.push(chunk)
  })
  // A write after the other side closed: what it printed until then tells more.
  stream.on('error', () => undefined)
  stream.on('exit', (code: number | null) => {
    exitCode = code ?? undefined
  })
  stream.on('close', () =>
    done({ stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('latin1'), exitCode }),
  )
}

async function secretsOf(call: ScriptCall): Promise<ReadonlyMap<string, string>> {
  const values = await Promise.all(call.secrets.map(async ({ path, read }) => [path, await read()] as const))
  return new Map(values)
}

/** Why no document came back. The errors of PowerShell are told only where they hold no secret. */
function lostAnswer(
  host: string,
  { script }: ScriptCall,
  framed: { readonly kind: 'Cut' } | { readonly kind: 'Malformed'; readonly why: string },
  { stderr, exitCode }: Output,
  secrets: readonly string[],
): CrmServerError {
  const effect = script.writes ? 'possible' : 'none'
  if (framed.kind === 'Cut' || exitCode === undefined) {
    return new CrmServerError('Cut', host, cutText(host, script.id), { effect })
  }
  if (exitCode !== 0 && !isCliXml(stderr) && /powershell/i.test(stderr)) {
    const what = `${host} has no powershell.exe on the path of this logon`
    return new CrmServerError('PowerShellMissing', host, what)
  }
  const said = oneLine(errorsOf(stderr))
  const hint = said === '' || secrets.some((secret) => secret !== '' && said.includes(secret)) ? '' : `: ${said}`
  const what = `${script.id} on ${host} ended with exit code ${exitCode}, and ${framed.why}${hint}`
  return new CrmServerError('Malformed', host, what, { effect })
}

function cutText(host: string, id: string): string {
  return `the connection to ${host} was cut before the whole answer of ${id} was there`
}
